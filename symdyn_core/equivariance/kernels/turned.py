"""Kernels at turned, mirrored and dilated places: K(g^-1 x), also between the cells of a lattice.

The part of a kernel that its basis spans is known in closed form everywhere; what is left of an
ordinary one is interpolated linearly between its cells, which is exact at quarter turns and
mirrors along the axes.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from symdyn_core.equivariance.kernels.field_types import PlanarElement
from symdyn_core.layers.kernel_basis import KernelBasis

IDENTITY = PlanarElement(0.0)


def coefficients(
    kernel: Float[Tensor, "*channels ky kx"], basis: KernelBasis
) -> Float[Tensor, "*channels basis"]:
    """The best coefficients of a kernel in a basis, by least squares over its cells."""
    return kernel.flatten(-2) @ _projection(basis)


def spanned_share(kernel: Float[Tensor, "*channels ky kx"], basis: KernelBasis) -> float:
    """The share of the kernel's square sum that its basis holds: 1 for a steerable kernel."""
    whole = kernel.square().sum().item()
    left = kernel - _sum(coefficients(kernel, basis), functions(basis))
    return 1 - left.square().sum().item() / whole if whole else 1.0


def turned(
    kernel: Float[Tensor, "*channels ky kx"], basis: KernelBasis, element: PlanarElement
) -> Float[Tensor, "*channels ky kx"]:
    """K(g^-1 x) on the cells of K."""
    own = coefficients(kernel, basis)
    spanned = _sum(own, functions(basis, element))
    left = kernel - _sum(own, functions(basis))
    if float(left.abs().max()) <= 1e-6 * float(kernel.abs().max()):
        return spanned + left  # rounding: where it lies does not matter
    return spanned + _interpolated(left, element.matrix().T, kernel.shape[-1] // 2)


def widened(
    kernel: Float[Tensor, "*channels ky kx"], basis: KernelBasis, factor: float
) -> Float[Tensor, "*channels new_ky new_kx"]:
    """K(x / factor) / factor^2: a filter ``factor`` times as wide with the same integral.

    In closed form for a basis that can be dilated, interpolated otherwise; a pointwise map looks
    alike at every scale.
    """
    if kernel.shape[-1] == 1:
        return kernel
    if can_dilate(basis):
        return _sum(coefficients(kernel, basis), functions(basis, factor=factor))
    half = math.ceil(kernel.shape[-1] // 2 * factor)
    shrink = torch.eye(2, dtype=torch.float64) / factor
    return _interpolated(kernel, shrink, half) / factor**2


def can_dilate(basis: KernelBasis) -> bool:
    """Whether the functions of a basis are known at every scale."""
    try:
        basis.radius(2.0)
    except ValueError:
        return False
    return True


def functions(
    basis: KernelBasis, element: PlanarElement = IDENTITY, factor: float = 1.0
) -> Float[Tensor, "basis ky kx"]:
    """The functions of a basis, acted on by an element and dilated; float64."""
    return basis.sampled(element.matrix()[None], factor)[0]


@lru_cache(maxsize=32)
def _projection(basis: KernelBasis) -> Float[Tensor, "cell basis"]:
    return torch.linalg.pinv(functions(basis).flatten(1))


def _sum(weights: Tensor, shapes: Tensor) -> Tensor:
    return torch.einsum("...i,iyx->...yx", weights, shapes)


def _interpolated(kernel: Tensor, matrix: Tensor, half: int) -> Tensor:
    """The kernel at ``matrix`` x for all x of a square of half width ``half``; 0 outside."""
    axis = torch.arange(-half, half + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    places = torch.einsum("cd,yxd->yxc", matrix, torch.stack((x, y), dim=-1))
    # Cells of the kernel lie at -1 .. 1.
    places = places / (kernel.shape[-1] // 2)
    flat = kernel.reshape(1, -1, *kernel.shape[-2:])
    moved = F.grid_sample(flat, places[None], align_corners=True, padding_mode="zeros")
    return moved.reshape(*kernel.shape[:-2], *moved.shape[-2:])
