"""The basis of steerable kernels on a small lattice: Gaussian rings times circular harmonics.

A ring of radius rho has the profile exp(-(r - rho)^2 / (2 s^2)). The frequency m is limited by the
radius so that no harmonic aliases on the lattice.
Source: Weiler & Cesa, General E(2)-Equivariant Steerable CNNs (2019), section 2.4 and appendix F.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.layers.kernel_basis import KernelBasis, gaussian, loewdin

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


@dataclass(frozen=True)
class RingBasis(KernelBasis):
    """Rings of every whole radius that fits into a square kernel, orthonormal at rest.

    Args:
        kernel_size: odd number of cells along a side.

    Raises:
        ValueError: an even kernel has no cell at its centre.
    """

    kernel_size: int

    def __post_init__(self):
        if self.kernel_size < 1 or self.kernel_size % 2 == 0:
            raise ValueError(
                "A steerable kernel has an odd number of cells along a side, got "
                f"kernel_size={self.kernel_size}."
            )

    def radius(self, factor: float) -> int:
        if factor != 1:
            raise ValueError(
                f"Rings of one cell cannot be dilated (by {factor}); use the scaling kit's basis."
            )
        return self.kernel_size // 2

    def rings(self, m: int) -> list[int]:
        """Radii that hold the frequency m."""
        half = self.kernel_size // 2
        return [r for r in range(half + 1) if m in frequencies(r, r == half)]

    def harmonics(self) -> tuple[tuple[int, int], ...]:
        half = self.kernel_size // 2
        highest = max((frequencies(r, r == half)[-1] for r in range(half + 1)), default=0)
        return tuple((m, n) for m in range(highest + 1) for n in range(len(self.rings(m))))

    def profiles(self, m: int, r: Float[Tensor, "ky kx"]) -> Float[Tensor, "profile ky kx"]:
        rings = [gaussian(r - radius, RING_WIDTH) for radius in self.rings(m)]
        # At the centre a harmonic of m > 0 has no direction: it must vanish there.
        found = torch.stack([torch.where(r > 0, ring, 0) if m > 0 else ring for ring in rings])
        return torch.einsum("ij,jyx->iyx", loewdin(found, m), found)
