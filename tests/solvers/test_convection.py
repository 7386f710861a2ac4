"""Rayleigh-Benard convection: heat flux, onset, conservation, derivatives."""

import math
from itertools import pairwise

import pytest
import torch

from symdyn_core.solvers import Channel, RayleighBenard
from symdyn_core.solvers.convection import CELLS_AT_ONCE
from symdyn_core.solvers.time_stepping import ssp_rk3

ROLL_PAIR = 2 * math.pi / 3.117
"""Length of a channel that holds one pair of the most unstable rolls."""

SPECTRAL_NUSSELT = {2.5e3: 1.47173, 5e3: 2.11026, 1e4: 2.65250, 2e4: 3.23541, 5e4: 4.15774}
"""Steady roll pair in a channel of that length, Pr 0.71, float64, from a Fourier x Chebyshev
solution at 32 x 32 with Dedalus 3.0.5 (Burns et al. (2020), Phys. Rev. Res. 2, 023068)."""

CRITICAL_RAYLEIGH = 1707.762
"""Chandrasekhar (1961), Hydrodynamic and Hydromagnetic Stability, section 15: no-slip plates."""


def cell(nx: int, ny: int, rayleigh: float, *, stretching: float = 1.0, **options):
    channel = Channel(ny, nx, ROLL_PAIR, stretching)
    return RayleighBenard(channel, rayleigh, dtype=torch.float64, **options)


def steady_nusselt(solver: RayleighBenard, tolerance: float = 1e-4) -> float:
    """Nu of the rolls once the flux through the plates and through the volume agree."""
    with torch.inference_mode():
        q = solver.rolls(amplitude=0.3)
        for _ in range(60):
            q, _ = solver.advance(q, 5.0)
            lower, upper, volume = (float(nu) for nu in solver.nusselt(q))
            if max(abs(lower - volume), abs(upper - volume)) < tolerance * volume:
                return volume
    raise AssertionError(f"no steady state: Nu {lower}, {upper}, {volume}")


@pytest.mark.parametrize("rayleigh", [2.5e3, 1e4, 5e4])
def test_heat_flux_of_steady_rolls_is_the_spectral_one(rayleigh):
    nusselt = steady_nusselt(cell(48, 24, rayleigh))
    assert nusselt == pytest.approx(SPECTRAL_NUSSELT[rayleigh], rel=5e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rayleigh", "upwind"), [*((rayleigh, True) for rayleigh in SPECTRAL_NUSSELT), (5e4, False)]
)
def test_heat_flux_on_a_finer_grid_is_closer_still(rayleigh, upwind):
    nusselt = steady_nusselt(cell(64, 32, rayleigh, upwind=upwind), tolerance=1e-5)
    assert nusselt == pytest.approx(SPECTRAL_NUSSELT[rayleigh], rel=1.5e-3)


def test_heat_flux_converges_at_second_order_in_space():
    """Uniform cells; the coarsest is off by 8 %, so agreement within 0.5 % is no accident."""
    rows = (8, 16, 32)
    errors = [
        steady_nusselt(cell(2 * ny, ny, 1e4, stretching=0.0)) - SPECTRAL_NUSSELT[1e4] for ny in rows
    ]
    assert errors[0] > 0.07 * SPECTRAL_NUSSELT[1e4]
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(2, abs=0.25)


def growth_rate(rayleigh: float, nx: int, ny: int) -> float:
    """Exponential rate of a tiny roll, after its decaying parts are gone."""
    solver = cell(nx, ny, rayleigh)
    with torch.inference_mode():
        early, _ = solver.advance(solver.rolls(amplitude=1e-4), 8.0)
        late, _ = solver.advance(early, 4.0)
    return float(torch.log(late[:, 1].norm() / early[:, 1].norm())) / 4


def test_convection_sets_in_at_the_critical_rayleigh_number():
    below, above = (growth_rate(rayleigh, 32, 16) for rayleigh in (1690.0, 1730.0))
    critical = 1690 - below * 40 / (above - below)
    assert critical == pytest.approx(CRITICAL_RAYLEIGH, rel=0.01)
    assert growth_rate(1000.0, 32, 16) < -0.05  # and a roll far below it dies


@pytest.mark.slow
def test_onset_comes_closer_on_a_finer_grid():
    below, above = (growth_rate(rayleigh, 64, 32) for rayleigh in (1690.0, 1730.0))
    critical = 1690 - below * 40 / (above - below)
    assert critical == pytest.approx(CRITICAL_RAYLEIGH, rel=0.002)


