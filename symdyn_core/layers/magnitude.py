"""The magnitude kit: convolutions that see each neighbourhood in units of its own strength.

The group acts by w -> a w, a > 0. Wang et al. (2021) divide every sliding block P by its range s,
convolve, activate and multiply by it again: q = s act(K * (P / s) + b). For a positively
homogeneous activation and one s for both velocity components this is exactly

    q = act(K * P + s b),

one ordinary convolution whose bias is measured in local units: no division, f(0) = 0, and no floor
that weak flows fall under (the 1e-6 of the released code costs 0.5 % at amplitudes of 1e-4).
A scale for each component (the paper's choice) is ``layers.component_magnitude``.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.component_magnitude import ComponentMagnitudeConvolution
from symdyn_core.layers.convolution import activate, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN
from symdyn_core.layers.kit import LayerKit, Residual
from symdyn_core.layers.padding import memory_format, pad
from symdyn_core.layers.plain import PlainConvolution


class MagnitudeConvolution(nn.Module):
    """``h -> act(K * h + s b)``, one scale s for both components: f(a h) = a f(h) for a > 0.

    s is the mean of |h| over all channels and over the kernel's window. Unlike a range for each
    component it commutes with quarter turns and reflections. It is found in float32 or better;
    the output has the precision of the convolution.
    """

    def __init__(self, convolution: PlainConvolution, activated: bool = True):
        super().__init__()
        self.convolution = convolution
        self.activated = activated

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        radius, periodic = self.convolution.radius, self.convolution.periodic
        kernel, _ = self.convolution.evaluated_kernel(memory_format(h))
        bias = self.convolution.bias.view(-1, 1, 1)
        s = local_magnitude(h, radius, periodic)
        q = F.conv2d(pad(h, radius, periodic), kernel)
        # In place: q is read by nothing else, and a second copy would double what training keeps.
        q = q.addcmul_(s.to(q.dtype), bias.to(q.dtype))
        return activate(q, inplace=True) if self.activated else q


def local_magnitude(
    h: Float[Tensor, "batch channel y x"], radius: int, periodic: tuple[bool, bool]
) -> Float[Tensor, "batch 1 y x"]:
    """Mean of |h| over all channels and the (2 radius + 1)^2 window, in float32 or better."""
    precision = torch.promote_types(h.dtype, torch.float32)
    # The factor after the sum: its gradient is then one channel wide.
    s = h.abs().sum(dim=1, keepdim=True, dtype=precision) * (1 / h.shape[1])
    if radius == 0:
        return s
    return F.avg_pool2d(pad(s, radius, periodic), 2 * radius + 1, stride=1)


@dataclass(frozen=True)
class MagnitudeKit(LayerKit):
    """Convolutions in units of the local magnitude; one hidden field is a (u-like, v-like) pair.

    Args:
        scale: "one" (default, compatible with quarter turns) or "component" (Wang et al. 2021),
            which loses digits layer by layer where the two ranges differ much.
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    scale: str = "one"
    name: str = "magnitude"

    def __post_init__(self):
        super().__post_init__()
        if self.scale not in ("one", "component"):
            raise ValueError(
                f"The magnitude kit's scale must be 'one' or 'component', got {self.scale!r}."
            )

    def channels(self, width: int) -> int:
        return 2 * width

    def lift(self, past: int, width: int) -> nn.Module:
        return self._framed(past, width)

    def residual(self, width_in: int, width_out: int) -> nn.Module:
        same = width_in == width_out
        skip = nn.Identity() if same else self._framed(width_in, width_out, 1, activated=False)
        second = self._framed(width_out, width_out, activated=False, gain=RESIDUAL_GAIN)
        return Residual(self._framed(width_in, width_out), second, skip)

    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        return self._framed(width_in, width_out)

    def project(self, width: int, increment: bool) -> nn.Module:
        return self._framed(width, 1, activated=False, gain=PROJECTION_GAIN if increment else 1.0)

    def _framed(self, width_in, width_out, kernel_size=None, *, activated=True, gain=None):
        if gain is None:
            gain = activation_gain() if activated else 1.0
        size = kernel_size or self.kernel_size
        convolution = PlainConvolution(
            2 * width_in, 2 * width_out, kernel_size=size, periodic=self.periodic, gain=gain
        )
        framed = MagnitudeConvolution if self.scale == "one" else ComponentMagnitudeConvolution
        return framed(convolution, activated)
