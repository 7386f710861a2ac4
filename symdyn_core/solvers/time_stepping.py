"""Time stepping: functions that turn a right-hand side into one step of size dt.

They know nothing of any equation, so every solver shares them and their order of convergence is
tested once.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Field = Callable[[Tensor], Tensor]


def unconstrained(q: Tensor) -> Tensor:
    """The projection of a system without constraint: the identity."""
    return q


def ssp_rk3(right_hand_side: Field, projection: Field, dt: float) -> Field:
    """One strong-stability-preserving Runge-Kutta step of third order for qₜ = f(q).

    Shu & Osher (1988), J. Comput. Phys. 77, Eq. (2.18), each stage projected onto the constraint
    (an incompressible flow: zero divergence)::

        q₁ = P(q + dt f(q))
        q₂ = P(3/4 q + 1/4 (q₁ + dt f(q₁)))
        q₃ = P(1/3 q + 2/3 (q₂ + dt f(q₂)))

    Stable for dt |λ| up to √3 on the imaginary axis (advection) and 2.51 on the negative real one
    (diffusion).

    Args:
        right_hand_side: f, the tendency of a state; shape is kept.
        projection: P, a linear projection; ``unconstrained`` where there is no constraint.
        dt: length of the step [time unit of f].

    Returns:
        The function q(t) -> q(t + dt). It is pure, so autograd passes through it.
    """

    def step(q: Tensor) -> Tensor:
        stage = projection(torch.add(q, right_hand_side(q), alpha=dt))
        stage = projection(torch.lerp(q, torch.add(stage, right_hand_side(stage), alpha=dt), 1 / 4))
        return projection(torch.lerp(q, torch.add(stage, right_hand_side(stage), alpha=dt), 2 / 3))

    return step
