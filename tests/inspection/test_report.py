"""The numbers of a report are those of fields that can be worked out by hand."""

import json
import math

import numpy as np
import pytest
import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.statistics import flow_statistics
from symdyn_core.datasets.store import write_flow
from symdyn_core.grid import Grid
from symdyn_core.inspection import report as reporting
from symdyn_core.inspection import samples
from symdyn_core.inspection.readable import facts
from symdyn_core.inspection.report import inspect_path, inspect_specimen
from symdyn_core.inspection.samples import measured, sampled
from symdyn_core.inspection.specimen import Specimen
from symdyn_core.inspection.times import TimeAxis
from tests.conftest import mock_flow
from tests.datasets import benchmark_files as files


def inspected(flow: xr.Dataset) -> dict:
    return inspect_specimen(Specimen(flow, TimeAxis.of(flow["time"].values))).report


def shear(*, periodic: bool, water: torch.Tensor | None = None, strain: float = 0.0) -> xr.Dataset:
    """u = cos(2 y) + strain cos(x), v = 3 sin(x), standing still on a square of side 2π."""
    n = 48
    step = 2 * math.pi / n
    grid = Grid(n, n, step, step, 1.0, periodic_x=periodic, periodic_y=periodic, water=water)
    y, x = torch.meshgrid(*[torch.arange(n, dtype=torch.float64) * step] * 2, indexing="ij")
    w = torch.stack((torch.cos(2 * y) + strain * torch.cos(x), 3 * torch.sin(x)))
    w = w.expand(4, 2, n, n).clone()
    if water is not None:
        w.masked_fill_(~water, math.nan)
    return schema.from_tensor(w, grid)


@pytest.mark.parametrize("periodic", [True, False])
def test_gradients_of_waves_are_exact_or_of_fourth_order(periodic):
    found = inspected(shear(periodic=periodic, strain=0.5))
    # ζ = 3 cos x + 2 sin 2y, δ = -0.5 sin x; open edges leave out two cells on every side.
    tolerance = 1e-9 if periodic else 0.08
    assert found["vorticity_rms"] == pytest.approx(math.sqrt(6.5), rel=tolerance)
    assert found["divergence_rms"] == pytest.approx(0.5 / math.sqrt(2), rel=tolerance)
    assert inspected(shear(periodic=periodic))["divergence_rms"] < 1e-6


def test_gradients_do_not_reach_across_the_coast():
    water = torch.ones(48, 48, dtype=torch.bool)
    water[10:20, 30:44] = False
    found = inspected(shear(periodic=True, water=water))
    assert found["divergence_rms"] < 1e-6
    assert found["vorticity_rms"] == pytest.approx(math.sqrt(6.5), rel=0.05)
    # Control: land taken for still water makes a coast of strong shear.
    still = shear(periodic=True, water=water).fillna(0.0).drop_vars("water")
    assert inspected(still)["divergence_rms"] > 0.3
    assert found["land_share"] == pytest.approx(140 / 48**2, abs=1e-6)


def test_speed_and_components_are_those_of_the_field():
    found = inspected(shear(periodic=True))
    assert found["rms_speed"] == pytest.approx(math.sqrt(0.5 + 4.5), rel=1e-9)
    assert found["rms"] == pytest.approx(math.sqrt(2.5), rel=1e-9)
    u, v = found["variables"]["u"], found["variables"]["v"]
    assert u["maximum"] == 1.0 and v["minimum"] == pytest.approx(-3.0, rel=1e-3)
    assert u["mean"] == pytest.approx(0, abs=1e-12) and v["std"] == pytest.approx(3 / math.sqrt(2))


def test_persistence_of_a_travelling_wave_is_known():
    """w = sin(x - c t): |w(t + τ) - w(t)|² has the mean 2 (1 - cos c τ) of the variance."""
    n, frames, c = 32, 64, 2 * math.pi / 16
    step = 2 * math.pi / n
    t = torch.arange(frames, dtype=torch.float64)[:, None, None]
    u = torch.sin(torch.arange(n) * step - c * t).expand(frames, n, n)
    grid = Grid(n, n, step, step, 0.5, periodic_x=True, periodic_y=True)
    found = inspected(schema.from_tensor(torch.stack((u, u), 1), grid))
    for entry in found["persistence"]:
        expected = math.sqrt(2 * (1 - math.cos(c * entry["lead"])))
        assert entry["relative"] == pytest.approx(expected, rel=1e-6)
        assert entry["time"] == 0.5 * entry["lead"]
    assert [entry["lead"] for entry in found["persistence"]] == [1, 2, 3, 5, 7, 10]


