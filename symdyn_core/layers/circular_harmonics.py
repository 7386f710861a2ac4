"""The basis of steerable kernels: Gaussian rings times circular harmonics.

A basis function is exp(-(|y| - r)^2 / (2 s^2)) times cos(m phi) or sin(m phi). Turned by an angle
theta it is the same ring with m phi replaced by m (phi - theta): the function of the same formula
at R^-1 y, so the turned basis is sampled in closed form, with no interpolation. The frequency m is
limited by the ring's radius so that no harmonic aliases on the lattice.
Source: Weiler & Cesa, General E(2)-Equivariant Steerable CNNs (2019), section 2.4 and appendix F.
"""

import math
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

RING_WIDTH = 0.6
"""Standard deviation s of the Gaussian profile of a ring, in cells."""


def frequencies(radius: int, outermost: bool) -> range:
    """Angular frequencies 0..m_max that a ring of ``radius`` cells can hold.

    A ring of radius r crosses about 2 pi r cells, so m < pi r; the outermost ring is cut by the
    square support of the kernel and keeps m <= 2 r.
    """
    if radius == 0:
        return range(1)
    return range((2 * radius if outermost else 3 * radius) + 1)


@lru_cache(maxsize=64)
def rotated_basis(kernel_size: int, order: int) -> Float[Tensor, "turn basis ky kx"]:
    """The basis turned by each element of C_n: ``basis[a, i, y, x] = phi_i(R_a^-1 (x, y))``.

    Each function has unit l2 norm over the kernel at rest. Float64; the rows of a kernel run
    along increasing y and its columns along increasing x. Kernels act by cross-correlation.

    Args:
        kernel_size: odd number of cells along a side.
        order: n of C_n.
    """
    half = kernel_size // 2
    axis = torch.arange(-half, half + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    distance, direction = torch.hypot(x, y), torch.atan2(y, x)
    turns = 2 * math.pi * torch.arange(order, dtype=torch.float64) / order
    angle = direction - turns[:, None, None]
    functions = []
    for radius in range(half + 1):
        ring = torch.exp(-((distance - radius) ** 2) / (2 * RING_WIDTH**2))
        for m in frequencies(radius, radius == half):
            # At the centre a harmonic of m > 0 has no direction: it must vanish there.
            profile = ring if m == 0 else torch.where(distance > 0, ring, 0)
            functions.append(profile * torch.cos(m * angle))
            if m > 0:
                functions.append(profile * torch.sin(m * angle))
    basis = torch.stack(functions, dim=1)
    norm = basis[:1].square().sum(dim=(2, 3), keepdim=True).sqrt()
    return basis / norm


def basis_size(kernel_size: int) -> int:
    """Number of basis functions of a kernel of this size."""
    half = kernel_size // 2
    return sum(2 * len(frequencies(r, r == half)) - 1 for r in range(half + 1))
