"""How far a flow itself is from a symmetry, no forecaster asked.

A forecaster trained on a flow that knows no preferred direction has little reason to prefer one;
one trained on convection has. So beside the error of the model stands the distance between the
statistics of the flow as it is, w, and as it is transformed, g w, over the same cells:

    A_g^2 = |m' - m|^2 / (U'^2 + U^2) * 2
          + mean over s of  sum |D'(s) - D(s)|^2 / sum (|D'(s)|^2 + |D(s)|^2) * 2

with m the mean velocity, U its root mean square, and D_ij(s) = < d_i d_j >, d = w(. + s) - w(.),
the structure functions of second order, over separations s of 1, 2, 4, ... cells in space, up to a
quarter of the side, and as many frames in time; primes are those of g w. The inner sums run over
i, j and, in space, over separations of one length along x and along y. Small separations are the
moments of the velocity gradient, large ones the energy of the components; no boundary condition,
window or mask enters, which spectra would need. D sees whether one component is stronger, whether
structures are elongated, how fast they are and how they are sheared; m sees mean currents.

A = 0 for statistics that g leaves alone, about sqrt(2) for ones that have nothing in common. It is
a statement about statistics of first and second order: a flow may be symmetric in these and still
follow an equation that is not, and the amplitude of a flow is one of its statistics, so that
magnitudes and scalings always show. Samples are few: an asymmetry below ``sampling_floor`` says
nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Grid


@dataclass(frozen=True)
class Statistics:
    """Sums over windows that means, energies and structure functions are made of.

    Attributes:
        mean: of the velocity.
        square: mean square speed.
        space: D(s), separations by length and along (x, y).
        time: D(s), separations by frames.
        weight: number of windows.
    """

    mean: Float[Tensor, " component"]
    square: Float[Tensor, ""]
    space: Float[Tensor, "length along component component_"]
    time: Float[Tensor, "frames component component_"]
    weight: int

    def __add__(self, other: "Statistics") -> "Statistics":
        total = self.weight + other.weight
        a, b = self.weight / total, other.weight / total
        return Statistics(
            a * self.mean + b * other.mean,
            a * self.square + b * other.square,
            a * self.space + b * other.space,
            a * self.time + b * other.time,
            total,
        )


def statistics(
    window: Float[Tensor, "batch time component=2 y x"],
    grid: Grid,
    region: Bool[Tensor, "y x"] | None = None,
) -> Statistics:
    """The statistics of windows on one grid, over the cells of a region (all water by default)."""
    if region is None:
        region = torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water
    w, region = window.double(), region.to(window.device)
    # Frames in between add little: they look much alike.
    ends = w[:, [0, -1]] if w.shape[1] > 1 else w
    space = [
        torch.stack((_structure(ends, region, -1, along_x), _structure(ends, region, -2, along_y)))
        for along_x, along_y in _separations(grid)
    ]
    lags = [2**n for n in range(w.shape[1].bit_length()) if 2**n < w.shape[1]]
    time = [_second_moment(w[:, lag:] - w[:, :-lag], region) for lag in lags]
    return Statistics(
        mean=(ends * region).sum(dim=(0, 1, 3, 4)) / (ends.shape[0] * ends.shape[1] * region.sum()),
        square=_second_moment(ends, region).trace(),
        space=torch.stack(space) if space else w.new_zeros(0, 2, 2, 2),
        time=torch.stack(time) if time else w.new_zeros(0, 2, 2),
        weight=len(w),
    )


def _separations(grid: Grid) -> list[tuple[int, int]]:
    """Cells along x and along y of about the same length: 1, 2, 4, ... of the coarser spacing."""
    coarser = max(grid.dx, grid.dy)
    per_x, per_y = coarser / grid.dx, coarser / grid.dy
    largest = min(grid.nx / per_x, grid.ny / per_y) / 4
    lengths = [2**n for n in range(math.floor(math.log2(largest)) + 1)] if largest >= 1 else []
    return [(round(length * per_x), round(length * per_y)) for length in lengths]


def _structure(w: Tensor, region: Tensor, dim: int, cells: int) -> Float[Tensor, "2 2"]:
    """D over pairs of cells that both lie in the region; no pair reaches round a periodic box."""
    size = w.shape[dim] - cells
    both = region.narrow(dim, cells, size) & region.narrow(dim, 0, size)
    return _second_moment(w.narrow(dim, cells, size) - w.narrow(dim, 0, size), both)


def _second_moment(
    d: Float[Tensor, "batch time component y x"], region: Bool[Tensor, "y x"]
) -> Float[Tensor, "2 2"]:
    """< d_i d_j > over windows, frames and the cells of a region; NaN if there are none."""
    count = d.shape[0] * d.shape[1] * region.sum()
    first, second = (d * region).transpose(0, 2).flatten(1)
    sums = torch.stack((first @ first, first @ second, first @ second, second @ second))
    return (sums / count).view(2, 2)


def asymmetry(ours: Statistics, theirs: Statistics) -> float:
    """A, the distance of the statistics of two flows; NaN where there is no flow at all."""
    shift = (theirs.mean - ours.mean).square().sum()
    size = (theirs.square + ours.square) / 2
    if size == 0:
        return math.nan
    parts = torch.cat(
        (_relative(ours.space, theirs.space, 3), _relative(ours.time, theirs.time, 2))
    )
    parts = parts[~parts.isnan()]
    structure = parts.mean().item() if parts.numel() else 0.0
    return math.sqrt((shift / size).item() + structure)


def _relative(a: Tensor, b: Tensor, axes: int) -> Float[Tensor, " separation"]:
    """sum |b - a|^2 / (mean of sum |a|^2 and sum |b|^2); NaN where nothing moves."""
    dims = tuple(range(-axes, 0))
    size = (a.square().sum(dims) + b.square().sum(dims)) / 2
    return (b - a).square().sum(dims) / torch.where(size > 0, size, math.nan)


def sampling_floor(groups: Sequence[SampleGroup]) -> float:
    """A between two halves of the samples, every second block: what so few of them leave open.

    NaN for a single block.
    """
    halves: list[Statistics | None] = [None, None]
    for group in groups:
        for half in (0, 1):
            own = [n for n, block in enumerate(group.blocks) if block % 2 == half]
            if own:
                part = statistics(group.window[own], group.grid)
                known = halves[half]
                halves[half] = part if known is None else known + part
    first, second = halves
    return math.nan if first is None or second is None else asymmetry(first, second)