@pytest.mark.slow
def test_unsteady_convection_carries_the_known_heat():
    """Ra 1e6, Γ = 2 from noise: 7.9 to 8.8, depending on the state that it settles in, hence a
    band and no number; the three measures of Nu agree in the time average."""
    solver = RayleighBenard(Channel(64, 128, 2.0, 1.0), 1e6)
    total = torch.zeros(3)
    with torch.inference_mode():
        q = solver.conduction(generator=torch.Generator().manual_seed(0))
        q, _ = solver.advance(q, 60.0)
        for _ in range(300):
            q, _ = solver.advance(q, 0.4)
            total += torch.cat(solver.nusselt(q))
    nusselt = total / 300
    assert bool(((nusselt > 7.5) & (nusselt < 9.2)).all()), nusselt
    assert float(nusselt.max() / nusselt.min()) < 1.05


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-14), (torch.float32, 1e-5)])
def test_divergence_stays_at_rounding(dtype, bound):
    """Relative to |u|/dx: rounding of the differences that make up the divergence."""
    solver = RayleighBenard(Channel(32, 64, 2.0, 1.5), 1e6, dtype=dtype)
    with torch.inference_mode():
        q = solver.conduction(generator=torch.Generator().manual_seed(0))
        q, steps = solver.advance(q, 8.0)
        scale = float(q[:, :2].abs().max()) / solver.channel.dx
        assert steps > 100
        assert float(solver.projection.divergence(q).abs().max()) < bound * scale
        unprojected = q + 0.01 * solver.tendency(q)
        assert float(solver.projection.divergence(unprojected).abs().max()) > 1e-3 * scale


def test_members_of_a_batch_do_not_meet():
    solver = RayleighBenard(Channel(12, 16, 2.0), 1e5, dtype=torch.float64)
    batch = solver.conduction(3, noise=0.3, generator=torch.Generator().manual_seed(0))
    together = solver.step(batch, 0.02)
    alone = torch.cat([solver.step(member[None], 0.02) for member in batch])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-14)
    assert float((together[0] - together[1]).abs().max()) > 0.1


