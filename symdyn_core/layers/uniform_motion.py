"""The uniform-motion kit: convolutions that see each neighbourhood from its own mean velocity.

The group acts by w -> w + c, the bare shift of Wang et al. (2021). The paper subtracts from every
sliding block P (all input channels, k x k cells) its mean m per velocity component, convolves,
activates and adds the mean back: q = act(K * (P - m) + b) + m. Hidden channels are read as
interleaved (u-like, v-like) pairs.

Subtracting the mean of a block is linear in the block, so it can be moved into the kernel:
K * (P - m) = K0 * P, where K0 is K less its own mean per component. The layer is thus an ordinary
convolution with a centred kernel, exactly; only the mean that is added back needs an average pool,
and in a residual branch, which must be invariant, even that falls away.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.convolution import Activated, Convolution, activate, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN, free_kernel
from symdyn_core.layers.kit import LayerKit, Residual
from symdyn_core.layers.padding import pad
from symdyn_core.layers.plain import PlainConvolution


class CentredConvolution(Convolution):
    """``h -> K0 * h + b`` with sum of K0 over each component's channels and taps zero.

    Invariant under h -> h + c, one constant c for each velocity component
    (Wang et al. 2021, uniform-motion convolution before its mean is added back).
    """

    def __init__(self, channels_in, channels_out, *, kernel_size, periodic, gain):
        super().__init__(kernel_size // 2, periodic)
        self.weight = free_kernel(channels_in, channels_out, kernel_size, gain)
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def kernel(self) -> Tensor:
        return centred(self.weight)

    def expanded_bias(self) -> Tensor | None:
        return self.bias


def centred(
    weight: Float[Tensor, "out channel ky kx"],
) -> Float[Tensor, "out channel ky kx"]:
    """A kernel less its mean over the taps and channels of each velocity component."""
    out, channels, ky, kx = weight.shape
    pairs = weight.view(out, channels // 2, 2, ky, kx)
    return (pairs - pairs.mean(dim=(1, 3, 4), keepdim=True)).view(weight.shape)


class UniformMotionConvolution(nn.Module):
    """``h -> act(K0 * h + b) + m``: equivariant under a uniform motion (Wang et al. 2021).

    m is the mean of the input over its pairs and over the kernel's window, per component. It is
    found in float32 or better; the output has the precision of the convolution.
    """

    def __init__(self, convolution: CentredConvolution, activated: bool = True):
        super().__init__()
        self.convolution = convolution
        self.activated = activated

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        mean = local_mean(h, self.convolution.radius, self.convolution.periodic)
        q = self.convolution(h)
        if self.activated:
            q = activate(q)
        pairs = q.unflatten(1, (-1, 2)) + mean.to(q.dtype).unsqueeze(1)
        return pairs.flatten(1, 2)


def local_mean(
    h: Float[Tensor, "batch channel y x"], radius: int, periodic: tuple[bool, bool]
) -> Float[Tensor, "batch 2 y x"]:
    """Mean over the channel pairs and over the (2 radius + 1)^2 window, per component."""
    precision = torch.promote_types(h.dtype, torch.float32)
    # The factor after the sum: its gradient is then two channels wide.
    mean = h.unflatten(1, (-1, 2)).sum(dim=1, dtype=precision) * (2 / h.shape[1])
    if radius == 0:
        return mean
    return F.avg_pool2d(pad(mean, radius, periodic), 2 * radius + 1, stride=1)


@dataclass(frozen=True)
class UniformMotionKit(LayerKit):
    """Convolutions in the frame of the local mean; one hidden field is a (u-like, v-like) pair.

    The branch of a residual block is invariant (centred first convolution, no mean added back),
    its skip equivariant; so are the sums of both (Wang et al. 2021, residual proposition).
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    name: str = "uniform_motion"

    def channels(self, width: int) -> int:
        return 2 * width

    def lift(self, past: int, width: int) -> nn.Module:
        return self._framed(past, width)

    def residual(self, width_in: int, width_out: int) -> nn.Module:
        same = width_in == width_out
        skip = nn.Identity() if same else self._framed(width_in, width_out, 1, activated=False)
        first = Activated(self._centred(width_in, width_out, gain=activation_gain()))
        second = PlainConvolution(
            2 * width_out,
            2 * width_out,
            kernel_size=self.kernel_size,
            periodic=self.periodic,
            gain=RESIDUAL_GAIN,
        )
        return Residual(first, second, skip)

    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        return self._framed(width_in, width_out)

    def project(self, width: int, increment: bool) -> nn.Module:
        if increment:
            return self._centred(width, 1, gain=PROJECTION_GAIN)
        return self._framed(width, 1, activated=False)

    def _centred(self, width_in, width_out, kernel_size=None, gain=1.0) -> CentredConvolution:
        size = kernel_size or self.kernel_size
        return CentredConvolution(
            2 * width_in, 2 * width_out, kernel_size=size, periodic=self.periodic, gain=gain
        )

    def _framed(self, width_in, width_out, kernel_size=None, *, activated=True, gain=None):
        if gain is None:
            gain = activation_gain() if activated else 1.0
        convolution = self._centred(width_in, width_out, kernel_size, gain)
        return UniformMotionConvolution(convolution, activated)
