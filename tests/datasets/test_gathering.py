"""Pieces are copied bit by bit, whatever the threads, the alignment and the precision."""

import os
import threading

import numpy as np
import pytest
import torch

from symdyn_core.datasets import copying, gathering
from symdyn_core.datasets.copying import by_vectors
from symdyn_core.datasets.frames import HeldFrames
from symdyn_core.datasets.gathering import bits_of, copy_pieces


@pytest.fixture
def threads(monkeypatch):
    """Even the smallest batch is shared by three threads."""
    monkeypatch.setattr(gathering, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("begin", [0, 1, 3])
def test_pieces_are_copied_bit_by_bit(threads, dtype, begin):
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[dtype.itemsize]
    size = torch.iinfo(bits)
    # All patterns of bits: signed zeros, subnormal numbers, infinities and both kinds of NaN too.
    w = torch.randint(size.min, size.max, (500,), dtype=bits).view(dtype)[begin:]
    starts = torch.randint(0, 400, (40,)).tolist()
    target = np.zeros((40, 77), bits_of(w).dtype)
    copy_pieces(
        [(bits_of(w)[start : start + 77], row) for start, row in zip(starts, target, strict=True)]
    )
    expected = torch.stack([w[start : start + 77] for start in starts]).view(bits)
    assert torch.equal(torch.from_numpy(target), expected)


def test_threads_share_a_batch_and_a_slow_one_does_not_hold_up_the_others(threads, monkeypatch):
    copied: dict[int, int] = {}
    meet = threading.Barrier(3)

    def noted(source, target):
        me = threading.get_ident()
        if me not in copied:
            copied[me] = 0
            meet.wait(10)  # all three take part
        copied[me] += 1
        by_vectors(source, target)

    monkeypatch.setattr(copying, "copy", noted)
    target = np.zeros((30, 4), np.int32)
    numbers = np.arange(100, dtype=np.int32)
    copy_pieces([(numbers[row : row + 4], target[row]) for row in range(30)])
    assert len(copied) == 3 and sum(copied.values()) == 30
    assert target[:, 0].tolist() == list(range(30))


def test_what_goes_wrong_in_a_thread_is_raised(threads):
    with pytest.raises(ValueError, match="broadcast"):
        copy_pieces([(np.arange(size, dtype=np.int32), np.zeros(4, np.int32)) for size in (4, 3)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(threads):
    frames = HeldFrames(torch.arange(6400.0).view(1, 50, 2, 8, 8))
    member, start = torch.zeros(9, dtype=torch.long), torch.arange(9)
    expected = frames.gather(member, start, 5)
    child = os.fork()
    if child == 0:
        os._exit(0 if torch.equal(frames.gather(member, start, 5), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
