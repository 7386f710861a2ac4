"""The sources of flows that the package knows, and what of them is on disk."""

from pathlib import Path

from symdyn_core.paths import data_directory

SOURCES = (
    {
        "name": "rayleigh_benard",
        "what": "Rayleigh-Benard convection, 448 x 64 cells as seven squares",
        "source": "simulated by symdyn_core.solvers.convection",
        "licence": "MIT, made by this project",
        "units": "free-fall units",
        "how": "symdyn data make rayleigh_benard --preset smoke|small|paper",
    },
    {
        "name": "heat_diffusion",
        "what": "random velocities that diffuse, every frame an exact solution",
        "source": "simulated by symdyn_core.solvers.heat",
        "licence": "MIT, made by this project",
        "units": "box of side 2π",
        "how": "symdyn data make heat_diffusion --preset smoke|small|paper",
    },
    {
        "name": "navier_stokes",
        "what": "decaying two-dimensional turbulence, periodic",
        "source": "simulated by symdyn_core.solvers.navier_stokes",
        "licence": "MIT, made by this project",
        "units": "box of side 2π",
        "how": "symdyn data make navier_stokes --preset smoke|small|paper",
    },
    {
        "name": "kolmogorov_flow",
        "what": "two-dimensional turbulence under Kolmogorov's force, periodic",
        "source": "simulated by symdyn_core.solvers.navier_stokes",
        "licence": "MIT, made by this project",
        "units": "box of side 2π",
        "how": "symdyn data make kolmogorov_flow --preset smoke|small|paper",
    },
    {
        "name": "quasi_geostrophic",
        "what": "daily surface currents of a two-layer ocean, periodic",
        "source": "simulated by symdyn_core.solvers.quasi_geostrophic",
        "licence": "MIT, made by this project",
        "units": "m s-1",
        "how": "symdyn data make quasi_geostrophic --preset smoke|small|paper",
    },
    {
        "name": "ocean_currents",
        "what": "measured or modelled surface currents in NetCDF or Zarr",
        "source": "files of yours: Copernicus Marine, GlobCurrent, HYCOM, ROMS, ...",
        "licence": "that of the files",
        "units": "m s-1",
        "how": "give the path: symdyn data info PATH",
    },
    {
        "name": "benchmarks",
        "what": "simulated flows in two dimensions, or planes of them, in HDF5",
        "source": "files of yours: The Well, PDEBench, PDEArena, Johns Hopkins cut-outs",
        "licence": "that of the files",
        "units": "those of the simulation",
        "how": "give the path: symdyn data info PATH",
    },
)
"""Every source; ``how`` is the command that brings it."""


def catalogue() -> list[dict]:
    """The sources with the stores found under ``data/``."""
    return [{**source, "on_disk": _stores(source["name"])} for source in SOURCES]


def _stores(name: str) -> list[str]:
    folder = data_directory()
    found: list[Path] = []
    for place in ("demo", "raw", "processed"):
        found += sorted((folder / place).glob(f"{name}*.zarr"))
    return [str(path) for path in found]
