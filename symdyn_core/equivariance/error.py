"""The equivariance error of a forecaster under one element of a group.

    EE_g(f) = || f(g w) - g f(w) || / || g f(w) ||

Norms run over components and valid cells. Where a transformation leaves no cell unknown and
interpolates nothing, that is everywhere; elsewhere cells within the forecaster's reach of an
unknown one, or of an open edge of the domain, are left out, for there the two sides were shown
different flows. The model is measured as deployed, its normalisation included.
"""

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from symdyn_core.equivariance.time_rescaling import (
    TooFewFrames,
    cells_of_reach,
    rescaled_sides,
    steps_of,
)
from symdyn_core.grid import Element, Grid
from symdyn_core.models.forecaster import Forecaster, receptive_radius
from symdyn_core.scored_region import UNKNOWN_REACH, scored_region
from symdyn_core.symmetries import Scaling, Symmetry
from symdyn_core.symmetries.symmetry import number


class NothingToMeasure(ValueError):
    """A transformation that leaves no cell on which both sides are known."""


@dataclass(frozen=True)
class Sides:
    """The two sides of the equation f(g w) = g f(w).

    Attributes:
        transformed: g w, as the forecaster was shown it.
        forecast: f(g w).
        expected: g f(w).
        known: cells on which g w and g f(w) are known.
        scored: those of them on which the two forecasts may be compared.
        grid: of the transformed flow.
    """

    transformed: Float[Tensor, "batch time component new_y new_x"]
    forecast: Float[Tensor, "batch component new_y new_x"]
    expected: Float[Tensor, "batch component new_y new_x"]
    known: Bool[Tensor, "new_y new_x"]
    scored: Bool[Tensor, "new_y new_x"]
    grid: Grid

    def errors(self) -> Float[Tensor, " batch"]:
        """EE of each window, in float64."""
        defect = region_norm(self.forecast - self.expected, self.scored)
        # A model that answers rest with rest, both ways round, is not in error.
        return torch.where(defect == 0, 0.0, defect / region_norm(self.expected, self.scored))

    @property
    def share(self) -> float:
        """Share of the cells that are compared."""
        return self.scored.double().mean().item()


def equivariance_error(
    forecaster: Forecaster,
    symmetry: Symmetry,
    element: Element,
    window: Float[Tensor, "batch past component y x"],
    grid: Grid,
    *,
    margin: int | None = None,
) -> tuple[Float[Tensor, " batch"], float]:
    """EE of one element for each window, and the share of cells it was measured on.

    Args:
        window: at least ``forecaster.past`` frames; the scalings by the root of a whole number n
            need more of them (``time_rescaling.frames_for``), all others use the last ones.
        margin: cells left out around unknown ones; by default the forecaster's reach, at most a
            quarter of the shorter side.

    Raises:
        NothingToMeasure: no cell is left to measure on, or too few past frames.
    """
    both = sides(forecaster, symmetry, element, window, grid, margin=margin)
    return both.errors(), both.share


def sides(
    forecaster: Forecaster,
    symmetry: Symmetry,
    element: Element,
    window: Float[Tensor, "batch past component y x"],
    grid: Grid,
    *,
    margin: int | None = None,
    forecast: Float[Tensor, "batch component y x"] | None = None,
) -> Sides:
    """f(g w) and g f(w), and where they may be compared.

    Args:
        window, margin: see ``equivariance_error``.
        forecast: f(w), if it is known already.

    Raises:
        NothingToMeasure: no cell is left to compare, or too few past frames.
    """
    with torch.no_grad():
        try:
            if steps_of(symmetry, element) is None:
                parts = _plain_sides(forecaster, symmetry, element, window, grid, forecast)
            else:
                parts = rescaled_sides(forecaster, symmetry, element, window, grid, forecast)
        except TooFewFrames as error:
            raise NothingToMeasure(str(error)) from None
    transformed, forecast_of_transformed, expected, known = parts
    moved_grid = symmetry.act_on_grid(element, grid)
    scored = comparable(
        forecaster, symmetry, element, known, grid, moved_grid=moved_grid, margin=margin
    )
    if not scored.any():
        raise NothingToMeasure(
            f"No cell is left to measure {symmetry.name} {element!r} on a {grid.ny} x {grid.nx} "
            "grid. Use a larger patch, a smaller transformation or a smaller margin."
        )
    return Sides(transformed, forecast_of_transformed, expected, known, scored, moved_grid)


def _plain_sides(forecaster, symmetry, element, window, grid, forecast):
    """Both sides where a step stays a step; other scalings interpolate between known frames."""
    window = window[:, window.shape[1] - forecaster.past :]
    transformed, valid_in = symmetry.act_on_field(element, window, grid)
    if forecast is None:
        forecast = forecaster(window)
    # Only a scaling mixes the forecast with other frames.
    joined = forecast[:, None]
    if isinstance(symmetry, Scaling):
        joined = torch.cat((window, joined), dim=1)
    moved, valid_out = symmetry.act_on_field(element, joined, grid, lead=1)
    known = valid_in.all(dim=0)[0] & valid_out[-1, 0]
    return transformed, forecaster(transformed), moved[:, -1], known


def comparable(
    forecaster: Forecaster,
    symmetry: Symmetry,
    element: Element,
    known: Bool[Tensor, "new_y new_x"],
    grid: Grid,
    *,
    moved_grid: Grid,
    margin: int | None = None,
) -> Bool[Tensor, "new_y new_x"]:
    """The cells on which f(g w) and g f(w) may be compared; see ``scored_region``.

    Args:
        known: where g w and g f(w) are known.
        grid: of the flow.
        moved_grid: of the transformed flow, ``symmetry.act_on_grid(element, grid)``.
        margin: see ``equivariance_error``; by default also what the several steps of a scaling by
            the root of a whole number carry from an edge.
    """
    if margin is None and steps_of(symmetry, element) is not None:
        margin = reach_of_steps(forecaster, grid, element)
    exact = symmetry.is_exact(element, grid)
    return scored_region(forecaster, known, grid, moved_grid, exact=exact, margin=margin)


def reach_of_steps(forecaster: Forecaster, grid: Grid, element: Element) -> int:
    """Several steps carry what happens at an edge several times as far.

    At most a quarter of the side of what is known, which a scaling a > 1 makes a times smaller.
    """
    reach = receptive_radius(forecaster)
    reach = UNKNOWN_REACH if reach is None else reach
    largest = min(grid.shape) / (4 * max(1.0, number(element, "scaling")))
    return min(cells_of_reach(element, reach), int(largest))


def region_norm(w: Float[Tensor, "batch *component y x"], region: Bool[Tensor, "y x"]) -> Tensor:
    """Over the cells of a region, in float64: squares of weak flows underflow in float32."""
    return w[..., region].double().flatten(1).norm(dim=1)


def in_dtype(forecaster: Forecaster, dtype: torch.dtype) -> Forecaster:
    """A copy of a forecaster that computes in another precision; the original is untouched."""
    return copy.deepcopy(forecaster).to(dtype) if isinstance(forecaster, nn.Module) else forecaster
