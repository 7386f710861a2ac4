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
        "name": "ocean_currents",
        "what": "measured or modelled surface currents in NetCDF or Zarr",
        "source": "files of yours: Copernicus Marine, GlobCurrent, HYCOM, ROMS, ...",
        "licence": "that of the files",
        "units": "m s-1",
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
