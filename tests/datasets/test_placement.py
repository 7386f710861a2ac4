"""Frames lie where they are wanted, and give the same windows from everywhere."""

import shutil
from collections import namedtuple
from contextlib import contextmanager

import pytest
import torch
import xarray as xr

from symdyn_core.datasets import placement, store
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.frames import HeldFrames
from symdyn_core.datasets.mapped_frames import MappedFrames, write_mapped
from symdyn_core.datasets.placement import PLACES, frames_at
from symdyn_core.datasets.windows import Windows
from tests.conftest import mock_flow

KINDS = {"auto": HeldFrames, "memory": HeldFrames, "mapped": MappedFrames,
         "chunks": ChunkedFrames, "device": HeldFrames}  # fmt: skip


def archive(folder, **options):
    path = store.write_flow(mock_flow(frames=30, **options), folder / "flow.zarr")
    return store.open_flow(path, lazy=True)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_gives_the_same_windows(tmp_path, place):
    flow = archive(tmp_path, members=2, land=True)
    source = frames_at(flow, place, folder=tmp_path)
    assert type(source) is KINDS[place]
    assert source.device == (placement.accelerator() if place == "device" else torch.device("cpu"))
    found = Windows(flow, 3, 2, source=source).batch([7, 0, 40])
    expected = Windows(flow, 3, 2).batch([7, 0, 40])
    assert torch.equal(found.w.cpu(), expected.w) and torch.equal(found.water.cpu(), expected.water)


def test_what_does_not_fit_into_its_share_of_the_memory_is_mapped(tmp_path, monkeypatch):
    flow = archive(tmp_path)
    size = 30 * 2 * 8 * 10 * 4
    for memory, kind in ((2 * size, HeldFrames), (2 * size - 1, MappedFrames)):
        monkeypatch.setattr(placement, "memory", lambda memory=memory: memory)
        assert type(frames_at(flow, folder=tmp_path)) is kind
    # Half the precision is half the size.
    assert type(frames_at(flow, dtype=torch.bfloat16, folder=tmp_path)) is HeldFrames


def test_the_memory_of_a_container_counts(tmp_path, monkeypatch):
    installed = placement.memory()
    assert installed > 2**28
    monkeypatch.setattr(placement, "CONTROL_GROUP", tmp_path / "memory.max")
    for text, expected in (("1000000\n", 10**6), ("max\n", None)):
        (tmp_path / "memory.max").write_text(text)
        assert placement.memory() == (expected or placement.memory())
    assert placement.memory() >= installed


def test_a_mapped_file_is_found_again_but_not_for_an_archive_written_anew(tmp_path):
    def mapped():
        source = frames_at(store.open_flow(tmp_path / "flow.zarr", lazy=True), "mapped")
        return source.path, source.w[0, 11].clone()

    def frames_at(flow, place):
        return placement.frames_at(flow, place, folder=tmp_path / "frames")

    flow = mock_flow(frames=30)
    store.write_flow(flow, tmp_path / "flow.zarr")
    path, frame = mapped()
    written = path.stat().st_mtime_ns
    assert mapped()[0] == path and path.stat().st_mtime_ns == written
    # One frame that is not among those that tell flows apart: only the time of writing changes.
    flow["u"][11] = 7.0
    store.write_flow(flow, tmp_path / "flow.zarr")
    other, changed = mapped()
    assert other != path and bool((changed[0] == 7).all()) and not torch.equal(changed, frame)


def test_a_copy_that_the_disk_cannot_hold_is_refused_before_it_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 10**6 - 1000, 1000))
    with pytest.raises(ValueError, match=r"kB of free disk .* got 1 kB. .*the source chunks"):
        frames_at(archive(tmp_path), "mapped", folder=tmp_path / "frames")
    assert list((tmp_path / "frames").iterdir()) == []


def test_memory_that_is_not_there_is_one_clear_error(tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(HeldFrames, "of", full)
    with pytest.raises(ValueError, match=r"GiB of free memory .* mapped or chunks"):
        frames_at(archive(tmp_path), "memory")


def test_unknown_places_are_refused(tmp_path):
    with pytest.raises(ValueError, match="choose from auto, memory, mapped, chunks, device"):
        frames_at(mock_flow(), "cloud")


@pytest.fixture
def small_disk():
    """No file may grow beyond 5000 bytes: the system refuses to write, in the middle of a block."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    @contextmanager
    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return full


def test_a_disk_that_fills_up_leaves_the_mapped_file_that_was_there(tmp_path, small_disk):
    path = write_mapped(mock_flow(), tmp_path / "frames.safetensors")
    before = path.read_bytes()
    with small_disk(), pytest.raises(OSError, match="too large"):
        write_mapped(mock_flow(frames=30), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
    assert MappedFrames(path).shape == (1, 12, 2, 8, 10)


def test_a_disk_that_fills_up_leaves_the_store_that_was_there(tmp_path, small_disk):
    flow = mock_flow()
    path = store.write_flow(flow, tmp_path / "flow.zarr")
    with small_disk(), pytest.raises(OSError, match="too large"):
        store.write_flow(mock_flow(frames=300), path)
    xr.testing.assert_equal(store.open_flow(path), flow)
    assert list(tmp_path.iterdir()) == [path]
    # With room again, the same command goes through.
    store.write_flow(mock_flow(frames=300), path)
    assert store.open_flow(path).sizes["time"] == 300
