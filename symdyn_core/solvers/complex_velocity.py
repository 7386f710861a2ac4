"""Two-dimensional flow as one complex field c = u + iv: a transform each way instead of four."""

import math

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.solvers.fourier import FourierSeries, wavenumbers_of

Modes = Complex[Tensor, "batch k_y k_x"]


class ComplexVelocity:
    """Velocity and advection of vorticity by transforms of c = u + iv::

        ĉ = (kₓ + i k_y) / |k|² ζ̂,       c² = (u² - v²) + 2i uv
        -(w·∇ζ)^ = H[-i/2 (kₓ - i k_y)² (c²)^],    H[g](k) = (g(k) + g(-k)*) / 2

    The last line is Basdevant's form of the advection (``NavierStokes``), since the real part of a
    field has the Hermitian part H of its coefficients. It holds for the kept modes, which are
    those of ``FourierSeries``; here both signs are stored in rising order, -K..K, so that g(-k) is
    g reversed. The zero in the middle is moved to the corner, where the transform expects it, by
    the phase φ = exp(2πi (Kₓ x/Lₓ + K_y y/L_y)) of the grid's points.

    Coefficients are amplitudes: those of a constant field are its value. The mode (0, 0) of ζ̂,
    which no vorticity has, holds the mean velocity U + iV.

    Args:
        series: the kept modes, with grid, precision and device.
    """

    def __init__(self, series: FourierSeries):
        self._shape, self._dtype, self._device = series.grid.shape, series.dtype, series.device
        self._last_y, self._last_x = series.last_y, series.last_x
        self._rows = slice(0, 2 * series.last_y + 1)
        self._columns = slice(0, 2 * series.last_x + 1)
        k_x, k_y = wavenumbers_of(series.grid)
        k_x = k_x[: series.last_x + 1]
        self.k_x: Float[Tensor, " k_x"] = torch.cat((-k_x[1:].flip(0), k_x))
        """Wavenumbers along x, rising [rad/length], float64 on the CPU."""
        last = series.last_y
        self.k_y: Float[Tensor, "k_y 1"] = torch.cat((k_y[len(k_y) - last :], k_y[: last + 1]))
        self.k_y = self.k_y[:, None]
        """Wavenumbers along y, rising [rad/length], float64 on the CPU."""
        self._phase = self.multiplier(torch.exp(1j * self._angles()))
        self._opposite_phase = self._phase.conj().resolve_conj()
        outward = torch.complex(
            self.k_x.expand_as(self.laplacian), self.k_y.expand_as(self.laplacian)
        )
        to_velocity = -outward / torch.where(self.laplacian == 0, torch.inf, self.laplacian)
        to_velocity[last, series.last_x] = 1
        self._to_velocity = self.multiplier(to_velocity)
        self._curl = self.multiplier(outward.conj() / 2)
        self._advection = self.multiplier(-0.25j * outward.conj() ** 2)
        middle = torch.zeros(self.laplacian.shape, dtype=torch.bool)
        middle[last, series.last_x] = True
        self._middle = middle.to(series.device)

    @property
    def laplacian(self) -> Float[Tensor, "k_y k_x"]:
        """-(kₓ² + k_y²) [1/length²], float64 on the CPU."""
        return -(self.k_x**2 + self.k_y**2)

    def multiplier(self, values: Tensor) -> Tensor:
        """Complex factors in the solver's precision and on its device."""
        return values.to(device=self._device, dtype=self._dtype.to_complex())

    def from_velocity(self, w: Float[Tensor, "batch component=2 y x"]) -> Modes:
        """ζ̂ of velocities, with their mean in the mode (0, 0)."""
        c_hat = self._transformed(torch.complex(w[:, 0], w[:, 1]) * self._phase)
        return torch.where(self._middle, c_hat, _hermitian(self._curl * c_hat))

    def velocity(self, hat: Modes) -> Float[Tensor, "batch component=2 y x"]:
        """The velocities of ζ̂, with their mean."""
        c = self._turned(hat) * self._opposite_phase
        return torch.stack((c.real, c.imag), dim=1)

    def advection(self, hat: Modes) -> Modes:
        """-(w·∇ζ)^, the mean velocity included."""
        turned = self._turned(hat)
        square = self._transformed(turned * turned * self._opposite_phase)
        return _hermitian(self._advection * square)

    def _turned(self, hat: Modes) -> Complex[Tensor, "batch y x"]:
        """c times the phase."""
        return torch.fft.ifft2(self._to_velocity * hat, s=self._shape, norm="forward")

    def _transformed(self, turned: Complex[Tensor, "batch y x"]) -> Modes:
        """The coefficients of a complex field that was multiplied by the phase.

        Columns that are not kept are left out before the second transform, which saves a third.
        """
        rows = torch.fft.fft(turned, norm="forward")[..., self._columns]
        return torch.fft.fft(rows, dim=-2, norm="forward")[..., self._rows, :]

    def _angles(self) -> Float[Tensor, "y x"]:
        ny, nx = self._shape
        y, x = torch.arange(ny, dtype=torch.float64), torch.arange(nx, dtype=torch.float64)
        rows, columns = self._last_y * y / ny, self._last_x * x / nx
        return 2 * math.pi * (rows[:, None] + columns)


def _hermitian(half: Modes) -> Modes:
    """The coefficients of the real part of twice a field."""
    return half + half.flip(-2, -1).conj()
