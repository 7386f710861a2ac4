"""Rayleigh-Benard convection: a layer of fluid heated from below, in two dimensions."""

import math
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.solvers.boussinesq import LOWER_PLATE, UPPER_PLATE, Boussinesq
from symdyn_core.solvers.convection_symmetries import REFLECTION, TRANSLATION, UPSIDE_DOWN
from symdyn_core.solvers.graphed_steps import GraphedSteps
from symdyn_core.solvers.staggered import Channel, Projection
from symdyn_core.solvers.time_stepping import advanced, ssp_rk3
from symdyn_core.solvers.workspace import FRESH, Memory, Workspaces

State = Float[Tensor, "batch 3 y x"]

COURANT = 1.2
"""|u| dt/dx + |v| dt/dy of a step, at its largest. The Runge-Kutta scheme bears √3 with two-point
differences and 1.26 with the four-point temperature flux."""

DIFFUSION_LIMIT = 2.0
"""Largest dt |λ| of the diffusion operators; the scheme bears 2.51."""

SLOWEST_VELOCITY = 0.1
"""dt allows for this velocity [free fall] even at rest, as the flow speeds up between choices."""

CELLS_AT_ONCE = 2**16
"""Cells of a batch that one operation works on, on a CPU: the fields of a stage then stay in its
cache. Members are stepped in groups of that size, to the same bits."""


class Nusselt(NamedTuple):
    """Heat flux in units of pure conduction, for each member of the batch."""

    lower: Float[Tensor, " batch"]
    """Conduction into the fluid at the lower plate."""
    upper: Float[Tensor, " batch"]
    """Conduction out of it at the upper plate."""
    volume: Float[Tensor, " batch"]
    """1 + ⟨v T⟩ / κ over the whole volume."""


