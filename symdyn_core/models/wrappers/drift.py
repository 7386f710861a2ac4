"""The drift: frames carried along with a uniform velocity, every sample with its own.

A shift by s cells is one matrix for each axis, S w(i) = sum_j S[i, j] w(j), made in closed form
from s, differentiable in it and batched over samples and frames.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.wrappers.spacing import Spacing

TAPS = 6
"""Cells of the local polynomial on open axes: sixth-order accurate on smooth fields."""


@dataclass(frozen=True)
class DriftRate:
    """How far a velocity carries the flow: cells in one time step, for each unit of velocity.

    Attributes:
        x, y: dt / dx and dt / dy [1 / velocity].
        periodic: whether the flow repeats along (y, x).

    Raises:
        ValueError: a rate that is not positive.
    """

    x: float
    y: float
    periodic: tuple[bool, bool] = (False, False)

    def __post_init__(self):
        if not (self.x > 0 and self.y > 0):
            raise ValueError(
                f"Drift rates dt/dx and dt/dy must be positive, got x={self.x}, y={self.y}. "
                "Take them from the grid with DriftRate.of(grid)."
            )

    @classmethod
    def of(cls, grid: Grid) -> "DriftRate":
        """The rates on a grid, and its periodicity."""
        return cls.between(Spacing.of(grid), (grid.periodic_y, grid.periodic_x))

    @classmethod
    def between(cls, spacing: Spacing, periodic: tuple[bool, bool]) -> "DriftRate":
        """The rates for a spacing, on axes (y, x) that repeat or do not."""
        return cls(spacing.dt / spacing.dx, spacing.dt / spacing.dy, periodic)

    def displacement(
        self,
        window: Float[Tensor, "batch past component y x"],
        velocity: Float[Tensor, "batch 2"],
    ) -> Float[Tensor, "batch 2"]:
        """Cells along (x, y) by which the flow drifts in a time step: c dt / dx, whatever it is."""
        return velocity * velocity.new_tensor((self.x, self.y))

    def on(self, grid: Grid) -> "DriftRate":
        """The rates on another grid."""
        return DriftRate.of(grid)


def carried(
    w: Float[Tensor, "batch time component y x"],
    displacement: Float[Tensor, "batch 2"],
    steps: Float[Tensor, " time"],
    periodic: tuple[bool, bool],
) -> Float[Tensor, "batch time component y x"]:
    """``w(x - d t)``, t = ``steps`` time steps, d cells along (x, y) in each; d of every sample.

    On periodic axes exact for band-limited fields, and a representation of the real numbers:
    S(a) S(b) = S(a + b). The shortest wave of an axis with an even number of cells has no such
    shift that is real, and is left out. On open axes a polynomial through six cells is evaluated,
    and what comes from outside repeats the edge.
    """
    with torch.autocast(w.device.type, enabled=False):
        exact = w if w.dtype in (torch.float32, torch.float64) else w.float()
        cells_x = displacement[:, :1].to(exact) * steps
        cells_y = displacement[:, 1:].to(exact) * steps
        matrix_y = shift_matrix(cells_y, w.shape[-2], periodic[0])
        matrix_x = shift_matrix(cells_x, w.shape[-1], periodic[1])
        moved_x = exact.flatten(2, 3) @ matrix_x.mT
        moved = matrix_y[:, :, None] @ moved_x.unflatten(2, w.shape[2:4])
    return moved.to(w.dtype)


def shift_matrix(
    cells: Float[Tensor, "*batch"], size: int, periodic: bool
) -> Float[Tensor, "*batch size size"]:
    """The matrices that shift a line of ``size`` values by fractions of ``cells`` to the right."""
    return _periodic_shift(cells, size) if periodic else _open_shift(cells, size)


def _periodic_shift(cells: Tensor, size: int) -> Tensor:
    """Trigonometric interpolation without the Nyquist wave: d(i - j - s), with

    d(p) = (1 + 2 sum_k cos(2 pi k p / n)) / n,  k = 1 ... (n - 1) // 2.

    The cosine of the difference is expanded: no division, hence no removable singularity whose
    gradient would be lost.
    """
    k = torch.arange(1, (size + 1) // 2, dtype=cells.dtype, device=cells.device)
    place = torch.arange(size, dtype=cells.dtype, device=cells.device)
    turns = (cells - size * torch.round(cells.detach() / size)) / size
    phase = 2 * math.pi * turns[..., None] * k
    waves = 2 * math.pi * torch.outer(k, place) / size
    kernel = torch.cos(phase) @ torch.cos(waves) + torch.sin(phase) @ torch.sin(waves)
    kernel = (1 + 2 * kernel) / size
    # Row i of the circulant matrix is the reversed kernel, read from another start.
    line = kernel.flip(-1)
    line = torch.cat((line, line[..., :-1]), dim=-1)
    return line.unfold(-1, size, 1).flip(-2)


def _open_shift(cells: Tensor, size: int) -> Tensor:
    """Lagrange interpolation from the six nearest cells, those beyond an edge read at the edge."""
    position = -cells
    whole = torch.floor(position.detach())
    fraction = position - whole
    first = 1 - TAPS // 2
    weights = torch.stack([_lagrange(fraction, first, tap) for tap in range(TAPS)], dim=-1)
    place = torch.arange(size, device=cells.device)
    tap = torch.arange(first, first + TAPS, device=cells.device)
    # Farther than the line is long, everything is the edge; clamped, so that it fits an integer.
    start = whole.clamp(-2.0 * size - TAPS, 2.0 * size + TAPS).long()
    column = (start[..., None, None] + place[:, None] + tap).clamp(0, size - 1)
    matrix = weights.new_zeros(*cells.shape, size, size)
    return matrix.scatter_add(-1, column, weights[..., None, :].expand(column.shape))


def _lagrange(fraction: Tensor, first: int, tap: int) -> Tensor:
    """Weight of one of the nodes first, first + 1, ... at ``fraction``."""
    node = first + tap
    others = [first + other for other in range(TAPS) if other != tap]
    weight = torch.ones_like(fraction)
    for other in others:
        weight = weight * (fraction - other) / (node - other)
    return weight
