"""Halving and doubling the resolution of smooth features, at any level of scale.

On the coarse grid a feature of the level lambda stands for its mean over a Gaussian of width ~
lambda: taking the mean commutes with dilations, sampling it does up to aliasing, and interpolation
continues it between the samples. The samples lie symmetrically about the middle of the domain, so
that quarter turns and mirrors are exact on even and odd grids.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from symdyn_core.layers.padding import memory_format

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
            _weights(gaussian_sampling, n, width, periodic)
            for n, periodic in zip(h.shape[-2:], self.periodic, strict=True)
        )
        return _along_both_axes(rows, h, columns)


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
            _weights(cubic_refining, coarse, fine, periodic)
            for coarse, fine, periodic in zip(h.shape[-2:], size, self.periodic, strict=True)
        )
        return _along_both_axes(rows, h, columns)


def gaussian_sampling(cells: int, width: float, periodic: bool) -> Float[Tensor, "sample cell"]:
    """Weights of Gaussian means of a line: between pairs of cells, or at every other of them."""
    middle = 0.0 if cells % 2 else 0.5
    reach = math.ceil(4 * width)
    offsets = torch.arange(-reach, reach + (1 if cells % 2 else 2))
    weights = torch.exp(-(((offsets.double() - middle) / width) ** 2) / 2)
    taps = 2 * torch.arange((cells + 1) // 2)[:, None] + offsets
    return _gathered(taps, (weights / weights.sum()).expand(taps.shape), cells, periodic)


def cubic_refining(coarse: int, fine: int, periodic: bool) -> Float[Tensor, "cell sample"]:
    """Weights of Catmull-Rom interpolation at the cells of a line, from ``gaussian_sampling``.

    Raises:
        ValueError: a line of ``fine`` cells has not that many samples.
    """
    if (fine + 1) // 2 != coarse:
        raise ValueError(
            f"A line of {coarse} samples comes from one of {2 * coarse - 1} or {2 * coarse} cells, "
            f"got {fine}."
        )
    places = (torch.arange(fine).double() - (0.0 if fine % 2 else 0.5)) / 2
    first = places.floor()
    t = (places - first)[:, None]
    taps = first[:, None].long() + torch.arange(-1, 3)
    weights = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (t**3 - t**2) / 2,
    )
    return _gathered(taps, torch.cat(weights, dim=1), coarse, periodic)


def _along_both_axes(
    rows: Float[Tensor, "new_y y"],
    h: Float[Tensor, "batch channel y x"],
    columns: Float[Tensor, "new_x x"],
) -> Float[Tensor, "batch channel new_y new_x"]:
    """Both matrices applied, in the memory format of the field."""
    moved = torch.einsum("Yy,bcyx,Xx->bcYX", rows.to(h), h, columns.to(h))
    return moved.contiguous(memory_format=memory_format(h))


def _gathered(
    taps: Int[Tensor, "row tap"], weights: Float[Tensor, "row tap"], cells: int, periodic: bool
) -> Float[Tensor, "row cell"]:
    """A matrix from taps, those outside wrapped around or moved to the edge."""
    inside = taps % cells if periodic else taps.clamp(0, cells - 1)
    return weights.new_zeros(len(taps), cells).scatter_add(1, inside, weights)


def _weights(rule: Callable[..., Tensor], *sizes: int | float | bool) -> Tensor:
    """The matrix of a rule: from a cache, but part of the graph in a program that is compiled."""
    return rule(*sizes) if torch.compiler.is_compiling() else _kept(rule, *sizes)


@lru_cache(maxsize=64)
def _kept(rule: Callable[..., Tensor], *sizes: int | float | bool) -> Tensor:
    return rule(*sizes)
