"""Evaluate a field between its grid points: spectrally on periodic axes, by a sextic-point
polynomial elsewhere.

Along a periodic axis of n cells the trigonometric interpolant is exact for band-limited fields.
Along any other axis, and wherever there is land, the polynomial through the six nearest cells
(degree 5, one-sided at the ends) is used, and points outside the domain or next to land are marked
invalid. Statistics are taken over valid points only.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from symdyn_core.grid import Grid

STENCIL = 6
"""Cells of the local polynomial; sixth-order accurate on smooth fields."""

TOLERANCE = 1e-9
"""A position closer than this to a cell, in cells, is that cell."""


def interpolation_matrix(
    positions: Float[Tensor, " point"], cells: int, periodic: bool
) -> tuple[Float[Tensor, "point cell"], Bool[Tensor, " point"]]:
    """Weights that evaluate a line of ``cells`` values at fractional ``positions`` [cells].

    Returns:
        The float64 matrix, and which positions lie inside the line (all, if periodic).
    """
    positions = positions.double()
    if periodic:
        return _dirichlet(positions, cells), torch.ones_like(positions, dtype=torch.bool)
    inside = (positions >= -TOLERANCE) & (positions <= cells - 1 + TOLERANCE)
    return lagrange_matrix(positions.clamp(0, cells - 1), cells), inside


def _dirichlet(positions: Tensor, cells: int) -> Tensor:
    """Trigonometric interpolation, sin(pi d) / (n tan(pi d / n)) for n even, sin for tan for n odd.

    The Nyquist mode of an even line is kept as a cosine.
    """
    offset = positions[:, None] - torch.arange(cells, dtype=torch.float64)
    half = math.pi * (offset - cells * torch.round(offset / cells)) / cells
    near = half.abs() < TOLERANCE / cells
    below = torch.sin(half) if cells % 2 else torch.tan(half)
    ratio = torch.sin(cells * half) / (cells * torch.where(near, 1.0, below))
    return torch.where(near, 1.0, ratio)


def lagrange_matrix(
    positions: Float[Tensor, " point"], cells: int, wrap: bool = False
) -> Float[Tensor, "point cell"]:
    """Lagrange interpolation from the nearest cells: ``prod_j (p - j) / (i - j)``."""
    nodes, weights = lagrange_stencil(positions, cells, wrap)
    matrix = torch.zeros(len(positions), cells, dtype=torch.float64)
    return matrix.scatter_add_(1, nodes, weights)


def lagrange_stencil(
    positions: Float[Tensor, " point"], cells: int, wrap: bool = False
) -> tuple[Int[Tensor, "point tap"], Float[Tensor, "point tap"]]:
    """The nearest cells of every position, and the weights of their values."""
    taps = min(STENCIL, cells)
    first = torch.floor(positions - (taps - 1) / 2 + (0.5 if taps % 2 else 0.0))
    if not wrap:
        first = first.clamp(0, cells - taps)
    nodes = first[:, None] + torch.arange(taps, dtype=torch.float64)
    difference = positions[:, None] - nodes
    weights = torch.ones_like(nodes)
    for i in range(taps):
        for j in range(taps):
            if i != j:
                weights[:, i] *= difference[:, j] / (i - j)
    return nodes.long() % cells, weights


def sample_lines(
    w: Float[Tensor, "*lead y x"],
    rows: Float[Tensor, " new_y"],
    columns: Float[Tensor, " new_x"],
    grid: Grid,
) -> tuple[Float[Tensor, "*lead new_y new_x"], Bool[Tensor, "new_y new_x"]]:
    """A field at the crossings of fractional ``rows`` and ``columns`` [cells], and where valid."""
    matrix_y, inside_y = _axis_matrix(rows, grid.ny, grid.periodic_y, grid)
    matrix_x, inside_x = _axis_matrix(columns, grid.nx, grid.periodic_x, grid)
    values = matrix_y.to(w) @ w @ matrix_x.to(w).T
    valid = inside_y[:, None] & inside_x[None, :]
    if grid.water is not None:
        land = (~grid.water).cpu().double()
        valid = valid & (matrix_y.abs() @ land @ matrix_x.abs().T < TOLERANCE)
    return values, valid.to(w.device)


def _axis_matrix(positions: Tensor, cells: int, periodic: bool, grid: Grid):
    """Spectral weights see the whole line, land included: with land only local ones are safe."""
    positions = positions.detach().cpu().double()
    if periodic and grid.water is not None:
        inside = torch.ones_like(positions, dtype=torch.bool)
        return lagrange_matrix(positions % cells, cells, wrap=True), inside
    return interpolation_matrix(positions, cells, periodic)
