"""Frames read from an archive as it is, a block at a time, with the last blocks kept decoded."""

import threading
from collections import OrderedDict

import torch
import xarray as xr
from jaxtyping import Float, Int
from torch import Tensor

from symdyn_core.datasets.buffers import Buffers
from symdyn_core.datasets.frames import VELOCITY, block_length, read_block, shape_of, water_of
from symdyn_core.datasets.gathering import Piece, bits_of, copy_pieces

CACHE_BYTES = 2**29
"""Memory for decoded blocks unless told otherwise [bytes]."""

CACHED_BLOCKS = 8
"""Blocks that fit into the cache at least: windows of a batch rarely lie in one."""


class ChunkedFrames:
    """Frames of a flow that is left on disk (``open_flow(path, lazy=True)``), of any size.

    A block is a run of frames of one member, whole chunks of the archive. Blocks that were used
    last stay in memory, decoded, until there are ``cache_bytes`` of them. Windows in the order of
    ``sampling.epoch_order`` find their blocks there.

    Attributes:
        block: frames of one block.
        kept: blocks that the cache has room for.
        blocks_read: blocks read so far.

    Args:
        flow: a valid flow, lazy or backed by Dask; values are checked when they are read.
        dtype: precision of what is handed out.
        cache_bytes: memory for blocks.
        names: variables on the cells and times of the flow; u and v, or some of its scalars.

    Raises:
        ValueError: a cache smaller than one block; on reading, missing values on water.
    """

    device = torch.device("cpu")

    def __init__(
        self,
        flow: xr.Dataset,
        *,
        dtype: torch.dtype = torch.float32,
        cache_bytes: int = CACHE_BYTES,
        names: tuple[str, ...] = VELOCITY,
    ):
        self.flow, self.dtype, self.cache_bytes, self.names = flow, dtype, cache_bytes, names
        self.shape = shape_of(flow, names)
        self.block = block_length(flow, min(cache_bytes // CACHED_BLOCKS, 2**24))
        self.blocks_read = 0
        self._water = water_of(flow)
        self._cache: OrderedDict[tuple[int, int], Tensor] = OrderedDict()
        self._lock = threading.Lock()
        self._buffers = Buffers()
        self.kept = self._blocks_that_fit()

    def gather(
        self, member: Int[Tensor, " batch"], start: Int[Tensor, " batch"], length: int
    ) -> Float[Tensor, "batch time component y x"]:
        """``length`` frames of each ``member``, from frame ``start`` on, as a new tensor."""
        batch = self._buffers.take((len(member), length, *self.shape[2:]), self.dtype)
        bits = bits_of(batch)
        places = sorted(zip(member.tolist(), start.tolist(), range(len(member)), strict=True))
        pieces: list[Piece] = []
        with self._lock:
            for place, first, sample in places:
                for number in range(first // self.block, (first + length - 1) // self.block + 1):
                    begin = number * self.block
                    low, high = max(first, begin), min(first + length, begin + self.block)
                    if (place, number) not in self._cache:
                        copy_pieces(pieces)  # from blocks that may have to go
                        pieces.clear()
                    frames = self._block(place, number)[low - begin : high - begin]
                    pieces.append((bits_of(frames), bits[sample, low - first : high - first]))
            copy_pieces(pieces)
        return batch

    @property
    def holds_all(self) -> bool:
        """Whether the cache has room for every block."""
        members, frames = self.shape[:2]
        return members * -(-frames // self.block) <= self.kept

    def _block(self, member: int, number: int) -> Float[Tensor, "time component y x"]:
        """A block, from the cache or from the archive."""
        key = member, number
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        while len(self._cache) >= self.kept:
            self._cache.popitem(last=False)
        begin = number * self.block
        times = slice(begin, min(begin + self.block, self.shape[1]))
        land = None if self._water is None else self._water[member]
        self._cache[key] = read_block(self.flow, member, times, land, self.names).to(self.dtype)
        self.blocks_read += 1
        return self._cache[key]

    def _blocks_that_fit(self) -> int:
        _, _, components, ny, nx = self.shape
        size = self.block * components * ny * nx * self.dtype.itemsize
        if size > self.cache_bytes:
            raise ValueError(
                f"Expected a cache of at least one block, {size} bytes ({self.block} frames), got "
                f"{self.cache_bytes}. Give it more memory, or cut the flow into squares first."
            )
        return self.cache_bytes // size
