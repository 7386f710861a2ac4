"""Navier-Stokes and heat beside other people's solvers at the same accuracy, in float32.

What is equal is the error of the steps in time: each code takes the fewest steps that bring it
within TIME_ERROR of its own solution with many steps in float64. What space leaves out is the
grid's matter and is told apart, as the distance from this package's solution on four times the
cells along each side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from navier_stokes_peers import PEERS, TURN, VISCOSITY, Code, box, eddies, precision, symdyn
from torch import Tensor

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.rows import timed_row
from symdyn_core.benchmarking.timing import compare
from symdyn_core.solvers import HeatDiffusion
from symdyn_core.solvers.fourier import resampled

TIME_ERROR = 1e-4
"""Of the steps, relative to the vorticity."""

COUNTS = tuple(round(10 * 2 ** (n / 4)) for n in range(21))
"""Numbers of steps that are tried, 10 to 320; the error falls from one to the next."""

HEAT_STEPS = 50


def distance(found: Tensor, expected: Tensor) -> float:
    """Relative to what is expected, in the root mean square."""
    return float((found - expected).norm() / expected.norm())


@dataclass(frozen=True)
class Accurate:
    """A run in float32 that is accurate enough with the fewest steps."""

    work: Callable[[], Any]
    read: Callable[[Any], Tensor]
    steps: int
    error: float

    def vorticity(self) -> Tensor:
        """At the end."""
        return self.read(self.work())


def accurate(code: Code, cells: int) -> Accurate:
    """The first of COUNTS that is accurate enough, by bisection."""
    with precision(torch.float64):
        work, read = code(cells, torch.float64)(2 * COUNTS[-1])
        reference = read(work())
    solve = code(cells, torch.float32)

    def tried(steps: int) -> Accurate:
        work, read = solve(steps)
        return Accurate(work, read, steps, distance(read(work()).double(), reference))

    low, high, best = 0, len(COUNTS) - 1, tried(COUNTS[-1])
    while low < high:
        middle = (low + high) // 2
        found = tried(COUNTS[middle])
        # What is not a number is not accurate either.
        if found.error <= TIME_ERROR:
            high, best = middle, found
        else:
            low = middle + 1
    return best


def navier_stokes(cells: int, conditions: Conditions) -> Iterator[dict]:
    """This package beside each peer that is installed; a row, or the reason why there is none."""
    work, read = symdyn(4 * cells, torch.float32)(COUNTS[-1])
    truth = resampled(read(work()), cells, cells)
    ours = accurate(symdyn, cells)
    for name, peer in PEERS.items():
        try:
            theirs = accurate(peer, cells)
        except ImportError as missing:
            yield {"name": f"navier_stokes, {cells} cells, {name}", "reason": str(missing)}
            continue
        comparison = compare(ours.work, theirs.work, conditions.stopwatch(), conditions.rounds)
        yield timed_row(
            *("solvers", f"navier_stokes, {cells} x {cells}", "run", name, comparison),
            target=1.0,
            cells=cells,
            steps=ours.steps,
            error=ours.error,
            distance=distance(ours.vorticity(), truth),
            baseline_steps=theirs.steps,
            baseline_error=theirs.error,
            baseline_distance=distance(theirs.vorticity(), truth),
        )


def heat(cells: int, conditions: Conditions) -> Iterator[dict]:
    """Diffusion beside exponax; both exact, so that only rounding sets them apart."""
    try:
        import exponax
        import jax
        import jax.numpy as jnp
        import numpy as np
    except ImportError as missing:
        yield {"name": f"heat, {cells} cells, exponax", "reason": str(missing)}
        return
    dt, solver, first = 0.01, HeatDiffusion(box(cells), VISCOSITY), eddies(cells).float()
    stepper = exponax.stepper.Diffusion(2, TURN, cells, dt, diffusivity=VISCOSITY)
    repeated = jax.jit(jax.vmap(exponax.repeat(stepper, HEAT_STEPS)))
    theirs_first = jnp.asarray(first[0].numpy().copy())[:, None]

    def ours() -> Tensor:
        state = first
        for _ in range(HEAT_STEPS):
            state = solver.step(state, dt)
        return state[0]

    def theirs() -> Tensor:
        return torch.from_numpy(np.array(repeated(theirs_first)))[:, 0]

    exact = HeatDiffusion(box(cells), VISCOSITY, dtype=torch.float64)
    end = exact.step(first.double(), HEAT_STEPS * dt)[0]
    comparison = compare(ours, theirs, conditions.stopwatch(), conditions.rounds)
    yield timed_row(
        *("solvers", f"heat, {cells} x {cells}", "run", "exponax", comparison),
        target=1.0,
        cells=cells,
        error=distance(ours().double(), end),
        baseline_error=distance(theirs().double(), end),
    )
