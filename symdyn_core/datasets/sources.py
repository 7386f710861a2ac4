"""Which files a path means: one file, a folder, a glob, a Zarr store or an address."""

import glob
from pathlib import Path

NETCDF_ENDINGS = ("*.nc", "*.nc4", "*.cdf", "*.netcdf")
ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata")


def is_zarr(path: str | Path) -> bool:
    """Whether a folder is a Zarr store, of format 2 or 3."""
    return any((Path(path) / mark).exists() for mark in ZARR_MARKS)


def sources(path: str | Path) -> list[str]:
    """The files and Zarr stores meant by a file, a folder, a glob or an address, sorted by name.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: a folder without NetCDF files or Zarr stores.
    """
    address = str(path)
    if "://" in address:
        return [address]
    place = Path(path).expanduser()
    if not place.exists():
        found = sorted(glob.glob(str(place), recursive=True))
        if not found:
            raise FileNotFoundError(f"No file, folder or glob match at '{path}'. Check the path.")
        return found
    if not place.is_dir() or is_zarr(place):
        return [str(place)]
    found = sorted(
        str(file) for ending in (*NETCDF_ENDINGS, "*.zarr") for file in place.glob(ending)
    )
    if not found:
        raise ValueError(
            f"Expected NetCDF files or a Zarr store in '{path}', got none. "
            "Name the folder that holds them, or a glob such as 'folder/**/*.nc'."
        )
    return found