class RayleighBenard:
    """The Oberbeck-Boussinesq equations between two no-slip plates, periodic along x::

        uₜ + u·∇u = -∇p + ν ∇²u + T e_y,    Tₜ + u·∇T = κ ∇²T,    ∇·u = 0
        ν = √(Pr/Ra),  κ = 1/√(Ra Pr),      T = ±1/2 and u = 0 at the plates y = 0, 1

    Units: the height H of the layer, the temperature difference of the plates, the free-fall
    velocity U = √(g α ΔT H) and the free-fall time H/U. Finite volumes on a staggered grid, steps
    by a third-order Runge-Kutta scheme with an exact projection in every stage: divergence stays
    at rounding. Every method is a pure function of a batch of states ``[batch, (u, v, T), y, x]``
    (see ``staggered``) and differentiable; members of a batch share dt.

    Args:
        channel: geometry of the cells. The thermal boundary layers, 1/(2 Nu) thick, want five
            rows each: Ra 1e8 (Nu 26) about 96 rows with stretching 1.5.
        rayleigh: Ra = g α ΔT H³ / (ν κ).
        prandtl: Pr = ν/κ; 0.71 is air.
        upwind: upwind correction of the temperature flux, see ``Boussinesq``.
        dtype, device: of the states.
    """

    symmetries = (TRANSLATION, REFLECTION, UPSIDE_DOWN)
    """The actions on states that commute with ``step``."""

    def __init__(
        self,
        channel: Channel,
        rayleigh: float,
        *,
        prandtl: float = 0.71,
        upwind: bool = True,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        if not (0 < rayleigh < math.inf and 0 < prandtl < math.inf):
            raise ValueError(
                "Expected positive Rayleigh and Prandtl numbers, got "
                f"rayleigh={rayleigh}, prandtl={prandtl}."
            )
        self.channel, self.dtype, self.device = channel, dtype, torch.device(device)
        self.viscosity = math.sqrt(prandtl / rayleigh)
        self.diffusivity = 1 / math.sqrt(rayleigh * prandtl)
        self.tendency = Boussinesq(
            channel, self.viscosity, self.diffusivity, upwind=upwind, dtype=dtype, device=device
        )
        self.projection = Projection(channel, dtype=dtype, device=device)
        self._workspaces, self._graphs = Workspaces(), GraphedSteps(self._step)
        smallest = 1 / channel.dx**2 + 1 / float(channel.heights().min()) ** 2
        fastest_decay = 4 * max(self.viscosity, self.diffusivity) * smallest
        self._diffusive_dt = DIFFUSION_LIMIT / fastest_decay

    def conduction(
        self, batch: int = 1, *, noise: float = 0.05, generator: torch.Generator | None = None
    ) -> State:
        """Fluid at rest with T = 1/2 - y, and white noise times sin πy on the temperature."""
        shape = (batch, self.channel.ny, self.channel.nx)
        # Always drawn on the CPU in float64: a seed means the same flow on every device.
        white = 2 * torch.rand(shape, generator=generator, dtype=torch.float64) - 1
        return self._at_rest(noise * white)

    def rolls(self, pairs: int = 1, *, amplitude: float = 0.1) -> State:
        """Fluid at rest, warm in ``pairs`` columns: T = 1/2 - y + A cos(2π pairs x/L) sin πy."""
        cells = (torch.arange(self.channel.nx, dtype=torch.float64) + 1 / 2) / self.channel.nx
        return self._at_rest(amplitude * torch.cos(2 * torch.pi * pairs * cells)[None, None])

    def step(self, q: State, dt: float) -> State:
        """One step of ``dt`` [free-fall times]."""
        later = self._graphs(q, dt)
        if later is not None:
            return later

        step = partial(self._step_in, dt)
        together = max(1, CELLS_AT_ONCE // (self.channel.ny * self.channel.nx))
        if self.device.type != "cpu" or len(q) <= together:
            return self._workspaces.run(step, q)
        return torch.cat([self._workspaces.run(step, members) for members in q.split(together)])

    def _step_in(self, dt: float, q: State, memory: Memory) -> State:
        return self._step(q, dt, memory)

    def _step(self, q: State, dt: float | Tensor, memory: Memory = FRESH) -> State:
        rate, projection = (
            partial(solve, memory=memory) for solve in (self.tendency, self.projection.project_)
        )
        return ssp_rk3(rate, projection, dt, memory)(q)

    def advance(self, q: State, duration: float) -> tuple[State, int]:
        """The state ``duration`` free-fall times later, and the number of steps that it took.

        Step sizes follow from the state alone, so a run that is cut into pieces at the same times
        goes through the same numbers.
        """
        return advanced(q, duration, self.stable_dt, self._taken)

    def _taken(self, q: State, dt: float, count: int) -> State:
        for _ in range(count):
            q = self.step(q, dt)
        return q

    def stable_dt(self, q: State) -> float:
        """The largest step that is stable for this state [free-fall times].

        Velocities are read on the left and the lower face of every cell, so a mirror image may be
        given another step: solver and symmetries commute exactly for equal steps, and up to the
        error of the time stepping otherwise.

        Raises:
            ValueError: the state holds numbers that are not finite.
        """
        dx = self.channel.dx
        u, v, _ = q.detach().unbind(1)
        across = v.abs() * self.tendency.inverse_gaps
        rate = float(torch.add(across, u.abs(), alpha=1 / dx).amax())
        if not math.isfinite(rate):
            raise ValueError(
                "Expected finite velocities, got a solution that has blown up. Use more rows or "
                "more stretching for this Rayleigh number, and check the initial state."
            )
        return min(COURANT / max(rate, SLOWEST_VELOCITY / dx), self._diffusive_dt)

    def nusselt(self, q: State) -> Nusselt:
        """The Nusselt number measured in three ways; their time averages agree."""
        v, temperature = q[:, 1], q[:, 2]
        profile = temperature.mean(-1)
        gaps = self.channel.gaps().to(q)
        lift = v[:, 1:] * (temperature[:, 1:] + temperature[:, :-1]) / 2
        return Nusselt(
            lower=(LOWER_PLATE - profile[:, 0]) / gaps[0],
            upper=(profile[:, -1] - UPPER_PLATE) / gaps[-1],
            volume=1 + lift.mean(-1) @ gaps[1:-1] / self.diffusivity,
        )

    def _at_rest(self, disturbance: Tensor) -> State:
        faces = self.channel.faces()
        y = (faces[1:] + faces[:-1])[:, None] / 2
        temperature = LOWER_PLATE - y + disturbance * torch.sin(torch.pi * y)
        rest = torch.zeros_like(temperature)
        return torch.stack((rest, rest, temperature), dim=1).to(self.device, self.dtype)
