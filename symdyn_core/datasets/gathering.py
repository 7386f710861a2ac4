"""Pieces of arrays copied into a batch, by as many threads as compute.

The threads are those of a small pool that sleeps between batches. The threads within an operation
of torch do the same work, but they wait for each other in busy loops: where a batch is read ahead
while a network computes, or where other programs run, both then take many times as long.
"""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from symdyn_core.datasets import copying

MOST_THREADS = 4
"""Threads that copy, at most: a few cores use all of the bandwidth of a memory."""

WORTH_A_THREAD = 2**21
"""Bytes; waking another thread takes as long as copying a tenth of this."""

_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers of as many bytes as a number."""

Piece = tuple[np.ndarray, np.ndarray]
"""(source, target): integers of the same kind and number, see ``bits_of``."""


class _Pool:
    """Threads that are started when they are wanted, again in a forked process."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    def threads(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MOST_THREADS - 1, "window-gatherer")
        return self._threads

    def forget(self) -> None:
        """Threads do not survive a fork: work that is given to them would wait for ever."""
        self._threads = None


_POOL = _Pool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.forget)


def bits_of(w: Tensor) -> np.ndarray:
    """The numbers of a contiguous tensor on the processor as integers, not copied."""
    return w.detach().view(_BITS[w.dtype.itemsize]).numpy()


def copy_pieces(pieces: list[Piece]) -> None:
    """Copy each source into its target, bit by bit."""
    threads = min(MOST_THREADS, torch.get_num_threads(), len(pieces))
    if threads > 1:
        threads = min(threads, sum(source.nbytes for source, _ in pieces) // WORTH_A_THREAD)
    if threads < 2:
        for source, target in pieces:
            copying.copy(source, target)
        return
    waiting = deque(pieces)
    others = [_POOL.threads().submit(_copy, waiting) for _ in range(threads - 1)]
    _copy(waiting)
    for other in others:
        if not other.cancel():  # it has begun: wait for its last piece
            other.result()


def _copy(waiting: deque[Piece]) -> None:
    """Copy pieces until none is left; a thread that is held up leaves them to the others."""
    while True:
        try:
            source, target = waiting.popleft()
        except IndexError:
            return
        copying.copy(source, target)
