"""Differential operators on a grid: derivative, divergence, vorticity, streamfunction.

Derivatives are spectral along periodic axes (exact for band-limited fields) and fourth-order
finite differences elsewhere, one-sided at the ends.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid

CENTRED = (1 / 12, -8 / 12, 0.0, 8 / 12, -1 / 12)
ONE_SIDED = (-25 / 12, 48 / 12, -36 / 12, 16 / 12, -3 / 12)
NEXT_TO_EDGE = (-3 / 12, -10 / 12, 18 / 12, -6 / 12, 1 / 12)


def derivative(
    field: Float[Tensor, "*lead y x"], grid: Grid, axis: str
) -> Float[Tensor, "*lead y x"]:
    """d/dx or d/dy of a scalar field [field unit / length unit]; ``axis`` is "x" or "y".

    Raises:
        ValueError: another axis, or too few cells for the stencil of a non-periodic axis.
    """
    if axis not in ("x", "y"):
        raise ValueError(f"The axis of a derivative must be 'x' or 'y', got {axis!r}.")
    dim, spacing = (-1, grid.dx) if axis == "x" else (-2, grid.dy)
    periodic = grid.periodic_x if axis == "x" else grid.periodic_y
    cells = field.shape[dim]
    if periodic:
        return _spectral_derivative(field, dim) / spacing
    if cells < len(CENTRED):
        raise ValueError(
            f"A derivative along a non-periodic axis needs {len(CENTRED)} cells, got {cells}."
        )
    matrix = difference_matrix(cells).to(field) / spacing
    return field @ matrix.T if axis == "x" else matrix @ field


def _spectral_derivative(field: Tensor, dim: int) -> Tensor:
    cells = field.shape[dim]
    k = 2 * math.pi * torch.fft.rfftfreq(cells, dtype=field.dtype, device=field.device)
    if cells % 2 == 0:
        k[-1] = 0  # the derivative of the Nyquist cosine is not representable
    shape = [1] * field.ndim
    shape[dim] = len(k)
    field_hat = torch.fft.rfft(field, dim=dim)
    return torch.fft.irfft(1j * k.view(shape) * field_hat, n=cells, dim=dim)


def difference_matrix(cells: int) -> Float[Tensor, "cell cell"]:
    """Fourth-order first derivative on a line of unit spacing, closed at both ends; float64."""
    matrix = torch.zeros(cells, cells, dtype=torch.float64)
    for row in range(2, cells - 2):
        matrix[row, row - 2 : row + 3] = torch.tensor(CENTRED, dtype=torch.float64)
    matrix[0, :5] = torch.tensor(ONE_SIDED, dtype=torch.float64)
    matrix[1, :5] = torch.tensor(NEXT_TO_EDGE, dtype=torch.float64)
    matrix[-1, -5:] = -matrix[0, :5].flip(0)
    matrix[-2, -5:] = -matrix[1, :5].flip(0)
    return matrix


def differentiable(known: Bool[Tensor, "*lead y x"], grid: Grid) -> Bool[Tensor, "*lead y x"]:
    """Where the derivatives along x and y look at known cells only.

    A spectral derivative looks at its whole line of cells.
    """
    unknown = (~known).double()
    reached = unknown.clone()
    for axis, dim, periodic in (("x", -1, grid.periodic_x), ("y", -2, grid.periodic_y)):
        cells = known.shape[dim]
        looks = torch.ones(cells, cells).double() if periodic else difference_matrix(cells).abs()
        reached += unknown @ looks.T if axis == "x" else looks @ unknown
    return reached == 0


def divergence(w: Float[Tensor, "*lead component y x"], grid: Grid) -> Float[Tensor, "*lead y x"]:
    """du/dx + dv/dy [1/time]; zero for an incompressible flow."""
    return derivative(w[..., 0, :, :], grid, "x") + derivative(w[..., 1, :, :], grid, "y")


def vorticity(w: Float[Tensor, "*lead component y x"], grid: Grid) -> Float[Tensor, "*lead y x"]:
    """dv/dx - du/dy [1/time], positive where the flow turns counter-clockwise."""
    return derivative(w[..., 1, :, :], grid, "x") - derivative(w[..., 0, :, :], grid, "y")


def streamfunction(
    w: Float[Tensor, "*lead component y x"], grid: Grid
) -> Float[Tensor, "*lead y x"]:
    """psi with u = -dpsi/dy, v = dpsi/dx and lap psi = vorticity, of zero mean.

    Solved spectrally; the uniform part of the flow has no periodic streamfunction and is left out.

    Raises:
        ValueError: a grid that is not periodic along both axes.
    """
    if not (grid.periodic_x and grid.periodic_y):
        raise ValueError("A streamfunction is computed on doubly periodic grids only.")
    zeta_hat = torch.fft.rfft2(vorticity(w, grid))
    k_x = 2 * math.pi * torch.fft.rfftfreq(grid.nx, grid.dx, dtype=w.dtype, device=w.device)
    k_y = 2 * math.pi * torch.fft.fftfreq(grid.ny, grid.dy, dtype=w.dtype, device=w.device)
    k_squared = k_x**2 + k_y[:, None] ** 2
    k_squared[0, 0] = 1
    psi_hat = -zeta_hat / k_squared
    psi_hat[..., 0, 0] = 0
    return torch.fft.irfft2(psi_hat, s=grid.shape)
