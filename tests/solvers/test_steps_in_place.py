"""Steps of periodic flows in memory that is used again, and factors that are multiplied ahead."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.solvers import NavierStokes, random_flow
from symdyn_core.solvers.time_stepping import NOWHERE, lawson_factors, lawson_rk4, lawson_step


def flow(ny: int = 20, nx: int = 27, **options) -> tuple[NavierStokes, torch.Tensor]:
    """An oblong box with an odd number of cells along one side, and two members."""
    grid = Grid(ny, nx, 6.0 / ny, 7.0 / nx, 0.1, periodic_y=True, periodic_x=True)
    options = {"force": 1.0, "waves": 2, "drag": 0.1, **options}
    solver = NavierStokes(grid, 0.01, **options)
    w = random_flow(grid, 2, waves=2, generator=torch.Generator().manual_seed(0))
    return solver, (w + 0.3).to(solver.dtype)


@pytest.mark.parametrize("shape", [(20, 27), (16, 16), (4, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("force", [0.0, 1.0])
def test_steps_are_the_same_to_the_bit_wherever_they_are_put(shape, dtype, force):
    solver, w = flow(*shape, dtype=dtype, force=force, waves=1)
    expected = solver.steps(solver.steps(w, 0.05, 3), 0.02, 2)
    with torch.inference_mode():
        found = solver.steps(solver.steps(w, 0.05, 3), 0.02, 2)
        again = solver.steps(solver.steps(w, 0.05, 3), 0.02, 2)
    assert len(solver._workspaces._waiting) == 1
    assert torch.equal(found, expected)
    assert torch.equal(again, expected)
    assert float((found - w).norm() / w.norm()) > 1e-3


@pytest.mark.parametrize("inference", [True, False])
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((16, 16), torch.float32), ((20, 36), torch.float32), ((16, 32), torch.float64)],
)
def test_members_are_the_same_to_the_bit_in_any_batch(shape, dtype, inference):
    """In double precision where the library's transforms are: with powers of two."""
    solver, w = flow(*shape, dtype=dtype)
    w = torch.cat((w, w.flip(-1), -w))
    with torch.inference_mode(inference):
        together = solver.steps(w, 0.05, 3)
        for size in (1, 2, 4):
            alone = torch.cat([solver.steps(some, 0.05, 3) for some in w.split(size)])
            assert torch.equal(alone, together)
    assert not torch.equal(together[0], together[1])


def test_many_steps_at_once_are_steps_one_by_one():
    solver, w = flow()
    with torch.inference_mode():
        hat = solver.to_modes(w)
        together, one_by_one = solver._taken(hat, 0.05, 4), hat
        for _ in range(4):
            one_by_one = solver._taken(one_by_one, 0.05, 1)
    assert torch.equal(one_by_one, together)
    assert not torch.equal(together, hat)


def test_earlier_results_stay_as_they_are():
    solver, w = flow()
    with torch.inference_mode():
        hat = solver.to_modes(w)
        first = solver._taken(hat, 0.05, 2)
        kept = first.clone()
        second = solver._taken(first, 0.05, 2)
        assert torch.equal(first, kept)
        assert not torch.equal(second, first)
        # Within a step, by contrast, a rate holds until the next step asks for it.
        places = solver._places(hat)
        rate = solver.tendency(places.stage.copy_(hat), places, 1)
        before = rate.clone()
        solver.tendency(places.stage.copy_(second), places, 1)
        assert not torch.equal(rate, before)


def test_threads_that_share_a_solver_do_not_meet():
    solver, w = flow()
    states = [scale * member[None] for scale in (0.5, 1.0, 1.5) for member in w]

    def run(state: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            for _ in range(10):
                state = solver.steps(state, 0.02, 2)
        return state

    alone = [run(state) for state in states]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(run, states))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_derivatives_after_steps_without_them():
    """Factors that were computed under inference serve autograd as well."""
    solver, w = flow(dtype=torch.float64)
    with torch.inference_mode():
        solver.steps(w, 0.05, 2)
    start = w.clone().requires_grad_()
    solver.steps(start, 0.05, 2).square().sum().backward()
    assert bool(start.grad.isfinite().all())
    assert float(start.grad.norm()) > 1e-3


@pytest.mark.parametrize("complex_factor", [True, False])
def test_a_factor_is_the_same_as_a_factor_of_the_right_hand_side(complex_factor):
    generator = torch.Generator().manual_seed(0)
    dtype = torch.complex128 if complex_factor else torch.float64
    q, factor = torch.randn(2, 5, dtype=dtype, generator=generator)
    decay = -torch.rand(5, dtype=torch.float64, generator=generator)
    ahead = lawson_rk4(torch.sin, decay, 0.1, factor)(q)
    inside = lawson_rk4(lambda q: factor * torch.sin(q), decay, 0.1)(q)
    torch.testing.assert_close(ahead, inside, rtol=1e-14, atol=1e-14)
    assert float((ahead - lawson_rk4(torch.sin, decay, 0.1)(q)).abs().max()) > 1e-2


def textbook_step(f, decay: torch.Tensor, dt: float, q: torch.Tensor) -> torch.Tensor:
    """The classical scheme for e^(-Lt) q, written as such."""

    def rate(q, time):
        return torch.exp(-decay * time) * f(torch.exp(decay * time) * q)

    k1 = rate(q, 0.0)
    k2 = rate(q + dt / 2 * k1, dt / 2)
    k3 = rate(q + dt / 2 * k2, dt / 2)
    k4 = rate(q + dt * k3, dt)
    return torch.exp(decay * dt) * (q + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4))


def test_factors_multiplied_ahead_are_the_scheme_of_the_textbook():
    generator = torch.Generator().manual_seed(0)
    q, decay = torch.randn(2, 6, dtype=torch.float64, generator=generator)
    expected = textbook_step(torch.sin, decay, 0.2, q)
    torch.testing.assert_close(lawson_rk4(torch.sin, decay, 0.2)(q), expected, rtol=1e-14, atol=0)
    assert float((lawson_rk4(torch.sin, decay, 0.21)(q) - expected).abs().max()) > 1e-3


def test_a_flow_is_stepped_by_that_scheme():
    """With its factors, forces and places, the vorticity as the unknown."""
    solver, w = flow(dtype=torch.float64)
    hat = solver.to_modes(w)
    factor = solver.factor.clone()
    middle = (..., solver.series.last_y, solver.series.last_x)
    factor[middle] = 1  # the mean flow, which has no vorticity

    def vorticity_rate(zeta: torch.Tensor) -> torch.Tensor:
        return solver.tendency(factor * zeta)

    expected = factor * textbook_step(vorticity_rate, solver.decay, 0.05, hat / factor)
    step = partial(lawson_step, solver.tendency, lawson_factors(solver.decay, 0.05, solver.factor))
    found = step(hat, NOWHERE)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-15)
    assert float((found[middle] - hat[middle]).abs().min()) > 1e-4  # by drag
