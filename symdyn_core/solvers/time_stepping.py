"""Time stepping: functions that turn a right-hand side into one step of size dt.

They know nothing of any equation, so every solver shares them and their order of convergence is
tested once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

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
    taken: Callable[[Tensor, float, int], Tensor],
) -> tuple[Tensor, int]:
    """q a ``duration`` later, in steps that are stable and end on it, and how many there were.

    Step sizes follow from the state alone, so a run that is cut into pieces at the same times goes
    through the same numbers.

    Args:
        stable_dt: the largest stable step for a state.
        taken: the state after so many steps of a size.
    """
    if not 0 <= duration < math.inf:
        raise ValueError(f"Expected a duration of 0 or more, got {duration}.")
    remaining, steps = float(duration), 0
    while remaining > 0:
        left = max(1, math.ceil(remaining / stable_dt(q) - 1e-9))
        count, dt = min(left, STEPS_PER_VELOCITY), remaining / left
        q = taken(q, dt, count)
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


class LawsonFactors(NamedTuple):
    """What ``lawson_rk4`` multiplies by, for one size of steps."""

    half: Tensor
    """E = exp(L dt/2)."""
    stages: tuple[Tensor, Tensor, Tensor]
    """Of the rate that leads to the second, third and fourth stage."""
    weights: tuple[Tensor, Tensor, Tensor]
    """Of the first rate, of the sum of the middle two, and of the last one, in the result."""


def lawson_factors(
    decay: Tensor, dt: float | Tensor, factor: Tensor | None = None
) -> LawsonFactors:
    """The factors of a step of ``dt``, in the type of numbers of ``factor``, if there is one."""
    scale = torch.ones((), dtype=decay.dtype, device=decay.device) if factor is None else factor
    half = torch.exp(decay * (dt / 2)).to(scale.dtype)
    slow, fast = half * scale, half * half * scale
    stages = slow * (dt / 2), scale * (dt / 2), slow * dt
    weights = fast * (dt / 6), slow * (dt / 3), scale * (dt / 6)
    first, second, third = (row_by_row(a) for a in stages)
    early, middle, late = (row_by_row(a) for a in weights)
    return LawsonFactors(row_by_row(half), (first, second, third), (early, middle, late))


def row_by_row(a: Tensor) -> Tensor:
    """The same numbers with a gap after every row in memory, so that they are multiplied by rows.

    Complex numbers are multiplied several at once and those left over at the end one by one, which
    may round otherwise. Which ones are left over depends on the layout of the result too, unless
    rows cannot be joined: with gaps, numbers are the same to the bit wherever a result is put.
    """
    if a.ndim < 2 or a.device.type != "cpu":
        return a
    return torch.nn.functional.pad(a, (0, 1))[..., :-1]


def lawson_rk4(
    right_hand_side: Field, decay: Tensor, dt: float | Tensor, factor: Tensor | None = None
) -> Field:
    """One integrating-factor Runge-Kutta step of fourth order for qₜ = L q + F f(q), L and F
    diagonal.

    Lawson (1967), SIAM J. Numer. Anal. 4: the classical scheme for e^(-Lt) q. The linear part is
    solved exactly, however stiff, so that diffusion sets no limit to the step::

        E = exp(L dt/2)
        k₁ = F f(q)              k₂ = F f(E (q + dt/2 k₁))
        k₃ = F f(E q + dt/2 k₂)  k₄ = F f(E (E q + dt k₃))
        q₁ = E (E (q + dt/6 k₁) + dt/3 (k₂ + k₃)) + dt/6 k₄

    Stable for dt |λ| up to 2.83 on the imaginary axis of F f (advection).

    Args:
        right_hand_side: f, everything but the linear part.
        decay: the diagonal of L, real or complex, of a shape that broadcasts with q.
        dt: length of the step [time unit of f], a number or, as in ``ssp_rk3``, on the device.
        factor: the diagonal of F, one by default. It costs nothing.

    Returns:
        The function q(t) -> q(t + dt). It is pure, so autograd passes through it.
    """
    factors = lawson_factors(decay, dt, factor)

    def rate(q: Tensor, places: Places, number: int) -> Tensor:
        return right_hand_side(q)

    return partial(lawson_step, rate, factors)


@dataclass(frozen=True)
class Places:
    """Memory for what is passing in a step, one after the other; None is new memory each time."""

    stage: Tensor | None = None
    """Arguments of f, and the result."""
    unforced: Tensor | None = None
    """The state half a step later without f."""
    sum: Tensor | None = None
    """The same a step later, and what is added to it."""
    rates: tuple[Tensor | None, ...] = (None, None, None, None)
    """What f gives for the four stages."""


NOWHERE = Places()

Rate = Callable[[Tensor, Places, int], Tensor]
"""f(q), which may be put into the place for the rate of that number."""


def lawson_step(rate: Rate, factors: LawsonFactors, q: Tensor, places: Places = NOWHERE) -> Tensor:
    """The step of ``lawson_rk4``, the same to the bit wherever things are put."""
    half, (to_second, to_third, to_fourth), (early, middle, late) = factors
    k1 = rate(q, places, 0)
    unforced = torch.mul(q, half, out=places.unforced)
    k2 = rate(torch.addcmul(unforced, k1, to_second, out=places.stage), places, 1)
    k3 = rate(torch.addcmul(unforced, k2, to_third, out=places.stage), places, 2)
    twice = torch.mul(unforced, half, out=places.sum)
    k4 = rate(torch.addcmul(twice, k3, to_fourth, out=places.stage), places, 3)
    later = torch.addcmul(twice, k1, early, out=places.sum)
    between = torch.add(k3, k2, out=places.rates[2])
    later = torch.addcmul(later, between, middle, out=places.sum)
    return torch.addcmul(later, k4, late, out=places.stage)
