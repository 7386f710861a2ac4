"""Navier-Stokes flow from the same eddies by this package and by others.

exponax (exponential time differencing), jax-cfd and torch-cfd (Runge-Kutta with Crank-Nicolson):
all Fourier codes with the vorticity as the unknown. They read the rule of two thirds differently:
of 64 cells exponax keeps 20 modes, this package 21, which sets them 1.7 and 1.4 % from the truth of
the eddies below; on 256 cells the two differ by 9e-6.
"""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers import NavierStokes, random_flow
from symdyn_core.solvers.fourier import resampled

TURN = 2 * math.pi
VISCOSITY, DURATION = 2e-3, 0.5

Run = tuple[Callable[[], Any], Callable[[Any], Tensor]]
"""Steps from the first state to the last one, and the vorticity ``[y, x]`` of what they give."""

Solve = Callable[[int], Run]
"""From a number of steps to a run."""

Code = Callable[[int, torch.dtype], Solve]
"""A solver on cells x cells cells."""


def box(cells: int) -> Grid:
    """A square of side 2π."""
    return Grid(cells, cells, TURN / cells, TURN / cells, 0.1, periodic_y=True, periodic_x=True)


def eddies(cells: int) -> Tensor:
    """The same smooth eddies on any number of cells, 16 or more."""
    w = random_flow(box(16), waves=3, generator=torch.Generator().manual_seed(0))
    return resampled(w, cells, cells)


@contextmanager
def precision(dtype: torch.dtype) -> Iterator[None]:
    """What jax and torch take for a number unless told otherwise."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        if "jax" in sys.modules:
            import jax

            with jax.enable_x64(dtype == torch.float64):
                yield
        else:
            yield
    finally:
        torch.set_default_dtype(before)


def symdyn(cells: int, dtype: torch.dtype) -> Solve:
    """This package."""
    solver, w = NavierStokes(box(cells), VISCOSITY, dtype=dtype), eddies(cells).to(dtype)

    def solve(steps: int) -> Run:
        return lambda: solver.steps(w, DURATION / steps, steps), lambda end: solver.vorticity(end)[
            0
        ]

    return solve


def start(cells: int, dtype: torch.dtype) -> Tensor:
    """The vorticity of the eddies ``[y, x]``."""
    solver = NavierStokes(box(cells), VISCOSITY, dtype=torch.float64)
    return solver.vorticity(eddies(cells))[0].to(dtype)


def exponax(cells: int, dtype: torch.dtype) -> Solve:
    """exponax stores x first, and the stream function has the other sign."""
    import exponax
    import jax
    import jax.numpy as jnp
    import numpy as np

    first = jnp.asarray(-start(cells, dtype).T.numpy().copy())[None]

    def solve(steps: int) -> Run:
        stepper = exponax.stepper.NavierStokesVorticity(
            2, TURN, cells, DURATION / steps, diffusivity=VISCOSITY, order=4
        )
        run = jax.jit(exponax.repeat(stepper, steps))
        return (
            lambda: run(first).block_until_ready(),
            lambda end: -torch.from_numpy(np.array(end))[0].T,
        )

    return solve


def jax_cfd(cells: int, dtype: torch.dtype) -> Solve:
    """jax-cfd stores x first."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax_cfd import spectral
    from jax_cfd.base import grids

    grid = grids.Grid((cells, cells), domain=((0, TURN), (0, TURN)))
    equation = spectral.equations.NavierStokes2D(VISCOSITY, grid, smooth=True)
    first = jnp.fft.rfftn(jnp.asarray(start(cells, dtype).T.numpy().copy()))

    def solve(steps: int) -> Run:
        step = spectral.time_stepping.crank_nicolson_rk4(equation, DURATION / steps)
        run = jax.jit(lambda hat: jax.lax.fori_loop(0, steps, lambda _, x: step(x), hat))
        return (
            lambda: run(first).block_until_ready(),
            lambda end: torch.from_numpy(np.array(jnp.fft.irfftn(end))).T,
        )

    return solve


def torch_cfd(cells: int, dtype: torch.dtype) -> Solve:
    """torch-cfd stores x first."""
    from torch_cfd.grids import Grid as PeerGrid
    from torch_cfd.spectral import NavierStokes2DSpectral, RK4CrankNicolsonStepper

    grid = PeerGrid((cells, cells), domain=((0, TURN), (0, TURN)))
    equation = NavierStokes2DSpectral(
        VISCOSITY, grid, smooth=True, step_fn=RK4CrankNicolsonStepper()
    )
    first = torch.fft.rfft2(start(cells, dtype).T)

    def solve(steps: int) -> Run:
        return (
            lambda: equation(first, DURATION / steps, steps)[0],
            lambda end: torch.fft.irfft2(end).T,
        )

    return solve


PEERS = {"exponax": exponax, "jax-cfd": jax_cfd, "torch-cfd": torch_cfd}
