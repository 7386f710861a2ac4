"""Windows of consecutive frames, the samples that networks learn from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.grid import Grid

Indices = Sequence[int] | Tensor
"""Which windows: a list of integers or an integer tensor."""


class Batch(NamedTuple):
    """Some windows of the same shape.

    Attributes:
        w: velocities; land holds 0.
        water: true where ``w`` counts; None when that is everywhere. Its time axis has length 1,
            or the length of ``w`` where the valid part changes with time (``Transformed``).
    """

    w: Float[Tensor, "batch time component=2 y x"]
    water: Bool[Tensor, "batch time_or_1 1 y x"] | None

    def split(self, past: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """(input frames, target frames, mask that broadcasts over the target frames)."""
        water = self.water
        if water is not None and water.shape[1] > 1:
            water = water[:, past:]
        return self.w[:, :past], self.w[:, past:], water


class Windows:
    """All windows of ``past + future`` consecutive frames of a flow.

    The flow is held in memory as one tensor ``member time component y x``; windows are ordered by
    member, then by time, and a batch is gathered in one indexing operation.

    Args:
        flow: a valid flow.
        past: frames that a forecaster sees.
        future: frames that it is to forecast.
        stride: frames between the starts of two windows.
        dtype: precision of the windows.
        device: where the tensor is held.

    Raises:
        ValueError: a flow with too few frames, or missing values on water.
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
    ):
        _check_lengths(flow, past, future, stride)
        self.past, self.future, self.stride = past, future, stride
        self.members = schema.members_of(flow)
        self.grids = tuple(schema.grid_of(flow, member) for member in range(self.members))
        self.water = _water(self.grids, device)
        self.frames = _filled(schema.to_tensor(flow), self.water).to(device=device, dtype=dtype)
        self.per_member = (self.frames.shape[1] - past - future) // stride + 1
        self.grid = _common_grid(flow, self.grids)

    def __len__(self) -> int:
        return self.members * self.per_member

    def start_of(self, index: int) -> tuple[int, int]:
        """(member, index of the first frame) of a window."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a window between 0 and {len(self) - 1}, got {index}.")
        member, place = divmod(index, self.per_member)
        return member, place * self.stride

    def batch(self, indices: Indices) -> Batch:
        """Gather windows by index."""
        index = torch.as_tensor(indices, dtype=torch.long).reshape(-1)
        if index.numel() == 0 or int(index.min()) < 0 or int(index.max()) >= len(self):
            raise IndexError(f"Expected windows between 0 and {len(self) - 1}, got {indices}.")
        index = index.to(self.frames.device)
        member, start = index // self.per_member, index % self.per_member * self.stride
        lags = torch.arange(self.past + self.future, device=index.device)
        w = self.frames[member[:, None], start[:, None] + lags]
        return Batch(w, None if self.water is None else self.water[member][:, None, None])


def split_in_time(
    flow: xr.Dataset, fractions: tuple[float, ...] = (0.6, 0.2, 0.2), *, gap: int
) -> tuple[xr.Dataset, ...]:
    """Cut a flow into consecutive parts, for instance to train, to validate and to test.

    ``gap`` frames between two parts belong to neither. With a gap of past + future - 1 the parts
    are further apart than a window is long: no frame is shared, and no forecast made in one part
    reaches a frame that the next part has seen.

    Args:
        flow: a valid flow.
        fractions: shares of the frames left after the gaps; they sum to 1.
        gap: frames dropped between two parts.
    """
    frames = flow.sizes["time"]
    usable = frames - gap * (len(fractions) - 1)
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"Expected positive fractions that sum to 1, got {fractions}.")
    # Rounded before they are truncated: 0.6 + 0.2 is a little more or less than 0.8.
    ends = [int(round(usable * share, 6)) for share in np.cumsum(fractions)]
    if gap < 0 or min(np.diff([0, *ends])) < 1:
        raise ValueError(
            f"Expected a gap of 0 or more frames that leaves each part at least one, got a flow "
            f"of {frames} frames and a gap of {gap}. Use a longer flow or shorter windows."
        )
    starts = [0, *ends[:-1]]
    return tuple(
        flow.isel(time=slice(start + part * gap, end + part * gap))
        for part, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def _check_lengths(flow: xr.Dataset, past: int, future: int, stride: int) -> None:
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


def _water(grids: tuple[Grid, ...], device: torch.device | str) -> Tensor | None:
    """``Bool[member y x]``, or None when every cell of every member is water."""
    if all(grid.water is None for grid in grids):
        return None
    everywhere = torch.ones(grids[0].shape, dtype=torch.bool)
    masks = [everywhere if grid.water is None else grid.water for grid in grids]
    return torch.stack(masks).to(device)


def _filled(w: Tensor, water: Tensor | None) -> Tensor:
    """Velocities with 0 on land, after making sure that water holds numbers."""
    if water is not None:
        w = torch.where(water.cpu()[:, None, None], w, torch.zeros((), dtype=w.dtype))
    if not bool(torch.isfinite(w).all()):
        raise ValueError(
            "Expected finite velocities on water, got missing or infinite values. "
            "Check the flow with schema.validate(flow), which says where they are."
        )
    return w


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
