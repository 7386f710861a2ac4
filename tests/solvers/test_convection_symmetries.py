"""Act, then solve = solve, then act: for the symmetries the equation has, and for no others."""

from collections.abc import Callable

import pytest
import torch

from symdyn_core.solvers import Channel, RayleighBenard

SQUARE = Channel(24, 24, 1.0)
"""As wide as high, so that even a quarter turn gives a state of the same cells."""


@pytest.fixture(scope="module")
def solver() -> RayleighBenard:
    return RayleighBenard(SQUARE, 1e6, dtype=torch.float64)


@pytest.fixture(scope="module")
def state(solver) -> torch.Tensor:
    """A developed flow without any symmetry of its own."""
    q = solver.conduction(noise=0.4, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return solver.advance(q, 8.0)[0]


def mismatch(solver: RayleighBenard, q: torch.Tensor, act: Callable) -> float:
    """‖solve(g q) - g solve(q)‖ relative to how far the flow has moved in the meantime."""
    with torch.inference_mode():
        later = solved(solver, q)
        first, last = (resting_on_the_plate(act(state)) for state in (q, later))
        return float((solved(solver, first) - last).norm() / (later - q).norm())


def solved(solver: RayleighBenard, q: torch.Tensor) -> torch.Tensor:
    """Half a free-fall time later, in equal steps."""
    for _ in range(50):
        q = solver.step(q, 0.01)
    return q


def resting_on_the_plate(q):
    """No flow through the lower plate, which is part of what a state is; changes no symmetry."""
    return torch.cat((q[:, :1], q[:, 1:2].index_fill(-2, torch.tensor(0), 0), q[:, 2:]), dim=1)


def quarter_turn(q):
    """(u, v)(x) -> R (u, v)(R⁻¹ x), displayed counter-clockwise; faces taken as centres."""
    u, v, temperature = q.rot90(1, (-1, -2)).unbind(1)
    return torch.stack((-v, u, temperature), dim=1)


def bare_shift(q):
    return q + torch.tensor([0.3, 0.0, 0.0], dtype=q.dtype)[:, None, None]


def magnified(q):
    return q * torch.tensor([1.5, 1.5, 1.0], dtype=q.dtype)[:, None, None]


def reflected_as_scalars(q):
    """A reflection that forgets that u changes its sign."""
    return q.flip(-1)


def moved_up(q):
    return q.roll(3, dims=-2)


def cold_for_warm(q):
    return q * torch.tensor([1.0, 1.0, -1.0], dtype=q.dtype)[:, None, None]


@pytest.mark.parametrize("element", [1, 5])
@pytest.mark.parametrize("symmetry", RayleighBenard.symmetries, ids=lambda s: s.name)
def test_listed_symmetries_commute_with_the_solver(solver, state, symmetry, element):
    assert mismatch(solver, state, lambda q: symmetry.act(q, element)) < 1e-10
    moved = float((symmetry.act(state, element) - state).norm() / state.norm())
    assert moved > 0.1  # the state has not the symmetry itself, which would prove nothing


@pytest.mark.parametrize(
    "act",
    [quarter_turn, bare_shift, magnified, reflected_as_scalars, moved_up, cold_for_warm],
    ids=lambda act: act.__name__,
)
def test_other_actions_do_not(solver, state, act):
    assert mismatch(solver, state, act) > 0.1


@pytest.mark.parametrize("symmetry", RayleighBenard.symmetries, ids=lambda s: s.name)
def test_steps_of_a_size_of_their_own_commute_up_to_their_error(solver, state, symmetry):
    with torch.inference_mode():
        later = solver.advance(state, 0.5)[0]
        acted = solver.advance(symmetry.act(state, 1), 0.5)[0]
        difference = (acted - symmetry.act(later, 1)).norm() / (later - state).norm()
    assert float(difference) < 5e-3


@pytest.mark.parametrize("symmetry", RayleighBenard.symmetries, ids=lambda s: s.name)
def test_actions_are_group_actions(state, symmetry):
    torch.testing.assert_close(symmetry.act(state, 0), state, rtol=0, atol=0)
    twice = symmetry.act(symmetry.act(state, 3), 2)
    torch.testing.assert_close(twice, symmetry.act(state, 5), rtol=0, atol=0)
    wrong = symmetry.act(state, 6)
    assert float((twice - wrong).abs().max()) > 0.01


def test_the_half_turn_follows():
    """Reflection and upside-down together turn velocities by 180 degrees at the cell centres."""
    from symdyn_core.solvers.convection_symmetries import REFLECTION, UPSIDE_DOWN
    from symdyn_core.solvers.sampling import centred

    q = torch.randn(1, 3, 6, 8, generator=torch.Generator().manual_seed(0))
    q[:, 1, 0] = 0
    turned = centred(UPSIDE_DOWN.act(REFLECTION.act(q, 1), 1))
    torch.testing.assert_close(turned, -centred(q).flip(-1, -2))
