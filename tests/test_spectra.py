"""Spectra keep the energy, put each mode in its ring, and treat both axes alike."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.rings import rings_of
from symdyn_core.spectra import (
    energy_spectrum,
    ese_of_mean_spectra,
    ese_per_sample,
    turbulence_spectrum,
    turbulent_kinetic_energy,
    wavenumbers,
)

PERIODIC = {"periodic_y": True, "periodic_x": True}


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def kinetic_energy(w: torch.Tensor) -> torch.Tensor:
    return 0.5 * w.square().mean((-2, -1)).sum(-1)


def wave(grid: Grid, along_y: int, along_x: int) -> torch.Tensor:
    """u = cos of so many waves along y and x: a mean energy of 1/4."""
    phase_y = torch.arange(grid.ny, dtype=torch.float64)[:, None] / grid.ny * along_y
    phase_x = torch.arange(grid.nx, dtype=torch.float64) / grid.nx * along_x
    u = torch.cos(2 * math.pi * (phase_y + phase_x))
    return torch.stack((u, torch.zeros_like(u)))


@pytest.mark.parametrize("shape", [(16, 16), (15, 15), (12, 20), (9, 32), (64, 64)])
def test_parseval(shape):
    grid = Grid(*shape, dy=0.5, dx=0.25, **PERIODIC)
    w = 3.0 + noise(4, 2, *shape)
    total = energy_spectrum(w, grid).sum(-1)
    assert torch.allclose(total, kinetic_energy(w), rtol=1e-12)
    without_corner = energy_spectrum(w, grid)[..., :-1].sum(-1)
    assert not torch.allclose(without_corner, kinetic_energy(w), rtol=1e-12)


@pytest.mark.parametrize(
    ("along_y", "along_x", "ring"),
    [(0, 5, 5), (5, 0, 5), (3, 4, 5), (1, 1, 1), (-2, 7, 7), (8, 8, 11)],
)
def test_a_wave_lands_in_its_ring(along_y, along_x, ring):
    grid = Grid(32, 32, **PERIODIC)
    spectrum = energy_spectrum(wave(grid, along_y, along_x), grid)
    assert spectrum[ring] == pytest.approx(0.25, rel=1e-12)
    assert spectrum.sum() - spectrum[ring] < 1e-12


def test_rings_follow_the_physical_wavenumber_of_a_rectangle():
    grid = Grid(16, 64, dy=2.0, dx=1.0, **PERIODIC)  # 32 x 64 long: Δk belongs to x
    assert energy_spectrum(wave(grid, 0, 3), grid).argmax() == 3
    assert energy_spectrum(wave(grid, 3, 0), grid).argmax() == 6
    assert wavenumbers(grid)[6].item() == pytest.approx(3 * 2 * math.pi / 32)


def test_the_mean_flow_stays_in_ring_zero():
    for grid in (Grid(24, 24, **PERIODIC), Grid(24, 24)):
        w = noise(2, 24, 24)
        moving = w + torch.tensor([5.0, -3.0])[:, None, None]
        still, moved = energy_spectrum(w, grid), energy_spectrum(moving, grid)
        assert torch.allclose(still[1:], moved[1:], rtol=1e-9)
        assert moved[0] > 15


def test_white_noise_is_flat_per_mode():
    grid = Grid(32, 32, **PERIODIC)
    modes = rings_of(grid, torch.float64, torch.device("cpu")).modes
    per_mode = energy_spectrum(noise(400, 2, 32, 32), grid).mean(0) / modes
    assert modes.sum() == 32 * 32
    assert torch.allclose(per_mode, per_mode.mean().expand_as(per_mode), rtol=0.15)
    per_ring = per_mode * modes
    assert per_ring.max() > 10 * per_ring.min()


@pytest.mark.parametrize("periodic", [(False, False), (True, False), (False, True)])
def test_hann_windows_keep_the_energy_on_average(periodic):
    grid = Grid(32, 32, periodic_y=periodic[0], periodic_x=periodic[1])
    w = noise(500, 2, 32, 32)
    ratio = energy_spectrum(w, grid).sum(-1).mean() / kinetic_energy(w).mean()
    assert ratio == pytest.approx(1, abs=0.01)


def test_a_window_removes_leakage_of_what_is_not_periodic():
    grid = Grid(64, 64)
    ramp = torch.linspace(-1, 1, 64, dtype=torch.float64).expand(2, 64, 64)
    windowed = energy_spectrum(ramp, grid)
    bare = energy_spectrum(ramp, grid.with_(**PERIODIC))
    assert windowed[20] < 1e-3 * bare[20]


def test_land_is_no_part_of_the_energy():
    grid = Grid(24, 24, **PERIODIC)
    water = torch.ones(1, 24, 24, dtype=torch.bool)
    water[:, :10, :7] = False
    w = noise(3, 2, 24, 24) + 2
    expected = 0.5 * w[..., water[0]].square().mean(-1).sum(-1)
    masked = energy_spectrum(w, grid, water)
    assert torch.allclose(masked.sum(-1), expected, rtol=1e-12)
    dirty = torch.where(water, w, float("nan"))
    assert torch.equal(energy_spectrum(dirty, grid, water), masked)
    zeros_as_water = energy_spectrum(torch.where(water, w, 0.0), grid)
    assert not torch.allclose(zeros_as_water.sum(-1), expected, rtol=1e-2)


def test_large_grids_use_the_same_rings():
    grid = Grid(256, 512, **PERIODIC)  # too large for a dense matrix
    w = noise(2, 2, 256, 512)
    rings = rings_of(grid, w.dtype, w.device)
    assert rings.matrix.layout is torch.sparse_coo
    assert torch.allclose(energy_spectrum(w, grid).sum(-1), kinetic_energy(w), rtol=1e-12)
    spectrum = energy_spectrum(wave(grid, 3, 8), grid)
    assert spectrum.argmax() == 10  # 3 waves over half the length count as 6


def test_turbulent_kinetic_energy_by_hand():
    w = torch.zeros(2, 2, 1, 1)
    w[:, 0] = torch.tensor([1.0, 7.0])[:, None, None]  # fluctuations of 3
    w[:, 1] = torch.tensor([-4.0, 4.0])[:, None, None]  # fluctuations of 4
    assert turbulent_kinetic_energy(w).item() == 0.5 * (9 + 16)


def quarter_turn(w: torch.Tensor) -> torch.Tensor:
    """Counter-clockwise, rows running north: (u, v) -> (-v, u)."""
    # Rows run north, so that a turn of the array is clockwise where a turn of the flow is not.
    turned = torch.rot90(w, -1, (-2, -1))
    return torch.stack((-turned[..., 1, :, :], turned[..., 0, :, :]), dim=-3)


def test_a_quarter_turn_changes_no_spectrum_but_the_released_one():
    grid, w = Grid(64, 64, **PERIODIC), noise(6, 10, 2, 64, 64)
    turned = quarter_turn(w)
    assert torch.allclose(energy_spectrum(w, grid), energy_spectrum(turned, grid), rtol=1e-9)
    error = ese_per_sample(turbulence_spectrum(w, grid), turbulence_spectrum(turned, grid))
    released = ese_per_sample(
        turbulence_spectrum(w, grid, released=True),
        turbulence_spectrum(turned, grid, released=True),
    )
    assert error < 1e-10
    assert released > 0.02


def test_the_released_rings_are_the_released_rings():
    grid = Grid(64, 64, **PERIODIC)
    ours, released = (
        rings_of(grid, torch.float64, torch.device("cpu"), released=flag) for flag in (False, True)
    )
    assert len(ours.modes) == 46
    assert len(released.modes) == 43
    # A wave of 5 lengths along x has its two halves in different rings.
    half_plane = torch.zeros(64, 33, dtype=torch.float64)
    half_plane[0, 5] = 1
    assert ours.sums(half_plane).count_nonzero() == 1
    assert released.sums(half_plane).count_nonzero() == 2


def test_released_rings_by_brute_force():
    w = noise(5, 2, 32, 32)
    energy = turbulent_kinetic_energy(w)
    power = torch.fft.fftshift(torch.fft.fft2(energy)).abs() ** 2
    y, x = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    radius = torch.hypot(y - 15.5, x - 15.5).floor()
    rings = torch.stack([power[radius == r].mean() for r in range(1, int(radius.max()))])
    spectrum = turbulence_spectrum(w, Grid(32, 32, **PERIODIC), released=True)
    assert torch.allclose(spectrum, rings, rtol=1e-10)


def test_ese_by_hand_in_both_orders():
    truth = torch.ones(2, 2, dtype=torch.float64)
    forecast = torch.tensor([[10.0, 1.0], [0.1, 1.0]], dtype=torch.float64)
    assert ese_per_sample(forecast, truth) == pytest.approx(math.sqrt(2 / 4))
    assert ese_of_mean_spectra(forecast, truth) == pytest.approx(0)  # +1 and -1 cancel


def test_ese_is_blind_to_uniform_motion_and_to_a_common_magnitude():
    grid, truth, forecast = Grid(32, 32), noise(4, 6, 2, 32, 32), noise(4, 6, 2, 32, 32, seed=1)

    def ese(a, b):
        return ese_per_sample(turbulence_spectrum(a, grid), turbulence_spectrum(b, grid))

    reference = ese(forecast, truth)
    assert ese(forecast + 3, truth + 3) == pytest.approx(reference, rel=1e-9)
    assert ese(1e-4 * forecast, 1e-4 * truth) == pytest.approx(reference, rel=1e-9)
    assert ese(2 * forecast, truth) > reference + 0.1


def test_turbulence_over_water_only():
    grid = Grid(16, 16)
    water = torch.ones(1, 1, 16, 16, dtype=torch.bool)
    water[..., :5, :5] = False
    w = noise(5, 2, 16, 16)
    dirty = torch.where(water, w, 1e3 * noise(5, 2, 16, 16, seed=1))
    clean = turbulence_spectrum(w, grid, water)
    assert torch.allclose(turbulence_spectrum(dirty, grid, water), clean, rtol=1e-9)
    assert not torch.allclose(turbulence_spectrum(dirty, grid), clean, rtol=1e-1)
