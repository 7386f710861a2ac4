"""Batches read ahead are the same batches in the same order, and leave nothing behind."""

import threading
from contextlib import closing

import pytest
import torch

from symdyn_core import symmetries
from symdyn_core.datasets import store
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.prefetch import prefetched
from symdyn_core.datasets.windows import Transformed, Windows
from tests.conftest import mock_flow

PAST, FUTURE = 3, 2
BATCHES = [[0, 5], [1], [3, 3, 2], [7, 4]]


def on_disk(tmp_path, **options) -> Windows:
    """Windows whose reading takes time worth hiding."""
    path = store.write_flow(mock_flow(**options), tmp_path / "flow.zarr")
    lazy = store.open_flow(path, lazy=True)
    return Windows(lazy, PAST, FUTURE, source=ChunkedFrames(lazy))


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "window-reader"]


@pytest.mark.parametrize("ahead", [0, 1, 3])
@pytest.mark.parametrize("land", [False, True])
def test_reading_ahead_changes_nothing(tmp_path, ahead, land):
    windows = on_disk(tmp_path, land=land)
    held = Windows(mock_flow(land=land), PAST, FUTURE)
    found = list(prefetched(windows, BATCHES, ahead=ahead))
    assert len(found) == len(BATCHES)
    for batch, indices in zip(found, BATCHES, strict=True):
        expected = held.batch(indices)
        assert torch.equal(batch.w, expected.w)
        assert batch.water is None or torch.equal(batch.water, expected.water)
    assert readers() == []


@pytest.mark.parametrize("ahead", [0, 2])
def test_transformed_windows_are_moved_after_they_were_fetched(tmp_path, ahead):
    windows = on_disk(tmp_path, nx=8)
    moved = Transformed(Transformed(windows, symmetries.Magnitude(), 1), symmetries.Rotation(), 2)
    for batch, indices in zip(prefetched(moved, BATCHES, ahead=ahead), BATCHES, strict=True):
        assert torch.equal(batch.w, moved.batch(indices).w)
        assert not torch.equal(batch.w, windows.batch(indices).w)


def test_what_is_held_already_needs_no_thread():
    windows = Windows(mock_flow(), PAST, FUTURE)
    with closing(prefetched(windows, BATCHES)) as batches:
        next(batches)
        assert readers() == []


def test_leaving_early_ends_the_thread(tmp_path):
    with closing(prefetched(on_disk(tmp_path), [[0]] * 1000, ahead=1)) as batches:
        next(batches)
        assert len(readers()) == 1
    assert readers() == []


def test_what_goes_wrong_while_reading_is_raised_where_the_batch_is_wanted(tmp_path):
    batches = prefetched(on_disk(tmp_path), [[0], [1], [999]])
    assert next(batches).w.shape[0] == 1
    assert next(batches).w.shape[0] == 1
    with pytest.raises(IndexError, match="windows between 0 and 7"):
        next(batches)
    assert readers() == []


def test_a_negative_number_of_batches_is_refused(tmp_path):
    with pytest.raises(ValueError, match="0 or more batches"):
        next(prefetched(on_disk(tmp_path), BATCHES, ahead=-1))


def test_no_more_is_read_than_was_asked_for_ahead(tmp_path):
    taken = []

    def indices():
        for number in range(8):
            taken.append(number)
            yield [number]

    with closing(prefetched(on_disk(tmp_path), indices(), ahead=2)) as batches:
        next(batches)
        # One in hand, two waiting, one being read, one wanted for the next round.
        assert len(taken) <= 5
