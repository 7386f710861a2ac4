"""Two-layer quasi-geostrophic flow: waves, instability, budgets, conservation, realistic speeds."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.operators import divergence
from symdyn_core.solvers import OceanColumn, QuasiGeostrophic

DAY = 86400.0
LOSSLESS = OceanColumn(bottom_drag=0.0, smallest_decay=0.0)
STILL = replace(LOSSLESS, current=(0.0, 0.0))


def box(cells: int, side: float = 250e3) -> Grid:
    return Grid(cells, cells, side / cells, side / cells, DAY, periodic_y=True, periodic_x=True)


def ocean(cells: int, column: OceanColumn, side: float = 250e3) -> QuasiGeostrophic:
    return QuasiGeostrophic(box(cells, side), column, dtype=torch.float64)


def eddies(solver: QuasiGeostrophic, rms: float = 0.2, batch: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return solver.step(solver.random_state(batch, rms=rms, generator=generator), 1.0)


def wave(solver: QuasiGeostrophic, m: int, n: int, layers, phase: float = 0.0) -> torch.Tensor:
    """q of a plane wave with ψ = layers cos(k x + l y + phase) [m²/s], as a state."""
    k, ell = (2 * math.pi * number / solver.grid.extent[0] for number in (m, n))
    x = torch.arange(solver.grid.nx, dtype=torch.float64) * solver.grid.dx
    y = torch.arange(solver.grid.ny, dtype=torch.float64)[:, None] * solver.grid.dy
    psi = torch.tensor(layers, dtype=torch.float64)[:, None, None] * torch.cos(
        k * x + ell * y + phase
    )
    upper, lower = solver.column.stretching
    q = -(k**2 + ell**2) * psi
    q[0] += upper * (psi[1] - psi[0])
    q[1] += lower * (psi[0] - psi[1])
    return q[None]


@pytest.mark.parametrize(("m", "n"), [(1, 0), (2, 1), (3, -2)])
@pytest.mark.parametrize("mode", ["barotropic", "baroclinic"])
def test_rossby_waves_travel_at_their_speed(m, n, mode):
    """ω = -βk/(k² + l²) where both layers move as one, -βk/(k² + l² + r_d⁻²) where they oppose:
    exact solutions of any amplitude, as a single wave does not advect itself."""
    solver = ocean(16, STILL)
    delta = solver.column.thickness_ratio
    layers = (400.0, 400.0) if mode == "barotropic" else (400.0, -400.0 * delta)
    k, ell = (2 * math.pi * number / 250e3 for number in (m, n))
    inverse_square = 0.0 if mode == "barotropic" else solver.column.deformation_radius**-2
    omega = -solver.column.beta * k / (k**2 + ell**2 + inverse_square)
    time = 5 * DAY
    later = solver.steps(wave(solver, m, n, layers), DAY / 8, 40)
    expected = wave(solver, m, n, layers, phase=-omega * time)
    assert float((later - expected).norm() / expected.norm()) < 1e-6
    unmoved = wave(solver, m, n, layers)
    assert float((later - unmoved).norm() / unmoved.norm()) > 0.02


def test_small_eddies_decay_with_the_eighth_power_of_their_wavenumber():
    """A single wave in an ocean at rest does nothing else; the last one kept decays at the rate
    that the column states."""
    solver = ocean(16, replace(STILL, beta=0.0, smallest_decay=1e-5))
    last = solver.series.last_x
    for m in (last, last - 1, last - 2):
        q = wave(solver, m, 0, (100.0, 30.0))
        later = solver.step(q, DAY)
        rate = -math.log(float(later.norm() / q.norm())) / DAY
        assert rate == pytest.approx(1e-5 * (m / last) ** 8, rel=1e-6)


def instability_rate(column: OceanColumn, k: float) -> float:
    """Growth rate [1/s] of the wave e^(ikx), from the 2 x 2 eigenvalue problem of the linear
    equations (Vallis (2017), section 9.6)."""
    upper, lower = column.stretching
    to_q = torch.tensor(
        [[-(k**2) - upper, upper], [lower, -(k**2) - lower]], dtype=torch.complex128
    )
    gradient = torch.diag(torch.tensor(column.vorticity_gradient)).to(torch.complex128)
    current = torch.diag(torch.tensor(column.current)).to(torch.complex128)
    drag = torch.diag(torch.tensor([0.0, column.bottom_drag * k**2])).to(torch.complex128)
    rate = (-1j * k * (current @ to_q + gradient) + drag) @ torch.linalg.inv(to_q)
    return float(torch.linalg.eigvals(rate).real.max())


@pytest.mark.parametrize("column", [replace(OceanColumn(), smallest_decay=0.0), LOSSLESS])
def test_weak_waves_grow_at_the_rate_of_the_linear_theory(column):
    solver = ocean(16, column)
    q = wave(solver, 1, 0, (1e-3, 2e-4), phase=0.4)
    early = solver.steps(q, DAY / 4, 4 * 200)
    late = solver.steps(early, DAY / 4, 4 * 20)
    measured = math.log(float(late.norm() / early.norm())) / (20 * DAY)
    expected = instability_rate(column, 2 * math.pi / 250e3)
    assert 1e-7 < expected < 1e-6  # weeks to months to grow
    assert measured == pytest.approx(expected, rel=2e-3)


def test_short_waves_and_weak_currents_are_stable():
    """Without drag waves are neutral there; the currents must exceed β / F₂ for any to grow."""
    assert instability_rate(LOSSLESS, 2 * math.pi * 8 / 250e3) < 1e-12
    assert instability_rate(replace(LOSSLESS, current=(0.005, 0.0)), 2 * math.pi / 250e3) < 1e-12


def test_velocities_and_potential_vorticity_determine_each_other():
    solver = ocean(24, OceanColumn())
    q = eddies(solver, batch=2)
    w = solver.velocities(q)
    torch.testing.assert_close(solver.potential_vorticity(w), q, rtol=0, atol=1e-18)
    assert float(divergence(w, solver.grid).abs().max()) < 1e-16
    surface = solver.surface_velocity(q)
    torch.testing.assert_close(surface[:, 0], w[:, 0, 0] + 0.06)
    torch.testing.assert_close(surface[:, 1], w[:, 0, 1])


def test_without_losses_and_current_energy_and_enstrophies_stay():
    """Energy and the enstrophy of each layer; up to the fourth order of the steps."""
    solver = ocean(24, replace(STILL, beta=0.0))
    q = eddies(solver)
    changes = []
    for count in (100, 200):
        later = solver.steps(q, 10 * DAY / count, count)
        energy = abs(float(solver.energy(later).total / solver.energy(q).total) - 1)
        enstrophy = (later.square().mean((-2, -1)) / q.square().mean((-2, -1)) - 1).abs()
        changes.append(max(energy, float(enstrophy.max())))
        assert float((later - q).norm() / q.norm()) > 0.5
    assert changes[0] < 1e-3
    assert changes[1] < changes[0] / 8


@pytest.mark.parametrize(
    "column", [OceanColumn(), LOSSLESS, replace(OceanColumn(), current=(0.0, 0.0))]
)
def test_energy_changes_as_its_budget_says(column):
    solver, dt = ocean(24, column), 100.0
    q = solver.steps(eddies(solver, batch=2), 3600.0, 48)
    before, now, after = (solver.steps(q, dt, count) for count in (1, 2, 3))
    slope = (solver.energy(after).total - solver.energy(before).total) / (2 * dt)
    budget = solver.energy(now)
    scale = float(budget.supply.abs().max() + budget.friction.max() + budget.dissipation.max())
    torch.testing.assert_close(slope, budget.rate, rtol=0, atol=1e-4 * scale + 1e-16)
    assert bool((budget.supply != 0).all()) == (column.current[0] != 0)
    assert bool((budget.friction > 0).all()) == (column.bottom_drag > 0)


def test_steps_converge_at_fourth_order():
    solver = ocean(24, replace(OceanColumn(), smallest_decay=0.0))
    q = eddies(solver)
    ends = [solver.steps(q, 2 * DAY / count, count) for count in (32, 64, 128, 512)]
    errors = [float((end - ends[-1]).norm()) for end in ends[:-1]]
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(4, abs=0.4)


def test_eddies_grow_to_speeds_of_a_real_ocean():
    """Root mean square speed 0.1 to 0.35 m/s, no current over 1.5 m/s, as drifters find in strong
    mid-latitude currents; a day changes a fifth or less of it."""
    solver = QuasiGeostrophic(box(24), OceanColumn())
    with torch.inference_mode():
        q = solver.random_state(1, rms=0.05, generator=torch.Generator().manual_seed(0))
        q, _ = solver.advance(q, 250 * DAY)
        speeds, fastest, persistence = [], [], []
        for _ in range(20):
            later, _ = solver.advance(q, DAY)
            w, after = solver.surface_velocity(q), solver.surface_velocity(later)
            speeds.append(float(w.square().sum(1).mean()))
            fastest.append(float(w.abs().max()))
            persistence.append(float((after - w).norm() / (w - w.mean((-2, -1), True)).norm()))
            q = later
    assert 0.1 < math.sqrt(sum(speeds) / 20) < 0.35
    assert max(fastest) < 1.5
    assert 0.05 < sum(persistence) / 20 < 0.35


def test_derivatives_through_steps_match_finite_differences():
    solver = ocean(16, OceanColumn())
    q, direction = eddies(solver, batch=2).split(1)

    def energy(amount):
        return 1e3 * solver.energy(solver.steps(q + amount * direction, 3600.0, 6)).total.sum()

    amount = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (derivative,) = torch.autograd.grad(energy(amount), amount)
    with torch.no_grad():
        numerical = (energy(torch.tensor(1e-4)) - energy(torch.tensor(-1e-4))) / 2e-4
    assert float(derivative) == pytest.approx(float(numerical), rel=1e-7)
    assert abs(float(derivative)) > 1e-3


def test_members_do_not_meet_and_pieces_are_the_whole():
    solver = ocean(16, OceanColumn())
    q = eddies(solver, batch=3)
    alone = torch.cat([solver.step(member[None], 3600.0) for member in q])
    torch.testing.assert_close(solver.step(q, 3600.0), alone, rtol=0, atol=1e-18)
    middle, _ = solver.advance(solver.advance(q, DAY)[0], DAY)
    assert torch.equal(solver.trajectory(q, 3)[:, 2], middle)


def test_impossible_oceans_are_refused():
    with pytest.raises(ValueError, match="positive deformation radius"):
        OceanColumn(deformation_radius=0.0)
    with pytest.raises(ValueError, match="0 or more"):
        OceanColumn(bottom_drag=-1.0)
