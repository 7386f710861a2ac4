"""Windows of consecutive frames, the samples that networks learn from."""

import torch
import xarray as xr
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.batches import Batch, Indices, WindowSource
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.grid import Grid

__all__ = ["Batch", "Transformed", "WindowSource", "Windows", "split_in_time"]


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
        # One index along one axis copies whole frames: four times faster than a pair of indices.
        first = member * self.frames.shape[1] + start
        frames = first[:, None] + torch.arange(self.past + self.future, device=index.device)
        w = self.frames.flatten(0, 1).index_select(0, frames.flatten())
        w = w.unflatten(0, tuple(frames.shape))
        return Batch(w, None if self.water is None else self.water[member][:, None, None])


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
