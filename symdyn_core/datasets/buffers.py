"""Memory of batches, used again as soon as nobody holds the batch any more."""

import math
import threading
import weakref

import numpy as np
import torch
from torch import Tensor

ALIGNMENT = 64
"""Bytes. Torch aligns its own tensors so; matrix products may round differently otherwise."""


def aligned_memory(size: int) -> np.ndarray:
    """Bytes with arbitrary content, aligned as torch aligns its own.

    Numpy asks the system for large pages; addresses of frames in random order are then found in
    the processor's own table.
    """
    memory = np.empty(size + ALIGNMENT, np.uint8)
    offset = -memory.ctypes.data % ALIGNMENT
    return memory[offset : offset + size]


class Buffers:
    """Tensors whose memory comes back when the last of their views is gone.

    Batches of several megabytes are otherwise returned to the operating system after each step
    and asked for again, which clears every page: as slow as copying the frames themselves.

    Args:
        spare: how many unused buffers are kept, all of the size that was asked for last.
    """

    def __init__(self, spare: int = 4):
        self.spare = spare
        self._free: list[np.ndarray] = []
        # A tensor may be freed by the garbage collector in the middle of ``take``.
        self._lock = threading.RLock()

    def take(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """A contiguous tensor on the processor with arbitrary content."""
        size = math.prod(shape) * dtype.itemsize
        memory = self._reused(size)
        if memory is None:
            memory = aligned_memory(size)
        lease = memory[:]
        # The storage of the tensor and of all its views keeps the lease alive, nothing else does.
        weakref.finalize(lease, self._give_back, memory).atexit = False
        return torch.from_numpy(lease).view(dtype).view(shape)

    def _reused(self, size: int) -> np.ndarray | None:
        with self._lock:
            self._free = [memory for memory in self._free if memory.size == size]
            return self._free.pop() if self._free else None

    def _give_back(self, memory: np.ndarray) -> None:
        with self._lock:
            if len(self._free) < self.spare:
                self._free.append(memory)
