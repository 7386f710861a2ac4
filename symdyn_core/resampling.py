"""Evaluate a field between its grid points: spectrally on periodic axes, by a sextic-point
polynomial elsewhere.

Along a periodic axis of n cells the trigonometric interpolant is exact for band-limited fields.
Along any other axis, and wherever there is land, the polynomial through the six nearest cells
(degree 5, one-sided at the ends) is used, and points outside the domain or next to land are marked
invalid. Statistics are taken over valid points only.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid

STENCIL = 6
"""Cells of the local polynomial; sixth-order accurate on smooth fields."""

TOLERANCE = 1e-9
"""A position closer than this to a cell, in cells, is that cell."""

CHUNK = 2**25
"""Numbers held at once while a field is evaluated at scattered points."""


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
    matrix = torch.zeros(len(positions), cells, dtype=torch.float64)
    return matrix.scatter_add_(1, nodes.long() % cells, weights)


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


def sample_points(
    w: Float[Tensor, "*lead y x"],
    rows: Float[Tensor, "new_y new_x"],
    columns: Float[Tensor, "new_y new_x"],
    grid: Grid,
) -> tuple[Float[Tensor, "*lead new_y new_x"], Bool[Tensor, "new_y new_x"]]:
    """A field at scattered fractional positions [cells], and where these are valid."""
    matrix_y, inside_y = _axis_matrix(rows.flatten(), grid.ny, grid.periodic_y, grid)
    matrix_x, inside_x = _axis_matrix(columns.flatten(), grid.nx, grid.periodic_x, grid)
    fields = w.reshape(-1, *w.shape[-2:])
    values = _contract(fields, matrix_y.to(w), matrix_x.to(w))
    valid = inside_y & inside_x
    if grid.water is not None:
        land = (~grid.water).cpu().double()[None]
        valid = valid & (_contract(land, matrix_y.abs(), matrix_x.abs())[0] < TOLERANCE)
    return values.reshape(*w.shape[:-2], *rows.shape), valid.reshape(rows.shape).to(w.device)


def _contract(
    fields: Float[Tensor, "field y x"],
    matrix_y: Float[Tensor, "point y"],
    matrix_x: Float[Tensor, "point x"],
) -> Float[Tensor, "field point"]:
    """sum_yx A[p, y] B[p, x] w[y, x], a bounded number of points at a time."""
    step = max(1, CHUNK // (fields.shape[0] * fields.shape[2]))
    parts = [
        (torch.matmul(rows, fields) * columns).sum(-1)
        for rows, columns in zip(matrix_y.split(step), matrix_x.split(step), strict=True)
    ]
    return torch.cat(parts, dim=-1)


def _axis_matrix(positions: Tensor, cells: int, periodic: bool, grid: Grid):
    """Spectral weights see the whole line, land included: with land only local ones are safe."""
    positions = positions.detach().cpu().double()
    if periodic and grid.water is not None:
        inside = torch.ones_like(positions, dtype=torch.bool)
        return lagrange_matrix(positions % cells, cells, wrap=True), inside
    return interpolation_matrix(positions, cells, periodic)
