"""Uniform motion: the bare shift of the paper, and the Galilean boost of the equations."""

from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import LayerKit, UniformMotionKit
from symdyn_core.resampling import sample_lines
from symdyn_core.symmetries.symmetry import Parameter, Symmetry, everywhere, pair, spread, uniform

VELOCITY = (
    Parameter("eastward velocity", "rms", -2.0, 2.0, 0.05, 0.0),
    Parameter("northward velocity", "rms", -2.0, 2.0, 0.05, 0.0),
)


@dataclass(frozen=True)
class UniformMotion(Symmetry):
    """``w -> w + c``: the bare shift (Wang et al. 2021).

    The paper's networks are equivariant to it, but it is no symmetry of Navier-Stokes: the shifted
    flow leaves the residual (c . grad) w. Elements are velocities in units of ``velocity_unit``.
    """

    name: str = "uniform_motion"
    title: str = "Uniform motion (bare shift)"
    action: str = r"w(x, t) \mapsto w(x, t) + c"
    parameters: tuple[Parameter, ...] = VELOCITY

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        c = w.new_tensor(pair(element, self.name)) * self.velocity_unit
        return w + c[:, None, None], everywhere(w, grid)

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        return grid

    def identity(self) -> Element:
        return 0.0, 0.0

    def inverse(self, element: Element) -> Element:
        return negated(pair(element, self.name))

    def compose(self, first: Element, second: Element) -> Element:
        return added(pair(first, self.name), pair(second, self.name))

    def random_element(self, generator: torch.Generator) -> Element:
        """Each component ~ U(-2, 2), as in the released code, in root mean squares."""
        return uniform(generator, -2.0, 2.0), uniform(generator, -2.0, 2.0)

    def elements(self, count: int) -> list[Element]:
        return [(speed, 0.0) for speed in spread(-2.0, 2.0, count)]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        return True

    def kit(self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3) -> LayerKit:
        return UniformMotionKit(periodic=periodic, kernel_size=kernel_size)


@dataclass(frozen=True)
class Boost(Symmetry):
    """``w -> w(x - c t, t) + c``: the Galilean boost, an exact symmetry of Navier-Stokes.

    Frame n, at the time t_n from "now", is shifted by c t_n and gains c. Exact on periodic grids
    for band-limited fields; elsewhere what moves in through an open edge is unknown.
    Elements are velocities in units of ``velocity_unit``.
    """

    name: str = "boost"
    title: str = "Galilean boost"
    action: str = r"w(x, t) \mapsto w(x - c\,t, t) + c"
    parameters: tuple[Parameter, ...] = VELOCITY

    def act_on_field(self, element: Element, w: Tensor, grid: Grid, lead: int = 0):
        grid.check(w)
        if tuple(pair(element, self.name)) == self.identity():
            return w.clone(), everywhere(w, grid)
        c_x, c_y = (c * self.velocity_unit for c in pair(element, self.name))
        rows, columns = torch.arange(grid.ny).double(), torch.arange(grid.nx).double()
        frames, masks = [], []
        for n, t in enumerate(grid.times(w.shape[-4], lead)):
            moved, valid = sample_lines(
                w[..., n, :, :, :], rows - c_y * t / grid.dy, columns - c_x * t / grid.dx, grid
            )
            frames.append(moved)
            masks.append(valid)
        c = w.new_tensor((c_x, c_y))[:, None, None]
        return torch.stack(frames, dim=-4) + c, torch.stack(masks)[:, None]

    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        return grid

    def identity(self) -> Element:
        return 0.0, 0.0

    def inverse(self, element: Element) -> Element:
        return negated(pair(element, self.name))

    def compose(self, first: Element, second: Element) -> Element:
        return added(pair(first, self.name), pair(second, self.name))

    def random_element(self, generator: torch.Generator) -> Element:
        """Each component ~ U(-0.5, 0.5) root mean squares: a wider boost empties a small patch."""
        return uniform(generator, -0.5, 0.5), uniform(generator, -0.5, 0.5)

    def elements(self, count: int) -> list[Element]:
        return [(speed, 0.0) for speed in spread(-0.5, 0.5, count)]

    def is_exact(self, element: Element, grid: Grid) -> bool:
        c_x, c_y = pair(element, self.name)
        on_periodic = (c_x == 0 or grid.periodic_x) and (c_y == 0 or grid.periodic_y)
        return on_periodic and grid.water is None

    def kit(
        self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3
    ) -> LayerKit | None:
        return None


def negated(c: tuple[float, float]) -> tuple[float, float]:
    """-c."""
    return -c[0], -c[1]


def added(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """a + b."""
    return a[0] + b[0], a[1] + b[1]
