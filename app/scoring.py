"""The equivariance error of a forecast already made, as in ``symdyn_core.equivariance``.

There the forecaster is called twice for every number; a page that moves with the mouse has both
forecasts at hand, and those of later leads too.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def equivariance_error(
    forecast: Float[Tensor, "lead component y x"],
    target: Float[Tensor, "lead component y x"],
    regions: Sequence[Bool[Tensor, "y x"]],
) -> float:
    """|| f(g w) - g f(w) || / || g f(w) ||, one norm over leads, components and scored cells.

    NaN where no cell can be scored.
    """
    difference = [(f - t)[..., r] for f, t, r in zip(forecast, target, regions, strict=True)]
    size = [t[..., r] for t, r in zip(target, regions, strict=True)]
    norm = torch.cat([s.double().flatten() for s in size]).norm().item()
    defect = torch.cat([d.double().flatten() for d in difference]).norm().item()
    return defect / norm if norm else math.nan
