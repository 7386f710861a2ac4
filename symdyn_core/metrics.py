"""How far a forecast is from the truth: errors, correlations and divergence.

Forecast and truth are ``batch lead component y x`` on one grid. ``water`` (true where there is
fluid, broadcastable to them) excludes land, and what lies outside a rotated patch, from every
number: those cells are neither counted nor scored as zero. All averages are over the squared
quantity first, the root last.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.operators import derivative, difference_matrix


@dataclass(frozen=True)
class ErrorSums:
    """Squared errors of both components summed per lead time, and how many numbers were summed.

    Sums of batches (and of processes) add up, so that the root is taken once over everything:
    a mean of the batches' RMSEs would be smaller.
    """

    squared: Float[Tensor, " lead"]
    count: Float[Tensor, " lead"]

    def __add__(self, other: "ErrorSums") -> "ErrorSums":
        return ErrorSums(self.squared + other.squared, self.count + other.count)

    def map(self, function: Callable[[Tensor], Any]) -> "ErrorSums":
        """The sums after ``function``, for instance one that adds those of all processes."""
        return ErrorSums(function(self.squared), function(self.count))

    def rmse_by_lead(self) -> Float[Tensor, " lead"]:
        """√(mean squared error) at each lead time [velocity]; NaN where no cell was valid."""
        return (self.squared / self.count).sqrt()

    def rmse(self) -> float:
        """√(mean squared error) over everything [velocity]; NaN where no cell was valid."""
        return float((self.squared.sum() / self.count.sum()).sqrt())


def masked_square(
    error: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None,
) -> Float[Tensor, "batch lead component y x"]:
    """error² on water and 0 on land, whatever stands there (NaN included)."""
    return error.square() if water is None else torch.where(water, error, 0.0).square()


def valid_counts(
    error: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None,
) -> Float[Tensor, " lead"]:
    """How many velocity components of the batch are valid at each lead time."""
    if water is None:
        return error.new_full(error.shape[1:2], error[:, 0].numel(), dtype=torch.float64)
    return water.expand_as(error).sum((0, 2, 3, 4), dtype=torch.float64)


def squared_error_sums(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> ErrorSums:
    """Squared errors summed per lead time in float64, to be added up over batches."""
    squares = masked_square(forecast - truth, water)
    return ErrorSums(squares.sum((0, 2, 3, 4), dtype=torch.float64), valid_counts(forecast, water))


def rmse(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> float:
    """Root mean square error of a velocity component, pooled over everything [velocity].

    √⟨(w' - w)²⟩ over cells, components, lead times and samples, as in Wang, Walters & Yu (2021).
    """
    return squared_error_sums(forecast, truth, water).rmse()


def rmse_by_lead(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> Float[Tensor, " lead"]:
    """Root mean square error of a velocity component at each lead time [velocity]."""
    return squared_error_sums(forecast, truth, water).rmse_by_lead()


def vector_rmse(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> float:
    """Root mean square length of the error vector [velocity]: √⟨|w' - w|²⟩ = √2 ``rmse``.

    An error of (6, -8) everywhere counts 10 here and 7.07 in ``rmse``.
    """
    return math.sqrt(forecast.shape[2]) * rmse(forecast, truth, water)


def normalised_rmse(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    now: Float[Tensor, "batch component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> Float[Tensor, " lead"]:
    """RMSE at each lead time over that of persistence, which repeats the frame ``now``.

    Under 1 the forecast is better than assuming that nothing changes.
    """
    persistence = now[:, None].expand_as(truth)
    return rmse_by_lead(forecast, truth, water) / rmse_by_lead(persistence, truth, water)


def correlation(
    forecast: Float[Tensor, "batch lead component y x"],
    truth: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None = None,
) -> Float[Tensor, " lead"]:
    """Pattern correlation of forecast and truth at each lead time, averaged over samples.

    ρ = ⟨f·t⟩ / √(⟨|f|²⟩⟨|t|²⟩), with f and t the departures from each field's own mean vector. It
    does not change when both flows are turned, rescaled, or set in uniform motion.
    """
    f, t = _departures(forecast, water), _departures(truth, water)
    over = (2, 3, 4)
    lengths = (f.square().sum(over) * t.square().sum(over)).sqrt()
    return ((f * t).sum(over) / lengths).mean(0)


def correlation_time(
    correlation_by_lead: Float[Tensor, " lead"], dt: float, threshold: float = 0.8
) -> float:
    """Lead time at which the correlation first falls under ``threshold`` [units of ``dt``].

    Linear between lead times, from 1 at lead 0; infinite if it never does within the forecast.
    """
    values = [1.0, *correlation_by_lead.tolist()]
    for lead, (before, after) in enumerate(itertools.pairwise(values)):
        if after < threshold:
            return (lead + (before - threshold) / (before - after)) * dt
    return math.inf


def divergence_rms(
    w: Float[Tensor, "*batch component y x"],
    grid: Grid,
    water: Bool[Tensor, "*#batch 1 y x"] | None = None,
) -> float:
    """RMS divergence over the RMS of all velocity gradients, √⟨(∇·w)²⟩ / √⟨|∇w|²⟩ (no unit).

    0 for an incompressible flow, about 0.7 for components that are independent of each other, 1
    for a flow that is all divergence. With a coast, only cells whose finite differences touch
    nothing but water count.
    """
    if water is not None:  # a spectral derivative would carry the coast over the whole axis
        grid = grid.with_(periodic_y=False, periodic_x=False)
    along_x, along_y = derivative(w, grid, "x"), derivative(w, grid, "y")
    divergence = along_x[..., 0, :, :] + along_y[..., 1, :, :]
    size = (along_x.square() + along_y.square()).sum(-3)
    if water is not None:
        inside = away_from_coast(water)[..., 0, :, :]
        divergence, size = torch.where(inside, divergence, 0.0), torch.where(inside, size, 0.0)
    return float((divergence.square().sum() / size.sum()).sqrt())


def away_from_coast(water: Bool[Tensor, "*batch 1 y x"]) -> Bool[Tensor, "*batch 1 y x"]:
    """Cells whose derivatives along both axes use water cells only."""
    land = (~water).double()
    reach_y, reach_x = (
        (difference_matrix(cells).to(land).abs() > 0).double() for cells in water.shape[-2:]
    )
    return water & (reach_y @ land == 0) & (land @ reach_x.T == 0)


def _departures(
    w: Float[Tensor, "batch lead component y x"],
    water: Bool[Tensor, "#batch #lead 1 y x"] | None,
) -> Float[Tensor, "batch lead component y x"]:
    """Departure of each field from its own mean over the valid cells, 0 on land."""
    if water is None:
        return w - w.mean((-2, -1), keepdim=True)
    valid = torch.where(water, w, 0.0)
    cells = water.sum((-2, -1), keepdim=True).clamp_min(1)
    return torch.where(water, w - valid.sum((-2, -1), keepdim=True) / cells, 0.0)
