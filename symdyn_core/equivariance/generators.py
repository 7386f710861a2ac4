"""Infinitesimal actions: the derivative X w = d/de (g_e w) at e = 0 of one-parameter groups.

    translation     X w = -d w / dx                      e in cells, g_e w = w(x - e, t)
    uniform motion  X w = U e_x                          e in units U of velocity
    boost           X w = U (e_x - t d w / dx)           g_e w = w(x - e U t, t) + e U
    magnitude       X w = w                              factor 1 + e
    rotation        X w = J w - (J x . grad) w           e in radians, J x = (-y, x)
    scaling         X w = w + (x . grad) w + 2 t dw/dt   factor 1 + e

Space is differentiated as in ``operators``: spectrally on periodic axes, by fourth-order finite
differences elsewhere and beside land. Time is differentiated through the polynomial that the action
itself interpolates with, so that a forecast counts where the window ends in one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core import operators
from symdyn_core.grid import Element, Grid
from symdyn_core.resampling import STENCIL
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Rotation,
    Scaling,
    Symmetry,
    Translation,
    UniformMotion,
)


@dataclass(frozen=True)
class Generator:
    """One direction in the Lie algebra of a symmetry.

    Attributes:
        symmetry: the group.
        parameter: what moves, for people.
        element: e -> g_e, for small e.
        field: (w, grid, lead) -> X w.
        keeps_box: whether g_e w repeats over the box where w does.
        differentiates: whether derivatives of w enter, which unknown cells and edges spoil.
    """

    symmetry: Symmetry
    parameter: str
    element: Callable[[float], Element]
    field: Callable[[Tensor, Grid, int], Tensor]
    keeps_box: bool = True
    differentiates: bool = True


def generators(symmetry: Symmetry) -> list[Generator]:
    """The generators of a symmetry; none for a group without small elements.

    Reflections have those of rotations, which stand there already.
    """
    if isinstance(symmetry, Translation):
        names = [parameter.label for parameter in symmetry.parameters]
        return [
            Generator(symmetry, names[0], lambda e: (e, 0.0), _shift("x")),
            Generator(symmetry, names[1], lambda e: (0.0, e), _shift("y")),
        ]
    if isinstance(symmetry, UniformMotion | Boost):
        moving = isinstance(symmetry, Boost)
        u = symmetry.velocity_unit
        names = [parameter.label for parameter in symmetry.parameters]
        return [
            Generator(
                symmetry, names[0], lambda e: (e, 0.0), _gain(u, 0, moving), differentiates=moving
            ),
            Generator(
                symmetry, names[1], lambda e: (0.0, e), _gain(u, 1, moving), differentiates=moving
            ),
        ]
    label = symmetry.parameters[0].label
    if isinstance(symmetry, Magnitude):
        return [
            Generator(
                symmetry, label, lambda e: 1 + e, lambda w, grid, lead: w, differentiates=False
            )
        ]
    if isinstance(symmetry, Rotation):
        degrees = 180 / torch.pi
        return [Generator(symmetry, label, lambda e: degrees * e, _turn, keeps_box=False)]
    if isinstance(symmetry, Scaling):
        return [Generator(symmetry, label, lambda e: 1 + e, _zoom, keeps_box=False)]
    return []


def all_generators(symmetries: Sequence[Symmetry]) -> list[Generator]:
    """The generators of several symmetries."""
    return [generator for symmetry in symmetries for generator in generators(symmetry)]


def space_derivative(w: Tensor, grid: Grid, axis: str) -> Tensor:
    """dw/dx or dw/dy; land holds no flow, so that there no derivative may see the whole line."""
    if grid.water is not None:
        grid = grid.with_(periodic_x=False, periodic_y=False)
    return operators.derivative(w, grid, axis)


def _shift(axis: str) -> Callable[[Tensor, Grid, int], Tensor]:
    def field(w: Tensor, grid: Grid, lead: int) -> Tensor:
        return -space_derivative(w, grid, axis) * (grid.dx if axis == "x" else grid.dy)

    return field


def _gain(unit: float, component: int, moving: bool) -> Callable[[Tensor, Grid, int], Tensor]:
    axis = "xy"[component]

    def field(w: Tensor, grid: Grid, lead: int) -> Tensor:
        change = torch.zeros_like(w)
        change[..., component, :, :] = unit
        if moving:
            t = w.new_tensor(grid.times(w.shape[-4], lead))[:, None, None, None]
            change = change - unit * t * space_derivative(w, grid, axis)
        return change

    return field


def _turn(w: Tensor, grid: Grid, lead: int) -> Tensor:
    y, x = grid.y(dtype=w.dtype, device=w.device)[:, None], grid.x(dtype=w.dtype, device=w.device)
    turned = torch.stack((-w[..., 1, :, :], w[..., 0, :, :]), dim=-3)
    return turned + y * space_derivative(w, grid, "x") - x * space_derivative(w, grid, "y")


def _zoom(w: Tensor, grid: Grid, lead: int) -> Tensor:
    y, x = grid.y(dtype=w.dtype, device=w.device)[:, None], grid.x(dtype=w.dtype, device=w.device)
    grown = w + x * space_derivative(w, grid, "x") + y * space_derivative(w, grid, "y")
    frames = w.shape[-4]
    steps = torch.arange(frames, dtype=torch.float64) - (frames - 1 - lead)
    matrix = (2 * steps[:, None] * time_derivative_matrix(frames)).to(w)
    return grown + torch.einsum("nt,...tcyx->...ncyx", matrix, w)


def time_derivative_matrix(frames: int) -> Float[Tensor, "frame frame"]:
    """d/dt, in steps, at every frame of the polynomial through the nearest frames; float64.

    The frames are those of ``resampling.lagrange_matrix`` at whole positions.
    """
    taps = min(STENCIL, frames)
    matrix = torch.zeros(frames, frames, dtype=torch.float64)
    for n in range(frames):
        first = min(max(n - taps // 2, 0), frames - taps)
        nodes = torch.arange(first, first + taps, dtype=torch.float64) - n
        powers = nodes[None, :] ** torch.arange(taps, dtype=torch.float64)[:, None]
        wanted = torch.zeros(taps, dtype=torch.float64)
        if taps > 1:
            wanted[1] = 1
        matrix[n, first : first + taps] = torch.linalg.solve(powers, wanted)
    if frames == 1:
        matrix.zero_()
    return matrix
