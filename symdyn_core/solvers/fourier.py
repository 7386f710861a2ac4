"""Truncated Fourier series on a doubly periodic grid: the space that spectral solvers work in."""

import math

import torch
from jaxtyping import Bool, Complex, Float
from torch import Tensor

from symdyn_core.grid import Grid


class FourierSeries:
    """Fields of the modes |kₓ| ≤ Kₓ, |k_y| ≤ K_y with 3 K < n along each axis (the 2/3 rule).

    Products of two such fields are exact in all kept modes (Orszag (1971), J. Atmos. Sci. 28), so
    a solver that works with them solves the equations projected onto those modes, and conserves
    what the projected equations conserve. The kept modes form a rectangle that quarter turns (of a
    square grid) and reflections map onto itself.

    Coefficients are those of ``torch.fft.rfft2``, ``hat[..., k_y, k_x]``: columns past Kₓ are not
    stored, which saves a third of the work along x; rows past K_y are, as zeros.

    Args:
        grid: periodic along both axes.
        dtype, device: of the fields.

    Raises:
        ValueError: a grid that does not repeat, has land, or has fewer than 4 cells along an axis.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        check_periodic(grid)
        self.grid, self.dtype, self.device = grid, dtype, torch.device(device)
        self.last_x, self.last_y = (grid.nx - 1) // 3, (grid.ny - 1) // 3
        k_x, k_y = wavenumbers_of(grid)
        self.k_x: Float[Tensor, " k_x"] = k_x[: self.last_x + 1]
        """Wavenumbers along x [rad/length], float64 on the CPU."""
        self.k_y: Float[Tensor, "k_y 1"] = k_y[:, None]
        """Wavenumbers along y [rad/length], float64 on the CPU."""
        whole = torch.fft.fftfreq(grid.ny, 1 / grid.ny, dtype=torch.float64)[:, None]
        self.kept: Bool[Tensor, "k_y 1"] = whole.abs() <= self.last_y
        """Rows of modes that are part of the space."""

    @property
    def laplacian(self) -> Float[Tensor, "k_y k_x"]:
        """-(kₓ² + k_y²) [1/length²], float64 on the CPU."""
        return -(self.k_x**2 + self.k_y**2)

    @property
    def inverse_laplacian(self) -> Float[Tensor, "k_y k_x"]:
        """1 / laplacian, and 0 for the mean, float64 on the CPU."""
        laplacian = self.laplacian
        laplacian[0, 0] = -torch.inf
        return 1 / laplacian

    @property
    def largest(self) -> tuple[float, float]:
        """(K_y, Kₓ) [rad/length]."""
        return float(self.k_y[self.last_y]), float(self.k_x[-1])

    def multiplier(self, values: Tensor) -> Complex[Tensor, "*lead k_y k_x"]:
        """Factors of the modes in the solver's precision, zero where modes are not kept.

        They are complex even where they could be real: multiplying two tensors of one type is
        faster than converting one of them each time.
        """
        kept = torch.where(self.kept, values, torch.zeros((), dtype=values.dtype))
        return kept.to(device=self.device, dtype=self.dtype.to_complex())

    def to_grid(self, hat: Complex[Tensor, "*lead k_y k_x"]) -> Float[Tensor, "*lead y x"]:
        """The values of a series at the cells."""
        return torch.fft.irfft(torch.fft.ifft(hat, dim=-2), n=self.grid.nx)

    def from_grid(self, field: Float[Tensor, "*lead y x"]) -> Complex[Tensor, "*lead k_y k_x"]:
        """The coefficients of a field; rows that are not kept are left to the multipliers."""
        return torch.fft.fft(torch.fft.rfft(field)[..., : self.last_x + 1], dim=-2)

    def mean_square(self, hat: Complex[Tensor, "*lead k_y k_x"]) -> Float[Tensor, "*lead"]:
        """⟨f²⟩ over the domain, by Parseval's theorem."""
        twice = torch.full_like(self.k_x, 2.0)
        twice[0] = 1.0  # the other modes stand for their conjugates too
        power = hat.real.square() + hat.imag.square()
        return (power * twice.to(power)).sum((-2, -1)) / (self.grid.ny * self.grid.nx) ** 2


def check_periodic(grid: Grid) -> None:
    """Raise a ValueError unless a spectral solver can work on this grid."""
    if not (grid.periodic_x and grid.periodic_y) or grid.water is not None:
        raise ValueError(
            "Expected a grid that repeats along both axes and has no land, got periodic_x="
            f"{grid.periodic_x}, periodic_y={grid.periodic_y}, "
            f"{'no' if grid.water is None else 'a mask of'} land. "
            "Use grid.with_(periodic_x=True, periodic_y=True, water=None)."
        )
    if min(grid.shape) < 4:
        raise ValueError(f"A spectral solver needs 4 x 4 cells or more, got {grid.shape}.")


def wavenumbers_of(grid: Grid) -> tuple[Float[Tensor, " k_x"], Float[Tensor, " k_y"]]:
    """Wavenumbers of ``torch.fft.rfft2`` along x and y [rad/length], float64."""
    k_x = 2 * math.pi * torch.fft.rfftfreq(grid.nx, grid.dx, dtype=torch.float64)
    k_y = 2 * math.pi * torch.fft.fftfreq(grid.ny, grid.dy, dtype=torch.float64)
    return k_x, k_y


def resampled(
    field: Float[Tensor, "*lead y x"], ny: int, nx: int
) -> Float[Tensor, "*lead new_y new_x"]:
    """A periodic field at ny x nx points of the same domain, the first of which stays in place.

    Fourier modes that the new points cannot hold are removed before they are sampled, those that
    they can are kept exactly.
    """
    old_y, old_x = field.shape[-2:]
    if (ny, nx) == (old_y, old_x):
        return field
    last_y, last_x = (min(ny, old_y) - 1) // 2, (min(nx, old_x) - 1) // 2
    hat = torch.fft.fft(torch.fft.rfft(field)[..., : last_x + 1], dim=-2)
    gap = hat.new_zeros(*hat.shape[:-2], ny - 2 * last_y - 1, last_x + 1)
    hat = torch.cat((hat[..., : last_y + 1, :], gap, hat[..., old_y - last_y :, :]), dim=-2)
    return torch.fft.irfft(torch.fft.ifft(hat, dim=-2), n=nx) * (ny * nx / (old_y * old_x))
