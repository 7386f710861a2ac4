"""Fields at scattered points, prepared once for every field that is evaluated there.

Turning a window, its truth and two forecasts by one angle evaluates them at the same points. Where
both axes use the local polynomial, a value is a weighted sum over the few cells around its point,
which ``torch.nn.functional.embedding_bag`` takes for all fields at once; along periodic axes the
weights span the line, and rows and columns are contracted one after the other.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.resampling import TOLERANCE, interpolation_matrix, lagrange_stencil

CHUNK = 2**25
"""Numbers held at once while a field is contracted with whole rows and columns."""


class PointSampler:
    """Evaluates fields of one grid at fixed fractional positions [cells].

    Args:
        rows, columns: the positions along y and x.

    Attributes:
        valid: where the points lie inside the domain and away from land.
    """

    def __init__(
        self,
        rows: Float[Tensor, "new_y new_x"],
        columns: Float[Tensor, "new_y new_x"],
        grid: Grid,
    ):
        self.shape = rows.shape
        rows, columns = (place.detach().cpu().double().flatten() for place in (rows, columns))
        # Spectral weights see the whole line, land included: with land only local ones are safe.
        spectral = grid.water is None and (grid.periodic_y or grid.periodic_x)
        sums = _WholeLines if spectral else _NearCells
        self._sums = sums(rows, columns, grid)
        self.valid: Bool[Tensor, "new_y new_x"] = self._sums.inside.reshape(self.shape)

    def __call__(self, w: Float[Tensor, "*lead y x"]) -> Float[Tensor, "*lead new_y new_x"]:
        """The field at the points; beyond the domain, that of the nearest point inside."""
        values = self._sums(w.reshape(-1, *w.shape[-2:]))
        return values.reshape(*w.shape[:-2], *self.shape)


class _NearCells:
    """Sums over the cells around each point."""

    def __init__(self, rows: Tensor, columns: Tensor, grid: Grid):
        row, weight_y, inside_y = _stencil(rows, grid.ny, grid.periodic_y)
        column, weight_x, inside_x = _stencil(columns, grid.nx, grid.periodic_x)
        self.cells = (row[:, :, None] * grid.nx + column[:, None, :]).flatten(1).int()
        self.weights = (weight_y[:, :, None] * weight_x[:, None, :]).flatten(1)
        self.inside = inside_y & inside_x
        if grid.water is not None:
            land = (~grid.water).cpu().double()[None]
            self.inside &= _bag(land, self.cells, self.weights.abs())[0] < TOLERANCE

    def __call__(self, fields: Float[Tensor, "field y x"]) -> Float[Tensor, "field point"]:
        # Half precision is summed in single: thirty-six terms of either sign.
        exact = fields if fields.dtype in (torch.float32, torch.float64) else fields.float()
        cells = self.cells.to(fields.device)
        return _bag(exact, cells, self.weights.to(exact)).to(fields)


def _stencil(positions: Tensor, cells: int, periodic: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Cells and weights of the local polynomial, and which positions lie inside the line."""
    if periodic:
        inside = torch.ones_like(positions, dtype=torch.bool)
        return *lagrange_stencil(positions % cells, cells, wrap=True), inside
    inside = (positions >= -TOLERANCE) & (positions <= cells - 1 + TOLERANCE)
    return *lagrange_stencil(positions.clamp(0, cells - 1), cells), inside


def _bag(
    fields: Float[Tensor, "field y x"], cells: Tensor, weights: Float[Tensor, "point tap"]
) -> Float[Tensor, "field point"]:
    """sum_k weights[p, k] w[cells[p, k]]."""
    by_cell = fields.flatten(1).T.contiguous()
    return F.embedding_bag(cells, by_cell, per_sample_weights=weights, mode="sum").T.contiguous()


class _WholeLines:
    """Sums over whole rows and columns: sum_yx A[p, y] B[p, x] w[y, x]."""

    def __init__(self, rows: Tensor, columns: Tensor, grid: Grid):
        self.matrix_y, inside_y = interpolation_matrix(rows, grid.ny, grid.periodic_y)
        self.matrix_x, inside_x = interpolation_matrix(columns, grid.nx, grid.periodic_x)
        self.inside = inside_y & inside_x

    def __call__(self, fields: Float[Tensor, "field y x"]) -> Float[Tensor, "field point"]:
        step = max(1, CHUNK // (fields.shape[0] * fields.shape[2]))
        matrix_y, matrix_x = self.matrix_y.to(fields), self.matrix_x.to(fields)
        parts = [
            (torch.matmul(rows, fields) * columns).sum(-1)
            for rows, columns in zip(matrix_y.split(step), matrix_x.split(step), strict=True)
        ]
        return torch.cat(parts, dim=-1)
