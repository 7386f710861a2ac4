"""Scalars to look at: speed, a component, vorticity or divergence of a velocity field."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.operators import differentiable, divergence, vorticity

TITLES: Mapping[str, str] = {
    "speed": "Speed",
    "u": "Velocity u",
    "v": "Velocity v",
    "vorticity": "Vorticity",
    "divergence": "Divergence",
}
"""What can be shown."""

DERIVATIVES = {"vorticity": vorticity, "divergence": divergence}

WEAKEST = 0.1
"""Limits of the divergence are at least this share of those of the vorticity: an incompressible
flow is blank, rather than a picture of its rounding errors."""


def values(w: Float[Tensor, "component y x"], grid: Grid, field: str) -> Float[Tensor, "y x"]:
    """The scalar that is shown of a velocity field."""
    if field == "speed":
        return w.square().sum(0).sqrt()
    if field in DERIVATIVES:
        return DERIVATIVES[field](w, grid)
    return w[("u", "v").index(field)]


def masked(field: Float[Tensor, "*batch y x"], known: Bool[Tensor, "y x"]) -> np.ndarray:
    """float32 with NaN where nothing is known."""
    return field.masked_fill(~known, math.nan).to(torch.float32).numpy()


def extreme(field: Float[Tensor, "y x"], known: Bool[Tensor, "y x"]) -> float:
    """Size of all but the largest half percent of the known values."""
    size = field[known].abs().numpy()
    # Numpy's partition takes half the time of torch's sort; every packet asks three times.
    return float(np.quantile(size, 0.995)) if size.size else math.nan


@dataclass(frozen=True)
class Scalar:
    """The scalar that is shown of velocity fields on a grid, where it can be known.

    On a grid with land or unknown corners derivatives are local, and unknown wherever their
    stencil leaves what is known: the edge of a turned square is no vortex sheet.
    """

    field: str
    grid: Grid

    @property
    def signed(self) -> bool:
        """Whether it can be negative."""
        return self.field != "speed"

    def of(self, w: Float[Tensor, "component y x"], known: Bool[Tensor, "y x"]) -> np.ndarray:
        """The picture: float32 with NaN where it is unknown."""
        return masked(*self._values(self.field, w, known))

    def limit(self, w: Float[Tensor, "component y x"], known: Bool[Tensor, "y x"]) -> float:
        """The strength that a colour scale has to show."""
        size = extreme(*self._values(self.field, w, known))
        if self.field != "divergence":
            return size
        return max(size, WEAKEST * extreme(*self._values("vorticity", w, known)))

    def _values(self, field: str, w: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        if field not in DERIVATIVES:
            return values(w, self.grid, field), known
        grid = self._local
        return values(w, grid, field), differentiable(known, grid)

    @property
    def _local(self) -> Grid:
        """The grid on which derivatives look at neighbours only, unless it is all known."""
        if self.grid.water is None:
            return self.grid
        return self.grid.with_(periodic_y=False, periodic_x=False)
