"""The time stepper keeps its order and its constraint."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from symdyn_core.solvers.time_stepping import lawson_rk4, ssp_rk3, unconstrained

DURATION = 2.0
STEPS = (20, 40, 80, 160)


def pendulum(q: torch.Tensor) -> torch.Tensor:
    """θₜ = ω, ωₜ = -sin θ: smooth, nonlinear, without closed form."""
    return torch.stack((q[1], -torch.sin(q[0])))


def pendulum_reference() -> torch.Tensor:
    solution = solve_ivp(
        lambda t, q: [q[1], -np.sin(q[0])],
        (0, DURATION),
        [1.0, 0.5],
        method="DOP853",
        rtol=1e-13,
        atol=1e-13,
    )
    return torch.from_numpy(solution.y[:, -1].copy())


STIFFNESS = torch.tensor([0.0, -1.0, -40.0], dtype=torch.float64)


def stiff(q: torch.Tensor) -> torch.Tensor:
    """The nonlinear part of a system whose third variable decays at once."""
    return torch.stack((q[1] * q[2] + 1, -q[0] * q[2] + torch.sin(q[0]), q[0] * q[1] + 10))


def stiff_reference() -> torch.Tensor:
    def rate(t, q):
        q = torch.from_numpy(np.asarray(q))
        return (STIFFNESS * q + stiff(q)).numpy()

    solution = solve_ivp(rate, (0, DURATION), [1.0, 0.5, 2.0], "Radau", rtol=1e-11, atol=1e-13)
    return torch.from_numpy(solution.y[:, -1].copy())


def euler(right_hand_side, projection, dt):
    return lambda q: projection(q + dt * right_hand_side(q))


def errors_of(step_of_size, q: torch.Tensor, reference: torch.Tensor, counts=STEPS) -> list[float]:
    """Errors after DURATION for each number of steps."""
    errors = []
    for steps in counts:
        step, state = step_of_size(DURATION / steps), q
        for _ in range(steps):
            state = step(state)
        errors.append(float((state - reference).norm()))
    return errors


def slope(errors: list[float], counts=STEPS) -> float:
    """Order of convergence: minus the slope of log error against log number of steps."""
    return float(np.polyfit(np.log(counts), np.log(errors), 1)[0] * -1)


def order_of(stepper) -> float:
    q = torch.tensor([1.0, 0.5], dtype=torch.float64)
    return slope(
        errors_of(lambda dt: stepper(pendulum, unconstrained, dt), q, pendulum_reference())
    )


def lawson_without_decay(right_hand_side, projection, dt):
    return lawson_rk4(right_hand_side, torch.zeros(2, dtype=torch.float64), dt)


def test_runge_kutta_is_of_third_order():
    assert order_of(ssp_rk3) == pytest.approx(3, abs=0.1)


def test_the_integrating_factor_scheme_is_of_fourth_order():
    assert order_of(lawson_without_decay) == pytest.approx(4, abs=0.1)


def test_stiff_linear_parts_are_stepped_over():
    """Steps longer than the explicit scheme bears, and fourth order once they resolve the fast
    variable's response."""
    q = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    reference = stiff_reference()

    def lawson(dt):
        return lawson_rk4(stiff, STIFFNESS, dt)

    def explicit(dt):
        return ssp_rk3(lambda q: STIFFNESS * q + stiff(q), unconstrained, dt)

    coarse, fine = (10, 20), (320, 640, 1280)
    assert max(errors_of(lawson, q, reference, coarse)) < 0.5
    unstable = errors_of(explicit, q, reference, coarse)
    assert not min(unstable) < 1e3  # or not a number at all
    assert slope(errors_of(lawson, q, reference, fine), fine) == pytest.approx(4, abs=0.2)


def test_decay_alone_is_exact_for_any_step():
    decay = torch.tensor([-1e3, -2.0, 0.5], dtype=torch.float64)
    stepped = lawson_rk4(torch.zeros_like, decay, 1.7)(torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(stepped, torch.exp(1.7 * decay), rtol=1e-14, atol=0)


def test_the_measurement_tells_a_first_order_scheme_apart():
    assert order_of(euler) == pytest.approx(1, abs=0.1)


def test_projecting_every_stage_solves_the_constrained_system():
    """P is linear and P q = q, so projected stages are the plain stages of qₜ = P f(q)."""

    def removing_the_mean(q):
        return q - q.mean()

    def force(q):
        return torch.sin(q) + 1

    q = removing_the_mean(torch.linspace(0, 1, 7, dtype=torch.float64) ** 2)
    constrained = ssp_rk3(force, removing_the_mean, 0.1)(q)
    reduced = ssp_rk3(lambda q: removing_the_mean(force(q)), unconstrained, 0.1)(q)
    torch.testing.assert_close(constrained, reduced, rtol=0, atol=1e-15)
    assert abs(float(constrained.mean())) < 1e-15
    free = ssp_rk3(force, unconstrained, 0.1)(q)
    assert abs(float(free.mean())) > 0.05  # without projection the constraint is lost


def test_growth_over_one_step_is_the_third_order_series():
    """On qₜ = λ q one step multiplies by 1 + z + z²/2 + z³/6, z = λ dt: nothing more or less."""
    z = 0.7
    stepped = ssp_rk3(lambda q: q, unconstrained, z)(torch.ones(1, dtype=torch.float64))
    assert float(stepped) == pytest.approx(1 + z + z**2 / 2 + z**3 / 6, abs=1e-14)
    assert abs(float(stepped) - math.exp(z)) > 1e-3
