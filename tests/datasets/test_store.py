"""A store is whole, or it is not there; what is damaged is refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets import chunking, schema, store
from tests.conftest import mock_flow


def test_a_flow_comes_back_as_it_was_written(tmp_path):
    flow = mock_flow(members=2, land=True, dx=0.5)
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    again = store.open_flow(path)
    xr.testing.assert_identical(again, flow)
    assert schema.fingerprint(again) == schema.fingerprint(flow)


def test_dates_and_squares_come_back_too(tmp_path):
    flow = mock_flow(ny=4, nx=8, dt=86400.0)
    dates = np.datetime64("2002-01-01", "ns") + np.arange(12) * np.timedelta64(1, "D")
    squares = schema.cut_squares(flow.assign_coords(time=dates), 4)
    again = store.open_flow(store.write_flow(squares, tmp_path / "squares.zarr"))
    xr.testing.assert_identical(again, squares)


def test_netcdf_files_that_follow_the_schema_open_as_well(tmp_path):
    flow = mock_flow(land=True)
    flow.to_netcdf(tmp_path / "flow.nc")
    xr.testing.assert_identical(store.open_flow(tmp_path / "flow.nc"), flow)


def test_chunks_hold_frames_of_one_member(tmp_path):
    flow = mock_flow(members=2, frames=40)
    store.write_flow(flow, tmp_path / "a.zarr")
    store.write_flow(flow, tmp_path / "b.zarr", chunks={"time": 5, "x": 4})
    with xr.open_zarr(tmp_path / "a.zarr") as a, xr.open_zarr(tmp_path / "b.zarr") as b:
        assert a["u"].encoding["chunks"] == (1, 32, 8, 10)
        assert b["u"].encoding["chunks"] == (1, 5, 8, 4)


def test_shards_hold_the_chunks_of_whole_fields(tmp_path):
    flow = mock_flow(frames=70, ny=130, nx=10)
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    with xr.open_zarr(path) as opened:
        assert opened["u"].encoding["chunks"] == (32, 128, 10)
        assert opened["u"].encoding["shards"] == (96, 256, 10)
    assert len([file for file in (path / "u" / "c").rglob("*") if file.is_file()]) == 1
    xr.testing.assert_identical(store.open_flow(path), flow)


def test_large_flows_have_several_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(chunking, "SHARD_BYTES", 2 * 32 * 80 * 4)
    flow = mock_flow(frames=200, members=2)
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    # 200 frames are seven chunks, two to a shard; a shard never spans members.
    assert len([file for file in (path / "u" / "c").rglob("*") if file.is_file()]) == 2 * 4
    xr.testing.assert_identical(store.open_flow(path), flow)


@pytest.mark.parametrize("blocks", [{"time": 7}, {"time": 64, "y": 3}, {"time": -1}])
def test_flows_backed_by_dask_are_written_in_whole_shards(tmp_path, blocks, monkeypatch):
    monkeypatch.setattr(chunking, "SHARD_BYTES", 2 * 32 * 80 * 4)
    flow = mock_flow(frames=150, land=True)
    path = store.write_flow(flow.chunk(blocks), tmp_path / "flow.zarr")
    xr.testing.assert_identical(store.open_flow(path), flow)


def test_one_window_reads_a_small_part_of_a_store(tmp_path):
    flow = mock_flow(frames=256, ny=64, nx=64)
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    lazy = store.open_flow(path, lazy=True)
    shard = chunk_of(path)
    # Damage beyond the first chunk is not seen by who reads the first frames ...
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 0x10
    shard.write_bytes(content)
    part = lazy.isel(time=slice(0, 28)).load()
    xr.testing.assert_identical(part, flow.isel(time=slice(0, 28)))
    # ... and by nobody else overlooked.
    with pytest.raises(ValueError, match="Cannot read"):
        store.open_flow(path)


def test_noise_takes_no_more_disk_than_its_bytes(tmp_path):
    flow = mock_flow(frames=128, ny=64, nx=64)
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    written = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert written < 1.05 * 2 * flow["u"].nbytes


def test_a_crash_while_writing_leaves_the_older_store_and_no_rubbish(tmp_path, monkeypatch):
    path = store.write_flow(mock_flow(seed=1), tmp_path / "flow.zarr")
    before = schema.fingerprint(store.open_flow(path))

    def fail(*args, **kwargs):
        raise OSError("the disk is full")

    # Metadata are consolidated last: all frames are on disk by then.
    monkeypatch.setattr(store.zarr, "consolidate_metadata", fail)
    with pytest.raises(OSError, match="disk is full"):
        store.write_flow(mock_flow(seed=2), path)
    monkeypatch.undo()
    assert schema.fingerprint(store.open_flow(path)) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["flow.zarr"]
    store.write_flow(mock_flow(seed=2), path)  # without the crash it is replaced
    assert schema.fingerprint(store.open_flow(path)) != before
    assert [entry.name for entry in tmp_path.iterdir()] == ["flow.zarr"]


def test_a_crash_while_renaming_puts_the_older_store_back(tmp_path, monkeypatch):
    path = store.write_flow(mock_flow(seed=1), tmp_path / "flow.zarr")
    before = schema.fingerprint(store.open_flow(path))
    rename, calls = store.os.rename, []

    def fail_the_second(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError("gone")
        rename(source, target)

    monkeypatch.setattr(store.os, "rename", fail_the_second)
    with pytest.raises(OSError, match="gone"):
        store.write_flow(mock_flow(seed=2), path)
    assert schema.fingerprint(store.open_flow(path)) == before


def test_what_is_no_store_is_never_overwritten(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "love.txt").write_text("dear")
    with pytest.raises(ValueError, match="nothing was written"):
        store.write_flow(mock_flow(), tmp_path / "letters")
    assert (tmp_path / "letters" / "love.txt").read_text() == "dear"


def test_what_is_no_flow_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="missing"):
        store.write_flow(mock_flow().drop_vars("u"), tmp_path / "flow.zarr")
    assert list(tmp_path.iterdir()) == []


def chunk_of(path: Path) -> Path:
    return max((path / "u" / "c").rglob("*"), key=lambda file: file.is_file())


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_truncated_chunk_is_refused(tmp_path, share):
    path = store.write_flow(mock_flow(), tmp_path / "flow.zarr")
    chunk = chunk_of(path)
    chunk.write_bytes(chunk.read_bytes()[: int(chunk.stat().st_size * share)])
    with pytest.raises(ValueError, match=r"Cannot read .* complete Zarr store") as caught:
        store.open_flow(path)
    assert "\n" not in str(caught.value)
    # Left on disk, it is found when it is read; an empty file at once.
    with pytest.raises(Exception):  # noqa: B017 - whatever the decompressor raises
        store.open_flow(path, lazy=True).load()


def test_one_changed_byte_is_noticed(tmp_path):
    path = store.write_flow(mock_flow(), tmp_path / "flow.zarr")
    chunk = chunk_of(path)
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 0x10
    chunk.write_bytes(content)
    with pytest.raises(ValueError, match="Cannot read"):
        store.open_flow(path)


def test_a_lost_chunk_is_noticed(tmp_path):
    path = store.write_flow(mock_flow(), tmp_path / "flow.zarr")
    chunk_of(path).unlink()
    with pytest.raises(ValueError, match="960 missing or infinite values of 'u'"):
        store.open_flow(path)


@pytest.mark.parametrize("content", [b"", b"not a NetCDF file at all"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "flow.nc").write_bytes(content)
    with pytest.raises(ValueError, match="Cannot read") as caught:
        store.open_flow(tmp_path / "flow.nc")
    assert "\n" not in str(caught.value)


def test_a_dataset_that_is_no_flow_is_refused(tmp_path):
    xr.Dataset({"salt": ("x", [1.0, 2.0])}).to_netcdf(tmp_path / "salt.nc")
    with pytest.raises(ValueError, match=r"is not a flow\. A flow needs the velocity components"):
        store.open_flow(tmp_path / "salt.nc")


def test_a_missing_store_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="No flow at"):
        store.open_flow(tmp_path / "nowhere.zarr")
