"""Every kind of file is at hand in the command line and in the app's choice of data."""

import json

import pytest

from app.flows import Source, open_source
from tests.command_line import run
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import currents, written
from tests.datasets.test_arrangement import on_faces

KINDS = {
    "ocean.nc": lambda path: written(currents(days=range(6)), path),
    "faces.nc": lambda path: written(on_faces(0.5), path),
    "the_well.hdf5": files.the_well,
    "pdearena.h5": files.pdearena,
    "pdebench.hdf5": files.pdebench_compressible,
    "isotropic1024coarse.h5": files.johns_hopkins,
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_reported_and_offered_by_the_app(tmp_path, name):
    path = KINDS[name](tmp_path / name)
    code, out, err = run("data", "info", path, "--json")
    assert code == 0, err
    assert json.loads(out)["rms"] > 0
    flow = open_source(Source("mine", str(path)))
    assert flow.w.shape[-2] == flow.w.shape[-1] >= 5


@pytest.mark.parametrize("name", ["ocean.nc", "the_well.hdf5"])
def test_models_are_audited_on_a_file(tmp_path, name):
    path = KINDS[name](tmp_path / name)
    arguments = ("--symmetry", "magnitude", "--elements", 2, "--samples", 2)
    code, out, err = run("audit", "persistence", "--data", path, *arguments, "--json")
    assert code == 0, err
    assert max(row["error_max"] for row in json.loads(out)["rows"]) < 1e-5


def test_the_depth_chooses_the_plane_of_a_cut_out(tmp_path):
    path = files.johns_hopkins(tmp_path / "channel.h5")
    title = json.loads(run("data", "info", path, "--depth", 0.3, "--json")[1])["title"]
    assert title.endswith("z = 0.3")


def test_a_damaged_simulation_is_one_line_and_exit_code_2(tmp_path):
    path = files.pdearena(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:3000])
    code, out, err = run("data", "info", path)
    assert code == 2 and out == "" and "Cannot read 'a.h5'" in err
