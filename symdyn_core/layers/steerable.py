"""The rotation kit: steerable convolutions over the cyclic group C_n (Wang et al. 2021 use C_8).

Velocities are vectors (irrep 1); hidden fields are functions h_a on the group (the regular
representation), n channels a field, so that any pointwise activation is equivariant.

    lift:         h_a(x)  = sum_y psi(R_a^-1 y)^T R_a^-1 w(x + y)
    correlation:  h'_a(x) = sum_b sum_y psi_{a^-1 b}(R_a^-1 y) h_b(x + y)
    projection:   out(x)  = sum_b R_b sum_y phi(R_b^-1 y) h_b(x + y)

psi and phi are sums over circular harmonics on rings, whose turned copies are known in closed form;
one matrix product builds the full ordinary kernel. Quarter turns are exact on the lattice.
Source: Weiler & Cesa (2019); Cohen & Welling (2016).
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.circular_harmonics import basis_size, rotated_basis
from symdyn_core.layers.convolution import Activated, Convolution, activation_gain
from symdyn_core.layers.initialisation import PROJECTION_GAIN, RESIDUAL_GAIN
from symdyn_core.layers.kit import LayerKit, Residual


def turn_matrices(order: int) -> Float[Tensor, "turn 2 2"]:
    """The rotations R_a by 2 pi a / n, counter-clockwise, as matrices on (u, v); float64."""
    angle = 2 * math.pi * torch.arange(order, dtype=torch.float64) / order
    cosine, sine = torch.cos(angle), torch.sin(angle)
    return torch.stack((torch.stack((cosine, -sine), -1), torch.stack((sine, cosine), -1)), -2)


class SteerableConvolution(Convolution):
    """Common part of the three steerable maps: ring basis, free coefficients, shared bias.

    Args:
        order: n of C_n.
        shape: shape of the free coefficients less their last axis, the basis.
        fan_in: number of basis functions summed into one output value, for the initial variance.
        fields_out: hidden fields that carry a bias, one number for all their n channels; 0 for
            the projection, since no constant vector is invariant under rotations.
    """

    def __init__(self, order, shape, fan_in, fields_out, *, kernel_size, periodic, gain):
        super().__init__(kernel_size // 2, periodic)
        self.order = order
        count = basis_size(kernel_size)
        deviation = gain / math.sqrt(fan_in * count)
        self.weight = nn.Parameter(torch.randn(*shape, count) * deviation)
        self.bias = nn.Parameter(torch.zeros(fields_out)) if fields_out else None
        basis = rotated_basis(kernel_size, order)
        self.register_buffer("basis", basis.clone(), persistent=False)
        self.register_buffer("turns", turn_matrices(order), persistent=False)

    def expanded_bias(self) -> Tensor | None:
        return None if self.bias is None else self.bias.repeat_interleave(self.order)

    def turned(self, weight: Float[Tensor, "*shape basis"]) -> Float[Tensor, "*shape turn ky kx"]:
        """Every kernel ``sum_i weight_i phi_i``, turned by every element of the group."""
        turns, count, ky, kx = self.basis.shape
        table = self.basis.to(weight.dtype).transpose(0, 1).reshape(count, -1)
        return (weight @ table).unflatten(-1, (turns, ky, kx))

    def _apply(self, fn, recurse: bool = True):
        """Cast from the exact basis, never from one that has already been rounded."""
        super()._apply(fn, recurse)
        size = 2 * self.radius + 1
        device = self.weight.device
        self.basis = rotated_basis(size, self.order).to(device)
        self.turns = turn_matrices(self.order).to(device)
        return self


class Lift(SteerableConvolution):
    """Vectors (one for each past frame) -> functions on C_n."""

    def __init__(self, order, past, width, **options):
        super().__init__(order, (width, past, 2), 2 * past, width, **options)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)
            kernel = torch.einsum("otdayx,acd->oatcyx", turned, self.turns.to(turned.dtype))
        return kernel.flatten(2, 3).flatten(0, 1)


class GroupCorrelation(SteerableConvolution):
    """Functions on C_n -> functions on C_n: every map that commutes with rotations."""

    relative: Tensor

    def __init__(self, order, width_in, width_out, **options):
        super().__init__(
            order, (width_out, width_in, order), order * width_in, width_out, **options
        )
        a = torch.arange(order)
        # relative[a, b] = a^-1 b, the index of the coefficient that joins b to a.
        self.register_buffer("relative", (a[None, :] - a[:, None]) % order, persistent=False)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)  # out, in, relative, turn, ky, kx
            turn = torch.arange(self.order, device=turned.device)[:, None]
            kernel = turned[:, :, self.relative, turn]  # out, in, a, b, ky, kx
        return kernel.transpose(1, 2).flatten(2, 3).flatten(0, 1)


class Projection(SteerableConvolution):
    """Functions on C_n -> one vector."""

    def __init__(self, order, width, **options):
        super().__init__(order, (width, 2), order * width, 0, **options)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)  # in, component, turn, ky, kx
            kernel = torch.einsum("idbyx,bcd->cibyx", turned, self.turns.to(turned.dtype))
        return kernel.flatten(1, 2)


@dataclass(frozen=True)
class SteerableKit(LayerKit):
    """Steerable convolutions over C_n; one hidden field is a function on C_n, n channels.

    Args:
        order: n, the number of rotations; exact on the lattice for those by quarter turns.
    """

    periodic: tuple[bool, bool] = (False, False)
    kernel_size: int = 3
    order: int = 8
    name: str = "rotation"

    def __post_init__(self):
        if self.order < 1 or self.kernel_size % 2 == 0:
            raise ValueError(
                "A steerable kit needs a positive order and an odd kernel size, got "
                f"order={self.order}, kernel_size={self.kernel_size}."
            )

    def channels(self, width: int) -> int:
        return self.order * width

    def lift(self, past: int, width: int) -> nn.Module:
        return Activated(Lift(self.order, past, width, **self._options(activation_gain())))

    def residual(self, width_in: int, width_out: int) -> nn.Module:
        same = width_in == width_out
        skip = nn.Identity() if same else self._correlation(width_in, width_out, 1.0, size=1)
        second = self._correlation(width_out, width_out, RESIDUAL_GAIN)
        return Residual(self.convolve(width_in, width_out), second, skip)

    def project(self, width: int, increment: bool) -> nn.Module:
        gain = PROJECTION_GAIN if increment else 1.0
        return Projection(self.order, width, **self._options(gain))

    def _options(self, gain: float, size: int | None = None) -> dict:
        return {
            "kernel_size": size or self.kernel_size,
            "periodic": self.periodic,
            "gain": gain,
        }

    def _correlation(self, width_in, width_out, gain, size=None) -> GroupCorrelation:
        return GroupCorrelation(self.order, width_in, width_out, **self._options(gain, size))

    def convolve(self, width_in: int, width_out: int) -> nn.Module:
        return Activated(self._correlation(width_in, width_out, activation_gain()))
