"""Eddies of a quasi-geostrophic ocean as a dataset: daily surface currents, without download."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.datasets.periodic_boxes import box_grid, check_cells, labelled_members
from symdyn_core.datasets.simulated_flow import Simulation, check_run, preset_among
from symdyn_core.solvers.ocean_column import OceanColumn
from symdyn_core.solvers.periodic_flow import COURANT
from symdyn_core.solvers.quasi_geostrophic import QuasiGeostrophic
from symdyn_core.solvers.recording import Schedule

DAY = 86400.0
"""Seconds."""


@dataclass(frozen=True)
class OceanPreset(Simulation):
    """A square of ocean with daily surface currents.

    In the small one (0.21 m/s in the root mean square) persistence errs by 0.18, 0.34, 0.68 and
    0.98 of the standard deviation after 1, 2, 5 and 10 days. With an exponential filter beyond 0.65
    of the last mode, as pyqg has it, in the place of the ∇⁸ diffusion, which closes the energy
    budget, more of the smallest eddies are left: 0.22, 0.39, 0.71 and 1.0 (64 cells, 90 days).

    Attributes:
        name: what people call it.
        cells: along each side.
        spacing: of the cells [m].
        members: independent oceans.
        frames: days that are kept of each member.
        spin_up: days before, in which eddies grow from noise and come to balance.
        column: layers, rotation, current, losses.
        fastest: largest |u| + |v| of the developed flow [m/s], for estimates.
    """

    name: str
    cells: int
    members: int
    frames: int
    spin_up: int
    spacing: float = 1e6 / 128
    column: OceanColumn = field(default_factory=OceanColumn)
    fastest: float = 0.85

    def __post_init__(self):
        check_run(self.members, self.frames, DAY, self.spin_up)
        check_cells(self.cells)

    @property
    def schedule(self) -> Schedule:
        """When the frames are taken: once a day."""
        return Schedule(DAY, self.spin_up, self.frames)

    def solver(self, device: torch.device | str = "cpu") -> QuasiGeostrophic:
        """The solver of this ocean."""
        grid = box_grid(self.cells, self.cells * self.spacing, DAY)
        return QuasiGeostrophic(grid, self.column, device=device)

    def initial(self, solver: QuasiGeostrophic, generator: torch.Generator) -> Tensor:
        """Random eddies of 5 cm/s, in each layer its own."""
        return solver.random_state(self.members, rms=0.05, generator=generator)

    def observer(self, solver: QuasiGeostrophic) -> Callable[[Tensor], Tensor]:
        """Velocities of the upper layer, the mean current included."""
        return solver.surface_velocity

    def diagnose(self, solver: QuasiGeostrophic, state: Tensor) -> Tensor:
        """Kinetic and potential energy, supply and losses, averaged over the members."""
        energy = solver.energy(state)
        losses = energy.friction + energy.dissipation
        numbers = (energy.kinetic, energy.potential, energy.supply, losses)
        return torch.stack([number.mean() for number in numbers])

    def statistics(self, diagnostics: np.ndarray) -> dict:
        """Energies [m²/s²] and their supply and losses [m²/s³], averaged over the frames."""
        names = ("kinetic_energy", "potential_energy", "energy_supply", "energy_losses")
        means = diagnostics.mean(0)
        return {name: float(f"{mean:.4g}") for name, mean in zip(names, means, strict=True)}

    def steps_per_interval(self, solver: QuasiGeostrophic, state: Tensor) -> float:
        """At the largest velocity of the developed flow."""
        return DAY * self.fastest * max(solver.series.largest) / COURANT

    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """The frames as a flow (u, v; member, time, y, x) in SI units."""
        flow = labelled_members(
            fields,
            box_grid(self.cells, self.cells * self.spacing, DAY),
            title=(
                "Quasi-geostrophic ocean, deformation radius "
                f"{self.column.deformation_radius / 1000:g} km"
            ),
            source="symdyn_core.solvers.quasi_geostrophic: two layers, periodic, upper layer shown",
            spin_up="the end of spin-up",
            length_unit="m",
            time_unit="s",
            velocity_unit="m s-1",
        )
        for name, direction in (("u", "eastward"), ("v", "northward")):
            flow[name].attrs["standard_name"] = f"{direction}_sea_water_velocity"
            flow[name].attrs["long_name"] = f"{direction} surface velocity"
        return flow


SMOKE = OceanPreset("smoke", cells=32, members=2, frames=120, spin_up=240)
"""250 km of ocean, in seconds."""

SMALL = OceanPreset("small", cells=128, members=2, frames=900, spin_up=540)
"""1000 km of ocean; each member holds four squares of 64 x 64 cells."""

PAPER = OceanPreset("paper", cells=256, members=4, frames=2000, spin_up=720)
"""2000 km of ocean, as many days as the paper has frames; for a GPU, or hours of one core."""

PRESETS = (SMOKE, SMALL, PAPER)


def preset_named(name: str) -> OceanPreset:
    """The preset of that name; a ValueError lists those there are."""
    return preset_among(PRESETS, name)
