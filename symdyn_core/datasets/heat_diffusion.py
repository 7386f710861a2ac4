"""Heat diffusion as a dataset: random velocities that diffuse, every frame an exact solution."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.datasets.periodic_boxes import box_grid, check_cells, labelled_members
from symdyn_core.datasets.simulated_flow import Simulation, check_run, preset_among
from symdyn_core.solvers.heat import HeatDiffusion
from symdyn_core.solvers.random_flow import random_flow
from symdyn_core.solvers.recording import Schedule


@dataclass(frozen=True)
class HeatPreset(Simulation):
    """Velocities of a viscous fluid without inertia in a box of side 2π, root mean square 1 at
    first, each component a solution of the heat equation.

    Attributes:
        name: what people call it.
        cells: along each side.
        members: independent flows.
        frames: of each member; the first one comes one interval after the random start.
        interval: time between two frames.
        diffusivity: κ; the largest eddies decay in 1 / (κ waves²).
        waves: of the most energetic eddies along a side.
    """

    name: str
    cells: int
    members: int
    frames: int
    interval: float = 0.1
    diffusivity: float = 0.01
    waves: float = 4.0

    def __post_init__(self):
        check_run(self.members, self.frames, self.interval)
        check_cells(self.cells)

    @property
    def schedule(self) -> Schedule:
        """When the frames are taken."""
        return Schedule(self.interval, 0, self.frames)

    def solver(self, device: torch.device | str = "cpu") -> HeatDiffusion:
        """The exact solution."""
        grid = box_grid(self.cells, 2 * math.pi, self.interval)
        return HeatDiffusion(grid, self.diffusivity, device=device)

    def initial(self, solver: HeatDiffusion, generator: torch.Generator) -> Tensor:
        """Random eddies of unit velocity."""
        w = random_flow(solver.grid, self.members, waves=self.waves, generator=generator)
        return w.to(solver.device, solver.dtype)

    def observer(self, solver: HeatDiffusion) -> Callable[[Tensor], Tensor]:
        """The velocities themselves."""
        return lambda state: state

    def diagnose(self, solver: HeatDiffusion, state: Tensor) -> Tensor:
        """Kinetic energy and its dissipation, averaged over the members."""
        return torch.stack((solver.variance(state).mean(), solver.dissipation(state).mean()))

    def statistics(self, diagnostics: np.ndarray) -> dict:
        """Energy of the first and the last frame."""
        return {"energy": {"first": float(diagnostics[0, 0]), "last": float(diagnostics[-1, 0])}}

    def steps_per_interval(self, solver: HeatDiffusion, state: Tensor) -> float:
        """One: steps of any length are exact."""
        return 1.0

    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """The frames as a flow (u, v; member, time, y, x)."""
        return labelled_members(
            fields,
            box_grid(self.cells, 2 * math.pi, self.interval),
            title=f"Heat diffusion, diffusivity {self.diffusivity:g}",
            source="symdyn_core.solvers.heat: exact solution in a periodic box of side 2π",
        )


SMOKE = HeatPreset("smoke", cells=32, members=4, frames=60)
SMALL = HeatPreset("small", cells=64, members=32, frames=100)
PAPER = HeatPreset("paper", cells=64, members=256, frames=100)
PRESETS = (SMOKE, SMALL, PAPER)


def preset_named(name: str) -> HeatPreset:
    """The preset of that name; a ValueError lists those there are."""
    return preset_among(PRESETS, name)
