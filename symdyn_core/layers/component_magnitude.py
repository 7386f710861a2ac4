"""Convolutions in units of the local range of each velocity component (Wang et al. 2021).

The paper divides component c of every sliding block P by its range s_c, max - min, convolves,
activates and multiplies by it again. Output channels of component c come out as

    q_c = s_c act(sum_d (K_cd * P_d) / s_d + b_c)
        = act(K_cc * P_c + (s_c / s_d) K_cd * P_d + s_c b_c),    d the other component,

since the activation is positively homogeneous: four convolutions of a quarter of the size each,
with no division of fields. This is equivariant under (u, v) -> (a u, b v) for all a, b > 0, more
than any flow equation has, and not compatible with rotations; offered for comparison.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.convolution import activate
from symdyn_core.layers.padding import memory_format, pad
from symdyn_core.layers.plain import PlainConvolution

SMALLEST_SHARE = 1e-6
"""A neighbourhood whose range is smaller than this share of its sample's strongest velocity is
framed by that share instead: relative to the sample, hence exact for every magnitude."""


class ComponentMagnitudeConvolution(nn.Module):
    """``h_c -> s_c act(sum_d (K_cd * h_d) / s_d + b_c)``, a scale for each component (paper).

    s_c is the range, max - min, of component c over pairs of channels and the kernel's window.
    """

    def __init__(self, convolution: PlainConvolution, activated: bool = True):
        super().__init__()
        self.convolution = convolution
        self.activated = activated

    def forward(
        self, h: Float[Tensor, "batch channel_in y x"]
    ) -> Float[Tensor, "batch channel_out y x"]:
        radius, periodic = self.convolution.radius, self.convolution.periodic
        layout, bias = memory_format(h), self.convolution.bias
        kernel, _ = self.convolution.evaluated_kernel(layout)
        s, ratio = local_ranges(h, radius, periodic)
        padded = [pad(h[:, c::2], radius, periodic) for c in (0, 1)]
        parts = []
        for own, other in ((0, 1), (1, 0)):
            q = F.conv2d(padded[own], kernel[own::2, own::2])
            cross = F.conv2d(padded[other], kernel[own::2, other::2])
            q = q.addcmul_(cross, ratio[:, own : own + 1].to(q.dtype))
            unit = s[:, own : own + 1].to(q.dtype)
            parts.append(q.addcmul_(unit, bias[own::2].to(q.dtype).view(-1, 1, 1)))
        q = _interleaved(parts[0], parts[1], layout)
        return activate(q, inplace=True) if self.activated else q


def local_ranges(
    h: Float[Tensor, "batch channel y x"], radius: int, periodic: tuple[bool, bool]
) -> tuple[Float[Tensor, "batch 2 y x"], Float[Tensor, "batch 2 y x"]]:
    """Range s_c of each component over pairs and window, and s_c / s_d with the other component's.

    Both are put together from O(1) numbers, ranges relative to the sample's strongest velocity,
    so that neither they nor their gradients overflow for very weak or strong flows. At rest s is
    0 and the ratio finite.
    """
    precision = torch.promote_types(h.dtype, torch.float32)
    pairs = h.unflatten(1, (-1, 2))
    # Maxima of c and of -c: minima with their sign turned.
    extremes = torch.cat((pairs.amax(dim=1), -pairs.amin(dim=1)), dim=1).to(precision)
    strongest = torch.maximum(extremes[:, :2], extremes[:, 2:]).amax(dim=(2, 3), keepdim=True)
    divisor = torch.where(strongest > 0, strongest, 1)
    extremes = _window_maximum(pad(extremes, radius, periodic), 2 * radius + 1)
    relative = ((extremes[:, :2] + extremes[:, 2:]) / divisor).clamp(min=SMALLEST_SHARE)
    ratio = (relative / relative.flip(1)) * (strongest / divisor.flip(1))
    return relative * strongest, ratio


def _window_maximum(
    h: Float[Tensor, "batch channel padded_y padded_x"], cells: int
) -> Float[Tensor, "batch channel y x"]:
    """Maximum over windows, axis by axis: on a CPU many times faster than ``max_pool2d``."""
    for axis in (-2, -1):
        length = h.shape[axis] - cells + 1
        maximum = h.narrow(axis, 0, length)
        for start in range(1, cells):
            maximum = torch.maximum(maximum, h.narrow(axis, start, length))
        h = maximum
    return h


def _interleaved(
    u: Float[Tensor, "batch pair y x"],
    v: Float[Tensor, "batch pair y x"],
    layout: torch.memory_format,
) -> Float[Tensor, "batch channel y x"]:
    """Channels u0 v0 u1 v1 ... in the memory format ``layout``."""
    if layout == torch.channels_last:
        last = torch.stack((u.movedim(1, -1), v.movedim(1, -1)), dim=-1).flatten(-2)
        return last.movedim(-1, 1)
    return torch.stack((u, v), dim=2).flatten(1, 2)
