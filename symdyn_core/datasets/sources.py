"""Which files a path means, on disk or at an address, and how each is opened."""

import glob
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import xarray as xr

from symdyn_core.datasets.integrity import check_stream_not_truncated
from symdyn_core.datasets.kinds import store_in_zip
from symdyn_core.datasets.netcdf_lock import ONE_AT_A_TIME, alone
from symdyn_core.datasets.store import open_lazily

NETCDF_ENDINGS = ("*.nc", "*.nc4", "*.cdf", "*.netcdf")
HDF5_ENDINGS = ("*.h5", "*.hdf5")
ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata")
WILDCARDS = ("*", "?", "[")

HEADER_BYTES = 2**16
"""What the header of most files fits into."""


def is_zarr(path: str | Path) -> bool:
    """Whether a folder is a Zarr store, of format 2 or 3."""
    return any((Path(path) / mark).exists() for mark in ZARR_MARKS)


def name_of(file: str) -> str:
    """The last part of a path or address."""
    return file.rstrip("/").rsplit("/", 1)[-1] if "://" in file else Path(file).name


def sources(path: str | Path) -> list[str]:
    """The files and Zarr stores meant by a file, a folder, a glob or an address, sorted by name.

    Addresses are those of fsspec: ``s3://``, ``gs://``, ``https://``, ``memory://`` and others.

    Raises:
        FileNotFoundError: nothing there.
        ValueError: a folder without data, or an address that cannot be reached.
    """
    address = str(path)
    if "://" in address:
        return _remote(address)
    place = Path(path).expanduser()
    if not place.exists():
        found = sorted(glob.glob(str(place), recursive=True))
        if not found:
            raise FileNotFoundError(f"No file, folder or glob match at '{path}'. Check the path.")
        return found
    if not place.is_dir() or is_zarr(place):
        return [store_in_zip(place) or str(place)]
    endings = (*NETCDF_ENDINGS, *HDF5_ENDINGS, "*.zarr")
    found = sorted(str(file) for ending in endings for file in place.glob(ending))
    if not found:
        raise ValueError(
            f"Expected NetCDF files or a Zarr store in '{path}', got none. "
            "Name the folder that holds them, or a glob such as 'folder/**/*.nc'."
        )
    return found


def _remote(address: str) -> list[str]:
    """The address itself, or what its wildcards match."""
    if not any(sign in address for sign in WILDCARDS):
        return [address]
    import fsspec

    try:
        system, pattern = fsspec.core.url_to_fs(address)
        found = sorted(system.unstrip_protocol(match) for match in system.glob(pattern))
    except (ImportError, ValueError, OSError) as error:
        raise ValueError(f"Cannot list '{address}': {' '.join(str(error).split())}") from None
    if not found:
        raise FileNotFoundError(f"No match at '{address}'. Check the address.")
    return found


@contextmanager
def open_source(file: str) -> Iterator[xr.Dataset]:
    """A file or store, from disk or from an address, whose values are read when they are used.

    NetCDF is open in one thread at a time: its library crashes when another thread opens or closes
    a file while values are read. Stores and other processes do not wait, nor does the start of a
    file, with its header, that is fetched from an address or a slow disk.
    """
    if "://" in file and Path(name_of(file)).suffix in (".nc", ".nc4", ".cdf", ".netcdf"):
        import fsspec

        with fsspec.open(file, "rb") as opened:
            check_stream_not_truncated(opened)
            with ONE_AT_A_TIME, xr.open_dataset(opened, chunks=None, decode_times=False) as dataset:
                yield dataset
        return
    if "://" not in file and not Path(file).is_dir():
        _fetch_start(file)
    with alone(file), open_lazily(file, decode_times=False) as dataset:
        yield dataset


def _fetch_start(file: str) -> None:
    """Bring the start of a file into the system's cache; what is wrong with it is said later."""
    with suppress(OSError), open(file, "rb") as opened:
        opened.read(HEADER_BYTES)
