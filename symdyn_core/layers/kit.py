"""What a kit is: the six building blocks that an architecture is made of, for one symmetry.

A ResNet or U-Net is written once over these builders; what flows between ``lift`` and ``project``
is private to the kit, and its *width* counts fields (a plain channel, a (u-like, v-like) pair, a
function on the rotation group), never channels.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from symdyn_core.layers.resolution import Coarsen, Refine


@dataclass(frozen=True)
class LayerKit(ABC):
    """Builders of modules that all respect one symmetry; every kit is a frozen dataclass.

    A kit writes four of them; coarsening, refining and joining follow from its convolution.

    Args:
        periodic: whether the domain repeats along (y, x).
        kernel_size: cells along a side of a kernel, odd.
        anti_aliased: whether resolution changes through longer filters: a smaller error between
            the lattice's own turns and shifts, for a little time.

    Raises:
        ValueError: a kernel without a middle cell, or not one periodicity for each axis.
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    anti_aliased: bool = field(default=False, kw_only=True)
    name = "kit"

    def __post_init__(self):
        size = self.kernel_size
        if not isinstance(size, int) or size < 1 or size % 2 == 0:
            raise ValueError(
                f"A kernel has an odd number of cells along a side, got kernel_size={size!r}. "
                "Use 3, 5 or 7."
            )
        if len(self.periodic) != 2 or any(axis not in (True, False) for axis in self.periodic):
            raise ValueError(
                "Expected two truth values, whether the domain repeats along (y, x), got "
                f"periodic={self.periodic!r}."
            )

    @abstractmethod
    def channels(self, width: int) -> int:
        """Number of tensor channels of ``width`` hidden fields."""

    @property
    def reach(self) -> int:
        """Farthest cell that a convolution with its activation sees: half a kernel."""
        return self.kernel_size // 2

    @property
    def lift_reach(self) -> int:
        """Farthest cell that the lift sees."""
        return self.reach

    @property
    def resampling_reach(self) -> int:
        """Farthest fine cell that coarsening and refining see together, less their kernels."""
        return 6 if self.anti_aliased else 2

    @abstractmethod
    def lift(self, past: int, width: int) -> nn.Module:
        """(batch, 2 past, y, x) velocities u0 v0 u1 v1 ... -> hidden fields."""

    @abstractmethod
    def residual(self, width_in: int, width_out: int) -> nn.Module:
        """A residual block: two convolutions beside a skip connection."""

    @abstractmethod
    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        """An equivariant convolution with its activation: what the three builders below use."""

    @abstractmethod
    def project(self, width: int, increment: bool) -> nn.Module:
        """Hidden fields -> (batch, 2, y, x): a velocity, or the increment of a velocity.

        The two transform alike under every linear action; under a uniform motion a velocity
        shifts and an increment does not.
        """

    def coarsen(self, width_in: int, width_out: int) -> nn.Module:
        """(batch, channel, y, x) hidden fields -> those on a grid of half the resolution."""
        return Coarsen(self.convolve(width_in, width_out), self.periodic, self.anti_aliased)

    def refine(self, width_in: int, width_out: int) -> nn.Module:
        """(hidden fields, (y, x)) -> fields on the grid of twice the resolution, of that size."""
        return Refine(self.convolve(width_in, width_out), self.periodic, self.anti_aliased)

    def join(self, up: int, skip: int, width_out: int) -> nn.Module:
        """Two sets of hidden fields on one grid -> one set."""
        return Join(self.convolve(up + skip, width_out))


class Residual(nn.Module):
    """``skip(h) + second(first(h))``: equivariant if the skip and the branch are.

    For a linear action both are equivariant; for a uniform motion the skip is equivariant and the
    branch invariant (Wang et al. 2021, proposition on residual connections).
    """

    def __init__(self, first: nn.Module, second: nn.Module, skip: nn.Module):
        super().__init__()
        self.first, self.second, self.skip = first, second, skip

    def forward(self, h: Tensor) -> Tensor:
        return self.skip(h) + self.second(self.first(h))


class Join(nn.Module):
    """Concatenation of fields, then a convolution."""

    def __init__(self, convolution: nn.Module):
        super().__init__()
        self.convolution = convolution

    def forward(self, up: Tensor, skip: Tensor) -> Tensor:
        return self.convolution(torch.cat((up, skip), dim=1))
