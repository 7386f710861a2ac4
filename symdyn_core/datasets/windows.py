"""Windows of consecutive frames, the samples that networks learn from."""

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.batches import Batch, Indices, WindowSource
from symdyn_core.datasets.frames import FrameSource, HeldFrames, shape_of, water_of
from symdyn_core.datasets.scalars import check_scalars
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.grid import Grid

__all__ = ["Batch", "Transformed", "WindowSource", "Windows", "split_in_time"]


class Windows:
    """All windows of ``past + future`` consecutive frames of a flow.

    Windows are ordered by member, then by time. A batch is a copy, whose memory is used again as
    soon as nobody holds a view of it; past and future frames are views of it.

    Args:
        flow: a valid flow.
        past: frames that a forecaster sees.
        future: frames that it is to forecast.
        stride: frames between the starts of two windows.
        dtype: precision of the windows.
        device: where frames are held.
        source: where frames come from: ``MappedFrames`` or ``ChunkedFrames`` of this flow, which
            then decide precision and device; by default all frames are held on ``device``.
        scalars: names of fields beside the velocities, such as ``("buoyancy",)``, that batches
            hold too.
        scalar_source: where they come from, such as ``ChunkedFrames(flow, names=scalars)``; by
            default they are held where the velocities are.

    Raises:
        ValueError: a flow with too few frames, missing values on water, a source of another shape,
            a scalar that the flow lacks, or numbers of frames that are not whole.
    """

    def __init__(
        self,
        flow: xr.Dataset,
        past: int,
        future: int,
        stride: int = 1,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        source: FrameSource | None = None,
        scalars: tuple[str, ...] = (),
        scalar_source: FrameSource | None = None,
    ):
        _check_lengths(flow, past, future, stride)
        self.past, self.future, self.stride = past, future, stride
        self.members = schema.members_of(flow)
        self.grids = tuple(schema.grid_of(flow, member) for member in range(self.members))
        self.source = HeldFrames.of(flow, dtype=dtype, device=device) if source is None else source
        _check_source(self.source, shape_of(flow))
        self.scalars = tuple(scalars)
        self.scalar_source = self._scalar_source(flow, scalar_source)
        water = water_of(flow)
        self.water = None if water is None else water.to(self.source.device)
        self.per_member = (flow.sizes["time"] - past - future) // stride + 1
        self.grid = _common_grid(flow, self.grids)

    def _scalar_source(self, flow: xr.Dataset, given: FrameSource | None) -> FrameSource | None:
        """Where scalars come from; None without any."""
        if not self.scalars:
            return None
        check_scalars(flow, self.scalars)
        source = given or HeldFrames.of(
            flow, dtype=self.source.dtype, device=self.source.device, names=self.scalars
        )
        _check_source(source, shape_of(flow, self.scalars))
        return source

    def __len__(self) -> int:
        return self.members * self.per_member

    @property
    def frames(self) -> Float[Tensor, "member time component y x"]:
        """All frames as one tensor.

        Raises:
            TypeError: they are left in an archive.
        """
        w = getattr(self.source, "w", None)
        if w is None:
            raise TypeError(
                f"Expected frames in memory or in a mapped file, got {type(self.source).__name__}, "
                "which reads a batch at a time. Use batch(indices), or leave out the source."
            )
        return w

    def start_of(self, index: int) -> tuple[int, int]:
        """(member, index of the first frame) of a window."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a window between 0 and {len(self) - 1}, got {index}.")
        member, place = divmod(index, self.per_member)
        return member, place * self.stride

    def batch(self, indices: Indices) -> Batch:
        """Gather windows by index.

        Raises:
            ValueError: no windows, or numbers that are not whole.
            IndexError: a window that there is not.
        """
        index = _whole_numbers(indices)
        first, last = int(index.min()), int(index.max())
        if first < 0 or last >= len(self):
            raise IndexError(
                f"Expected windows between 0 and {len(self) - 1}, got {first} to {last}."
            )
        member, place = (torch.from_numpy(part) for part in np.divmod(index, self.per_member))
        start = place * self.stride if self.stride > 1 else place
        frames = self.past + self.future
        w = self.source.gather(member, start, frames)
        water = self.water
        if water is not None:
            water = water.index_select(0, member.to(water.device))[:, None, None]
        if self.scalar_source is None:
            return Batch(w, water)
        return Batch(w, water, self.scalar_source.gather(member, start, frames))


def _whole_numbers(indices: Indices) -> np.ndarray:
    """Indices as an array; nothing is rounded."""
    index = indices if isinstance(indices, Tensor) else torch.as_tensor(indices)
    if index.numel() == 0:
        raise ValueError("Expected at least one window for a batch, got none.")
    if index.is_floating_point() or index.is_complex() or index.dtype == torch.bool:
        raise ValueError(f"Expected whole numbers as windows of a batch, got {index.dtype}.")
    return index.numpy(force=True).reshape(-1).astype(np.int64, copy=False)


def _check_lengths(flow: xr.Dataset, past: int, future: int, stride: int) -> None:
    whole = [
        isinstance(number, int | np.integer) and not isinstance(number, bool)
        for number in (past, future, stride)
    ]
    if not all(whole):
        raise ValueError(
            "Expected whole numbers of past and future frames and a whole stride, got "
            f"past={past!r}, future={future!r}, stride={stride!r}."
        )
    if past < 1 or future < 0 or stride < 1:
        raise ValueError(
            "Expected at least one past frame, no negative future and a positive stride, got "
            f"past={past}, future={future}, stride={stride}."
        )
    frames = flow.sizes.get("time", 0)
    if frames < past + future:
        raise ValueError(
            f"A window of {past} past and {future} future frames needs a flow of at least "
            f"{past + future} frames, got {frames}. Use a longer flow or shorter windows."
        )


def _check_source(source: FrameSource, expected: tuple[int, ...]) -> None:
    if tuple(source.shape) != expected:
        raise ValueError(
            f"Expected a source of frames {expected} (member time component y x), got "
            f"{tuple(source.shape)}. Make it from this flow, after cutting and splitting."
        )


def _common_grid(flow: xr.Dataset, grids: tuple[Grid, ...]) -> Grid:
    """The spacing of the whole flow, with the land mask if all members share it."""
    first = grids[0].water
    shared = all(
        (first is None) == (grid.water is None)
        and (first is None or grid.water is None or torch.equal(first, grid.water))
        for grid in grids
    )
    dx, dy = float(flow.attrs["dx"]), float(flow.attrs["dy"])
    return grids[0].with_(dx=dx, dy=dy, water=first if shared else None)
