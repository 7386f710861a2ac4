"""Two-dimensional flow as one complex field c = u + iv: a transform each way instead of four."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.solvers.fourier import FourierSeries, wavenumbers_of
from symdyn_core.solvers.time_stepping import NOWHERE, Places, row_by_row

Modes = Complex[Tensor, "batch k_y k_x"]
OnGrid = Complex[Tensor, "batch y x"]


@dataclass(frozen=True, kw_only=True)
class PaddedPlaces(Places):
    """Memory for steps of ĉ, on grids of a few thousand cells a tenth of the time of a step."""

    padded: Tensor
    """All modes of the grid, of which those that are kept are the stage."""
    half: Tensor
    """A rate before its Hermitian part is taken."""


class ComplexVelocity:
    """Velocity and advection of vorticity by transforms of c = u + iv::

        ĉ = (kₓ + i k_y) / |k|² ζ̂,       c² = (u² - v²) + 2i uv
        -(w·∇ζ)^ = H[-i/2 (kₓ - i k_y)² (c²)^],    H[g](k) = (g(k) + g(-k)*) / 2

    The last line is Basdevant's form of the advection (``NavierStokes``), since the real part of a
    field has the Hermitian part H of its coefficients. It holds for the kept modes, which are
    those of ``FourierSeries``; here both signs are stored in rising order, -K..K, so that g(-k) is
    g reversed.

    The transform takes the first mode, -K, for the mean, and so gives c φ with the phase φ =
    exp(2πi (Kₓ x/Lₓ + K_y y/L_y)). Its square c² φ² has the mode k of c² at 2K + k, from K to 3K:
    in one piece, since 3K < n, so that no φ has to be taken out.

    Coefficients are amplitudes: those of a constant field are its value.

    Args:
        series: the kept modes, with grid, precision and device.
    """

    def __init__(self, series: FourierSeries):
        self._shape, self._dtype, self._device = series.grid.shape, series.dtype, series.device
        self._last_y, self._last_x = series.last_y, series.last_x
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
        self.of_vorticity: Complex[Tensor, "k_y k_x"] = self.multiplier(
            -outward / torch.where(self.laplacian == 0, torch.inf, self.laplacian)
        )
        """ĉ / ζ̂ of every mode, 0 for the mean."""
        lasts = series.last_y, series.last_x
        self._of_field = [slice(0, 2 * last + 1) for last in lasts]
        self._of_square = [slice(last, 3 * last + 1) for last in lasts]
        points = self._shape[0] * self._shape[1]
        direction = outward / torch.where(self.laplacian == 0, torch.inf, outward.abs())
        along, across = -(direction**2) / (2 * points), torch.full_like(direction, 0.5 / points)
        across[series.last_y, series.last_x] = 1 / points
        self._across, self._along = self.multiplier(across), self.multiplier(along)
        self._advection = self.multiplier(-0.25j * outward.conj() ** 2 / points)

    @property
    def laplacian(self) -> Float[Tensor, "k_y k_x"]:
        """-(kₓ² + k_y²) [1/length²], float64 on the CPU."""
        return -(self.k_x**2 + self.k_y**2)

    def multiplier(self, values: Tensor) -> Tensor:
        """Complex factors in the solver's precision and on its device."""
        return row_by_row(values.to(device=self._device, dtype=self._dtype.to_complex()))

    def from_velocity(self, w: Float[Tensor, "batch component=2 y x"]) -> Modes:
        """ĉ of the part of a velocity that has no divergence, the mean included::

        ĉ(k) = (g(k) - d² g(-k)*) / 2,   g the coefficients, d = (kₓ + i k_y) / |k|
        """
        hat = self._transformed(torch.complex(w[:, 0], w[:, 1]) * self._phase, *self._of_field)
        reverse = hat.flip(-2, -1).conj_physical_()
        return torch.addcmul(self._across * hat, self._along, reverse)

    def velocity(self, hat: Modes) -> Float[Tensor, "batch component=2 y x"]:
        """The velocities of ĉ."""
        c = self._turned(hat) * self._opposite_phase
        return torch.stack((c.real, c.imag), dim=1)

    def advection(self, hat: Modes, places: Places = NOWHERE, number: int = 0) -> Modes:
        """-(w·∇ζ)^ of ĉ, the mean velocity included."""
        if not isinstance(places, PaddedPlaces):
            turned = self._turned(hat)
            square = self._transformed(turned * turned, *self._of_square)
            return _hermitian(self._advection * square)
        turned = torch.fft.ifft2(places.padded, norm="forward")
        square = self._transformed(turned.mul_(turned), *self._of_square)
        return _hermitian(torch.mul(self._advection, square, out=places.half), places.rates[number])

    def places(self, hat: Modes) -> "PaddedPlaces":
        """Memory for steps, the stages among all modes of the grid."""
        padded = hat.new_zeros(len(hat), *self._shape)
        stage = padded[:, : hat.shape[-2], : hat.shape[-1]]
        half, unforced, twice, *rates = (torch.empty_like(hat) for _ in range(7))
        return PaddedPlaces(
            stage=stage,
            unforced=unforced,
            sum=twice,
            rates=tuple(rates),
            padded=padded,
            half=half,
        )

    def _turned(self, hat: Modes) -> OnGrid:
        """c φ."""
        return torch.fft.ifft2(hat, s=self._shape, norm="forward")

    def _transformed(self, turned: OnGrid, rows: slice, columns: slice) -> Modes:
        """Coefficients, times the number of points.

        Columns that are not kept are left out before the second transform, which saves a third.
        """
        return torch.fft.fft(torch.fft.fft(turned)[..., columns], dim=-2)[..., rows, :]

    def _angles(self) -> Float[Tensor, "y x"]:
        ny, nx = self._shape
        y, x = torch.arange(ny, dtype=torch.float64), torch.arange(nx, dtype=torch.float64)
        rows, columns = self._last_y * y / ny, self._last_x * x / nx
        return 2 * math.pi * (rows[:, None] + columns)


def _hermitian(half: Modes, out: Tensor | None = None) -> Modes:
    """The coefficients of the real part of twice a field."""
    return torch.add(half, half.flip(-2, -1).conj_physical_(), out=out)
