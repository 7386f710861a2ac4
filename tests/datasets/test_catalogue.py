"""The catalogue says what solvers list, what presets hold, and what is on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from symdyn_core import symmetries
from symdyn_core.datasets.catalogue import catalogue, data_sets, entry_named
from symdyn_core.datasets.catalogue_page import data_readme
from symdyn_core.datasets.catalogue_simulated import WORDS, size_of
from symdyn_core.datasets.catalogued import Size, readable_bytes
from symdyn_core.datasets.copernicus_subset import PRESETS
from symdyn_core.datasets.heat_diffusion import SMOKE as HEAT
from symdyn_core.datasets.simulation import make_simulation
from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.datasets.store import open_flow, write_flow
from tests.command_line import run
from tests.conftest import mock_flow
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import currents, written

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {symmetry.name for symmetry in symmetries.ALL}


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return tmp_path / "data"


def test_the_committed_readme_is_the_generated_one():
    committed = (ROOT / "data" / "README.md").read_text()
    assert committed == data_readme(), "write it anew: make data-readme"


@pytest.mark.parametrize("name", SIMULATIONS)
def test_symmetries_of_simulations_are_those_of_their_solvers(name):
    listed = {kept.name: kept for kept in data_sets()[list(SIMULATIONS).index(name)].symmetries}
    held = {held.name for held in SIMULATIONS[name][0].solver().symmetries}
    assert {kept for kept, one in listed.items() if one.holds != "no"} == held
    # Each group is accounted for, and what breaks it is no symmetry that the solver lists.
    assert set(listed) == held | set(WORDS[name].broken)
    assert set(listed) >= GROUPS and not held & set(WORDS[name].broken)
    assert all(one.which for one in listed.values())


def test_approximate_symmetries_tell_their_error():
    kept = {one.name: one for one in data_sets()[2].symmetries}
    assert kept["boost"].holds == "approximately" and "1e-04" in kept["boost"].which
    assert kept["rotation"].holds == "exactly"


def test_data_of_others_account_for_every_group():
    for one in data_sets()[len(SIMULATIONS) :]:
        names = [kept.name for kept in one.symmetries]
        assert sorted(names) == sorted(GROUPS), one.name


@pytest.mark.parametrize("name", SIMULATIONS)
def test_sizes_are_those_of_the_frames_that_are_kept(name):
    preset = SIMULATIONS[name][0]
    solver = preset.solver()
    with torch.inference_mode():
        state = preset.initial(solver, torch.Generator().manual_seed(0))
        frame = preset.observer(solver)(state)
    assert size_of(preset).bytes == frame.numel() * 4 * preset.schedule.frames


def test_the_size_of_a_preset_is_that_of_its_store(data):
    path = make_simulation(data / "raw" / "heat_diffusion_smoke.zarr", HEAT)
    flow = open_flow(path)
    assert size_of(HEAT).bytes == flow["u"].nbytes + flow["v"].nbytes
    (found,) = entry_named("heat_diffusion")["on_disk"]
    assert (found["members"], found["frames"], found["complete"]) == (4, 60, True)
    assert found["bytes"] == sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def test_regions_hold_a_frame_for_each_day_at_a_twelfth_of_a_degree():
    (one,) = [one for one in data_sets() if one.name == "copernicus"]
    sizes = {size.preset: size for size in one.sizes}
    assert set(sizes) == set(PRESETS)
    assert sizes["atlantic"] == Size("atlantic", 1, 596, 253, 253)


def test_what_is_on_disk_is_found_with_its_owner(data):
    raw = data / "raw"
    flow = mock_flow(frames=7, members=2)
    write_flow(flow, raw / "quasi_geostrophic_small.zarr")
    write_flow(mock_flow(frames=5), data / "demo" / "rayleigh_benard.zarr")
    write_flow(mock_flow(frames=5), raw / "ocean_currents_atlantic.zarr")
    (raw / "navier_stokes_paper.zarr.unfinished").mkdir()
    np.save(raw / "navier_stokes_paper.zarr.unfinished" / "frames.npy", np.zeros(9))
    files.the_well(raw / "simulation.hdf5")
    (raw / "my_cruise").mkdir()
    written(currents(), raw / "my_cruise" / "a.nc")
    for nothing in ("notes.txt", ".quasi_geostrophic.zarr.abc"):
        (raw / nothing).write_text("no flow")
    (raw / "empty").mkdir()
    found = {entry["name"]: entry["on_disk"] for entry in catalogue()}
    names = {key: [Path(one["path"]).name for one in there] for key, there in found.items()}
    assert {key: there for key, there in names.items() if there} == {
        "rayleigh_benard": ["rayleigh_benard.zarr"],
        "navier_stokes": ["navier_stokes_paper.zarr.unfinished"],
        "quasi_geostrophic": ["quasi_geostrophic_small.zarr"],
        "copernicus": ["ocean_currents_atlantic.zarr"],
        "ocean_currents": ["my_cruise"],
        "the_well": ["simulation.hdf5"],
    }
    (ocean,) = found["quasi_geostrophic"]
    assert (ocean["members"], ocean["frames"], ocean["complete"]) == (2, 7, True)
    (started,) = found["navier_stokes"]
    assert not started["complete"] and started["frames"] is None and started["bytes"] > 72


def test_an_empty_data_folder_is_no_error(data):
    assert all(entry["on_disk"] == [] for entry in catalogue())


def test_the_list_fits_eighty_columns(data, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    write_flow(mock_flow(frames=5), data / "raw" / "navier_stokes_small.zarr")
    (data / "raw" / "kolmogorov_flow_small.zarr.unfinished").mkdir()
    code, out, _ = run("data", "list")
    assert code == 0 and max(len(line.rstrip()) for line in out.splitlines()) <= 80
    assert all(one.name in out for one in data_sets())
    # Names of stores are longer than their column, and are broken into two lines.
    assert "frames" in out and "unfinished" in out and "~boost" in out


def test_one_data_set_is_told_in_full(data):
    code, out, _ = run("data", "list", "quasi_geostrophic")
    assert code == 0 and "deformation radius" in out and "2 x 900 frames" in out
    code, out, _ = run("data", "list", "pdebench", "--json")
    (entry,) = json.loads(out)["sources"]
    keys = {"name", "what", "source", "citation", "licence", "units", "how", "size"}
    assert keys | {"presets", "symmetries", "on_disk"} == entry.keys()
    code, _, err = run("data", "list", "weather")
    assert code == 2 and "Unknown data set 'weather'" in err and err.count("\n") == 1


def test_the_readme_is_written_where_it_is_asked_for(data, tmp_path):
    assert run("data", "readme", "--out", tmp_path / "README.md")[0] == 0
    assert (tmp_path / "README.md").read_text() == data_readme()
    assert "readme" not in run("data", "--help")[1]


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999 B"), (999_950, "1 MB"), (12_345_678, "12.3 MB"), (2.5e12, "2.5 TB")],
)
def test_bytes_are_told_in_three_digits(count, text):
    assert readable_bytes(count) == text
