"""Whatever a person points at opens, or is refused in one line; nothing is written."""

import json

import numpy as np
import pytest
import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.inspection.report import inspect_path, inspect_specimen
from symdyn_core.inspection.specimen import specimen_of
from tests.conftest import mock_flow
from tests.datasets.awkward import assert_same_field, currents, written


def zarr_of(dataset: xr.Dataset, path, version: int):
    encoding = {name: {"chunks": (1, 8, 10)} for name in dataset.data_vars}
    dataset.to_zarr(path, zarr_format=version, consolidated=False, encoding=encoding)
    return path


@pytest.mark.parametrize("version", [2, 3])
def test_currents_open_from_zarr_as_from_netcdf(tmp_path, version):
    path = zarr_of(currents(), tmp_path / "a.zarr", version)
    plain = open_ocean_currents(written(currents(), tmp_path / "a.nc"))
    assert_same_field(open_ocean_currents(path), plain)


@pytest.mark.parametrize("version", [2, 3])
def test_a_truncated_chunk_of_currents_is_refused(tmp_path, version):
    path = zarr_of(currents(), tmp_path / "a.zarr", version)
    chunk = path / "uo" / ("c/1/0/0" if version == 3 else "1.0.0")
    chunk.write_bytes(chunk.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"Cannot read 'a\.zarr'.*decompression") as caught:
        open_any(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["NETCDF4", "NETCDF3_CLASSIC", "NETCDF3_64BIT"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.99])
@pytest.mark.parametrize("unlimited", [[], ["time"]], ids=["fixed", "records"])
def test_a_truncated_file_is_refused(tmp_path, kind, share, unlimited):
    path = written(currents(), tmp_path / "a.nc", format=kind, unlimited_dims=unlimited)
    open_any(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ValueError, match=r"Cannot read 'a\.nc'") as caught:
        open_any(path)
    assert "\n" not in str(caught.value)


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("u,v\n1,2\n")


def salt(path):
    written(currents(names=("so", "thetao")), path)


def one_frame(path):
    written(currents(days=[0]), path)


def no_numbers(path):
    written(currents().map(lambda field: field * np.nan), path)


def at_rest(path):
    written(currents().map(lambda field: field * 0), path)


def staggered(path):
    dataset = currents()
    dataset["vo"] = dataset["vo"].rename(latitude="lat_v").drop_vars("lat_v")
    written(dataset, path)


