"""What the pseudo-spectral solvers share: states on the grid, steps on Fourier coefficients."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers.fourier import FourierSeries
from symdyn_core.solvers.graphed_steps import GraphedSteps
from symdyn_core.solvers.time_stepping import Field, advanced, check_frames, lawson_rk4

COURANT = 1.4
"""Largest dt (|u| Kₓ + |v| K_y) of a step. The scheme bears 2.83: half of it leaves room for the
flow to speed up between two choices of dt, and for accuracy."""


class PeriodicFlow(ABC):
    """A flow in a doubly periodic box: qₜ = L q + f(q) for its vorticity q, L diagonal in modes.

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

    decay: Complex[Tensor, "*field k_y k_x"]
    """The diagonal of L [1/time]."""

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
        self._graphs = GraphedSteps(self._step_with)

    @abstractmethod
    def to_modes(self, state: Tensor) -> Tensor:
        """The coefficients that are stepped, from a state."""

    @abstractmethod
    def to_state(self, hat: Tensor) -> Tensor:
        """The state, from the coefficients that are stepped."""

    @abstractmethod
    def tendency(self, hat: Tensor) -> Tensor:
        """f of the coefficients [their unit / time]."""

    @abstractmethod
    def carrying_velocity(self, hat: Tensor) -> Float[Tensor, "*lead 2 y x"]:
        """The velocity that carries the vorticity, for the size of steps."""

    def step(self, state: Tensor, dt: float | int) -> Tensor:
        """One step of ``dt``."""
        return self.to_state(self._step_of(dt)(self.to_modes(state)))

    def steps(self, state: Tensor, dt: float | int, count: int) -> Tensor:
        """``count`` steps of ``dt``, without leaving the coefficients in between."""
        hat = self.to_modes(state)
        step = self._step_of(dt)
        for _ in range(count):
            hat = step(hat)
        return self.to_state(hat)

    def advance(self, state: Tensor, duration: float | int) -> tuple[Tensor, int]:
        """The state a ``duration`` later, and the number of steps that it took.

        Step sizes follow from the state alone, so a run that is cut into pieces at the same times
        goes through the same numbers; and they are the same for flows that are shifted by cells,
        mirrored or turned by quarters.
        """
        hat, steps = advanced(self.to_modes(state), duration, self._stable_dt, self._step_of)
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

    def _step_of(self, dt: float | int) -> Callable[[Tensor], Tensor]:
        """The step of a size, from coefficients to coefficients."""
        return partial(self._stepped, lawson_rk4(self.tendency, self.decay, float(dt)), float(dt))

    def _stepped(self, plain: Field, dt: float, hat: Tensor) -> Tensor:
        later = self._graphs(hat, dt)
        return plain(hat) if later is None else later

    def _step_with(self, hat: Tensor, dt: Tensor) -> Tensor:
        return lawson_rk4(self.tendency, self.decay, dt)(hat)

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
