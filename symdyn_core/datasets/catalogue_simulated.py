"""The flows that this package makes, with the symmetries that their solvers list."""

from dataclasses import dataclass
from typing import Any

from symdyn_core.datasets.catalogued import DataSet, Kept, Size
from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.solvers.convection_symmetries import StateSymmetry
from symdyn_core.solvers.held_symmetries import HeldSymmetry

LICENCE = "MIT, made by this project"

CITATION = "Wang, Walters & Yu (ICLR 2021) for the experiment"


@dataclass(frozen=True)
class Words:
    """What a solver cannot say about its flow.

    Attributes:
        what, source, citation, units: as in ``DataSet``.
        broken: reasons by the name of the symmetry.
        which: elements in words, where the solver gives formulas only.
    """

    what: str
    source: str
    citation: str
    units: str
    broken: dict[str, str]
    which: dict[str, str]


CONVECTION = Words(
    what="Rayleigh-Bénard convection: a wide cell between no-slip plates, periodic along x",
    source="symdyn_core.solvers.convection: finite volumes, staggered grid, exact projection",
    citation=CITATION,
    units="heights of the layer, free-fall times",
    broken={
        "uniform_motion": "the plates do not move along",
        "boost": "the plates do not move along",
        "magnitude": "the temperature difference sets the speed",
        "rotation": "gravity and plates; the half turn holds with warm and cold exchanged",
        "scaling": "the height of the layer and its Rayleigh number are fixed",
    },
    which={
        "translation": "along x",
        "reflection": "left and right exchanged",
        "upside_down": "above and below exchanged, and warm and cold with them",
    },
)

HEAT = Words(
    what="random velocities that diffuse, every frame an exact solution",
    source="symdyn_core.solvers.heat: Fourier series, exact in time",
    citation=CITATION,
    units="box of side 2π, unit root mean square velocity at first",
    broken={"boost": "diffusion does not carry patterns along"},
    which={},
)

DECAYING = Words(
    what="decaying two-dimensional turbulence in a periodic box",
    source="symdyn_core.solvers.navier_stokes: pseudo-spectral, free of aliasing",
    citation="McWilliams (1984), J. Fluid Mech. 146, 21",
    units="box of side 2π, unit root mean square speed at first",
    broken={
        "uniform_motion": "patterns are carried along: only the boost, which moves them too",
        "magnitude": "advection is quadratic in the velocity, diffusion linear",
    },
    which={},
)

FORCED = Words(
    what="two-dimensional turbulence under Kolmogorov's force with drag, in a periodic box",
    source="symdyn_core.solvers.navier_stokes: pseudo-spectral, free of aliasing",
    citation="Kochkov et al. (2021), PNAS 118, e2101784118",
    units="box of side 2π",
    broken={
        "uniform_motion": "patterns are carried along, the force is not",
        "boost": "the force stands still, and drag slows the mean flow",
        "magnitude": "the force sets the speed",
        "reflection": "only with a shift by half a wavelength of the force",
        "scaling": "the force has a wavelength, and drag a time",
    },
    which={},
)

OCEAN = Words(
    what="daily surface currents of a two-layer quasi-geostrophic ocean, periodic",
    source="symdyn_core.solvers.quasi_geostrophic: pseudo-spectral, free of aliasing",
    citation="Phillips (1951), J. Meteorol. 8, 381, for the model",
    units="m, s, m s-1",
    broken={
        "uniform_motion": "eddies are carried along, and β ties waves to the Earth",
        "boost": "a current over the rotating Earth changes its potential vorticity",
        "magnitude": "β and the mean current set the speed of waves and eddies",
        "rotation": "β and the eastward current single out a direction",
        "scaling": "the deformation radius is fixed",
    },
    which={},
)

WORDS = {
    "rayleigh_benard": CONVECTION,
    "heat_diffusion": HEAT,
    "navier_stokes": DECAYING,
    "kolmogorov_flow": FORCED,
    "quasi_geostrophic": OCEAN,
}


def simulated() -> list[DataSet]:
    """An entry for every flow of ``SIMULATIONS``."""
    return [_entry(name, WORDS[name]) for name in SIMULATIONS]


def _entry(name: str, words: Words) -> DataSet:
    presets = SIMULATIONS[name]
    return DataSet(
        name=name,
        what=words.what,
        source=words.source,
        citation=words.citation,
        licence=LICENCE,
        units=words.units,
        how=f"symdyn data make {name} --preset {'|'.join(preset.name for preset in presets)}",
        symmetries=(
            *(_kept(held, words) for held in presets[0].solver().symmetries),
            *(Kept(broken, "no", why) for broken, why in words.broken.items()),
        ),
        sizes=tuple(size_of(preset) for preset in presets),
    )


def _kept(held: HeldSymmetry | StateSymmetry, words: Words) -> Kept:
    """What the solver lists; its tests hold it to that."""
    if isinstance(held, StateSymmetry):
        return Kept(held.name, "exactly", words.which[held.name])
    if held.error == 0:
        return Kept(held.name, "exactly", held.which)
    return Kept(held.name, "approximately", f"{held.which}, to {held.error:.0e} of the change")


def size_of(preset: Any) -> Size:
    """How much a preset holds, from its fields."""
    side = getattr(preset, "kept", getattr(preset, "cells", 0))
    convection = hasattr(preset, "channel")
    return Size(
        preset=preset.name,
        members=getattr(preset, "members", 1),
        frames=preset.schedule.frames,
        ny=preset.ny if convection else side,
        nx=preset.nx if convection else side,
        fields=3 if convection else 2,
    )
