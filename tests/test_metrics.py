"""Errors with numbers that can be checked by hand."""

import math

import pytest
import torch

from symdyn_core import metrics
from symdyn_core.grid import Grid


def uniform(u: float, v: float, batch: int = 1, lead: int = 1, size: int = 4) -> torch.Tensor:
    w = torch.empty(batch, lead, 2, size, size)
    w[:, :, 0], w[:, :, 1] = u, v
    return w


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def coast(size: int = 4) -> torch.Tensor:
    """Water but for the lower left quarter."""
    water = torch.ones(1, 1, 1, size, size, dtype=torch.bool)
    water[..., : size // 2, : size // 2] = False
    return water


def test_an_error_of_6_and_minus_8_counts_10():
    truth = uniform(1, 2)
    forecast = uniform(7, -6)
    assert metrics.vector_rmse(forecast, truth) == pytest.approx(10)
    assert metrics.rmse(forecast, truth) == pytest.approx(math.sqrt(50))
    assert metrics.rmse(truth, truth) == 0


def test_land_does_not_count():
    truth, forecast = uniform(1, 2), uniform(7, -6)
    forecast[..., :2, :2] = float("nan")
    assert metrics.vector_rmse(forecast, truth, coast()) == pytest.approx(10)
    forecast[..., :2, :2] = 0
    truth[..., :2, :2] = 0
    assert metrics.vector_rmse(forecast, truth) == pytest.approx(10 * math.sqrt(3 / 4))
    assert math.isnan(metrics.rmse(forecast, truth, torch.zeros_like(coast())))


def test_batches_are_pooled_before_the_root():
    truth = uniform(0, 0)
    sums = [metrics.squared_error_sums(uniform(e, e), truth) for e in (1.0, 7.0)]
    assert (sums[0] + sums[1]).rmse() == pytest.approx(5)
    assert (sums[0].rmse() + sums[1].rmse()) / 2 == pytest.approx(4)  # what it must not be


def test_lead_times_are_kept_apart_and_weighed_by_their_valid_cells():
    forecast = torch.cat((uniform(3, 3), uniform(4, 4)), dim=1)
    truth = torch.zeros_like(forecast)
    assert metrics.rmse_by_lead(forecast, truth).tolist() == pytest.approx([3, 4])
    water = torch.ones(1, 2, 1, 4, 4, dtype=torch.bool)
    water[:, 1, :, :3] = False  # a quarter as many cells at the second lead time
    assert metrics.rmse_by_lead(forecast, truth, water).tolist() == pytest.approx([3, 4])
    assert metrics.rmse(forecast, truth, water) == pytest.approx(math.sqrt((4 * 9 + 16) / 5))


def test_persistence_is_the_unit_of_the_normalised_error():
    now = noise(3, 2, 6, 6)
    truth = noise(3, 4, 2, 6, 6, seed=1)
    persistence = now[:, None].expand_as(truth)
    assert torch.allclose(metrics.normalised_rmse(persistence, truth, now), torch.ones(4).double())
    half_way = (persistence + truth) / 2
    half = metrics.normalised_rmse(half_way, truth, now)
    assert torch.allclose(half, torch.full((4,), 0.5).double())


def test_correlation_by_hand():
    truth = noise(5, 2, 2, 8, 8)
    assert torch.allclose(metrics.correlation(truth, truth), torch.ones(2))
    assert torch.allclose(metrics.correlation(-truth, truth), -torch.ones(2))
    assert torch.allclose(metrics.correlation(4 * truth + 7, truth), torch.ones(2))
    assert metrics.correlation(noise(5, 2, 2, 8, 8, seed=1), truth).abs().max() < 0.3
    # Departures (1, -1, 0, 0) and (1, 0, -1, 0) share half of their length.
    f = torch.tensor([[1.0, -1.0], [0.0, 0.0]]).expand(1, 1, 2, 2, 2)
    t = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).expand(1, 1, 2, 2, 2)
    assert metrics.correlation(f, t).item() == pytest.approx(0.5)


def test_correlation_ignores_land():
    truth = noise(2, 1, 2, 4, 4)
    forecast = torch.where(coast(), truth, 100 * noise(2, 1, 2, 4, 4, seed=1))
    assert metrics.correlation(forecast, truth, coast()).item() == pytest.approx(1)
    assert metrics.correlation(forecast, truth).item() < 0.9


def test_correlation_time():
    falling = torch.tensor([0.9, 0.7, 0.5])
    assert metrics.correlation_time(falling, dt=2.0) == pytest.approx(3.0)
    assert metrics.correlation_time(falling, dt=2.0, threshold=0.6) == pytest.approx(5.0)
    assert metrics.correlation_time(torch.tensor([0.6, 0.9]), dt=1.0) == pytest.approx(0.5)
    assert metrics.correlation_time(torch.ones(3), dt=1.0) == math.inf


def waves(grid: Grid) -> tuple[torch.Tensor, torch.Tensor]:
    """A flow along its own crests, without divergence, and one across them, all divergence."""
    x = 2 * math.pi * torch.arange(grid.nx, dtype=torch.float64) / grid.nx
    across = x.sin().expand(grid.ny, grid.nx)
    rest = torch.zeros_like(across)
    return torch.stack((rest, across)), torch.stack((across, rest))


def test_divergence_over_gradients():
    grid = Grid(32, 32, dy=0.1, dx=0.1, periodic_y=True, periodic_x=True)
    solenoidal, divergent = waves(grid)
    assert metrics.divergence_rms(solenoidal, grid) < 1e-12
    assert metrics.divergence_rms(divergent, grid) == pytest.approx(1)
    assert metrics.divergence_rms(7 * divergent, grid) == pytest.approx(1)
    both = metrics.divergence_rms(torch.stack((solenoidal, divergent)), grid)
    assert both == pytest.approx(math.sqrt(1 / 2))


def test_divergence_respects_the_spacing():
    # u = sin(2πx/L), v = -cos(2πx/L) y has no divergence on the grid it lives on.
    grid = Grid(32, 32, dy=0.5, dx=2.0)
    x, y = grid.x().double(), grid.y().double()[:, None]
    k = 0.05
    w = torch.stack(((k * x).sin().expand(32, 32), -k * (k * x).cos() * y))
    assert metrics.divergence_rms(w, grid) < 1e-3
    assert metrics.divergence_rms(w, grid.with_(dx=1.0)) > 0.1


def test_divergence_stays_away_from_the_coast():
    grid = Grid(32, 32, periodic_y=True, periodic_x=True)
    solenoidal, _ = waves(grid)
    water = torch.ones(1, 32, 32, dtype=torch.bool)
    water[:, 10:20, 5:15] = False
    filled = torch.where(water, solenoidal, 0.0)
    assert metrics.divergence_rms(filled, grid, water) < 1e-12
    assert metrics.divergence_rms(filled.flip(0), grid) > 0.1
    across = torch.where(water, solenoidal.flip(0), 0.0)
    assert metrics.divergence_rms(across, grid, water) == pytest.approx(1, rel=1e-3)
