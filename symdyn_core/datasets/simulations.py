"""The flows that the package can simulate, in three sizes each."""

from symdyn_core.datasets import (
    convection_presets,
    heat_diffusion,
    navier_stokes,
    quasi_geostrophic,
)
from symdyn_core.datasets.simulation import Simulation, preset_among

SIMULATIONS: dict[str, tuple[Simulation, ...]] = {
    "rayleigh_benard": convection_presets.PRESETS,
    "heat_diffusion": heat_diffusion.PRESETS,
    "navier_stokes": navier_stokes.DECAYING,
    "kolmogorov_flow": navier_stokes.FORCED,
    "quasi_geostrophic": quasi_geostrophic.PRESETS,
}
"""Name of the flow -> its presets, from the smallest to the largest."""


def simulation_named(name: str, preset: str) -> Simulation:
    """A flow in one of its sizes.

    Raises:
        ValueError: no such flow or size; the message lists those there are.
    """
    if name not in SIMULATIONS:
        raise ValueError(f"Unknown flow {name!r}; choose from {', '.join(SIMULATIONS)}.")
    return preset_among(SIMULATIONS[name], preset)