def test_the_variation_of_the_map_is_that_about_the_mean_of_each_cell():
    flow = mock_flow(frames=20, land=True)
    spread = flow_statistics(flow)["time_std"][0]
    expected = flow["u"].astype(float).std("time", skipna=False)
    np.testing.assert_allclose(spread[0], expected, rtol=1e-5)
    assert bool(np.isnan(spread[0]).any())


def test_few_frames_are_no_yardstick():
    assert any("frames" in problem for problem in inspected(mock_flow(frames=3))["problems"])
    assert inspected(mock_flow(frames=12))["problems"] == []


def test_samples_are_spread_over_members_and_times(tmp_path):
    flow = mock_flow(frames=40, members=3)
    chosen = list(sampled(flow))
    assert len(chosen) == samples.FRAMES
    assert {member for member, _ in chosen} == {0, 1, 2}
    assert torch.equal(chosen[0][1], schema.to_tensor(flow)[0, 0])
    assert torch.equal(chosen[-1][1], schema.to_tensor(flow)[2, -1])
    assert len(list(sampled(mock_flow(frames=5)))) == 5


def test_histograms_count_every_velocity_of_the_samples():
    flow = mock_flow(frames=10, land=True)
    found = measured(flow, 6.0)
    assert found.counts.sum(1).tolist() == [10 * 60, 10 * 60]
    assert found.edges[0] == -6.0 and found.edges[-1] == 6.0


def test_members_with_other_land_are_left_out_of_the_spectrum():
    flow = mock_flow(frames=16, ny=30, nx=30, members=2)
    water = np.ones((2, 30, 30), bool)
    water[1, :8, :8] = False
    flow["water"] = (("member", "y", "x"), water)
    found = measured(flow, 6.0)
    assert found.frames == 16 and found.spectra == 8


def test_archives_are_read_a_block_at_a_time(tmp_path, monkeypatch):
    path = write_flow(mock_flow(frames=60, ny=16, nx=16), tmp_path / "flow.zarr")
    held = inspect_path(path).report
    monkeypatch.setattr("symdyn_core.inspection.specimen.LARGEST_IN_MEMORY", 0)
    specimens = []
    inspect = reporting.inspect_specimen
    monkeypatch.setattr(
        reporting, "inspect_specimen", lambda s, path: specimens.append(s) or inspect(s, path)
    )
    assert inspect_path(path).report == held
    assert not isinstance(specimens[0].flow["u"].variable._data, np.ndarray)


def test_leads_of_large_frames_are_fewer():
    assert reporting._leads(mock_flow()) == reporting.LEADS
    nothing = np.broadcast_to(np.zeros(1), (20, 2000, 2000))
    wide = xr.Dataset({"u": (("time", "y", "x"), nothing)})
    assert reporting._leads(wide) == (1, 2)


@pytest.mark.parametrize("make", [files.the_well, files.pdearena, files.johns_hopkins])
def test_benchmarks_are_reported(tmp_path, make):
    report = inspect_path(make(tmp_path / "a.h5")).report
    json.dumps(report, allow_nan=False)
    assert report["rms"] > 0 and report["grid"]["rows"] == "upwards"


def test_uneven_rows_are_not_called_regular(tmp_path):
    even = inspect_path(files.the_well(tmp_path / "a.hdf5")).report
    uneven = inspect_path(files.the_well(tmp_path / "b.hdf5", chebyshev=True)).report
    assert even["grid"]["regular"] and not uneven["grid"]["regular"]


def test_a_wide_cell_is_reported_whole_unless_squares_are_asked_for(tmp_path):
    flow = mock_flow(frames=6, ny=8, nx=32, periodic=True)
    path = write_flow(flow, tmp_path / "flow.zarr")
    assert inspect_path(path).report["grid"]["nx"] == 32
    grid = inspect_path(path, patch=8).report["grid"]
    assert (grid["nx"], grid["members"]) == (8, 4)


def test_every_number_of_a_report_is_told_to_people():
    groups = dict(facts(inspected(mock_flow(frames=30, ny=40, nx=40))))
    assert list(groups) == ["Data", "Grid", "Times", "Flow", "Error of persistence"]
    assert groups["Grid"]["cells"] == "40 high, 40 wide"
    assert "±" in groups["Flow"]["spectral slope"]
    assert len(groups["Error of persistence"]) == 6


def test_damaged_data_found_while_reading_is_one_line(tmp_path, monkeypatch):
    path = write_flow(mock_flow(frames=60, ny=16, nx=16), tmp_path / "flow.zarr")
    monkeypatch.setattr("symdyn_core.inspection.specimen.LARGEST_IN_MEMORY", 0)
    chunk = next(file for file in (path / "u").rglob("*") if file.is_file() and not file.suffix)
    chunk.write_bytes(chunk.read_bytes()[: chunk.stat().st_size // 2])
    with pytest.raises(ValueError, match=r"flow\.zarr") as caught:
        inspect_path(path)
    assert "\n" not in str(caught.value)
