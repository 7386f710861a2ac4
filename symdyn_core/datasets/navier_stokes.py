"""Two-dimensional Navier-Stokes flow as datasets: decaying turbulence, and Kolmogorov's flow."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.datasets.periodic_boxes import box_grid, labelled_members
from symdyn_core.datasets.simulated_flow import Simulation, check_run, preset_among
from symdyn_core.solvers.fourier import resampled
from symdyn_core.solvers.navier_stokes import NavierStokes
from symdyn_core.solvers.periodic_flow import COURANT
from symdyn_core.solvers.random_flow import random_flow
from symdyn_core.solvers.recording import Schedule


@dataclass(frozen=True)
class NavierStokesPreset(Simulation):
    """Turbulence in a periodic box of side 2π, from random eddies of root mean square speed 1.

    Attributes:
        name: what people call it.
        cells: of the solver along each side; a third of them is the largest wavenumber.
        kept: cells of the frames along each side; smaller scales are removed, not aliased.
        members: independent flows.
        frames: of each member.
        viscosity: ν. The smallest eddies are resolved if √(rms ζ / ν) is about cells / 3 or less.
        interval: time between two frames.
        spin_up: time before the first frame.
        waves: of the most energetic eddies at the start along a side.
        force, force_waves, drag: of Kolmogorov's flow, see ``NavierStokes``; none: it decays.
        fastest: largest |u| + |v| of the developed flow, for estimates.
    """

    name: str
    cells: int
    kept: int
    members: int
    frames: int
    viscosity: float
    interval: float = 0.1
    spin_up: float = 1.0
    waves: float = 6.0
    force: float = 0.0
    force_waves: int = 4
    drag: float = 0.0
    fastest: float = 4.0

    def __post_init__(self):
        check_run(self.members, self.frames, self.interval, self.spin_up)
        if not 4 <= self.kept <= self.cells:
            raise ValueError(
                f"Expected between 4 and {self.cells} kept cells, got kept={self.kept}."
            )

    @property
    def schedule(self) -> Schedule:
        """When the frames are taken."""
        return Schedule(self.interval, round(self.spin_up / self.interval), self.frames)

    def solver(self, device: torch.device | str = "cpu") -> NavierStokes:
        """The solver of this flow."""
        return NavierStokes(
            box_grid(self.cells, 2 * math.pi, self.interval),
            self.viscosity,
            force=self.force,
            waves=self.force_waves,
            drag=self.drag,
            device=device,
        )

    def initial(self, solver: NavierStokes, generator: torch.Generator) -> Tensor:
        """Random eddies of unit speed."""
        w = random_flow(solver.grid, self.members, waves=self.waves, generator=generator)
        return w.to(solver.device, solver.dtype)

    def observer(self, solver: NavierStokes) -> Callable[[Tensor], Tensor]:
        """Velocities at the kept cells."""
        return lambda state: resampled(state, self.kept, self.kept)

    def diagnose(self, solver: NavierStokes, state: Tensor) -> Tensor:
        """Energy, its supply, and enstrophy, averaged over the members."""
        energy = solver.energy(state)
        enstrophy = solver.enstrophy(state).amount
        return torch.stack((energy.amount.mean(), energy.supply.mean(), enstrophy.mean()))

    def statistics(self, diagnostics: np.ndarray) -> dict:
        """Energy and enstrophy over the frames."""
        names = ("energy", "energy_supply", "enstrophy")
        return {
            name: {"first": round(float(v[0]), 5), "last": round(float(v[-1]), 5)}
            | {"mean": round(float(v.mean()), 5)}
            for name, v in zip(names, diagnostics.T, strict=True)
        }

    def steps_per_interval(self, solver: NavierStokes, state: Tensor) -> float:
        """At the largest velocity of the developed flow."""
        return self.interval * self.fastest * max(solver.series.largest) / COURANT

    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """The frames as a flow (u, v; member, time, y, x)."""
        kind = "Kolmogorov flow" if self.force else "Decaying two-dimensional turbulence"
        return labelled_members(
            fields,
            box_grid(self.kept, 2 * math.pi, self.interval),
            title=f"{kind}, viscosity {self.viscosity:g}",
            source="symdyn_core.solvers.navier_stokes: pseudo-spectral, periodic box of side 2π",
            spin_up="the end of spin-up",
        )


DECAYING = (
    NavierStokesPreset("smoke", cells=48, kept=32, members=4, frames=60, viscosity=5e-3),
    NavierStokesPreset("small", cells=128, kept=64, members=16, frames=100, viscosity=2e-3),
    NavierStokesPreset("paper", cells=512, kept=128, members=64, frames=200, viscosity=2e-4),
)
"""Decaying turbulence: smaller eddies merge into larger ones."""

FORCED = (
    NavierStokesPreset(
        *("smoke", 48, 32, 2, 60, 1e-2), spin_up=10.0, force=1.0, drag=0.1, waves=4.0
    ),
    NavierStokesPreset(
        *("small", 128, 64, 8, 300, 3e-3), spin_up=40.0, force=1.0, drag=0.1, waves=4.0
    ),
    NavierStokesPreset(
        *("paper", 512, 128, 16, 2000, 1e-3), spin_up=80.0, force=1.0, drag=0.1, waves=4.0
    ),
)
"""Kolmogorov's flow with drag, statistically steady; viscosity, force and drag of ``paper`` are
those that are usual for tests of learned solvers (Kochkov et al. (2021), PNAS 118)."""


def preset_named(name: str) -> NavierStokesPreset:
    """The decaying flow of that name; a ValueError lists those there are."""
    return preset_among(DECAYING, name)


def forced_preset_named(name: str) -> NavierStokesPreset:
    """The Kolmogorov flow of that name; a ValueError lists those there are."""
    return preset_among(FORCED, name)
