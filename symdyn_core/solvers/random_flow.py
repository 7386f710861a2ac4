"""Random flows to start from: isotropic, free of divergence, with a given size of eddies."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.fourier import check_periodic, wavenumbers_of


def random_flow(
    grid: Grid,
    batch: int = 1,
    *,
    waves: float | int = 4,
    rms: float | int = 1.0,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "batch component=2 y x"]:
    """Velocities of Gaussian random eddies, float64 on the CPU.

    The energy spectrum is that of McWilliams (1984), J. Fluid Mech. 146, Eq. (2.6), with the slope
    of its tail::

        E(k) ~ k / (1 + (k / k₀)⁴),    k₀ = 2π waves / L

    cut at a third of the cells. Random numbers are drawn on the CPU in float64, so that a seed
    means the same flow on every device.

    Args:
        grid: periodic along both axes.
        batch: number of members.
        waves: of the most energetic eddies that fit into the longer side L of the box.
        rms: root mean square speed √⟨u² + v²⟩ of every member.

    Raises:
        ValueError: an open grid, no members, or no eddies.
    """
    check_periodic(grid)
    if batch < 1:
        raise ValueError(f"Expected at least one member, got batch={batch}.")
    if not (0 < waves < math.inf and 0 <= rms < math.inf):
        raise ValueError(f"Expected positive waves and rms, got waves={waves}, rms={rms}.")
    white = torch.randn(batch, *grid.shape, generator=generator, dtype=torch.float64)
    k_x, k_y = wavenumbers_of(grid)
    k_y = k_y[:, None]
    k = torch.sqrt(k_x**2 + k_y**2)
    k[0, 0] = torch.inf
    peak = 2 * math.pi * waves / max(grid.extent)
    # E(k) is spread over a ring of circumference ~ k; ψ̂ has the amplitude of |ŵ| / k.
    amplitude = torch.sqrt(1 / (1 + (k / peak) ** 4)) / k
    amplitude[0, 0] = 0
    inside = (k_x < math.pi / grid.dx * 2 / 3) & (k_y.abs() < math.pi / grid.dy * 2 / 3)
    psi = torch.fft.rfft2(white) * torch.where(inside, amplitude, 0.0)
    w = torch.fft.irfft2(torch.stack((-1j * k_y * psi, 1j * k_x * psi), dim=1), s=grid.shape)
    speed = w.square().sum(1, keepdim=True).mean((-2, -1), keepdim=True).sqrt()
    return w * (rms / speed)
