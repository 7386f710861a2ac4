"""Time stepping: functions that turn a right-hand side into one step of size dt.

They know nothing of any equation, so every solver shares them and their order of convergence is
tested once.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from symdyn_core.solvers.workspace import FRESH, Memory

Field = Callable[[Tensor], Tensor]

STEPS_PER_VELOCITY = 8
"""Steps taken before dt is chosen anew: finding the largest velocity waits for the device."""


def check_frames(frames: int) -> None:
    """Raise a ValueError unless a trajectory of so many frames has a first one."""
    if frames < 1:
        raise ValueError(f"Expected at least one frame of a trajectory, got {frames}.")


def unconstrained(q: Tensor) -> Tensor:
    """The projection of a system without constraint: the identity."""
    return q


def advanced(
    q: Tensor,
    duration: float | int,
    stable_dt: Callable[[Tensor], float],
    step_of: Callable[[float], Field],
) -> tuple[Tensor, int]:
    """q a ``duration`` later, in steps that are stable and end on it, and how many there were.

    Step sizes follow from the state alone, so a run that is cut into pieces at the same times goes
    through the same numbers.

    Args:
        stable_dt: the largest stable step for a state.
        step_of: makes the step of a size, for instance with ``ssp_rk3``.
    """
    if not 0 <= duration < math.inf:
        raise ValueError(f"Expected a duration of 0 or more, got {duration}.")
    remaining, steps = float(duration), 0
    while remaining > 0:
        left = max(1, math.ceil(remaining / stable_dt(q) - 1e-9))
        count, dt = min(left, STEPS_PER_VELOCITY), remaining / left
        step = step_of(dt)
        for _ in range(count):
            q = step(q)
        steps += count
        remaining = remaining - count * dt if count < left else 0.0
    return q, steps


def ssp_rk3(
    right_hand_side: Field, projection: Field, dt: float | Tensor, memory: Memory = FRESH
) -> Field:
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
            It may work in the memory of its argument.
        dt: length of the step [time unit of f]; a number on the device where it is not known yet
            as the step is recorded.
        memory: where stages are kept, the result included.

    Returns:
        The function q(t) -> q(t + dt). It is pure, so autograd passes through it, unless memory is
        used again.
    """
    return partial(_ssp_rk3_step, right_hand_side, projection, dt, memory)


def _ssp_rk3_step(
    right_hand_side: Field, projection: Field, dt: float | Tensor, memory: Memory, q: Tensor
) -> Tensor:
    stage = projection(memory("stage", _moved, q, right_hand_side(q), dt=dt))
    later = memory("later", _moved, stage, right_hand_side(stage), dt=dt)
    stage = projection(memory("stage", torch.lerp, q, later, 1 / 4))
    later = memory("later", _moved, stage, right_hand_side(stage), dt=dt)
    return projection(memory("stage", torch.lerp, q, later, 2 / 3))


def _moved(q: Tensor, rate: Tensor, *, dt: float | Tensor, out: Tensor | None = None) -> Tensor:
    """q + dt rate."""
    if isinstance(dt, Tensor):
        return torch.addcmul(q, rate, dt.to(q.dtype), out=out)
    return torch.add(q, rate, alpha=dt, out=out)


def lawson_rk4(right_hand_side: Field, decay: Tensor, dt: float | Tensor) -> Field:
    """One integrating-factor Runge-Kutta step of fourth order for qₜ = L q + f(q), L diagonal.

    Lawson (1967), SIAM J. Numer. Anal. 4: the classical scheme for e^(-Lt) q. The linear part is
    solved exactly, however stiff, so that diffusion sets no limit to the step::

        E = exp(L dt/2)
        k₁ = f(q)                k₂ = f(E (q + dt/2 k₁))
        k₃ = f(E q + dt/2 k₂)    k₄ = f(E (E q + dt k₃))
        q₁ = E (E (q + dt/6 k₁) + dt/3 (k₂ + k₃)) + dt/6 k₄

    Stable for dt |λ| up to 2.83 on the imaginary axis of f (advection).

    Args:
        right_hand_side: f, everything but the linear part.
        decay: the diagonal of L, real or complex, of a shape that broadcasts with q.
        dt: length of the step [time unit of f], a number or, as in ``ssp_rk3``, on the device.

    Returns:
        The function q(t) -> q(t + dt). It is pure, so autograd passes through it.
    """
    half = torch.exp(decay * (dt / 2))

    def step(q: Tensor) -> Tensor:
        k1 = right_hand_side(q)
        k2 = right_hand_side(half * _moved(q, k1, dt=dt / 2))
        unforced = half * q
        k3 = right_hand_side(_moved(unforced, k2, dt=dt / 2))
        k4 = right_hand_side(half * _moved(unforced, k3, dt=dt))
        early = half * _moved(q, k1, dt=dt / 6)
        middle = half * _moved(early, k2 + k3, dt=dt / 3)
        return _moved(middle, k4, dt=dt / 6)

    return step
