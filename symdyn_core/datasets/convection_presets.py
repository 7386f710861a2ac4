"""Which convection cells are simulated, and which frames of them are kept.

Wang, Walters & Yu (ICLR 2021) forecast a wide cell of 1792 x 256 cells, sampled at 448 x 64 and
cut into seven squares. ``PAPER`` follows that geometry; ``SMALL`` has the same squares from a
smaller simulation, ``SMOKE`` is for tests.
"""

from dataclasses import dataclass

import torch

from symdyn_core.grid import Grid
from symdyn_core.solvers.convection import RayleighBenard
from symdyn_core.solvers.recording import Schedule
from symdyn_core.solvers.staggered import Channel


@dataclass(frozen=True)
class ConvectionPreset:
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

    def __post_init__(self):
        if abs(self.nx / self.ny - self.channel.length) > 1e-9:
            raise ValueError(
                f"Expected square cells: nx / ny = {self.channel.length:g}, got "
                f"{self.nx} / {self.ny}. Change nx, ny or the length of the channel."
            )

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
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise ValueError(f"Unknown preset {name!r}; choose from {', '.join(p.name for p in PRESETS)}.")
