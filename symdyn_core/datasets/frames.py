"""Where the frames of windows come from, and frames that are held in memory or on a device.

=================  =============================================================================
``HeldFrames``     in memory, or on an accelerator: the fastest, for what fits there
``MappedFrames``   in one file that is mapped into memory: starts at once, shared by processes
``ChunkedFrames``  in the archive as it is: a bounded cache of decoded blocks
=================  =============================================================================
"""

import math
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch
import xarray as xr
from jaxtyping import Bool, Float, Int
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.buffers import Buffers, aligned_memory
from symdyn_core.datasets.copying import WORTH_TIMING
from symdyn_core.datasets.gathering import bits_of, copy_pieces

VELOCITY = ("u", "v")
"""What frames hold unless told otherwise."""

BLOCK_BYTES = 2**24
"""Velocities read at once from an archive [bytes]."""

_BLOCKS = Buffers(spare=2)
"""Memory of blocks that were read."""


@runtime_checkable
class FrameSource(Protocol):
    """All frames of a flow, land filled with 0, handed out as pieces of consecutive frames.

    Attributes:
        shape: (member, time, component, y, x); components are u, v, or the scalars asked for.
        dtype, device: of what is handed out.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device

    def gather(
        self, member: Int[Tensor, " batch"], start: Int[Tensor, " batch"], length: int
    ) -> Float[Tensor, "batch time component y x"]:
        """``length`` frames of each ``member``, from frame ``start`` on, as a new tensor."""
        ...


class HeldFrames:
    """Frames in one tensor ``member time component y x``, in memory or on a device.

    A window is one piece of the tensor, and is copied as one: in memory by the threads of
    ``gathering``, on a device by one indexing operation over overlapping views.
    """

    def __init__(self, w: Float[Tensor, "member time component y x"]):
        self.w = w.contiguous()
        self.shape, self.dtype, self.device = tuple(w.shape), w.dtype, w.device
        self._buffers = Buffers()
        self._bits = bits_of(self.w).reshape(-1) if w.device.type == "cpu" else None

    @classmethod
    def of(
        cls,
        flow: xr.Dataset,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        names: tuple[str, ...] = VELOCITY,
    ) -> "HeldFrames":
        """Read all frames of a flow.

        Args:
            names: variables on the cells and times of the flow; u and v, or some of its scalars.

        Raises:
            ValueError: missing values on water.
        """
        w = _room_for(shape_of(flow, names), dtype, torch.device(device))
        for member, times, block in blocks_of(flow, names):
            w[member, times] = block.to(device=device, dtype=dtype)
        return cls(w)

    def gather(
        self, member: Int[Tensor, " batch"], start: Int[Tensor, " batch"], length: int
    ) -> Float[Tensor, "batch time component y x"]:
        """``length`` frames of each ``member``, from frame ``start`` on, as a new tensor."""
        frame = self.w.stride(1)
        size, field = length * frame, self.shape[2:]
        # Numpy: beside a copy of so many bytes, every operation of torch is as cold as it gets.
        first = member.numpy(force=True) * self.shape[1] + start.numpy(force=True)
        if self._bits is None:
            index = torch.from_numpy(first).to(self.device)
            return self._rows(size).index_select(0, index).view(-1, length, *field)
        batch = self._buffers.take((len(first), size), self.dtype)
        if torch.get_num_threads() == 1 and size * self.dtype.itemsize < WORTH_TIMING:
            # Many small ones at once.
            torch.index_select(self._rows(size), 0, torch.from_numpy(first), out=batch)
        else:
            rows = zip((first * frame).tolist(), bits_of(batch), strict=True)
            copy_pieces([(self._bits[place : place + size], row) for place, row in rows])
        return batch.view(-1, length, *field)

    def _rows(self, size: int) -> Tensor:
        """Row n is ``size`` numbers from frame n on: rows overlap, and none is ever stored."""
        frame = self.w.stride(1)
        return self.w.as_strided(((self.w.numel() - size) // frame + 1, size), (frame, 1))


def _room_for(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor with arbitrary content."""
    if device.type != "cpu":
        return torch.empty(shape, dtype=dtype, device=device)
    memory = aligned_memory(math.prod(shape) * dtype.itemsize)
    return torch.from_numpy(memory).view(dtype).view(shape)


