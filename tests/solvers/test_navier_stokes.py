"""Two-dimensional Navier-Stokes: exact solutions, budgets, order, instability, spectrum."""

import math
from itertools import pairwise

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.operators import divergence
from symdyn_core.solvers import NavierStokes, random_flow
from symdyn_core.solvers.fourier import resampled
from symdyn_core.spectra import energy_spectrum

TURN = 2 * math.pi


def box(cells: int, dt: float = 0.1) -> Grid:
    size = TURN / cells
    return Grid(cells, cells, size, size, dt, periodic_y=True, periodic_x=True)


def flow(cells: int, viscosity: float, **options) -> NavierStokes:
    return NavierStokes(box(cells), viscosity, dtype=torch.float64, **options)


def eddies(cells: int, seed: int = 0, batch: int = 1, waves: float = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return random_flow(box(cells), batch, waves=waves, generator=generator)


def taylor_green(grid: Grid, viscosity: float, time: float, drift=(0.0, 0.0)) -> torch.Tensor:
    """Taylor & Green (1937): u = cos x sin y, v = -sin x cos y, times e^(-2νt), in a mean flow."""
    x = grid.x(dtype=torch.float64) - drift[0] * time
    y = grid.y(dtype=torch.float64)[:, None] - drift[1] * time
    w = torch.stack((torch.cos(x) * torch.sin(y), -torch.sin(x) * torch.cos(y)))
    mean = torch.tensor(drift, dtype=torch.float64)[:, None, None]
    return (math.exp(-2 * viscosity * time) * w + mean)[None]


@pytest.mark.parametrize(("drift", "bound"), [((0.0, 0.0), 1e-14), ((0.8, -0.5), 2e-7)])
def test_taylor_green_vortices_decay_and_drift_exactly(drift, bound):
    """At rest even the steps are exact: the vortices do not advect themselves."""
    solver = flow(16, 0.1)
    later = solver.steps(taylor_green(solver.grid, 0.1, 0.0, drift), 0.02, 50)
    assert float((later - taylor_green(solver.grid, 0.1, 1.0, drift)).abs().max()) < bound
    assert float((later - taylor_green(solver.grid, 0.11, 1.0, drift)).abs().max()) > 0.01


def test_the_laminar_flow_under_the_force_stays_or_is_approached():
    solver = flow(24, 0.3, force=2.0, waves=3, drag=0.1)
    laminar = solver.laminar()
    amplitude = math.sqrt(2 * float(laminar[:, 0].square().mean()))
    assert amplitude == pytest.approx(2.0 / (0.3 * 9 + 0.1), rel=1e-12)
    # A balance of force and viscosity is kept up to the fourth-order error of the steps.
    errors = [
        float((solver.steps(laminar, 2 / count, count) - laminar).abs().max()) for count in (20, 40)
    ]
    assert errors[0] < 1e-5
    assert errors[1] < errors[0] / 12
    approached, _ = solver.advance(torch.zeros_like(laminar), 12.0)
    torch.testing.assert_close(approached, laminar, rtol=0, atol=1e-3)
    assert float(laminar.abs().max()) > 0.5


def growth(viscosity: float) -> float:
    """Exponential rate of a weak disturbance of the longest wave, of the flow sin(4y)."""
    solver = flow(24, viscosity, force=16 * viscosity, waves=4)
    generator = torch.Generator().manual_seed(0)
    noise = 1e-6 * random_flow(solver.grid, 1, waves=1, generator=generator)
    early, _ = solver.advance(solver.laminar() + noise, 30.0)
    late, _ = solver.advance(early, 10.0)
    grown = (late - solver.laminar()).norm() / (early - solver.laminar()).norm()
    return math.log(float(grown)) / 10


def test_kolmogorov_flow_loses_stability_at_the_known_reynolds_number():
    """Meshalkin & Sinai (1961): infinitely long waves grow above U / (ν k) = √2, waves of four
    wavelengths of the force somewhat later."""
    below, above = (growth(1 / (4 * reynolds)) for reynolds in (1.4, 2.5))
    assert below < 0 < 0.1 < above


def test_steps_converge_at_fourth_order():
    solver = flow(24, 0.01)
    w = solver.step(eddies(24), 1e-3)
    ends = [solver.steps(w, 0.4 / count, count) for count in (8, 16, 32, 128)]
    errors = [float((end - ends[-1]).norm()) for end in ends[:-1]]
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(4, abs=0.35)


def test_space_converges_faster_than_any_power():
    """A smooth flow: the order of convergence itself grows with the number of cells."""
    reference = flow(72, 0.05)
    start = random_flow(box(8), waves=1.5, generator=torch.Generator().manual_seed(0))
    errors = []
    for cells in (16, 24, 36):
        end = flow(cells, 0.05).steps(resampled(start, cells, cells), 0.025, 40)
        exact = reference.steps(resampled(start, 72, 72), 0.025, 40)
        errors.append(float((resampled(exact, cells, cells) - end).norm() / end.norm()))
    orders = [math.log(coarse / fine) / math.log(1.5) for coarse, fine in pairwise(errors)]
    assert orders[0] > 3.5
    assert orders[1] > 8


def padded_tendency(zeta_hat: torch.Tensor, last: int, viscosity: float) -> torch.Tensor:
    """ζₜ = -u ζₓ - v ζ_y + ν ∇²ζ as textbooks write it, the product on a grid of twice the points.

    Shares nothing with the solver: another form of the advection, another cure for aliasing.
    """
    cells = zeta_hat.shape[-1]
    k = torch.fft.fftfreq(cells, 1 / cells, dtype=torch.float64)
    k_x, k_y = k[None, :], k[:, None]
    k_squared = k_x**2 + k_y**2
    psi_hat = -zeta_hat / torch.where(k_squared == 0, torch.inf, k_squared)
    factors = (-1j * k_y, 1j * k_x), (1j * k_x, 1j * k_y)
    (u, v), (along, across) = (
        [torch.fft.ifft2(factor * hat).real for factor in pair]
        for pair, hat in zip(factors, (psi_hat, zeta_hat), strict=True)
    )
    kept = (k_x.abs() <= last) & (k_y.abs() <= last)
    return torch.where(kept, torch.fft.fft2(-u * along - v * across), 0) - (
        viscosity * k_squared * zeta_hat
    )


def padded_run(w: torch.Tensor, last: int, viscosity: float, duration: float, count: int):
    """The vorticity a ``duration`` later by the classical Runge-Kutta scheme."""
    cells = w.shape[-1]
    k = torch.fft.fftfreq(cells, 1 / cells, dtype=torch.float64)
    hat = 1j * k[None, :] * torch.fft.fft2(w[0, 1]) - 1j * k[:, None] * torch.fft.fft2(w[0, 0])
    dt = duration / count
    for _ in range(count):
        k1 = padded_tendency(hat, last, viscosity)
        k2 = padded_tendency(hat + dt / 2 * k1, last, viscosity)
        k3 = padded_tendency(hat + dt / 2 * k2, last, viscosity)
        k4 = padded_tendency(hat + dt * k3, last, viscosity)
        hat = hat + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return torch.fft.ifft2(hat).real


def test_another_code_with_the_same_modes_finds_the_same_flow():
    """And one with a mode less along each axis differs by as much as the space is unresolved.

    That is all that sets spectral codes apart which read "the 2/3 rule" differently: of 64 cells,
    21 modes (this solver) or 20 (exponax). Smooth eddies at ν = 2e-3, t = 0.5 are then 1.40 and
    1.68 % from the flow on 256 cells; on 96 cells, where both keep 31, they are equally far from
    it, 0.33 %; and on 256 cells the two differ by 9e-6.
    """
    cells, viscosity, duration, count = 36, 5e-3, 0.5, 100
    solver = flow(cells, viscosity)
    start = random_flow(box(12), waves=2, generator=torch.Generator().manual_seed(0))
    later = solver.vorticity(solver.steps(resampled(start, cells, cells), duration / count, count))
    fine = resampled(start, 2 * cells, 2 * cells)
    last = solver.series.last_x
    assert last == 11

    def difference(kept: int) -> float:
        other = padded_run(fine, kept, viscosity, duration, count)[::2, ::2]
        return float((other - later[0]).norm() / later.norm())

    assert difference(last) < 1e-7
    assert difference(last - 1) > 1e-3


def test_without_viscosity_energy_and_enstrophy_stay():
    """The projected equations conserve both; only steps in time do not, by their fourth order."""
    solver = flow(32, 0.0)
    w = solver.step(eddies(32), 1e-3)
    losses = []
    for count in (40, 80):
        later = solver.steps(w, 1.0 / count, count)
        change = [
            abs(float(measure(later).amount / measure(w).amount) - 1)
            for measure in (solver.energy, solver.enstrophy)
        ]
        losses.append(max(change))
        assert max(change) < 1e-4
    assert losses[1] < losses[0] / 8
    viscous = flow(32, 0.01)
    assert float(viscous.energy(viscous.steps(w, 0.05, 20)).amount) < 0.99 * float(
        solver.energy(w).amount
    )


@pytest.mark.parametrize(
    "options", [{}, {"drag": 0.3}, {"force": 2.0, "waves": 2}, {"force": 2.0, "drag": 0.3}]
)
def test_energy_and_enstrophy_change_as_their_budgets_say(options):
    solver, dt = flow(32, 0.02, **options), 1e-3
    w = solver.steps(eddies(32, batch=2) + 0.2, 0.02, 10)
    before, after = solver.step(w, dt), solver.steps(w, dt, 3)
    now = solver.steps(w, dt, 2)
    for measure in (solver.energy, solver.enstrophy):
        slope = (measure(after).amount - measure(before).amount) / (2 * dt)
        torch.testing.assert_close(slope, measure(now).rate, rtol=1e-4, atol=1e-6)
        terms = measure(now)
        assert float(terms.dissipation.min()) > 0
        assert bool((terms.friction > 0).all()) == bool(options.get("drag"))
        assert bool((terms.supply != 0).all()) == bool(options.get("force"))


def test_decaying_turbulence_has_a_steep_spectrum_and_keeps_its_energy():
    """Enstrophy cascades to small scales with a slope of -3 or steeper (McWilliams, 1984), while
    nearly all energy stays in ever larger eddies."""
    solver = NavierStokes(box(96), 1.5e-3)
    w = eddies(96, batch=2, waves=6).float()
    with torch.inference_mode():
        later, _ = solver.advance(w, 3.0)
        spectrum = energy_spectrum(later, solver.grid).mean(0)
        start = energy_spectrum(w, solver.grid).mean(0)
        energy = [float(solver.energy(state).amount.mean()) for state in (w, later)]
        enstrophy = [float(solver.enstrophy(state).amount.mean()) for state in (w, later)]
    slope = math.log(float(spectrum[8:10].mean() / spectrum[17:19].mean())) / math.log(18 / 9)
    assert 3 <= slope < 5.5
    assert energy[1] > 0.7 * energy[0]
    assert enstrophy[1] < 0.5 * enstrophy[0]
    rings = torch.arange(len(spectrum))
    assert float((rings * spectrum).sum() / spectrum.sum()) < 0.8 * float(
        (rings * start).sum() / start.sum()
    )


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_flow_is_free_of_divergence_whatever_it_starts_from(dtype, bound):
    solver = NavierStokes(box(24), 0.01, dtype=dtype)
    noise = torch.randn(2, 2, 24, 24, generator=torch.Generator().manual_seed(0)).to(dtype)
    assert float(divergence(noise, solver.grid).abs().max()) > 1
    assert float(divergence(solver.step(noise, 0.01), solver.grid).abs().max()) < bound * 24
    assert solver.step(noise, 0.01).dtype == dtype


def test_members_of_a_batch_do_not_meet():
    solver, w = flow(24, 0.01, force=1.0), eddies(24, batch=3)
    alone = torch.cat([solver.step(member[None], 0.02) for member in w])
    torch.testing.assert_close(solver.step(w, 0.02), alone, rtol=0, atol=1e-14)
    assert float((alone[0] - alone[1]).abs().max()) > 0.1


def test_a_run_in_pieces_is_the_same_run():
    solver, w = flow(24, 0.01, force=1.0), eddies(24)
    whole = solver.trajectory(w, 4)
    middle, _ = solver.advance(solver.advance(w, 0.1)[0], 0.1)
    assert torch.equal(whole[:, 2], middle)


def test_derivatives_through_steps_match_finite_differences():
    solver, w = flow(16, 0.02, force=1.0, drag=0.1), eddies(16, waves=2)
    direction = eddies(16, seed=1, waves=2)

    def energy(amount):
        return solver.enstrophy(solver.steps(w + amount * direction, 0.03, 8)).amount.sum()

    amount = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (derivative,) = torch.autograd.grad(energy(amount), amount)
    with torch.no_grad():
        numerical = (energy(torch.tensor(1e-5)) - energy(torch.tensor(-1e-5))) / 2e-5
    assert float(derivative) == pytest.approx(float(numerical), rel=1e-7)
    assert abs(float(derivative)) > 1e-3


def test_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        flow(16, -1.0)
    with pytest.raises(ValueError, match="between 1 and 5 waves"):
        flow(16, 0.1, force=1.0, waves=6)
    with pytest.raises(ValueError, match="viscosity or drag"):
        flow(16, 0.0, force=1.0).laminar()
    with pytest.raises(ValueError, match="repeats along both axes"):
        NavierStokes(box(16).with_(periodic_x=False), 0.1)
    broken = eddies(16).index_fill(-1, torch.tensor(3), math.nan)
    with pytest.raises(ValueError, match="blown up"):
        flow(16, 0.1).advance(broken, 0.1)
