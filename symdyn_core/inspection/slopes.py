"""The slope of a kinetic energy spectrum, fitted over a stated range of scales."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.stats import t as student
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.rings import rings_of

SHORTEST = 4.0
"""Shortest wavelength of the fit [cells]: two cells alternate, three are poorly resolved."""

LONGEST = 1 / 3
"""Longest wavelength of the fit [shorter side]: a Hann window mixes modes that differ by two."""

FEWEST = 4
"""Fewest rings through which a line is laid."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Slope:
    """A power law E(k) ∝ k^slope.

    Attributes:
        slope: least squares of log E against log k, octaves weighted alike.
        low, high: 95 % confidence interval from the scatter of the rings about the line (Student's
            t, large and small rings not taken to scatter alike). A window makes neighbouring rings
            alike: it is then rather too narrow.
        level: energy density of the line at ``wavenumbers[0]``.
        wavenumbers: first and last ring of the fit [rad/length].
        rings: how many lie between.
    """

    slope: float
    low: float
    high: float
    level: float
    wavenumbers: tuple[float, float]
    rings: int


def density(spectrum: Float[Tensor, " ring"], grid: Grid) -> Float[Tensor, " ring"]:
    """Energy per wavenumber, E(k) [velocity² length], from the energy in each ring.

    Rings hold more or fewer modes than their area has room for, most unevenly the small ones; each
    is scaled to its area 2πk Δk. Ring 0, the mean flow, has no density and is NaN.
    """
    rings = rings_of(grid, torch.float64, torch.device("cpu"))
    height, width = grid.extent
    k = rings.wavenumber
    spacing = 2 * math.pi / max(height, width)
    room = 2 * math.pi * k * spacing / ((2 * math.pi / height) * (2 * math.pi / width))
    found = spectrum.double() / spacing * room / rings.modes
    found[0] = math.nan
    return found


def fitted(
    energy: Float[Tensor, " ring"], wavenumber: Float[Tensor, " ring"], grid: Grid
) -> Slope | None:
    """The slope between a third of the shorter side and four cells; None if that is no range.

    Args:
        energy: density of ``density``; rings without energy are left out.
        wavenumber: of each ring [rad/length].
    """
    longest = LONGEST * min(grid.extent)
    shortest = SHORTEST * max(grid.dy, grid.dx)
    inside = (wavenumber >= 2 * math.pi / longest * (1 - 1e-9)) & (
        wavenumber <= 2 * math.pi / shortest * (1 + 1e-9)
    )
    inside &= torch.isfinite(energy) & (energy > 0)
    count = int(inside.sum())
    if count < FEWEST:
        return None
    k, x, y = wavenumber[inside], wavenumber[inside].log(), energy[inside].log()
    weight = 1 / k / (1 / k).sum()
    mean_x, mean_y = (weight * x).sum(), (weight * y).sum()
    spread = (weight * (x - mean_x).square()).sum()
    slope = (weight * (x - mean_x) * (y - mean_y)).sum() / spread
    residual = y - mean_y - slope * (x - mean_x)
    # Small rings scatter more than large ones: their own residuals, raised by what each ring pulls
    # the line towards itself (MacKinnon & White (1985), J. Econometrics 29, 305: HC3).
    pull = weight * (1 + (x - mean_x).square() / spread)
    variance = (weight * (x - mean_x) * residual / (1 - pull)).square().sum()
    error = variance.sqrt() / spread
    reach = float(student.ppf(0.5 + CONFIDENCE / 2, count - 2)) * float(error)
    level = float((mean_y + slope * (x[0] - mean_x)).exp())
    return Slope(
        *(float(slope), float(slope) - reach, float(slope) + reach),
        level=level,
        wavenumbers=(float(k[0]), float(k[-1])),
        rings=count,
    )
