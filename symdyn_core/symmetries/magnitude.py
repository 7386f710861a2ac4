"""Magnitude: the same flow, stronger or weaker."""

from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import LayerKit, MagnitudeKit
from symdyn_core.symmetries.symmetry import Parameter, Symmetry, everywhere, number, spread, uniform


@dataclass(frozen=True)
class Magnitude(Symmetry):
    """``w -> a w`` with a > 0 (Wang et al. 2021, resolution-independent scale).

    A symmetry of the heat equation. For Navier-Stokes it is one only if the grid is re-read as
    dx / a, dt / a^2; on an unchanged grid it changes the Reynolds number.
    """

    name: str = "magnitude"
    title: str = "Magnitude"
    action: str = r"w(x, t) \mapsto a\,w(x, t)"
    parameters: tuple[Parameter, ...] = (Parameter("factor a", "1", 0.05, 4.0, 0.05, 1.0),)

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        return self._factor(element) * w, everywhere(w, grid)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        return grid

    def identity(self) -> Element:
        return 1.0

    def inverse(self, element: Element) -> Element:
        return 1 / self._factor(element)

    def compose(self, first: Element, second: Element) -> Element:
        return self._factor(first) * self._factor(second)

    def random_element(self, generator: torch.Generator) -> Element:
        """a ~ U(0, 2), as in the paper; never exactly zero."""
        return max(uniform(generator, 0.0, 2.0), 1e-6)

    def elements(self, count: int) -> list[Element]:
        return [2.0**exponent for exponent in spread(-2.0, 2.0, count)]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        return True

    def kit(self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3) -> LayerKit:
        return MagnitudeKit(periodic=periodic, kernel_size=kernel_size)

    def _factor(self, element: Element) -> float:
        factor = number(element, self.name)
        if not factor > 0:
            raise ValueError(f"A magnitude factor must be positive, got {factor}.")
        return factor
