"""Exact solutions of the heat equation in a doubly periodic box."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid

IMAGES = 6
"""Periods on either side from which a Gaussian is summed: 6 leave 1e-15 for the widths allowed."""


def diffusing_wave(
    grid: Grid,
    diffusivity: float | int,
    waves: tuple[int, int],
    time: float | int,
    phase: float | int = 0.0,
) -> Float[Tensor, "y x"]:
    """The exact solution cos(k·x + φ) e^(-κ |k|² t), with ``waves`` = (along x, along y)."""
    k_x, k_y = (
        2 * math.pi * n / extent for n, extent in zip(waves, reversed(grid.extent), strict=True)
    )
    x, y = grid.x(dtype=torch.float64), grid.y(dtype=torch.float64)[:, None]
    decay = math.exp(-diffusivity * (k_x**2 + k_y**2) * time)
    return decay * torch.cos(k_x * x + k_y * y + phase)


def spreading_spot(
    grid: Grid, diffusivity: float | int, width: float | int, time: float | int
) -> Float[Tensor, "y x"]:
    """The exact solution that begins as a Gaussian spot of unit height in the middle of the box::

        q = Σ s²/(s² + 2κt) exp(-|x - x'|² / (2 s² + 4κt)),   over the spot's periodic images x'

    Args:
        width: s, its standard deviation at time 0 [length].
        time: t of 0 or more; the spot may become as wide as the box.

    Raises:
        ValueError: no width, a negative time, or a spot wider than the box.
    """
    spread = width**2 + 2 * diffusivity * time
    if not (width > 0 and time >= 0 and math.sqrt(spread) <= min(grid.extent)):
        raise ValueError(
            "Expected a spot of positive width that stays narrower than the box, got width="
            f"{width} at time={time} in a box of {grid.extent}."
        )
    images = torch.arange(-IMAGES, IMAGES + 1, dtype=torch.float64)[:, None]

    def line(positions: Tensor, period: float) -> Tensor:
        return torch.exp(-((positions + period * images) ** 2) / (2 * spread)).sum(0)

    height, width_x = grid.extent
    along = line(grid.x(dtype=torch.float64), width_x)
    across = line(grid.y(dtype=torch.float64), height)
    return width**2 / spread * across[:, None] * along
