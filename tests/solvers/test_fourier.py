"""Truncated series: exact products, Parseval, resampling; random flows to start from."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.operators import derivative, divergence
from symdyn_core.solvers import FourierSeries, random_flow
from symdyn_core.solvers.fourier import resampled
from symdyn_core.spectra import energy_spectrum

GRID = Grid(18, 24, 0.5, 0.25, periodic_y=True, periodic_x=True)


def series(grid: Grid = GRID) -> FourierSeries:
    return FourierSeries(grid, dtype=torch.float64)


def resolved(grid: Grid, seed: int = 0) -> torch.Tensor:
    """Noise in the kept modes."""
    space = series(grid)
    noise = torch.randn(grid.shape, generator=torch.Generator().manual_seed(seed)).double()
    return space.to_grid(space.multiplier(torch.ones(1, 1)) * space.from_grid(noise))


def test_kept_fields_go_there_and_back():
    field = resolved(GRID)
    space = series()
    torch.testing.assert_close(space.to_grid(space.from_grid(field)), field, rtol=0, atol=1e-14)
    assert (space.last_y, space.last_x) == (5, 7)


def test_products_are_exact_in_the_kept_modes():
    """Against the product on a grid three times as fine, which holds all of it."""
    a, b = resolved(GRID, 0), resolved(GRID, 1)
    fine = resampled(a, 54, 72) * resampled(b, 54, 72)
    keep = series().multiplier(torch.ones(1, 1))
    exact = keep * series().from_grid(resampled(fine, 18, 24))
    product = keep * series().from_grid(a * b)
    torch.testing.assert_close(product, exact, rtol=0, atol=1e-12)
    # The modes between the kept ones and the grid's last are not exact.
    assert float((a * b - resampled(fine, 18, 24)).abs().max()) > 1e-3


def test_multipliers_differentiate_and_parseval_holds():
    field, space = resolved(GRID), series()
    slope = space.to_grid(space.multiplier(1j * space.k_y + 0 * space.k_x) * space.from_grid(field))
    torch.testing.assert_close(slope, derivative(field, GRID, "y"), rtol=0, atol=1e-12)
    hat = space.from_grid(field)
    assert float(space.mean_square(hat)) == pytest.approx(float(field.square().mean()), rel=1e-12)
    inverse = space.multiplier(space.laplacian) * space.multiplier(space.inverse_laplacian)
    expected = space.multiplier(torch.ones_like(space.laplacian))
    expected[0, 0] = 0
    torch.testing.assert_close(inverse, expected)


@pytest.mark.parametrize(("ny", "nx"), [(9, 12), (13, 31), (36, 48)])
def test_resampling_keeps_what_both_grids_hold_and_removes_the_rest(ny, nx):
    def wave(rows, columns, waves):
        y = torch.arange(rows, dtype=torch.float64)[:, None] / rows
        x = torch.arange(columns, dtype=torch.float64) / columns
        return torch.cos(2 * math.pi * (waves * y + (waves - 1) * x) + 0.3)

    torch.testing.assert_close(resampled(wave(18, 24, 3), ny, nx), wave(ny, nx, 3))
    if ny < 16:
        assert float(resampled(wave(18, 24, 8), ny, nx).abs().max()) < 1e-12
        assert float(wave(18, 24, 8)[::2, ::2].abs().max()) > 0.5  # every second cell aliases


def test_random_flows_have_the_spectrum_and_speed_asked_for():
    grid = Grid(96, 96, 2 * math.pi / 96, 2 * math.pi / 96, periodic_y=True, periodic_x=True)
    w = random_flow(grid, 32, waves=6, rms=2.0, generator=torch.Generator().manual_seed(0))
    assert float(divergence(w, grid).abs().max()) < 1e-9
    torch.testing.assert_close(
        w.square().sum(1).mean((-2, -1)), torch.full((32,), 4.0, dtype=torch.float64)
    )
    spectrum = energy_spectrum(w, grid).mean(0)
    assert int(spectrum.argmax()) in (3, 4, 5, 6)  # the ring of most energy is 6 / 3^(1/4)
    slope = math.log(float(spectrum[28] / spectrum[14])) / math.log(2)
    assert slope == pytest.approx(-3, abs=0.4)
    assert float(spectrum[50:].max()) < 1e-20
    other = random_flow(grid, 32, waves=6, rms=2.0, generator=torch.Generator().manual_seed(1))
    assert float((other - w).abs().max()) > 0.1


def test_open_and_tiny_grids_are_refused():
    for grid, message in (
        (GRID.with_(periodic_x=False), "repeats along both axes"),
        (GRID.with_(water=torch.zeros(18, 24, dtype=torch.bool)), "a mask of land"),
        (GRID.with_(ny=3), "4 x 4 cells or more"),
    ):
        with pytest.raises(ValueError, match=message):
            FourierSeries(grid)
        with pytest.raises(ValueError, match=message):
            random_flow(grid)
    with pytest.raises(ValueError, match="positive waves"):
        random_flow(GRID, waves=0)