def test_members_in_groups_take_the_same_steps_to_the_bit():
    """More cells than are stepped at once; in groups, in one piece, and each member alone."""
    solver = RayleighBenard(Channel(64, 512, 8.0), 1e6)
    batch = solver.conduction(6, noise=0.3, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        in_groups = solver.step(batch, 0.005)
        alone = torch.cat([solver.step(member[None], 0.005) for member in batch])
        at_once = ssp_rk3(solver.tendency, solver.projection, 0.005)(batch)
    assert batch[0, 0].numel() * 6 > CELLS_AT_ONCE >= batch[0, 0].numel() * 2
    assert torch.equal(in_groups, alone)
    assert torch.equal(in_groups, at_once)
    assert not torch.equal(in_groups[0], in_groups[1])


def test_a_network_is_trained_through_steps_of_the_solver():
    """A batch of coarse 64 x 64 cells inside a training loop: the parameters of a
    closure are learned from the state a few steps later, by gradients through the solver."""
    solver = RayleighBenard(Channel(64, 64, 1.0), 1e6)
    batch = solver.conduction(4, noise=0.4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        first, _ = solver.advance(batch, 4.0)
        true = torch.tensor([0.05, -0.03, 0.2])[:, None, None]
        target = first
        for _ in range(3):
            target = solver.step(target + 0.01 * true * target.roll(1, -1), 0.01)
        change = (target - first).std((0, 2, 3), keepdim=True)
    closure = torch.zeros(3, 1, 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([closure], max_iter=12, line_search_fn="strong_wolfe")
    losses = []

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        q = first
        for _ in range(3):
            q = solver.step(q + 0.01 * closure * q.roll(1, -1), 0.01)
        error = ((q - target) / change).square().mean()
        error.backward()
        losses.append(float(error.detach()))
        return error.detach()

    optimizer.step(loss)
    assert losses[-1] < 1e-3 * losses[0]
    torch.testing.assert_close(closure.detach(), true, atol=0.02, rtol=0)


def test_energy_changes_by_lift_and_friction():
    """d/dt of the kinetic energy is the work of buoyancy less the dissipation in the cells: what
    the tendency says, with the pressure doing no work, in every member."""
    solver = RayleighBenard(Channel(24, 48, 2.0, 1.0), 1e6, dtype=torch.float64)
    with torch.no_grad():
        start = solver.conduction(2, noise=0.4, generator=torch.Generator().manual_seed(1))
        q, _ = solver.advance(start, 4.0)
        dt = 1e-4
        before, after = q, solver.step(q, dt)
        rate = (kinetic_energy(solver, after) - kinetic_energy(solver, before)) / dt
        middle = (before + after) / 2
        work = power(solver, middle, solver.tendency(middle))
        torch.testing.assert_close(rate, work, rtol=1e-5, atol=0)
        # The parts: without heat nothing lifts, and what is left only loses energy.
        cold = middle * torch.tensor([1.0, 1.0, 0.0], dtype=q.dtype)[:, None, None]
        friction = power(solver, cold, solver.tendency(cold))
        assert bool((friction < 0).all())
        volume = (solver.nusselt(middle).volume - 1) * solver.diffusivity * solver.channel.length
        torch.testing.assert_close(work - friction, volume, rtol=1e-9, atol=0)


def cell_volumes(solver: RayleighBenard) -> torch.Tensor:
    """Volumes that belong to u and to v, ``[2, y, 1]``."""
    channel = solver.channel
    return channel.dx * torch.stack((channel.heights(), channel.gaps()[:-1]))[..., None]


def kinetic_energy(solver: RayleighBenard, q: torch.Tensor) -> torch.Tensor:
    return (q[:, :2].square() * cell_volumes(solver)).sum((1, 2, 3)) / 2


def power(solver: RayleighBenard, q: torch.Tensor, force: torch.Tensor) -> torch.Tensor:
    return (q[:, :2] * force[:, :2] * cell_volumes(solver)).sum((1, 2, 3))


def test_derivatives_through_a_run_match_finite_differences():
    """Where diffusion limits dt, so that dt does not depend on the state."""
    solver = RayleighBenard(Channel(12, 16, 2.0, 1.0), 2e3, dtype=torch.float64)
    with torch.no_grad():
        q, _ = solver.advance(solver.rolls(amplitude=0.3), 3.0)
    direction = solver.conduction(noise=1.0, generator=torch.Generator().manual_seed(1)) - q
    assert solver.stable_dt(q) == solver.stable_dt(0.9 * q)

    def flux(amount):
        state, _ = solver.advance(q + amount * direction, 0.3)
        return solver.nusselt(state).volume.sum()

    amount = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (derivative,) = torch.autograd.grad(flux(amount), amount)
    with torch.no_grad():
        numerical = (flux(torch.tensor(1e-5)) - flux(torch.tensor(-1e-5))) / 2e-5
    assert float(derivative) == pytest.approx(float(numerical), rel=1e-7)


def test_derivatives_through_fixed_steps_are_exact():
    solver = RayleighBenard(Channel(12, 16, 2.0, 1.0), 1e5, dtype=torch.float64)
    with torch.no_grad():
        q, _ = solver.advance(solver.rolls(amplitude=0.3), 3.0)
    direction = solver.conduction(noise=1.0, generator=torch.Generator().manual_seed(1)) - q

    def flux(amount, steps=8, cut=False):
        state = q + amount * direction
        for index in range(steps):
            state = solver.step(state.detach() if cut and index == 4 else state, 0.02)
            state = state + 0.01 * amount * direction
        return solver.nusselt(state).volume.sum()

    amount = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (derivative,) = torch.autograd.grad(flux(amount), amount)
    with torch.no_grad():
        numerical = (flux(torch.tensor(1e-5)) - flux(torch.tensor(-1e-5))) / 2e-5
    assert float(derivative) == pytest.approx(float(numerical), rel=1e-7)
    (truncated,) = torch.autograd.grad(flux(amount, cut=True), amount)
    assert abs(float(truncated - derivative)) > 0.1 * abs(float(derivative))


def test_a_solution_that_blew_up_is_reported():
    solver = cell(8, 8, 1e4)
    q = solver.rolls()
    q[0, 0, 3, 3] = float("nan")
    with pytest.raises(ValueError, match="blown up"):
        solver.advance(q, 1.0)


@pytest.mark.parametrize(("rayleigh", "prandtl"), [(0.0, 0.71), (1e4, -1.0)])
def test_impossible_numbers_are_refused(rayleigh, prandtl):
    with pytest.raises(ValueError, match="positive Rayleigh and Prandtl"):
        RayleighBenard(Channel(8, 8, 1.0), rayleigh, prandtl=prandtl)
