"""The scaling kit: dilations, alone or together with turns and mirrors."""

import math
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.blur import BLUR_WIDTH, Blur, Interpolation
from symdyn_core.layers.compact_harmonics import CompactBasis
from symdyn_core.layers.convolution import Activated, activation_gain
from symdyn_core.layers.kernel_basis import KernelBasis
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.levels import LevelLift
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.layers.rotation import SteerableKit
from symdyn_core.layers.steerable import SteerableConvolution


@dataclass(frozen=True)
class ScaledKit(SteerableKit):
    """Dilatable convolutions; one hidden field is a function on the group at one level of scale.

    The lift sees ``extent`` levels 2^(j/2) and correlates them down to one; every other layer has
    the extent 1, which is exact. Features are tensors of the level 1 (see ``layers.levels``).
    Coarsening blurs with the width of the level, so that it is anti-aliased in any case.

    Args:
        kernel_size: cells along a side of the kernels at the level 1.
        order, mirrored: C_n or D_n, respected together with dilations; one turn by default.
        extent: number of levels that are correlated.
        degree: of the polynomials that kernels are made of.
    """

    kernel_size: int = 7
    order: int = 1
    mirrored: bool = False
    extent: int = 2
    degree: int = 2
    name: str = "scaling"

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.extent, int) or self.extent < 1:
            raise ValueError(f"A scaling kit needs at least one level, got extent={self.extent!r}.")
        if self.activation != "pointwise":
            raise ValueError(
                "A low-pass filter of fixed width does not dilate: a scaling kit has pointwise "
                f"activations, got {self.activation!r}."
            )

    @property
    def group(self) -> PlanarGroup:
        return PlanarGroup(self.order, self.mirrored)

    def basis(self, pointwise: bool = False) -> KernelBasis:
        return LatticeBasis(1) if pointwise else CompactBasis(self.kernel_size, self.degree)

    def lift(self, past: int, width: int) -> nn.Module:
        kept = (past - 1) // 2 ** (self.extent - 1) + 1
        options = self._options(activation_gain())
        levels = LevelLift(self.group, self.basis(), kept, width, self.extent, **options)
        return nn.Sequential(Activated(levels), self.convolve(self.extent * width, width))

    @property
    def lift_reach(self) -> int:
        return self.basis().radius(2 ** ((self.extent - 1) / 2)) + self.kernel_size // 2

    @property
    def resampling_reach(self) -> int:
        # Four deviations of the Gaussian and half a cell, less than two coarse cells of the cubic.
        return math.ceil(4 * BLUR_WIDTH) + 4

    def coarsen(self, width_in: int, width_out: int) -> nn.Module:
        return BlurredCoarsen(Blur(self.periodic), self.convolve(width_in, width_out))

    def refine(self, width_in: int, width_out: int) -> nn.Module:
        return InterpolatedRefine(Interpolation(self.periodic), self.convolve(width_in, width_out))


class BlurredCoarsen(nn.Module):
    """Mean over a Gaussian of the level's width on half the grid, then a convolution."""

    def __init__(self, blur: Blur, convolution: nn.Module):
        super().__init__()
        self.blur, self.convolution = blur, convolution

    def forward(
        self, h: Float[Tensor, "batch channel y x"]
    ) -> Float[Tensor, "batch channel_out half_y half_x"]:
        return self.convolution(self.blur(h))


class InterpolatedRefine(nn.Module):
    """Cubic interpolation on a finer grid, then a convolution."""

    def __init__(self, interpolation: Interpolation, convolution: nn.Module):
        super().__init__()
        self.interpolation, self.convolution = interpolation, convolution

    def forward(
        self, h: Float[Tensor, "batch channel y x"], size: tuple[int, int]
    ) -> Float[Tensor, "batch channel_out fine_y fine_x"]:
        return self.convolution(self.interpolation(h, size))


def dilate(network: nn.Module, factor: float | int) -> nn.Module:
    """Read a network of the scaling kit ``factor`` times as wide, in place; returns it.

    Raises:
        ValueError: a network without levels of scale, or factor^2 no whole number of time steps.
    """
    kinds = (SteerableConvolution, Blur)
    layers = [module for module in network.modules() if isinstance(module, kinds)]
    if not any(isinstance(layer, LevelLift) for layer in layers):
        raise ValueError(
            f"{type(network).__name__} has no levels of scale. Build it over the scaling kit."
        )
    for layer in layers:
        layer.dilate(float(factor))
    return network
