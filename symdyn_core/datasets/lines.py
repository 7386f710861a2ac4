"""Cells along one axis of a flow, each a weighted mean of two cells of a file.

One description serves a cell that is read as it is, the centre between two faces of a staggered
grid (Arakawa & Lamb 1977, grid C), and linear interpolation onto even spacing.
"""

from dataclasses import dataclass

import numpy as np

UNIFORM = 0.01
"""Largest relative deviation of a step from the mean step: float32 degrees deviate by 1e-4."""

HOLE = 1.6
"""A step this many times its neighbour is a missing row, not a grid that widens: the rows of a
Mercator grid grow by a few per cent from one to the next."""

SNAP = 1e-5
"""Share of a neighbouring cell that counts as none: rounding of degrees in float32."""


@dataclass(frozen=True)
class Line:
    """Target cells i as (1 - weight_i) f[lower_i] + weight_i f[upper_i] of the cells f of a file.

    Attributes:
        lower, upper: indices in the file.
        weight: share of the upper one, between 0 and 1.
    """

    lower: np.ndarray
    upper: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, indices: np.ndarray) -> "Line":
        """Cells of the file as they are, in this order."""
        return cls(indices, indices, np.zeros(len(indices)))

    def cut(self, part: slice) -> "Line":
        """Some of the target cells."""
        return Line(self.lower[part], self.upper[part], self.weight[part])

    def agrees_with(self, other: "Line") -> bool:
        """Whether both read the same cells in the same shares."""
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("lower", "upper", "weight")
        )

    @property
    def span(self) -> tuple[int, int]:
        """First index in the file that is needed, and one past the last."""
        return (
            int(min(self.lower.min(), self.upper.min())),
            int(max(self.lower.max(), self.upper.max())) + 1,
        )

    def apply(self, field: np.ndarray, axis: int) -> np.ndarray:
        """Target cells of a field that holds the cells of ``span`` along ``axis``."""
        first = self.span[0]
        below = np.take(field, self.lower - first, axis)
        if not self.weight.any():
            return below
        shape = [1] * field.ndim
        shape[axis] = -1
        above = np.take(field, self.upper - first, axis)
        return below + self.weight.reshape(shape).astype(field.dtype) * (above - below)


def is_uniform(values: np.ndarray) -> bool:
    """Whether all steps are equal up to rounding."""
    steps = np.diff(values)
    return bool(np.allclose(steps, steps.mean(), rtol=UNIFORM, atol=0))


def evened(name: str, values: np.ndarray, notes: list[str], *, smooth: bool = True) -> np.ndarray:
    """Uniform positions over the same extent, as many as there are.

    Args:
        smooth: steps must change little from one to the next, as they do not towards the walls of
            a Chebyshev grid.

    Raises:
        ValueError: rows are missing, so that interpolation would invent a field.
    """
    steps = np.diff(values)
    growth = np.maximum(steps[1:] / steps[:-1], steps[:-1] / steps[1:])
    if smooth and growth.size and growth.max() > HOLE:
        at = int(np.argmax(growth))
        raise ValueError(
            f"Expected uniform steps along {name}, got a step of {steps[at]:g} and then one of "
            f"{steps[at + 1]:g} near {values[at + 1]:g}. Add the missing cells, or choose a "
            "region without the jump."
        )
    even = np.linspace(values[0], values[-1], len(values))
    notes.append(
        f"{name} had steps from {steps.min():.4g} to {steps.max():.4g}: interpolated linearly "
        f"onto steps of {even[1] - even[0]:.4g}"
    )
    return even


def located(targets: np.ndarray, values: np.ndarray, turn: float | None) -> tuple[Line, np.ndarray]:
    """(how to interpolate from ``values`` to ``targets``, which targets lie within them).

    Args:
        targets: increasing positions.
        values: positions of the cells of a file, in any order.
        turn: 360 for longitudes, which repeat; None for other axes.
    """
    indices = np.arange(len(values))
    if turn is not None:
        values = np.concatenate([values + turn * n for n in (-2, -1, 0, 1, 2)])
        indices = np.tile(indices, 5)
    order = np.argsort(values, kind="stable")
    order = order[np.diff(values[order], prepend=-np.inf) > 1e-6]
    values, indices = values[order], indices[order]
    right = np.clip(np.searchsorted(values, targets, side="right"), 1, len(values) - 1)
    low, high = values[right - 1], values[right]
    share = (targets - low) / (high - low)
    step = float(np.median(np.diff(values)))
    inside = (share > -SNAP) & (share < 1 + SNAP) & (high - low < 2.5 * step)
    lower, upper = indices[right - 1], indices[right]
    lower = np.where(share > 1 - SNAP, upper, lower)
    plain = (share < SNAP) | (share > 1 - SNAP)
    upper = np.where(plain, lower, upper)
    return Line(lower, upper, np.where(plain, 0.0, share)), inside
