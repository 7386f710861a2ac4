"""The basis of steerable kernels on a small lattice: circular harmonics that the lattice keeps.

A function R(r) e^{i m phi} sampled on the cells of a square kernel answers a wave of wavevector
k = kappa (cos theta, sin theta) with

    sum_y R(|y|) e^{i m phi} e^{i k y} = sum_p i^p e^{i p theta} c_p(kappa),
    c_p(kappa) = sum_y R(|y|) J_p(kappa |y|) e^{i (m - p) phi},   p = m, m +- 4, m +- 8, ...

On the plane only p = m is there, which turns with the wave; on a lattice the others leak in, and
they turn at another rate: a layer is then equivariant under quarter turns alone. For given m the
amplitudes R at the lattice's distances are therefore chosen as the generalised eigenvectors of
leaking against whole energy over all resolved waves (kappa <= 1, six cells and longer), and those
that leak less than two per cent of their amplitude are kept. Sampled Gaussian rings (Weiler & Cesa
2019, section 2.4) leak up to a half of theirs at the higher frequencies.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from scipy.linalg import eigh
from scipy.special import jv
from torch import Tensor

from symdyn_core.layers.kernel_basis import KernelBasis, loewdin

SHORTEST = 1.0
"""Largest wavenumber that harmonics are made for [radians a cell]."""

LEAK = 0.02
"""Largest share of amplitude at other frequencies."""

HIGHEST = 8
"""No larger frequency is looked for; five cells a side hold up to four."""


@dataclass(frozen=True)
class LatticeBasis(KernelBasis):
    """Harmonics of a square kernel that turn like those of the plane, orthonormal at rest.

    3 x 3 cells hold six functions (m = 0 twice, 1, 2), 5 x 5 fifteen (m = 0 three times, 1 and 2
    twice, 3, 4).

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
                f"Harmonics of the lattice cannot be dilated (by {factor}); use the scaling kit."
            )
        return self.kernel_size // 2

    def harmonics(self) -> tuple[tuple[int, int], ...]:
        counts = {m: len(faithful(self.kernel_size, m)[1]) for m in range(HIGHEST + 1)}
        return tuple((m, n) for m, count in counts.items() for n in range(count))

    def profiles(self, m: int, r: Float[Tensor, "ky kx"]) -> Float[Tensor, "profile ky kx"]:
        squares, amplitudes = faithful(self.kernel_size, m)
        place = torch.from_numpy(np.searchsorted(squares, r.square().round().long().numpy()))
        # Squared distances that the harmonic does not live on: the centre, for m > 0.
        there = torch.isin(r.square().round().long(), torch.from_numpy(squares))
        shapes = torch.from_numpy(amplitudes)[:, place.clamp(max=len(squares) - 1)] * there
        return torch.einsum("ij,jyx->iyx", loewdin(shapes, m), shapes)


@lru_cache(maxsize=64)
def faithful(kernel_size: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances of the lattice, and the amplitudes of the profiles that hardly leak."""
    half = kernel_size // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    distances = x**2 + y**2
    squares = np.unique(distances)
    squares = squares[squares > 0] if m > 0 else squares
    if len(squares) == 0:
        return squares, np.zeros((0, 0))
    own, whole = _energies(m, squares, distances, np.arctan2(y, x))
    # A tiny part of the identity keeps profiles that no wave sees from counting as faithful.
    ridge = 1e-13 * np.trace(whole) * np.eye(len(squares))
    leaks, vectors = eigh(whole - own + ridge, whole + ridge)
    kept = vectors[:, leaks < LEAK**2]
    return squares, np.ascontiguousarray((kept / np.abs(kept).max(axis=0)).T)


def _energies(
    m: int, squares: np.ndarray, distances: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Energies of the answers to waves, at frequency m and at all, as forms of the amplitudes."""
    wavenumber = (np.arange(200) + 0.5) / 200 * SHORTEST
    weight = wavenumber / wavenumber.sum()
    own = whole = np.zeros((len(squares), len(squares)))
    for p in range(m - 16, m + 17, 4):
        # The lattice is symmetric about the axes: sines cancel.
        answer = np.stack(
            [
                jv(p, wavenumber * np.sqrt(square))
                * np.cos((m - p) * direction[distances == square]).sum()
                for square in squares
            ]
        )
        energy = np.einsum("ok,k,qk->oq", answer, weight, answer)
        whole = whole + energy
        own = energy if p == m else own
    return own, whole
