"""What a source of windows offers, and what it hands out."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Bool, Float
from torch import Tensor

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


@runtime_checkable
class WindowSource(Protocol):
    """Windows of a flow by index: ``Windows`` as recorded, ``Transformed`` by a symmetry.

    Attributes:
        past, future: frames that a forecaster sees, and that it is to forecast.
        members: number of separate recordings.
        grid: spacing of the flow, with the land mask if all members share it.
        grids: the grid of every member.
    """

    past: int
    future: int
    members: int
    grid: Grid
    grids: tuple[Grid, ...]

    def __len__(self) -> int:
        """Number of windows."""
        ...

    def start_of(self, index: int) -> tuple[int, int]:
        """(member, index of the first frame) of a window."""
        ...

    def batch(self, indices: Indices) -> Batch:
        """Gather windows by index."""
        ...
