"""The NetCDF library does one thing at a time."""

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

ONE_AT_A_TIME = threading.RLock()
"""Held while a NetCDF file is open, read or written: the library crashes when another thread opens
or closes a file meanwhile."""


def alone(file: str) -> AbstractContextManager:
    """Held while a file is open; a Zarr store or an address, which need no such library, never
    waits."""
    return nullcontext() if "://" in file or Path(file).is_dir() else ONE_AT_A_TIME
