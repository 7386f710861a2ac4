"""Rings of wavenumber: which modes of a real Fourier transform belong together.

A mode belongs to ring round(|k| / Δk), with Δk = 2π / (longest side) [rad/length]. Ring 0 holds
the mean, and no ring is left out.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from symdyn_core.grid import Grid

DENSE_UP_TO = 2**22
"""Largest ring matrix that is held densely: 32 MB in float64; above, it is sparse."""


class Rings(NamedTuple):
    """The rings of a grid, as one matrix that acts on half-plane spectra.

    Attributes:
        matrix: sums a real-FFT half plane (modes flattened) over rings, each mode counted once or,
            with its conjugate, twice.
        modes: number of modes of the full plane in each ring.
        wavenumber: middle of each ring [rad/length].
    """

    matrix: Tensor
    modes: Float[Tensor, " ring"]
    wavenumber: Float[Tensor, " ring"]

    def sums(self, power: Float[Tensor, "*batch ky kx"]) -> Float[Tensor, "*batch ring"]:
        """Sum |FFT|² of half planes over each ring."""
        flat = power.flatten(-2)
        rows = flat.reshape(-1, flat.shape[-1])
        dense = self.matrix.layout is torch.strided
        sums = rows @ self.matrix if dense else (self.matrix @ rows.T).T
        return sums.reshape(*flat.shape[:-1], -1)


def rings_of(grid: Grid, dtype: torch.dtype, device: torch.device, released: bool = False) -> Rings:
    """The rings of a grid, for spectra in a precision and on a device."""
    # Not cached by the grid itself, which would keep its land mask in memory.
    return _cached_rings(grid.shape, (grid.dy, grid.dx), dtype, device, released)


@lru_cache(maxsize=32)
def _cached_rings(
    shape: tuple[int, int],
    spacing: tuple[float, float],
    dtype: torch.dtype,
    device: torch.device,
    released: bool,
) -> Rings:
    ny, nx = shape
    ring = _released_ring_of_modes(ny, nx) if released else _ring_of_modes(shape, spacing)
    y, x = torch.meshgrid(torch.arange(ny), torch.arange(nx), indexing="ij")
    # Modes beyond the half plane hold the conjugates of modes within it.
    beyond = x > nx // 2
    half = torch.where(beyond, -y % ny, y) * (nx // 2 + 1) + torch.where(beyond, nx - x, x)
    kept = ring >= 0
    count = int(ring.max()) + 1
    entries = torch.stack((half[kept], ring[kept]))
    modes_of_half_plane = ny * (nx // 2 + 1)
    matrix = torch.sparse_coo_tensor(
        entries,
        torch.ones(entries.shape[1], dtype=dtype),
        (modes_of_half_plane, count),
        check_invariants=False,
    ).coalesce()
    dense = matrix.numel() <= DENSE_UP_TO
    middle = 2 * torch.pi / max(ny * spacing[0], nx * spacing[1])
    return Rings(
        (matrix.to_dense() if dense else matrix.t().coalesce()).to(device),
        torch.bincount(ring[kept], minlength=count).to(device, dtype),
        (torch.arange(count, dtype=torch.float64) + released) * middle,
    )


def _ring_of_modes(shape: tuple[int, int], spacing: tuple[float, float]) -> Int[Tensor, "ky kx"]:
    """Ring round(|k| / Δk) of each mode of the full plane."""
    longest = max(shape[0] * spacing[0], shape[1] * spacing[1])
    k_y, k_x = (
        torch.fft.fftfreq(cells, width, dtype=torch.float64) * longest
        for cells, width in zip(shape, spacing, strict=True)
    )
    return (k_y[:, None].square() + k_x.square()).sqrt().round().long()


def _released_ring_of_modes(ny: int, nx: int) -> Int[Tensor, "ky kx"]:
    """Ring of each mode in the released code of Wang et al. (2021); -1 where it is dropped."""
    centre = (nx - 1) / 2  # of the shifted plane, whose mean flow stands at nx // 2
    y, x = torch.arange(ny, dtype=torch.float64), torch.arange(nx, dtype=torch.float64)
    ring = ((y[:, None] - centre).square() + (x - centre).square()).sqrt().long()
    ring = torch.where(ring == ring.max(), 0, ring) - 1
    return torch.fft.ifftshift(ring)
