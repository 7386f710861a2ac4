"""Scaling: the similarity of Navier-Stokes, resampled on the same grid."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import LayerKit, ScaledKit
from symdyn_core.resampling import TOLERANCE, lagrange_matrix, sample_lines
from symdyn_core.symmetries.symmetry import Parameter, Symmetry, everywhere, number, uniform

LARGEST_SQUARE = 4
"""Curves end where a^2 is this: the frames that they need grow like it."""


@dataclass(frozen=True)
class Scaling(Symmetry):
    """``w -> a w(a x, a^2 t)`` with a > 0: a symmetry of Navier-Stokes at the same viscosity.

    Space is rescaled about the centre of the domain and time about "now". A factor above 1 shrinks
    structures: it needs flow from outside the domain (known on periodic axes) and frames from
    farther back and ahead; what the window does not hold is marked invalid, frame by frame.
    """

    name: str = "scaling"
    title: str = "Scaling"
    action: str = r"w(x, t) \mapsto a\,w(a\,x, a^2 t)"
    parameters: tuple[Parameter, ...] = (Parameter("factor a", "1", 0.5, 2.0, 0.01, 1.0),)

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        factor = self._factor(element)
        if factor == 1:
            return w.clone(), everywhere(w, grid)
        rows = self._source(grid.ny, factor)
        columns = self._source(grid.nx, factor)
        zoomed, valid = sample_lines(w, rows, columns, grid)
        frames = w.shape[-4]
        now = frames - 1 - lead
        times = now + factor**2 * (torch.arange(frames).double() - now)
        known = (times >= -TOLERANCE) & (times <= frames - 1 + TOLERANCE)
        matrix = lagrange_matrix(times.clamp(0, frames - 1), frames).to(w)
        moved = factor * torch.einsum("nt,...tcyx->...ncyx", matrix, zoomed)
        return moved, known.to(w.device)[:, None, None, None] & valid

    def _source(self, cells: int, factor: float) -> Tensor:
        middle = (cells - 1) / 2
        return middle + factor * (torch.arange(cells).double() - middle)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        """A rescaled periodic flow still repeats over the box only for whole factors."""
        factor = self._factor(element)
        if factor == 1:
            return grid
        whole = abs(factor - round(factor)) < TOLERANCE
        changed = grid.with_(
            periodic_x=grid.periodic_x and whole, periodic_y=grid.periodic_y and whole
        )
        _, valid = self.act_on_field(factor, torch.zeros(1, 2, *grid.shape), grid)
        return changed if valid.all() else changed.with_(water=valid[0, 0])

    def co_scaled_grid(self, element: Element, grid: Grid) -> Grid:
        """The grid (dx / a, dt / a^2) on which a w, not resampled, is the rescaled flow."""
        factor = self._factor(element)
        return grid.with_(dx=grid.dx / factor, dy=grid.dy / factor, dt=grid.dt / factor**2)

    def identity(self) -> Element:
        return 1.0

    def inverse(self, element: Element) -> Element:
        return 1 / self._factor(element)

    def compose(self, first: Element, second: Element) -> Element:
        return self._factor(first) * self._factor(second)

    def random_element(self, generator: torch.Generator) -> Element:
        """Log-uniform between 1/2 and 1: structures grow, and no outside flow is needed."""
        return 2.0 ** uniform(generator, -1.0, 0.0)

    def elements(self, count: int) -> list[Element]:
        """Roots of 2, 3 and 4 and their inverses, fewer for small counts: whole time steps."""
        roots = [math.sqrt(n) for n in range(2, max(2, min((count + 1) // 2, LARGEST_SQUARE)) + 1)]
        return [*(1 / root for root in reversed(roots)), 1.0, *roots]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        return self._factor(element) == 1

    def kit(self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 5) -> LayerKit:
        return ScaledKit(periodic=periodic, kernel_size=kernel_size)

    def _factor(self, element: Element) -> float:
        factor = number(element, self.name)
        if not factor > 0:
            raise ValueError(f"A scaling factor must be positive, got {factor}.")
        return factor