def shape_of(flow: xr.Dataset, names: tuple[str, ...] = VELOCITY) -> tuple[int, ...]:
    """(member, time, component, y, x) of variables of a flow."""
    time, ny, nx = (flow.sizes[name] for name in ("time", "y", "x"))
    return schema.members_of(flow), time, len(names), ny, nx


def water_of(flow: xr.Dataset) -> Bool[Tensor, "member y x"] | None:
    """The land masks of all members, or None when every cell of every member is water."""
    grids = [schema.grid_of(flow, member) for member in range(schema.members_of(flow))]
    if all(grid.water is None for grid in grids):
        return None
    everywhere = torch.ones(grids[0].shape, dtype=torch.bool)
    return torch.stack([everywhere if grid.water is None else grid.water for grid in grids])


def read_block(
    flow: xr.Dataset,
    member: int,
    times: slice,
    water: Bool[Tensor, "y x"] | None,
    names: tuple[str, ...] = VELOCITY,
) -> Float[Tensor, "time component y x"]:
    """Consecutive frames of one member, in the precision of the flow, 0 on land.

    Raises:
        ValueError: missing or infinite values on water.
    """
    part = flow[list(names)].isel(time=times)
    part = part.isel(member=member) if "member" in part.dims else part
    first = part[names[0]]
    frames, *field = first.shape
    dtype = first.dtype.newbyteorder("=")
    # Memory that was just given back is warm; new pages would have to be cleared first.
    memory = _BLOCKS.take((len(names) * first.size * dtype.itemsize,), torch.uint8)
    numbers = memory.numpy().view(dtype).reshape(frames, len(names), *field)
    for component, name in enumerate(names):  # one at a time: half the memory besides
        numbers[:, component] = part[name].to_numpy()
    w = torch.from_numpy(numbers)
    if water is not None:
        w.masked_fill_(~water, 0)
    # The extremes are finite exactly if all numbers are: one pass without a mask.
    if not bool(torch.isfinite(torch.stack(torch.aminmax(w))).all()):
        if names != VELOCITY:
            raise ValueError(
                f"Expected finite values of {', '.join(names)} on water, got missing or infinite "
                "ones. Fill them, or leave these scalars out."
            )
        raise ValueError(
            "Expected finite velocities on water, got missing or infinite values. "
            "Check the flow with schema.validate(flow), which says where they are."
        )
    return w


def blocks_of(
    flow: xr.Dataset, names: tuple[str, ...] = VELOCITY
) -> Iterator[tuple[int, slice, Tensor]]:
    """All frames of a flow as (member, times, ``Float[time component y x]``), a block at a time."""
    water = water_of(flow)
    frames = block_length(flow)
    for member in range(schema.members_of(flow)):
        land = None if water is None else water[member]
        for start in range(0, flow.sizes["time"], frames):
            times = slice(start, min(start + frames, flow.sizes["time"]))
            yield member, times, read_block(flow, member, times, land, names)


def block_length(flow: xr.Dataset, size: int = BLOCK_BYTES) -> int:
    """Frames of one member that fill about ``size`` bytes, in whole chunks of the archive."""
    frame = 2 * flow.sizes["y"] * flow.sizes["x"] * flow["u"].dtype.itemsize
    chunk = chunk_length(flow)
    return min(flow.sizes["time"], max(1, size // (frame * chunk)) * chunk)


def chunk_length(flow: xr.Dataset, axis: str = "time") -> int:
    """Length of one chunk of the archive that a flow is read from; 1 if it has none."""
    u = flow["u"]
    number = u.dims.index(axis)
    if u.chunks is not None:
        return max(u.chunks[number])
    chunks = u.encoding.get("chunks") or u.encoding.get("chunksizes") or ()
    return int(chunks[number]) if len(chunks) == u.ndim else 1
