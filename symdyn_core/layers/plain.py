"""The plain kit: ordinary convolutions, the control of every comparison.

It shares padding, activation, initialisation and layout with the equivariant kits and differs in
the symmetry alone. Ordinary convolutions already respect translations.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from symdyn_core.layers.convolution import Activated, Convolution, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN, free_kernel
from symdyn_core.layers.kit import LayerKit, Residual


class PlainConvolution(Convolution):
    """``h -> K * h + b``, K and b free."""

    def __init__(self, channels_in, channels_out, *, kernel_size, periodic, gain):
        super().__init__(kernel_size // 2, periodic)
        self.weight = free_kernel(channels_in, channels_out, kernel_size, gain)
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def kernel(self) -> Tensor:
        return self.weight

    def expanded_bias(self) -> Tensor | None:
        return self.bias


@dataclass(frozen=True)
class PlainKit(LayerKit):
    """Ordinary convolutions; one hidden field is one channel."""

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    name: str = "plain"

    def channels(self, width: int) -> int:
        return width

    def lift(self, past: int, width: int) -> nn.Module:
        return self.convolve(2 * past, width)

    def residual(self, width_in: int, width_out: int) -> nn.Module:
        same = width_in == width_out
        skip = nn.Identity() if same else self._linear(width_in, width_out, kernel_size=1)
        second = self._linear(width_out, width_out, gain=RESIDUAL_GAIN)
        return Residual(self.convolve(width_in, width_out), second, skip)

    def project(self, width: int, increment: bool) -> nn.Module:
        return self._linear(width, 2, gain=PROJECTION_GAIN if increment else 1.0)

    def _linear(self, width_in, width_out, kernel_size=None, gain=1.0) -> nn.Module:
        size = kernel_size or self.kernel_size
        return PlainConvolution(
            width_in, width_out, kernel_size=size, periodic=self.periodic, gain=gain
        )

    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        return Activated(self._linear(width_in, width_out, gain=activation_gain()))
