"""A convolution whose kernel is computed from its parameters: the common ground of all kits.

An equivariant convolution is an ordinary one whose kernel obeys a linear constraint. Each kit
writes that constraint down as a function from free parameters to the full kernel; everything else
(padding, the call of ``conv2d``, caching) is the same for all of them and stands here.
"""

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.padding import pad

LEAKY_SLOPE = 0.1
"""Slope of the leaky ReLU below zero, shared by all kits so that comparisons are fair. It is
positively homogeneous, act(s z) = s act(z) for s > 0, which the magnitude kit relies on."""


def activate(h: Tensor) -> Tensor:
    """The activation of every kit: leaky ReLU, positively homogeneous."""
    return F.leaky_relu(h, LEAKY_SLOPE)


def activation_gain() -> float:
    """Kaiming gain of ``activate``: keeps the variance of features through a layer."""
    return math.sqrt(2.0 / (1.0 + LEAKY_SLOPE**2))


class Convolution(nn.Module, ABC):
    """``h -> kernel() * h + bias()`` with symmetric padding and a kernel cached in evaluation.

    The expanded kernel is rebuilt at each call while training; in evaluation without gradients it
    is built once and kept until the module is trained, moved, cast, loaded or edited in place.

    Args:
        radius: half width of the square kernel, which has 2 radius + 1 cells a side.
        periodic: whether the domain repeats along (y, x).
    """

    def __init__(self, radius: int, periodic: tuple[bool, bool]):
        super().__init__()
        self.radius = radius
        self.periodic = periodic
        self._cached: tuple | None = None

    @abstractmethod
    def kernel(self) -> Float[Tensor, "channel_out channel_in ky kx"]:
        """The full ordinary kernel, from the free parameters."""

    @abstractmethod
    def expanded_bias(self) -> Float[Tensor, " channel_out"] | None:
        """The bias of every output channel, or None."""

    def evaluated_kernel(self) -> tuple[Tensor, Tensor | None]:
        """Kernel and bias, from the cache where that is allowed."""
        parameters = tuple(self.parameters(recurse=False))
        if self.training or (torch.is_grad_enabled() and any(p.requires_grad for p in parameters)):
            return self.kernel(), self.expanded_bias()
        versions = tuple((p.data_ptr(), p._version) for p in parameters)
        if self._cached is None or self._cached[0] != versions:
            self._cached = (versions, self.kernel().contiguous(), self.expanded_bias())
        return self._cached[1], self._cached[2]

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        kernel, bias = self.evaluated_kernel()
        return F.conv2d(pad(h, self.radius, self.periodic), kernel, bias)

    def train(self, mode: bool = True) -> "Convolution":
        self._cached = None
        return super().train(mode)

    def _apply(self, fn, recurse: bool = True):
        self._cached = None
        return super()._apply(fn, recurse)

    def _load_from_state_dict(self, *args, **kwargs):
        self._cached = None
        return super()._load_from_state_dict(*args, **kwargs)

    def __getstate__(self):
        return {**self.__dict__, "_cached": None}


class Activated(nn.Module):
    """A convolution followed by the activation."""

    def __init__(self, convolution: nn.Module):
        super().__init__()
        self.convolution = convolution

    def forward(self, h: Tensor) -> Tensor:
        return activate(self.convolution(h))
