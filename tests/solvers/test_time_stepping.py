"""The time stepper keeps its order and its constraint."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from symdyn_core.solvers.time_stepping import ssp_rk3, unconstrained

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


def euler(right_hand_side, projection, dt):
    return lambda q: projection(q + dt * right_hand_side(q))


def order_of(stepper) -> float:
    """Slope of the logarithm of the error against that of the step size."""
    reference = pendulum_reference()
    errors = []
    for steps in STEPS:
        q = torch.tensor([1.0, 0.5], dtype=torch.float64)
        step = stepper(pendulum, unconstrained, DURATION / steps)
        for _ in range(steps):
            q = step(q)
        errors.append(float((q - reference).norm()))
    return float(np.polyfit(np.log(STEPS), np.log(errors), 1)[0] * -1)


def test_runge_kutta_is_of_third_order():
    assert order_of(ssp_rk3) == pytest.approx(3, abs=0.1)


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
