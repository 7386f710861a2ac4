"""Where two forecasts of a transformed flow may be compared."""

import torch.nn.functional as F
from jaxtyping import Bool
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster, receptive_radius

UNKNOWN_REACH = 16
"""Reach, in cells, that a forecaster is taken to have when it does not say."""


def scored_region(
    forecaster: Forecaster,
    known: Bool[Tensor, "y x"],
    grid: Grid,
    moved_grid: Grid,
    *,
    exact: bool,
    margin: int | None = None,
) -> Bool[Tensor, "y x"]:
    """The cells on which f(g w) and g f(w) were shown the same flow.

    All known cells if the element acts exactly; else those farther than a margin from every
    unknown cell and from every open edge.

    Args:
        known: where the transformed flow is known.
        grid: of the flow.
        moved_grid: of the transformed flow.
        exact: ``symmetry.is_exact(element, grid)``.
        margin: cells left out; by default the forecaster's reach, at most a quarter of the
            shorter side.
    """
    if exact:
        return known
    if margin is None:
        reach = receptive_radius(forecaster)
        margin = min(UNKNOWN_REACH if reach is None else reach, min(grid.shape) // 4)
    return eroded(known, moved_grid, margin)


def eroded(valid: Bool[Tensor, "y x"], grid: Grid, margin: int) -> Bool[Tensor, "y x"]:
    """Cells farther than ``margin`` from every invalid one and from every open edge."""
    if margin == 0:
        return valid
    unknown, reach = (~valid).float()[None, None], 2 * margin + 1
    # A square grows by its sides: one axis after the other gives the same cells.
    for periodic, sides, window in (
        (grid.periodic_y, (0, 0, margin, margin), (reach, 1)),
        (grid.periodic_x, (margin, margin, 0, 0), (1, reach)),
    ):
        if periodic:
            unknown = F.pad(unknown, sides, mode="circular")
        else:
            unknown = F.pad(unknown, sides, value=1.0)
        unknown = F.max_pool2d(unknown, window, stride=1)
    return unknown[0, 0] == 0
