"""Heat diffusion: exact solutions, budget, derivatives."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.solvers import HeatDiffusion, heat
from symdyn_core.solvers.heat_solutions import diffusing_wave, spreading_spot

GRID = Grid(24, 32, 2.0 / 24, 3.0 / 32, 0.1, periodic_y=True, periodic_x=True)
KAPPA = 0.05


@pytest.fixture(autouse=True, params=[64, 0], ids=["matrices", "transforms"])
def way(request, monkeypatch):
    """Every property holds for small grids and for large ones."""
    monkeypatch.setattr(heat, "MATRIX_CELLS", request.param)


def exact(dtype=torch.float64) -> HeatDiffusion:
    return HeatDiffusion(GRID, KAPPA, dtype=dtype)


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-13), (torch.float32, 2e-6)])
@pytest.mark.parametrize("waves", [(1, 0), (0, 2), (3, -2), (15, 11)])
def test_waves_decay_at_their_rate_in_one_step_or_many(waves, dtype, bound):
    solver = exact(dtype)

    def wave(time):
        return diffusing_wave(GRID, KAPPA, waves, time, phase=0.3)[None, None].to(dtype)

    once = solver.step(wave(0.0), 0.5)
    often = wave(0.0)
    for _ in range(10):
        often, steps = solver.advance(often, 0.05)
        assert steps == 1
    for state in (once, often, solver.trajectory(wave(0.0), 6)[:, -1]):
        assert float((state - wave(0.5)).abs().max()) < bound
    k_squared = (2 * math.pi * waves[0] / 3) ** 2 + (2 * math.pi * waves[1] / 2) ** 2
    ratio = float(once.norm() / wave(0.0).norm())
    assert ratio == pytest.approx(math.exp(-KAPPA * k_squared * 0.5), abs=bound)


@pytest.mark.parametrize("time", [0.1, 1.0, 10.0])
def test_a_spot_spreads_as_a_gaussian_does(time):
    """Resolved from the start: the width is three cells."""
    first = spreading_spot(GRID, KAPPA, 0.3, 0.0)[None, None]
    expected = spreading_spot(GRID, KAPPA, 0.3, time)[None, None]
    assert float((exact().step(first, time) - expected).abs().max()) < 1e-4
    half_rate = HeatDiffusion(GRID, KAPPA / 2, dtype=torch.float64).step(first, time)
    assert float((half_rate - expected).abs().max()) > 3e-3


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-14), (torch.float32, 2e-6)])
@pytest.mark.parametrize("shape", [(24, 32), (15, 21), (64, 64)])
def test_matrices_and_transforms_take_the_same_step(monkeypatch, shape, dtype, bound):
    """Of small grids and of large ones, for cells that are not square and every wave they hold."""
    monkeypatch.setattr(heat, "MATRIX_CELLS", 64)
    grid = Grid(*shape, 2.0 / shape[0], 3.0 / shape[1], 0.1, periodic_y=True, periodic_x=True)
    state = torch.randn(2, 3, *shape, generator=torch.Generator().manual_seed(0)).to(dtype)
    solver = HeatDiffusion(grid, 1e-3, dtype=dtype)
    assert solver._by_matrices
    found = solver.step(state, 0.3)
    solver._by_matrices, solver._last = False, None
    torch.testing.assert_close(solver.step(state, 0.3), found, rtol=0, atol=bound)
    assert float((solver.step(state, 0.31) - found).abs().max()) > 1e-3
    large = grid.with_(nx=65, dx=3.0 / 65)
    assert not HeatDiffusion(large, 1e-3)._by_matrices


def test_the_mean_stays_and_the_variance_falls_as_gradients_say():
    generator = torch.Generator().manual_seed(0)
    state = exact().step(torch.randn(2, 3, 24, 32, generator=generator, dtype=torch.float64), 0.01)
    solver, dt = exact(), 1e-5
    before, after = solver.step(state, 0.01 - dt), solver.step(state, 0.01 + dt)
    torch.testing.assert_close(after.mean((-2, -1)), state.mean((-2, -1)), rtol=0, atol=1e-15)
    slope = (solver.variance(after) - solver.variance(before)) / (2 * dt)
    torch.testing.assert_close(
        slope, -solver.dissipation(solver.step(state, 0.01)), rtol=1e-5, atol=0
    )


def test_velocities_without_divergence_stay_so():
    from symdyn_core.operators import divergence
    from symdyn_core.solvers import random_flow

    w = random_flow(GRID, 2, generator=torch.Generator().manual_seed(0))
    assert float(divergence(exact().step(w, 0.3), GRID).abs().max()) < 1e-12
    assert float((exact().step(w, 0.3) - w).norm() / w.norm()) > 0.1


def test_derivatives_are_those_of_a_linear_symmetric_map():
    """⟨a, G b⟩ = ⟨G a, b⟩, by autograd."""
    a, b = torch.randn(2, 1, 1, 24, 32, dtype=torch.float64)
    a.requires_grad_()
    (gradient,) = torch.autograd.grad((exact().step(a, 0.2) * b).sum(), a)
    torch.testing.assert_close(gradient, exact().step(b, 0.2))


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="positive diffusivity"):
        HeatDiffusion(GRID, 0.0)
    with pytest.raises(ValueError, match="repeats along both axes"):
        HeatDiffusion(GRID.with_(periodic_y=False), 1.0)
    with pytest.raises(ValueError, match="backwards"):
        exact().step(torch.zeros(1, 1, 24, 32, dtype=torch.float64), -0.1)
    with pytest.raises(ValueError, match="narrower than the box"):
        spreading_spot(GRID, KAPPA, 1.0, 100.0)
