"""The grid: the only place that describes the axes of a flow.

Every field of the package lives on one uniform rectangular grid. Its arrays are ordered
``batch time component y x``; component 0 is u (along +x, east), component 1 is v (along +y,
north); x and y increase with their index; pictures are drawn with the origin at the lower left.
"""

from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Element = float | int | tuple[float | int, ...]
"""An element of a symmetry group: one number, or one number for each of its parameters."""


@dataclass(frozen=True)
class Grid:
    """A uniform grid of cell centres in space and of frames in time.

    Attributes:
        ny, nx: number of cells along y and x.
        dy, dx: cell sizes [m, or the length unit of a nondimensional flow].
        dt: time between two frames [s, or the time unit of a nondimensional flow].
        periodic_y, periodic_x: whether the flow repeats along that axis.
        water: ``Bool[y x]``, true where there is fluid (and data); None when that is everywhere.

    Raises:
        ValueError: a size, spacing or mask that describes no grid.
    """

    ny: int
    nx: int
    dy: float = 1.0
    dx: float = 1.0
    dt: float = 1.0
    periodic_y: bool = False
    periodic_x: bool = False
    water: Bool[Tensor, "y x"] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self):
        if self.ny < 1 or self.nx < 1:
            raise ValueError(
                f"A grid needs at least one cell along each axis, got ny={self.ny}, nx={self.nx}. "
                "Choose a positive patch size."
            )
        if not (self.dy > 0 and self.dx > 0 and self.dt > 0):
            raise ValueError(
                f"Grid spacings must be positive, got dy={self.dy}, dx={self.dx}, dt={self.dt}. "
                "Check the coordinates of the data for repeated or descending values."
            )
        if self.water is not None and tuple(self.water.shape) != self.shape:
            raise ValueError(
                f"The water mask must have the grid's shape {self.shape}, "
                f"got {tuple(self.water.shape)}."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx), the trailing axes of every field on this grid."""
        return self.ny, self.nx

    @property
    def extent(self) -> tuple[float, float]:
        """(Ly, Lx): physical size of the domain, cell edges included."""
        return self.ny * self.dy, self.nx * self.dx

    def x(self, **kwargs) -> Float[Tensor, " x"]:
        """Cell centres along x, measured from the middle of the domain."""
        return (torch.arange(self.nx, **kwargs) - (self.nx - 1) / 2) * self.dx

    def y(self, **kwargs) -> Float[Tensor, " y"]:
        """Cell centres along y, measured from the middle of the domain."""
        return (torch.arange(self.ny, **kwargs) - (self.ny - 1) / 2) * self.dy

    def times(self, frames: int, lead: int = 0) -> list[float]:
        """Times of consecutive frames, relative to "now"; the last of them is ``lead`` steps ahead.

        The last frame of an input window is "now" (lead 0), its forecast has lead 1, and a window
        of p past and m future frames has lead m.
        """
        return [(n - (frames - 1) + lead) * self.dt for n in range(frames)]

    def with_(self, **changes) -> "Grid":
        """The same grid with some attributes changed."""
        return replace(self, **changes)

    def check(self, w: Tensor) -> None:
        """Raise a ValueError unless ``w`` is a velocity window ``(..., time component y x)``."""
        if w.ndim < 4 or w.shape[-3] != 2 or tuple(w.shape[-2:]) != self.shape:
            raise ValueError(
                "Expected a velocity window (..., time, component=2, "
                f"y={self.ny}, x={self.nx}), got {tuple(w.shape)}. "
                "Order the axes as batch time component y x."
            )
