"""Which convection cells are simulated, and which frames of them are kept.

Wang, Walters & Yu (ICLR 2021) forecast a wide cell of 1792 x 256 cells, sampled at 448 x 64 and
cut into seven squares. ``PAPER`` follows that geometry; ``SMALL`` has the same squares from a
smaller simulation, ``SMOKE`` is for tests.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.simulated_flow import Simulation, check_run, preset_among
from symdyn_core.grid import Grid
from symdyn_core.solvers.convection import COURANT, SLOWEST_VELOCITY, RayleighBenard
from symdyn_core.solvers.recording import Schedule
from symdyn_core.solvers.sampling import FaceSampler, UniformSampler
from symdyn_core.solvers.staggered import Channel

FASTEST_AT_1E6, FASTER_PER_DECADE = 0.85, 0.15
"""Largest |u| + |v| dx/dy of developed flow [free fall] at Ra 1e6, and what a factor of ten adds to
it: a little over the means of runs, 0.76 at 1e6, 0.91 at 1e7, 1.07 at 1e8 and 1.18 at 2.5e8."""


@dataclass(frozen=True)
class ConvectionPreset(Simulation):
    """A simulation and its frames; lengths in layer heights, times in free-fall times.

    Attributes:
        name: what people call it.
        channel: cells of the solver.
        rayleigh, prandtl: numbers of the flow.
        ny, nx: uniform square cells of the frames; nx / ny is the channel's length.
        interval: time between two frames. Persistence over 0.2 errs by a quarter of the standard
            deviation: hard enough to be a baseline, short enough to be forecast.
        spin_up: time before the first frame.
        frames: number of frames.
        members: independent cells.
        temperature: whether it is kept beside the velocities.
        faces: whether velocities are kept on the faces of the frames' cells, where they are free
            of divergence, see ``FaceSampler``; otherwise means over the cells.
    """

    name: str
    channel: Channel
    rayleigh: float
    ny: int
    nx: int
    frames: int
    prandtl: float = 0.71
    interval: float = 0.2
    spin_up: float = 50.0
    members: int = 1
    temperature: bool = True
    faces: bool = False

    def __post_init__(self):
        check_run(self.members, self.frames, self.interval, self.spin_up)
        if not self.ny >= 1 or abs(self.nx / self.ny - self.channel.length) > 1e-9:
            raise ValueError(
                f"Expected square cells: nx / ny = {self.channel.length:g}, got "
                f"{self.nx} / {self.ny}. Change nx, ny or the length of the channel."
            )

    def coarsened(self, factor: int) -> "ConvectionPreset":
        """The same flow with frames of ``factor`` x ``factor`` cells of the solver in one.

        Raises:
            ValueError: the factor does not divide the cells, or too few are left.
        """
        ny, nx = self.channel.ny, self.channel.nx
        if factor < 1 or ny % factor or nx % factor or ny // factor < 4:
            raise ValueError(
                f"Expected a factor that divides {ny} x {nx} cells and leaves 4 rows or more, got "
                f"{factor}."
            )
        return replace(self, ny=ny // factor, nx=nx // factor)

    @property
    def schedule(self) -> Schedule:
        """When the frames are taken."""
        return Schedule(self.interval, round(self.spin_up / self.interval), self.frames)

    @property
    def grid(self) -> Grid:
        """The grid of the frames."""
        size = 1 / self.ny
        return Grid(self.ny, self.nx, size, size, self.interval, periodic_x=True)

    def solver(self, device: torch.device | str = "cpu") -> RayleighBenard:
        """The solver of this flow."""
        return RayleighBenard(self.channel, self.rayleigh, prandtl=self.prandtl, device=device)

    def initial(self, solver: RayleighBenard, generator: torch.Generator) -> Tensor:
        """Fluid at rest with noise on its temperature."""
        return solver.conduction(self.members, generator=generator)

    def observer(self, solver: RayleighBenard) -> Callable[[Tensor], Tensor]:
        """(u, v) or (u, v, T) on the uniform cells of the frames."""
        kind = FaceSampler if self.faces else UniformSampler
        sampler = kind(self.channel, self.ny, self.nx, device=solver.device)
        return lambda state: sampler(state)[:, : 3 if self.temperature else 2]

    def diagnose(self, solver: RayleighBenard, state: Tensor) -> Tensor:
        """Nusselt numbers, averaged over the members: lower plate, upper plate, volume."""
        return torch.stack([nusselt.mean() for nusselt in solver.nusselt(state)])

    def statistics(self, diagnostics: np.ndarray) -> dict:
        """Mean and spread of the Nusselt numbers."""
        columns = zip(("lower", "upper", "volume"), diagnostics.T, strict=True)
        return {
            "nusselt": {
                name: {"mean": round(float(values.mean()), 4), "std": round(float(values.std()), 4)}
                for name, values in columns
            }
        }

    def steps_per_interval(self, solver: RayleighBenard, state: Tensor) -> float:
        """Those of the developed flow, whose largest |u|/dx + |v|/dy grows with Ra."""
        rate = FASTEST_AT_1E6 + FASTER_PER_DECADE * math.log10(self.rayleigh / 1e6)
        developed = COURANT * self.channel.dx / max(rate, SLOWEST_VELOCITY)
        return max(1.0, self.interval / min(solver.stable_dt(state), developed))

    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """Frames ``[time, member, field, y, x]`` as a flow (u, v[, temperature]; [member,] time,
        y, x); one member has no axis of its own."""
        fields = fields.swapaxes(0, 1)
        dims: tuple[str, ...] = ("member", "time", "y", "x")
        if self.members == 1:
            fields, dims = fields[0], dims[1:]
        flow = schema.from_tensor(
            torch.from_numpy(fields)[..., :2, :, :],
            self.grid,
            title=f"Rayleigh-Benard convection, Ra {self.rayleigh:g}, Pr {self.prandtl:g}",
            source=(
                "symdyn_core.solvers.convection: two dimensions, no-slip plates, periodic along x"
            ),
        )
        for name, count, meaning in (
            ("y", self.ny, "height above the lower plate, in heights of the layer"),
            ("x", self.nx, "distance along the layer, in its heights"),
        ):
            centres = (np.arange(count) + 0.5) / self.ny
            flow = flow.assign_coords(
                {name: (name, centres, flow[name].attrs | {"long_name": meaning})}
            )
        flow["time"].attrs["long_name"] = "time since the end of spin-up, in free-fall times"
        for name, face in (("u", "left"), ("v", "lower")):
            flow[name].attrs["long_name"] += ", in free-fall velocities"
            if self.faces:
                flow[name].attrs["long_name"] += f", mean over the {face} face of the cell"
        if self.temperature:
            meaning = "temperature, in differences between the plates"
            attributes = {"units": "1", "long_name": meaning}
            flow["temperature"] = (dims, fields[..., 2, :, :], attributes)
        return flow


SMOKE = ConvectionPreset(
    "smoke", Channel(32, 128, 4.0, 1.0), 1e6, ny=32, nx=128, frames=160, spin_up=20.0
)
"""Four squares of 32 x 32; long enough for windows of 8 + 10 frames in each of three parts."""

SMALL = ConvectionPreset("small", Channel(96, 672, 7.0, 1.5), 1e8, ny=64, nx=448, frames=800)
"""The paper's seven squares of 64 x 64 at Ra 1e8, in a minute or two on one core."""

PAPER = ConvectionPreset("paper", Channel(256, 1792, 7.0, 1.5), 2.5e8, ny=64, nx=448, frames=2000)
"""The paper's simulation and number of frames; hours on one core, for a GPU."""

PRESETS = (SMOKE, SMALL, PAPER)


def preset_named(name: str) -> ConvectionPreset:
    """The preset of that name.

    Raises:
        ValueError: no such preset; the message lists those there are.
    """
    return preset_among(PRESETS, name)
