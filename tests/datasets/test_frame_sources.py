"""Wherever frames lie, the same windows come out; files are whole, caches bounded."""

import gc
import json
import os

import pytest
import torch
from safetensors.torch import load_file

from symdyn_core.datasets import mapped_frames, store
from symdyn_core.datasets.buffers import Buffers
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.frames import FrameSource, HeldFrames, block_length
from symdyn_core.datasets.mapped_frames import MappedFrames, write_mapped
from symdyn_core.datasets.windows import Windows
from tests.conftest import mock_flow

PAST, FUTURE = 3, 2
FRAME = 2 * 8 * 10 * 4
"""Bytes of one frame of ``mock_flow``."""


def archive(tmp_path, **options):
    """A flow that is left on disk in chunks of four frames, and the same in memory."""
    flow = mock_flow(frames=30, **options)
    path = store.write_flow(flow, tmp_path / "flow.zarr", chunks={"time": 4})
    return flow, store.open_flow(path, lazy=True)


@pytest.mark.parametrize("members", [None, 3])
@pytest.mark.parametrize("land", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_all_sources_give_the_same_windows(tmp_path, members, land, dtype):
    flow, lazy = archive(tmp_path, members=members, land=land)
    held = Windows(flow, PAST, FUTURE, 2, dtype=dtype)
    order = torch.randperm(len(held), generator=torch.Generator().manual_seed(0))
    expected = held.batch(order)
    for source in (
        MappedFrames.of(lazy, tmp_path / "frames.safetensors", dtype=dtype),
        ChunkedFrames(lazy, dtype=dtype, cache_bytes=64 * FRAME),
        ChunkedFrames(lazy.chunk(time=5), dtype=dtype),
        HeldFrames.of(lazy, dtype=dtype),
    ):
        assert isinstance(source, FrameSource)
        batch = Windows(flow, PAST, FUTURE, 2, source=source).batch(order)
        assert batch.w.dtype == dtype and torch.equal(batch.w, expected.w)
        assert (batch.water is None) == (not land)
        assert batch.water is None or torch.equal(batch.water, expected.water)


def test_a_source_of_another_flow_is_refused():
    source = HeldFrames.of(mock_flow(frames=11))
    with pytest.raises(ValueError, match="Make it from this flow"):
        Windows(mock_flow(), PAST, FUTURE, source=source)


def test_a_mapped_file_holds_every_frame_once_and_is_a_safetensors_file(tmp_path):
    flow = mock_flow(members=2, frames=100)
    path = write_mapped(flow, tmp_path / "frames.safetensors")
    unique = 2 * 100 * FRAME
    assert unique <= path.stat().st_size <= unique + mapped_frames.PAGE
    assert torch.equal(load_file(path)["w"], HeldFrames.of(flow).w)


def test_a_mapped_file_is_written_once_and_belongs_to_its_flow(tmp_path):
    path = tmp_path / "frames.safetensors"
    MappedFrames.of(mock_flow(), path)
    written = path.stat().st_mtime_ns
    MappedFrames.of(mock_flow(), path)
    assert path.stat().st_mtime_ns == written
    for other in (mock_flow(seed=1), mock_flow(dx=2.0), mock_flow(land=True)):
        with pytest.raises(ValueError, match="those of another one"):
            MappedFrames.of(other, path)
    with pytest.raises(ValueError, match="another precision"):
        MappedFrames.of(mock_flow(), path, dtype=torch.float64)


def test_writing_to_a_mapped_tensor_does_not_reach_the_file(tmp_path):
    path = write_mapped(mock_flow(), tmp_path / "frames.safetensors")
    before = path.read_bytes()
    Windows(mock_flow(), PAST, FUTURE, source=MappedFrames(path)).frames.zero_()
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0, 4, 2000, -1])
def test_a_part_of_a_mapped_file_is_refused(tmp_path, keep):
    path = write_mapped(mock_flow(), tmp_path / "frames.safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="Expected complete frames") as caught:
        MappedFrames(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [{"a": 1}, {"w": {"dtype": "I8", "data_offsets": [0, 0]}}, []])
def test_other_files_are_refused(tmp_path, content):
    text = json.dumps(content).encode()
    path = tmp_path / "other.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(ValueError, match="got another file"):
        MappedFrames(path)


def test_a_crash_while_mapping_leaves_what_was_there(tmp_path, monkeypatch):
    path = write_mapped(mock_flow(seed=1), tmp_path / "frames.safetensors")
    before = path.read_bytes()

    def fail(handle):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk is full"):
        write_mapped(mock_flow(seed=2), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["frames.safetensors"]


def test_a_flow_with_holes_is_not_mapped(tmp_path):
    flow = mock_flow()
    flow["u"][3, 2, 2] = float("nan")
    with pytest.raises(ValueError, match="finite velocities on water"):
        write_mapped(flow, tmp_path / "frames.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_the_cache_of_an_archive_is_bounded_and_used(tmp_path):
    flow, lazy = archive(tmp_path)
    source = ChunkedFrames(lazy, cache_bytes=8 * 4 * FRAME)
    assert source.block == 4
    windows = Windows(lazy, PAST, FUTURE, source=source)
    windows.batch(range(len(windows)))
    assert source.blocks_read == 8  # 30 frames in blocks of four
    windows.batch([0, 5, 25])
    assert source.blocks_read == 8
    # A cache of two blocks reads again what it had to drop, and is as right.
    small = ChunkedFrames(lazy, cache_bytes=2 * 4 * FRAME)
    windows = Windows(lazy, PAST, FUTURE, source=small)
    for _ in range(2):
        batch = windows.batch([25, 0])
        assert torch.equal(batch.w, Windows(flow, PAST, FUTURE).batch([25, 0]).w)
    assert small.blocks_read == 8  # each window lies in two


def test_a_cache_smaller_than_one_block_is_refused(tmp_path):
    _, lazy = archive(tmp_path)
    with pytest.raises(ValueError, match="at least one block"):
        ChunkedFrames(lazy, cache_bytes=FRAME)


def test_an_archive_has_no_tensor_of_all_frames(tmp_path):
    _, lazy = archive(tmp_path)
    with pytest.raises(TypeError, match="a batch at a time"):
        _ = Windows(lazy, PAST, FUTURE, source=ChunkedFrames(lazy)).frames


def test_blocks_are_whole_chunks(tmp_path):
    _, lazy = archive(tmp_path)
    assert block_length(lazy, 10 * FRAME) == 8
    assert block_length(lazy, FRAME) == 4
    assert block_length(lazy) == 30
    assert block_length(lazy.load().drop_encoding(), 10 * FRAME) == 10


def test_memory_of_a_batch_is_used_again_only_when_nobody_holds_it():
    buffers = Buffers()
    first = buffers.take((4, 5), torch.float32)
    address, view = first.data_ptr(), first[1:, 2:]
    first.fill_(1.0)
    del first
    gc.collect()
    second = buffers.take((4, 5), torch.float32)
    second.fill_(2.0)
    assert second.data_ptr() != address and bool((view == 1).all())
    del view
    assert buffers.take((4, 5), torch.float32).data_ptr() == address
    assert address % 64 == 0 and second.data_ptr() % 64 == 0


def test_batches_needed_for_gradients_are_not_overwritten():
    windows = Windows(mock_flow(), PAST, FUTURE)
    weight = torch.ones((), requires_grad=True)
    # Held by nothing but the graph: the gradient of the weight is the sum of the batch.
    loss = (weight * windows.batch([2]).w).sum()
    for index in range(4):
        windows.batch([index]).w.zero_()
    loss.backward()
    expected = windows.batch([2]).w.sum()
    torch.testing.assert_close(weight.grad, expected)
