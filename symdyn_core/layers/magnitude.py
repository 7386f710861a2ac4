"""The magnitude kit: convolutions that see each neighbourhood in units of its own strength.

The group acts by w -> a w, a > 0. Wang et al. (2021) divide every sliding block P by its range s,
convolve, activate and multiply by it again: q = s act(K * (P / s) + b). For a positively
homogeneous activation and one s for both velocity components this is exactly

    q = act(K * P + s b),

one ordinary convolution whose bias is measured in local units: no division, f(0) = 0, and no floor
that weak flows fall under (the 1e-6 of the released code costs 0.5 % at amplitudes of 1e-4).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.convolution import activate, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN
from symdyn_core.layers.kit import LayerKit, Residual
from symdyn_core.layers.padding import pad
from symdyn_core.layers.plain import PlainConvolution

SMALLEST_SHARE = 1e-6
"""A neighbourhood quieter than this share of its sample's strongest velocity is framed by that
share instead: relative to the sample, hence exact for every magnitude."""


class MagnitudeConvolution(nn.Module):
    """``h -> act(K * h + s b)``, one scale s for both components: f(a h) = a f(h) for a > 0.

    s is the mean of |h| over all channels and over the kernel's window. Unlike a range for each
    component it commutes with quarter turns and reflections.
    """

    def __init__(self, convolution: PlainConvolution, activated: bool = True):
        super().__init__()
        self.convolution = convolution
        self.activated = activated

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        radius, periodic = self.convolution.radius, self.convolution.periodic
        s = _window_mean(h.abs().mean(dim=1, keepdim=True), radius, periodic)
        q = F.conv2d(pad(h, radius, periodic), self.convolution.weight)
        q = q + s * self.convolution.bias.view(-1, 1, 1)
        return activate(q) if self.activated else q


class ComponentMagnitudeConvolution(nn.Module):
    """``h_c -> s_c act(sum_c' (K_c' * h_c') / s_c' + b)``, a scale for each component (paper).

    s_c is the range, max - min, of component c over channels and window. Equivariant under
    (u, v) -> (a u, b v) for all a, b > 0, which is more than any flow equation has, and not
    compatible with rotations; offered for comparison with Wang et al. (2021).
    """

    def __init__(self, convolution: PlainConvolution, activated: bool = True):
        super().__init__()
        self.convolution = convolution
        self.activated = activated

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        padded = pad(h, self.convolution.radius, self.convolution.periodic)
        s = _window_range(padded, 2 * self.convolution.radius + 1)
        inverse = torch.where(s > 0, 1 / s, 0)
        weight = self.convolution.weight
        parts = [F.conv2d(padded[:, c::2], weight[:, c::2]) * inverse[:, c : c + 1] for c in (0, 1)]
        q = parts[0] + parts[1] + self.convolution.bias.view(-1, 1, 1)
        if self.activated:
            q = activate(q)
        return (q.unflatten(1, (-1, 2)) * s.unsqueeze(1)).flatten(1, 2)


def _window_mean(
    h: Float[Tensor, "batch 1 y x"], radius: int, periodic: tuple[bool, bool]
) -> Float[Tensor, "batch 1 y x"]:
    if radius == 0:
        return h
    return F.avg_pool2d(pad(h, radius, periodic), 2 * radius + 1, stride=1)


def _window_range(
    padded: Float[Tensor, "batch channel padded_y padded_x"], kernel_size: int
) -> Float[Tensor, "batch 2 y x"]:
    """Range of each component over pairs and window, with a floor relative to the sample."""
    pairs = padded.unflatten(1, (-1, 2))
    high = F.max_pool2d(pairs.amax(dim=1), kernel_size, stride=1)
    low = -F.max_pool2d(-pairs.amin(dim=1), kernel_size, stride=1)
    strongest = pairs.abs().amax(dim=(1, 3, 4))[:, :, None, None]
    return torch.maximum(high - low, SMALLEST_SHARE * strongest)


@dataclass(frozen=True)
class MagnitudeKit(LayerKit):
    """Convolutions in units of the local magnitude; one hidden field is a (u-like, v-like) pair.

    Args:
        scale: "one" (default, compatible with quarter turns) or "component" (Wang et al. 2021).
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    scale: str = "one"
    name: str = "magnitude"

    def __post_init__(self):
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
