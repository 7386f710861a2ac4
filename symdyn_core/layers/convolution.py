"""A convolution whose kernel is computed from its parameters: the common ground of all kits.

An equivariant convolution is an ordinary one whose kernel obeys a linear constraint. Each kit
writes that constraint down as a function from free parameters to the full kernel; everything else
(padding, the call of ``conv2d``, caching) is the same for all of them and stands here.
"""

import copy
import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.padding import memory_format, pad

LEAKY_SLOPE = 0.1
"""Slope of the leaky ReLU below zero, shared by all kits so that comparisons are fair. It is
positively homogeneous, act(s z) = s act(z) for s > 0, which the magnitude kit relies on."""


def activate(h: Tensor, inplace: bool = False) -> Tensor:
    """The activation of every kit: leaky ReLU, positively homogeneous."""
    return F.leaky_relu(h, LEAKY_SLOPE, inplace)


def activation_gain() -> float:
    """Kaiming gain of ``activate``: keeps the variance of features through a layer."""
    return math.sqrt(2.0 / (1.0 + LEAKY_SLOPE**2))


class Convolution(nn.Module, ABC):
    """``h -> kernel() * h + bias()`` with symmetric padding and a kernel cached in evaluation.

    The expanded kernel is rebuilt at each call while training; in evaluation without gradients it
    is built once and kept until the module is trained, differentiated, moved, cast, loaded or
    edited in place; PyTorch does not count edits through ``.data``: call ``eval()`` after them.
    Compiled and exported programs cannot watch for that and rebuild it, unless kernels have been
    fixed (``with_fixed_kernels``). Kernels are built in the precision of their parameters; under
    autocast only the convolution itself runs in the lower one.

    Args:
        radius: half width of the square kernel, which has 2 radius + 1 cells a side.
        periodic: whether the domain repeats along (y, x).
    """

    fixed_kernel: Tensor | None
    fixed_bias: Tensor | None

    def __init__(self, radius: int, periodic: tuple[bool, bool]):
        super().__init__()
        self.radius = radius
        self.periodic = periodic
        self.register_buffer("fixed_kernel", None, persistent=False)
        self.register_buffer("fixed_bias", None, persistent=False)
        self._cached: tuple | None = None

    @abstractmethod
    def kernel(self) -> Float[Tensor, "channel_out channel_in ky kx"]:
        """The full ordinary kernel, from the free parameters."""

    @abstractmethod
    def expanded_bias(self) -> Float[Tensor, " channel_out"] | None:
        """The bias of every output channel, or None."""

    def evaluated_kernel(
        self, layout: torch.memory_format = torch.contiguous_format
    ) -> tuple[Tensor, Tensor | None]:
        """Kernel and bias, fixed or from the cache where that is allowed.

        Args:
            layout: memory format of a cached kernel, that of the features it will meet.
        """
        if self.fixed_kernel is not None:
            return self.fixed_kernel, self.fixed_bias
        parameters = tuple(self.parameters(recurse=False))
        differentiated = torch.is_grad_enabled() and any(p.requires_grad for p in parameters)
        if torch.compiler.is_compiling():
            return self._built()
        if self.training or differentiated:
            # A step of an optimiser may follow, and fused ones change weights without counting it.
            self._cached = None
            return self._built()
        versions = _versions(parameters)
        if versions is None:
            return self._built()
        # Old parameters are held, so that new ones cannot come to lie at their addresses.
        if self._cached is None or self._cached[:2] != (layout, versions):
            # A kernel made in inference mode could not serve a later gradient with respect to h.
            with torch.inference_mode(False), torch.no_grad():
                kernel, bias = self._built()
            kernel = kernel.contiguous(memory_format=layout)
            self._cached = (layout, versions, kernel, bias, parameters)
        return self._cached[2:4]

    def _built(self) -> tuple[Tensor, Tensor | None]:
        parameter = next(self.parameters(recurse=False))
        if not torch.is_autocast_enabled(parameter.device.type):
            return self.kernel(), self.expanded_bias()
        with torch.autocast(parameter.device.type, enabled=False):
            return self.kernel(), self.expanded_bias()

    def fix_kernel(self) -> None:
        """Build the kernel once and for all, until ``train()`` or new weights."""
        with torch.no_grad():
            kernel, bias = self._built()
            # Whole tensors of their own: views and parameters would be saved with their storage.
            self.fixed_kernel = kernel.clone(memory_format=torch.contiguous_format)
            self.fixed_bias = None if bias is None else bias.clone()

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        kernel, bias = self.evaluated_kernel(memory_format(h))
        return F.conv2d(pad(h, self.radius, self.periodic), kernel, bias)

    def train(self, mode: bool = True) -> "Convolution":
        self._cached = None
        if mode:
            self.fixed_kernel = self.fixed_bias = None
        return super().train(mode)

    def _apply(self, fn, recurse: bool = True):
        self._cached = None
        return super()._apply(fn, recurse)

    def _load_from_state_dict(self, *args, **kwargs):
        self._cached = self.fixed_kernel = self.fixed_bias = None
        return super()._load_from_state_dict(*args, **kwargs)

    def __getstate__(self):
        return {**self.__dict__, "_cached": None}


def with_fixed_kernels(network: nn.Module) -> nn.Module:
    """A copy in evaluation mode whose kernels are built: what to compile or to export.

    Fixed kernels do not follow later edits of parameters; ``train()`` and ``load_state_dict`` let
    them go.
    """
    fixed = copy.deepcopy(network).eval()
    for module in fixed.modules():
        if isinstance(module, Convolution):
            module.fix_kernel()
    return fixed


def _versions(parameters: tuple[Tensor, ...]) -> tuple | None:
    """What changes whenever parameters do; None inside a function transform, where they are not
    tensors with a storage."""
    try:
        return tuple((id(p), p.data_ptr(), p._version) for p in parameters)
    except RuntimeError:
        return None


class Activated(nn.Module):
    """A convolution followed by an activation, by default that of every kit."""

    def __init__(self, convolution: nn.Module, activation: nn.Module | None = None):
        super().__init__()
        self.convolution = convolution
        self.activation = activation

    def forward(self, h: Tensor) -> Tensor:
        h = self.convolution(h)
        return activate(h) if self.activation is None else self.activation(h)
