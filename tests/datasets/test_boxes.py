"""Archives larger than the memory, and archives elsewhere, are the flows that small files are."""

import pickle

import dask.array
import fsspec
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets import boxes, ocean_currents
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.ocean_files import Request
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.statistics import flow_statistics
from symdyn_core.inspection.report import inspect_path
from tests.datasets.awkward import assert_same_field, currents, written
from tests.datasets.test_arrangement import on_faces, roms


@pytest.fixture
def tiny_boxes(monkeypatch):
    """Boxes so small that even test files need many of them."""
    monkeypatch.setattr(boxes, "BYTES_PER_BOX", 500)


def height() -> xr.Dataset:
    metres = {"units": "m"}
    dataset = currents(days=range(6), names=("adt", "unused"), attributes=(metres, metres))
    dataset["adt"][:, :2, :2] = np.nan
    return dataset


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (lambda: currents(days=range(6)), {}),
        (lambda: currents(days=range(6)), {"region": (20.3, -39.6, 21.8, -38.6)}),
        (lambda: currents(days=range(6)).isel(latitude=slice(None, None, -1)), {}),
        (height, {"geostrophic": True}),
        (lambda: on_faces(0.5), {}),
        (roms, {}),
    ],
    ids=["plain", "region", "from the north", "heights", "faces", "bent"],
)
def test_what_is_read_lazily_is_what_is_read_at_once(tmp_path, tiny_boxes, make, options):
    path = written(make(), tmp_path / "a.nc")
    now = open_ocean_currents(path, lazy=False, **options)
    later = open_ocean_currents(path, lazy=True, **options)
    assert isinstance(later["u"].data, dask.array.Array) and later["u"].data.npartitions > 1
    assert isinstance(now["u"].data, np.ndarray)
    for name in ("u", "v"):
        np.testing.assert_allclose(later[name].values, now[name].values, rtol=0, atol=1e-6)
    xr.testing.assert_equal(later["water"], now["water"])
    assert later.attrs == now.attrs


def test_archives_stored_by_squares_of_long_series_are_read_by_such_squares(tmp_path, tiny_boxes):
    dataset = currents(days=range(16))
    encoding = {name: {"chunks": (16, 4, 5)} for name in ("uo", "vo")}
    dataset.to_zarr(tmp_path / "a.zarr", zarr_format=3, consolidated=False, encoding=encoding)
    (recording,) = ocean_currents.recordings_of(tmp_path / "a.zarr", Request())
    assert boxes.boxes_of(recording) == (16, 4, 5)
    assert_same_field(
        open_ocean_currents(tmp_path / "a.zarr", lazy=True),
        open_ocean_currents(written(dataset, tmp_path / "a.nc")),
    )


def test_large_archives_stay_on_disk_by_themselves(tmp_path, monkeypatch):
    path = written(currents(), tmp_path / "a.nc")
    assert isinstance(open_any(path)["u"].data, np.ndarray)
    monkeypatch.setattr(ocean_currents, "LARGEST_IN_MEMORY", 100)
    flow = open_any(path)
    assert isinstance(flow["u"].data, dask.array.Array)
    assert isinstance(open_any(path, patch=4)["u"].data, dask.array.Array)
    held = open_any(path, lazy=False)
    xr.testing.assert_identical(flow_statistics(flow), flow_statistics(held))


def test_boxes_are_read_by_other_processes_as_by_this_one(tmp_path):
    for make, name in ((lambda: currents(days=range(6)), "a"), (roms, "b")):
        path = written(make(), tmp_path / f"{name}.nc")
        (recording,) = ocean_currents.recordings_of(path, Request())
        sent = pickle.loads(pickle.dumps(boxes.lazily(recording)))
        np.testing.assert_array_equal(sent.compute(), boxes.lazily(recording).compute())


def test_a_chunk_that_is_damaged_after_opening_is_named(tmp_path):
    path = tmp_path / "a.zarr"
    encoding = {name: {"chunks": (1, 8, 10)} for name in ("uo", "vo")}
    currents().to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)
    flow = open_ocean_currents(path, lazy=True)
    chunk = path / "uo" / "c" / "2" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"Cannot read 'a\.zarr'"):
        flow["u"].load()


def test_archives_at_an_address_open(tmp_path):
    memory = fsspec.filesystem("memory")
    whole = open_ocean_currents(written(currents(), tmp_path / "whole.nc"))
    for start in (0, 2):
        part = written(currents(days=[start, start + 1]), tmp_path / f"{start}.nc")
        memory.pipe(f"/ocean/{start}.nc", part.read_bytes())
    currents().to_zarr("memory://ocean/all.zarr", zarr_format=3, consolidated=False)
    try:
        assert_same_field(open_any("memory://ocean/*.nc"), whole)
        assert_same_field(open_any("memory://ocean/all.zarr"), whole)
        assert inspect_path("memory://ocean/all.zarr").report["times"]["count"] == 4
        with pytest.raises(FileNotFoundError, match="No match"):
            open_any("memory://nowhere/*.nc")
        with pytest.raises(ValueError, match=r"Cannot read 'none\.nc'") as caught:
            open_any("memory://ocean/none.nc")
        assert "\n" not in str(caught.value)
    finally:
        memory.rm("/ocean", recursive=True)


def test_an_address_of_an_unknown_kind_is_refused_in_one_line():
    with pytest.raises(ValueError, match="Cannot read 'a") as caught:
        open_any("gopher://host/a.nc")
    assert "\n" not in str(caught.value)
