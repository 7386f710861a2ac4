"""What the pseudo-spectral solvers share: states on the grid, steps on Fourier coefficients."""

import math
from abc import ABC, abstractmethod
from functools import partial

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.fourier import FourierSeries
from symdyn_core.solvers.graphed_steps import GraphedSteps
from symdyn_core.solvers.time_stepping import (
    NOWHERE,
    LawsonFactors,
    Places,
    advanced,
    check_frames,
    lawson_factors,
    lawson_step,
)
from symdyn_core.solvers.workspace import FRESH, Memory, Workspaces

COURANT = 1.4
"""Largest dt (|u| Kₓ + |v| K_y) of a step. The scheme bears 2.83: half of it leaves room for the
flow to speed up between two choices of dt, and for accuracy."""


class PeriodicFlow(ABC):
    """A flow in a doubly periodic box: qₜ = L q + F f(q), L and F diagonal in modes.

    Between two frames everything happens on Fourier coefficients (``FourierSeries``): products on
    the grid, free of aliasing; L exactly, f by a fourth-order Runge-Kutta scheme (``lawson_rk4``).
    All methods are pure functions of a batch of states, so autograd passes through them; the
    members of a batch share dt. States are real fields on the grid, which one file can hold.

    Args:
        grid: periodic along both axes; its dt is the interval between the frames of
            ``trajectory``.
        slowest: dt allows for this velocity even at rest, as the flow speeds up.
        dtype, device: of the states.
    """

    decay: Tensor
    """The diagonal of L [1/time], real or complex ``[*field, k_y, k_x]``."""

    factor: Complex[Tensor, "*field k_y k_x"] | None = None
    """The diagonal of F, one unless there is one."""

    def __init__(
        self,
        grid: Grid,
        *,
        slowest: float | int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.grid, self.dtype, self.device = grid, dtype, torch.device(device)
        self.series = FourierSeries(grid, dtype=dtype, device=device)
        self.slowest = float(slowest)
        self._workspaces, self._graphs = Workspaces(), GraphedSteps(self._step_with)
        self._last: tuple[float, LawsonFactors] | None = None

    @abstractmethod
    def to_modes(self, state: Tensor) -> Tensor:
        """The coefficients that are stepped, from a state."""

    @abstractmethod
    def to_state(self, hat: Tensor) -> Tensor:
        """The state, from the coefficients that are stepped."""

    @abstractmethod
    def tendency(self, hat: Tensor, places: Places = NOWHERE, number: int = 0) -> Tensor:
        """f of the coefficients, which may be put into the place for that rate of a step."""

    @abstractmethod
    def carrying_velocity(self, hat: Tensor) -> Float[Tensor, "*lead 2 y x"]:
        """The velocity that carries the vorticity, for the size of steps."""

    def step(self, state: Tensor, dt: float | int) -> Tensor:
        """One step of ``dt``."""
        return self.steps(state, dt, 1)

    def steps(self, state: Tensor, dt: float | int, count: int) -> Tensor:
        """``count`` steps of ``dt``, without leaving the coefficients in between."""
        return self.to_state(self._taken(self.to_modes(state), float(dt), count))

    def advance(self, state: Tensor, duration: float | int) -> tuple[Tensor, int]:
        """The state a ``duration`` later, and the number of steps that it took.

        Step sizes follow from the state alone, so a run that is cut into pieces at the same times
        goes through the same numbers; and they are the same for flows that are shifted by cells,
        mirrored or turned by quarters.
        """
        hat, steps = advanced(self.to_modes(state), duration, self._stable_dt, self._taken)
        return self.to_state(hat), steps

    def trajectory(self, state: Tensor, frames: int) -> Tensor:
        """States at the times 0, dt, ... of the grid, ``[batch, time, ...]``."""
        check_frames(frames)
        states = [state]
        for _ in range(frames - 1):
            states.append(self.advance(states[-1], self.grid.dt)[0])
        return torch.stack(states, dim=1)

    def stable_dt(self, state: Tensor) -> float:
        """The step that ``advance`` would take from this state.

        Raises:
            ValueError: the state holds numbers that are not finite.
        """
        return self._stable_dt(self.to_modes(state))

    def _taken(self, hat: Tensor, dt: float, count: int) -> Tensor:
        """The coefficients after so many steps."""
        for number in range(count):
            later = self._graphs(hat, dt)
            if later is None:
                run = partial(self._run, self._factors(dt), count - number)
                return self._workspaces.run(run, hat)
            hat = later
        return hat

    def _factors(self, dt: float) -> LawsonFactors:
        """Those of a step; runs ask for the same ones each time."""
        last = self._last
        if last is None or last[0] != dt:
            with torch.inference_mode(False):
                last = self._last = dt, lawson_factors(self.decay, dt, self.factor)
        return last[1]

    def _run(self, factors: LawsonFactors, count: int, hat: Tensor, memory: Memory) -> Tensor:
        """Steps one operation at a time."""
        places = NOWHERE if memory is FRESH else memory.views("places", partial(self._places, hat))
        if places.stage is not None:
            hat = places.stage.copy_(hat)
        for _ in range(count):
            hat = lawson_step(self.tendency, factors, hat, places)
        return hat

    def _places(self, hat: Tensor) -> Places:
        """Memory for steps from such coefficients."""
        return NOWHERE

    def _step_with(self, hat: Tensor, dt: Tensor) -> Tensor:
        return lawson_step(self.tendency, lawson_factors(self.decay, dt, self.factor), hat)

    def _stable_dt(self, hat: Tensor) -> float:
        last_y, last_x = self.series.largest
        u, v = self.carrying_velocity(hat.detach()).abs().unbind(-3)
        rate = float(torch.add(u * last_x, v, alpha=last_y).amax())
        if not math.isfinite(rate):
            raise ValueError(
                "Expected finite velocities, got a solution that has blown up. Use more cells or "
                "more viscosity, and check the initial state."
            )
        return COURANT / max(rate, self.slowest * max(last_y, last_x))
