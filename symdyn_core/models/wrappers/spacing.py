"""The spacing of a grid in space and time, as far as wrappers read it."""

from dataclasses import dataclass

from symdyn_core.grid import Grid


@dataclass(frozen=True)
class Spacing:
    """Cell sizes and time step, in any units in which velocity is length over time.

    Attributes:
        dx, dy: cell sizes [length].
        dt: time between two frames [time].

    Raises:
        ValueError: a spacing that is not positive.
    """

    dx: float
    dy: float
    dt: float

    def __post_init__(self):
        if not (self.dx > 0 and self.dy > 0 and self.dt > 0):
            raise ValueError(
                f"Spacings must be positive, got dx={self.dx}, dy={self.dy}, dt={self.dt}. "
                "Take them from the grid of the flow."
            )

    @classmethod
    def of(cls, grid: Grid) -> "Spacing":
        """The spacing of a grid."""
        return cls(float(grid.dx), float(grid.dy), float(grid.dt))
