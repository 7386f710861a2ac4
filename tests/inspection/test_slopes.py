"""The fitted slope is that of the field, and its uncertainty covers what it says."""

import math

import numpy as np
import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.inspection.samples import largest_square, region_of
from symdyn_core.inspection.slopes import density, fitted
from symdyn_core.spectra import energy_spectrum, wavenumbers


def power_law(grid: Grid, slope: float, seed: int = 0, *, exact: bool = True) -> torch.Tensor:
    """Periodic velocities ``component y x`` with E(k) ∝ k^slope, without divergence.

    Phases are random; amplitudes are exact, or normal about the power law.
    """
    generator = torch.Generator().manual_seed(seed)
    k_y = 2 * math.pi * torch.fft.fftfreq(grid.ny, grid.dy, dtype=torch.float64)[:, None]
    k_x = 2 * math.pi * torch.fft.rfftfreq(grid.nx, grid.dx, dtype=torch.float64)
    k = (k_y**2 + k_x**2).sqrt()
    # Rings hold 2πk modes per wavenumber: a mode has k^(slope - 1), its streamfunction k^-2 of it.
    amplitude = torch.where(k > 0, k.clamp_min(1e-9) ** ((slope - 1) / 2 - 1), 0.0)
    # Of a real field, so that conjugate modes belong together.
    noise = torch.fft.rfft2(torch.randn(grid.shape, generator=generator, dtype=torch.float64))
    psi = amplitude * (noise / noise.abs() if exact else noise)
    w_hat = torch.stack((-1j * k_y * psi, 1j * k_x * psi))
    return torch.fft.irfft2(w_hat, s=grid.shape)


def slope_of(w: torch.Tensor, grid: Grid):
    energy = energy_spectrum(w, grid, None if grid.water is None else grid.water[None])
    return fitted(density(energy, grid), wavenumbers(grid), grid)


@pytest.mark.parametrize("slope", [-5 / 3, -3.0, -4.5])
@pytest.mark.parametrize("shape", [(128, 128), (64, 256)])
def test_a_periodic_power_law_is_found(slope, shape):
    grid = Grid(*shape, dy=1000.0, dx=1000.0, periodic_x=True, periodic_y=True)
    found = slope_of(power_law(grid, slope), grid)
    assert found.slope == pytest.approx(slope, abs=0.03)
    assert found.high - found.low < 0.1


def test_the_density_has_the_energy_of_the_flow_and_the_level_of_the_line():
    grid = Grid(128, 128, dy=0.1, dx=0.1, periodic_x=True, periodic_y=True)
    w = power_law(grid, -3.0)
    energy = density(energy_spectrum(w, grid), grid)
    k = wavenumbers(grid)
    rings = energy_spectrum(w, grid)
    assert float(rings.sum()) == pytest.approx(float(w.square().sum(0).mean()) / 2)
    # Ring 1 holds eight modes where its area has room for 6.3; further out this evens out.
    total = float(energy[8:].sum() * (k[1] - k[0]))
    assert total == pytest.approx(float(rings[8:].sum()), rel=0.05)
    found = fitted(energy, k, grid)
    first = int((k - found.wavenumbers[0]).abs().argmin())
    assert found.level == pytest.approx(float(energy[first]), rel=0.1)
    wavelengths = [2 * math.pi / value for value in found.wavenumbers]
    assert wavelengths[1] >= 0.4 - 1e-9 and wavelengths[0] <= 12.8 / 3 + 1e-9


@pytest.mark.parametrize("slope", [-2.0, -4.0])
def test_a_window_serves_where_the_field_does_not_repeat(slope):
    periodic = Grid(256, 256, periodic_x=True, periodic_y=True)
    w = power_law(periodic, slope, exact=False)[:, 40:168, 40:168]
    part = Grid(128, 128)
    assert slope_of(w, part).slope == pytest.approx(slope, abs=0.2)
    # Control: taken to repeat, the jump at the edges hides steep spectra.
    wrong = slope_of(w, part.with_(periodic_x=True, periodic_y=True))
    assert slope == -2.0 or wrong.slope > slope + 0.5


def test_land_is_avoided_where_a_square_without_it_is_left():
    open_sea = Grid(192, 192, periodic_x=True, periodic_y=True)
    w = power_law(open_sea, -4.0, exact=False)
    water = torch.rand(192, 192, generator=torch.Generator().manual_seed(1)) > 0.02
    water[20:140, 50:170] = True
    grid = Grid(192, 192, water=water)
    region = region_of(grid)
    assert "square without land" in region.words and min(region.grid.shape) >= 120
    assert region.fits(grid) and not region_of(Grid(192, 192)).fits(grid)
    clean = slope_of(w[:, region.rows, region.columns], region.grid)
    assert clean.slope == pytest.approx(-4.0, abs=0.3)
    # Control: the masked field is far from its slope.
    assert slope_of(w.masked_fill(~water, 0.0), grid).slope > clean.slope + 0.4


def test_the_interval_covers_the_slope_about_as_often_as_it_says():
    grid = Grid(96, 96, periodic_x=True, periodic_y=True)
    found = [slope_of(power_law(grid, -3.0, seed, exact=False), grid) for seed in range(40)]
    covered = np.mean([one.low <= -3.0 <= one.high for one in found])
    assert covered >= 0.8
    spread = np.std([one.slope for one in found])
    half = np.mean([one.high - one.low for one in found]) / 2
    assert 0.5 < half / (1.96 * spread) < 2


def test_a_field_with_too_few_scales_has_no_slope():
    grid = Grid(14, 14)
    assert slope_of(torch.randn(2, 14, 14, dtype=torch.float64), grid) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_square_is_found(seed):
    water = torch.rand(17, 23, generator=torch.Generator().manual_seed(seed)) > 0.15
    side, y, x = largest_square(water)
    assert bool(water[y : y + side, x : x + side].all())

    def exists(size):
        return any(
            bool(water[j : j + size, i : i + size].all())
            for j in range(17 - size + 1)
            for i in range(23 - size + 1)
        )

    assert exists(side) and not exists(side + 1)
    assert largest_square(torch.zeros(5, 5, dtype=torch.bool))[0] == 0
    assert largest_square(torch.ones(5, 9, dtype=torch.bool)) == (5, 0, 0)
