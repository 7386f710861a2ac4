"""Scalars to look at: the speed, a component or the vorticity of a velocity field."""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.operators import vorticity


def values(w: Float[Tensor, "component y x"], grid: Grid, field: str) -> Float[Tensor, "y x"]:
    """The scalar that is shown of a velocity field."""
    if field == "speed":
        return w.square().sum(0).sqrt()
    if field == "vorticity":
        return vorticity(w, grid)
    return w[("u", "v").index(field)]


def masked(field: Float[Tensor, "*batch y x"], known: Bool[Tensor, "y x"]) -> np.ndarray:
    """float32 with NaN where nothing is known."""
    return field.masked_fill(~known, math.nan).to(torch.float32).numpy()


def extreme(field: Float[Tensor, "y x"], known: Bool[Tensor, "y x"]) -> float:
    """Size of all but the largest half percent of the known values."""
    size = field[known].abs()
    return float(size.quantile(0.995)) if size.numel() else math.nan
