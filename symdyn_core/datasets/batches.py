"""What a source of windows offers, and what it hands out."""

from collections.abc import Callable, Sequence
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
        scalars: fields carried beside the velocities, in the order that windows were asked for
            them, land 0; None unless they were asked for.
    """

    w: Float[Tensor, "batch time component=2 y x"]
    water: Bool[Tensor, "batch time_or_1 1 y x"] | None
    scalars: Float[Tensor, "batch time scalar y x"] | None = None

    def split(self, past: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """(input frames, target frames, mask that broadcasts over the target frames)."""
        water = self.water
        if water is not None and water.shape[1] > 1:
            water = water[:, past:]
        return self.w[:, :past], self.w[:, past:], water

    def each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same windows with every tensor changed alike, such as moved to a device."""
        water = None if self.water is None else change(self.water)
        scalars = None if self.scalars is None else change(self.scalars)
        return Batch(change(self.w), water, scalars)


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
