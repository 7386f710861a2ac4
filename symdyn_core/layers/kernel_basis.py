"""Bases of steerable kernels: radial profiles times circular harmonics.

A basis function is R(r) cos(m phi) or R(r) sin(m phi). Acted on by an orthogonal matrix g it is
the function of the same formula at g^-1 y, and dilated by a factor it is that function at y /
factor: both are sampled in closed form, with no interpolation. A kernel that is a sum of such
functions can therefore be turned, mirrored and dilated exactly.
Source: Weiler & Cesa (2019), section 2.4; Sosnovik et al. (2020) for dilated kernels.
"""

from abc import ABC, abstractmethod
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.layers.planar_groups import PlanarGroup


class KernelBasis(ABC):
    """A family of kernels that can be turned, mirrored and, if they are smooth, dilated.

    Subclasses are frozen dataclasses: they compare and hash by value.
    """

    @abstractmethod
    def harmonics(self) -> tuple[tuple[int, int], ...]:
        """(m, number of the radial profile) of each basis function, cosine and sine as one."""

    @abstractmethod
    def profiles(self, m: int, r: Float[Tensor, "ky kx"]) -> Float[Tensor, "profile ky kx"]:
        """The radial profiles of angular frequency m at distances r [cells], undilated."""

    @abstractmethod
    def radius(self, factor: float) -> int:
        """Half width of the square support of kernels dilated by ``factor``, in cells."""

    @property
    def size(self) -> int:
        """Number of basis functions: one for m = 0, two for m > 0."""
        return sum(1 if m == 0 else 2 for m, _ in self.harmonics())

    def table(
        self, group: PlanarGroup, factor: float = 1.0
    ) -> Float[Tensor, "element basis ky kx"]:
        """Every function, acted on by every element and dilated; float64, do not write to it.

        ``table[g, i, y, x] = factor^-2 phi_i(g^-1 (x, y) / factor)``; the factor keeps integrals.
        Rows run along increasing y, columns along increasing x. Kernels act by cross-correlation.
        """
        return _table(self, group, factor)

    def sampled(
        self, matrices: Float[Tensor, "element 2 2"], factor: float = 1.0
    ) -> Float[Tensor, "element basis ky kx"]:
        """The table of any orthogonal matrices, members of a finite group or not."""
        return _sampled(self, matrices, self.radius(factor), factor)

    def variance(self) -> float:
        """Variance of an output value for unit weights: the larger of white and uniform input."""
        functions = self.table(PlanarGroup(1))[0]
        white = functions.square().sum().item()
        uniform = functions.sum(dim=(1, 2)).square().sum().item()
        return max(white, uniform)


@lru_cache(maxsize=128)
def _table(basis: KernelBasis, group: PlanarGroup, factor: float) -> Tensor:
    # Computed where numbers are real: networks are also built on the meta device, to be counted.
    with torch.device("cpu"):
        return _sampled(basis, group.matrices(), basis.radius(factor), factor)


def _sampled(basis: KernelBasis, matrices: Tensor, half: int, factor: float) -> Tensor:
    axis = torch.arange(-half, half + 1, dtype=torch.float64) / factor
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    position = torch.stack((x, y))
    # g is orthogonal: g^-1 is its transpose.
    turned = torch.einsum("gdc,dyx->gcyx", matrices, position)
    direction = torch.atan2(turned[:, 1], turned[:, 0])
    distance = torch.hypot(x, y)
    functions = []
    for m in sorted({m for m, _ in basis.harmonics()}):
        wanted = [n for other, n in basis.harmonics() if other == m]
        for profile in basis.profiles(m, distance)[wanted]:
            functions.append(profile * torch.cos(m * direction))
            if m > 0:
                functions.append(profile * torch.sin(m * direction))
    return torch.stack(functions, dim=1) / factor**2


def loewdin(profiles: Float[Tensor, "profile ky kx"], m: int) -> Float[Tensor, "profile profile"]:
    """The mixture of radial profiles of one frequency that makes their functions orthonormal.

    Mixing radii of one m leaves a function of that m. Of all such mixtures this is the symmetric
    one, which treats the profiles alike.
    """
    weight = 1.0 if m == 0 else 0.5
    gram = weight * torch.einsum("iyx,jyx->ij", profiles, profiles)
    values, vectors = torch.linalg.eigh(gram)
    return vectors @ torch.diag(values.rsqrt()) @ vectors.T


def lattice_distance(half: int) -> Float[Tensor, "ky kx"]:
    """Distance of every cell of an undilated square kernel from its centre."""
    axis = torch.arange(-half, half + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.hypot(x, y)