def colours(path):
    written(currents().expand_dims(colour=3), path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (empty, r"'a\.nc' is empty \(0 bytes\)"),
        (text, r"Cannot read 'a\.nc': expected a complete NetCDF file .* another kind of file"),
        (salt, r"got variables \['so', 'thetao'\]\. Name them with variables"),
        (one_frame, "at least two frames in time, got 1"),
        (no_numbers, r"missing values \(NaN\) everywhere"),
        (at_rest, "got zeros at all times everywhere"),
        (staggered, "positions along the axis 'lat_v', got none"),
        (colours, r"axis 'colour' .* ds\.isel\(colour=0\)"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_one_line(tmp_path, make, message):
    make(tmp_path / "a.nc")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=message) as caught:
        open_any(tmp_path / "a.nc")
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_what_is_not_there_is_said_to_be_missing(tmp_path):
    for path in (tmp_path / "nowhere.nc", tmp_path / "*.nc"):
        with pytest.raises(FileNotFoundError, match="No file, folder or glob match"):
            open_any(path)
    with pytest.raises(ValueError, match="Expected NetCDF files or a Zarr store"):
        open_any(tmp_path)


def test_opening_writes_nothing(tmp_path):
    written(currents(), tmp_path / "a.nc")
    write_flow(mock_flow(), tmp_path / "b.zarr")
    before = sorted(tmp_path.rglob("*"))
    open_any(tmp_path / "a.nc", patch=4)
    open_any(tmp_path / "b.zarr")
    assert sorted(tmp_path.rglob("*")) == before


def test_flow_stores_open_whole_or_in_patches(tmp_path):
    flow = mock_flow(ny=8, nx=20, land=True)
    path = write_flow(flow, tmp_path / "flow.zarr")
    xr.testing.assert_identical(open_any(path), flow)
    assert open_any(path, patch=4).sizes["member"] == 2 * 5 - 2  # two squares are all land
    with pytest.raises(ValueError, match=r"\['geostrophic'\] mean nothing"):
        open_any(path, geostrophic=True)


def test_a_wide_convection_cell_comes_as_squares(tmp_path):
    path = write_flow(mock_flow(ny=8, nx=56, periodic=True), tmp_path / "cell.zarr")
    squares = open_any(path)
    assert dict(squares["u"].sizes) == {"member": 7, "time": 12, "y": 8, "x": 8}
    assert open_any(path, patch=4).sizes["member"] == 28


def test_currents_written_as_a_flow_come_back_as_one(tmp_path):
    flow = open_ocean_currents(written(currents(), tmp_path / "a.nc"))
    path = write_flow(flow, tmp_path / "flow.zarr")
    xr.testing.assert_identical(open_flow(path), flow)
    xr.testing.assert_identical(open_any(path), flow)


def test_a_report_is_json_with_the_agreed_keys(tmp_path):
    path = written(currents(), tmp_path / "a.nc")
    found = json.loads(json.dumps(inspect_path(path).report))
    assert {"path", "variables", "grid", "times", "land_share", "problems"} <= set(found)
    assert found["path"] == str(path)
    assert found["variables"]["u"]["units"] == "m s-1"
    assert (found["grid"]["ny"], found["grid"]["nx"], found["grid"]["members"]) == (8, 10, 1)
    assert found["times"]["first"] == "2002-01-01T00:00:00" and found["times"]["count"] == 4
    assert found["land_share"] == 0
    # Cells of 0.25 degrees at 39 S are 22 % narrower than high; nothing else is odd.
    oblong, few = found["problems"]
    assert oblong == "cells are oblong (dx / dy = 0.78): rotations by index are not exact in metres"
    assert few.startswith("4 frames do not show how much the flow varies")


def test_an_impossible_speed_is_reported(tmp_path):
    dataset = currents().map(lambda field: field * 100)
    problems = inspect_path(written(dataset, tmp_path / "a.nc")).report["problems"]
    assert any("check the unit" in problem for problem in problems)


def test_persistence_errors_of_hand_checkable_numbers():
    flow = mock_flow(frames=4, land=True)
    steps = xr.DataArray(np.array([0.0, 1.0, 0.0, 1.0], dtype="float32"), dims="time")
    for name in ("u", "v"):
        flow[name] = flow[name] * 0 + steps
    # There is no lead 5 in four frames.
    one, two, _ = inspect_specimen(specimen_of(flow)).report["persistence"]
    # One frame ahead the flow always differs by 1, two frames ahead never; it deviates from its
    # mean of 1/2 by 1/2 throughout.
    assert one == {"lead": 1, "time": 1.0, "rmse": 1.0, "relative": 2.0}
    assert two == {"lead": 2, "time": 2.0, "rmse": 0.0, "relative": 0.0}


def test_a_flow_at_rest_is_described_without_dividing_by_zero():
    flow = mock_flow()
    for name in ("u", "v"):
        flow[name] = flow[name] * 0
    found = inspect_specimen(specimen_of(flow)).report
    assert found["rms"] == 0 and found["persistence"][0]["relative"] is None
    assert found["problems"] == []


def test_agulhas_persistence_grows_with_the_lead(agulhas_flow):
    found = inspect_specimen(specimen_of(agulhas_flow)).report
    relative = {entry["lead"]: entry["relative"] for entry in found["persistence"]}
    expected = [0.3415, 0.4426, 0.6621]
    np.testing.assert_allclose([relative[lead] for lead in (1, 2, 5)], expected, atol=5e-4)
    assert found["rms"] == pytest.approx(0.4142, abs=5e-5)
    assert found["times"]["count"] == 273


def test_patches_of_real_currents_become_windows(agulhas):
    flow = open_any(agulhas / "20020[12]*.nc", patch=16, stride=8, min_water=1.0)
    w = schema.to_tensor(flow)
    assert bool(torch.isfinite(w).all())
    assert w.shape[1:] == (59, 2, 16, 16) and w.shape[0] >= 4


def test_a_real_file_without_a_single_number_is_reported_all_the_same(black_sea):
    found = inspect_path(black_sea).report
    assert (found["grid"]["ny"], found["grid"]["nx"]) == (29, 60)
    assert found["times"]["count"] == 32 and found["land_share"] == 1.0
    assert found["rms"] is None and found["persistence"] == []
    assert "missing values (NaN) everywhere" in found["problems"][0]
    json.dumps(found, allow_nan=False)
