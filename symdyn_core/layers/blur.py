"""Halving and doubling the resolution of smooth features, at any level of scale.

On the coarse grid a feature of the level lambda stands for its mean over a Gaussian of width ~
lambda: taking the mean commutes with dilations, sampling it does up to aliasing, and interpolation
continues it between the samples. The samples lie symmetrically about the middle of the domain, so
that quarter turns and mirrors are exact on even and odd grids.
"""

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

BLUR_WIDTH = 1.4
"""Standard deviation of the Gaussian at the level 1, in fine cells: it leaves a tenth of the
shortest wave that the coarse grid can hold."""


class Blur(nn.Module):
    """Mean over a Gaussian that widens with the level, sampled on a grid of half the resolution.

    Even axes are sampled between pairs of cells, odd ones at every other cell, so that the samples
    lie symmetrically about the middle of the domain; edges repeat or replicate.
    """

    def __init__(self, periodic: tuple[bool, bool]):
        super().__init__()
        self.periodic, self.factor = periodic, 1.0

    def dilate(self, factor: float) -> None:
        """Average over an area ``factor`` times as wide."""
        self.factor = factor

    def forward(
        self, h: Float[Tensor, "batch channel y x"]
    ) -> Float[Tensor, "batch channel half_y half_x"]:
        width = BLUR_WIDTH * self.factor
        rows, columns = (
            gaussian_sampling(n, width, periodic)
            for n, periodic in zip(h.shape[-2:], self.periodic, strict=True)
        )
        return torch.einsum("Yy,bcyx,Xx->bcYX", rows.to(h), h, columns.to(h))


class Interpolation(nn.Module):
    """The grid of twice the resolution that ``Blur`` was given, by cubic interpolation.

    Interpolation is the same at every level: it continues the field between its cells.
    """

    def __init__(self, periodic: tuple[bool, bool]):
        super().__init__()
        self.periodic = periodic

    def forward(
        self, h: Float[Tensor, "batch channel y x"], size: tuple[int, int]
    ) -> Float[Tensor, "batch channel fine_y fine_x"]:
        rows, columns = (
            cubic_refining(coarse, fine, periodic)
            for coarse, fine, periodic in zip(h.shape[-2:], size, self.periodic, strict=True)
        )
        return torch.einsum("Yy,bcyx,Xx->bcYX", rows.to(h), h, columns.to(h))


@lru_cache(maxsize=64)
def gaussian_sampling(cells: int, width: float, periodic: bool) -> Float[Tensor, "sample cell"]:
    """Weights of Gaussian means of a line: between pairs of cells, or at every other of them."""
    centres = 2.0 * np.arange((cells + 1) // 2) + (0.0 if cells % 2 else 0.5)
    reach = math.ceil(4 * width)
    taps = np.floor(centres)[:, None] + np.arange(-reach, reach + (1 if cells % 2 else 2))
    weights = np.exp(-(((taps - centres[:, None]) / width) ** 2) / 2)
    return _gathered(taps.astype(int), weights / weights.sum(1, keepdims=True), cells, periodic)


@lru_cache(maxsize=64)
def cubic_refining(coarse: int, fine: int, periodic: bool) -> Float[Tensor, "cell sample"]:
    """Weights of Catmull-Rom interpolation at the cells of a line, from ``gaussian_sampling``."""
    if (fine + 1) // 2 != coarse:
        raise ValueError(
            f"A line of {coarse} samples comes from one of {2 * coarse - 1} or {2 * coarse} cells, "
            f"got {fine}."
        )
    places = np.arange(fine) / 2 if fine % 2 else (np.arange(fine) - 0.5) / 2
    first = np.floor(places)
    t = (places - first)[:, None]
    taps = first[:, None].astype(int) + np.arange(-1, 3)
    weights = np.concatenate(
        (
            (-t + 2 * t**2 - t**3) / 2,
            (2 - 5 * t**2 + 3 * t**3) / 2,
            (t + 4 * t**2 - 3 * t**3) / 2,
            (t**3 - t**2) / 2,
        ),
        axis=1,
    )
    return _gathered(taps, weights, coarse, periodic)


def _gathered(taps: np.ndarray, weights: np.ndarray, cells: int, periodic: bool) -> Tensor:
    """A matrix from taps, those outside wrapped around or moved to the edge."""
    inside = taps % cells if periodic else taps.clip(0, cells - 1)
    matrix = np.zeros((len(taps), cells))
    np.add.at(matrix, (np.arange(len(taps))[:, None], inside), weights)
    return torch.from_numpy(matrix)
