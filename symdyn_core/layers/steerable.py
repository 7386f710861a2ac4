"""Steerable convolutions over a finite group G of turns and mirrors: C_n or D_n.

Velocities are vectors; hidden fields are functions h_g on the group (the regular representation),
one channel for each element, so that any pointwise activation is equivariant.

    lift:         h_g(x)  = sum_y psi(g^-1 y)^T g^-1 w(x + y)
    correlation:  h'_g(x) = sum_h sum_y psi_{g^-1 h}(g^-1 y) h_h(x + y)
    projection:   out(x)  = sum_h h sum_y phi(h^-1 y) h_h(x + y)

psi and phi are sums over a basis whose turned, mirrored and dilated copies are known in closed
form; one matrix product builds the full ordinary kernel. Quarter turns and mirrors are exact on
the lattice. Source: Weiler & Cesa (2019); Cohen & Welling (2016). Wang et al. (2021) use C_8.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.convolution import Convolution
from symdyn_core.layers.kernel_basis import KernelBasis
from symdyn_core.layers.planar_groups import PlanarGroup


class SteerableConvolution(Convolution):
    """Common part of the three steerable maps: basis, free coefficients, shared bias.

    Args:
        group: C_n or D_n.
        basis: the kernels that coefficients are given for.
        shape: shape of the free coefficients less their last axis, the basis.
        fan_in: number of kernels summed into one output value, for the initial variance.
        fields_out: hidden fields that carry a bias, one number for all their channels; 0 for the
            projection, since no constant vector is invariant under turns.
    """

    def __init__(
        self,
        group: PlanarGroup,
        basis: KernelBasis,
        shape: tuple[int, ...],
        fan_in: int,
        fields_out: int,
        *,
        periodic: tuple[bool, bool],
        gain: float,
    ):
        super().__init__(basis.radius(1.0), periodic)
        self.group, self.basis, self.factor = group, basis, 1.0
        deviation = gain / math.sqrt(fan_in * basis.variance())
        self.weight = nn.Parameter(torch.randn(*shape, basis.size) * deviation)
        self.bias = nn.Parameter(torch.zeros(fields_out)) if fields_out else None
        self._sample_table()

    def expanded_bias(self) -> Tensor | None:
        return None if self.bias is None else self.bias.repeat_interleave(self.group.size)

    def turned(
        self, weight: Float[Tensor, "*shape basis"]
    ) -> Float[Tensor, "*shape element ky kx"]:
        """Every kernel ``sum_i weight_i phi_i``, acted on by every element of the group."""
        elements, count, ky, kx = self.table.shape
        table = self.table.to(weight.dtype).transpose(0, 1).reshape(count, -1)
        return (weight @ table).unflatten(-1, (elements, ky, kx))

    def dilate(self, factor: float) -> None:
        """Widen the kernels by ``factor`` (in space) relative to those that were trained."""
        if self.basis.radius(1.0) == 0:
            return  # a pointwise map looks alike at every scale
        self.factor, self.radius = factor, self.basis.radius(factor)
        self._sample_table()

    def _sample_table(self) -> None:
        """Cast from the exact tables, never from ones that have already been rounded.

        They are no buffers: they follow from sizes, and belong into no file of weights.
        """
        self._cached = None
        like = self.weight
        self.table = self.basis.table(self.group, self.factor).to(like)
        self.matrices = self.group.matrices().to(like)

    def _apply(self, fn, recurse: bool = True):
        super()._apply(fn, recurse)
        self._sample_table()
        return self


class Lift(SteerableConvolution):
    """Vectors (one for each past frame) -> functions on the group."""

    def __init__(self, group, basis, past, width, **options):
        super().__init__(group, basis, (width, past, 2), 2 * past, width, **options)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)
            kernel = torch.einsum("otdgyx,gcd->ogtcyx", turned, self.matrices.to(turned.dtype))
        return kernel.flatten(2, 3).flatten(0, 1)


class GroupCorrelation(SteerableConvolution):
    """Functions on the group -> functions on the group: every map that commutes with it."""

    def __init__(self, group, basis, width_in, width_out, **options):
        shape, fan_in = (width_out, width_in, group.size), group.size * width_in
        super().__init__(group, basis, shape, fan_in, width_out, **options)

    def _sample_table(self) -> None:
        super()._sample_table()
        self.relative = self.group.relative().to(self.weight.device)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)  # out, in, relative, element, ky, kx
            element = torch.arange(self.group.size, device=turned.device)[:, None]
            kernel = turned[:, :, self.relative, element]  # out, in, g, h, ky, kx
        return kernel.transpose(1, 2).flatten(2, 3).flatten(0, 1)


class Projection(SteerableConvolution):
    """Functions on the group -> one vector."""

    def __init__(self, group, basis, width, **options):
        super().__init__(group, basis, (width, 2), group.size * width, 0, **options)

    def kernel(self) -> Tensor:
        with torch.autocast(self.weight.device.type, enabled=False):
            turned = self.turned(self.weight)  # in, component, element, ky, kx
            kernel = torch.einsum("idgyx,gcd->cigyx", turned, self.matrices.to(turned.dtype))
        return kernel.flatten(1, 2)
