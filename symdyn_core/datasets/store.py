"""Flows on disk: Zarr stores that are whole or not there at all."""

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xarray as xr
import zarr

from symdyn_core.datasets.chunking import encoding_of, in_shards
from symdyn_core.datasets.integrity import check_not_truncated
from symdyn_core.datasets.netcdf_lock import alone
from symdyn_core.datasets.schema import validate
from symdyn_core.datasets.whole_chunks import refuse_cut_chunks


def write_flow(flow: xr.Dataset, path: str | Path, *, chunks: dict[str, int] | None = None) -> Path:
    """Write a flow as a Zarr v3 store under its final name only once it is complete.

    The store is written under a temporary name beside ``path``, its metadata are consolidated
    last, and it is renamed. If anything fails, what was at ``path`` before is still there.

    Args:
        flow: a valid flow.
        path: folder of the store, by custom ``*.zarr``. An older store there is replaced.
        chunks: chunk sizes by axis; default: one member, 32 frames, tiles of up to 128 x 128
            cells. The chunks of whole fields share a file (a shard).

    Raises:
        ValueError: not a flow, or ``path`` holds something that is no Zarr store.
    """
    validate(flow)
    path = Path(path)
    with _replacing(path) as temporary, _zarr_warnings_hushed():
        # The encoding of the file it was read from (packing, old chunks) stays behind.
        plain, encoding = flow.drop_encoding(), encoding_of(flow, chunks)
        in_shards(plain, encoding).to_zarr(
            temporary, zarr_format=3, consolidated=False, encoding=encoding
        )
        zarr.consolidate_metadata(temporary)
    return path


def open_flow(path: str | Path, *, lazy: bool = False) -> xr.Dataset:
    """Open a flow from a Zarr store or a NetCDF file and check it.

    Args:
        path: a Zarr store (local folder or fsspec address) or a NetCDF file.
        lazy: leave the velocities on disk, for stores larger than the memory. They are then
            checked only when they are read.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: damaged data, or not a flow.
    """
    address = str(path)
    if "://" not in address and not Path(path).exists():
        raise FileNotFoundError(f"No flow at '{path}'. Check the path, or make the data first.")
    try:
        _check_chunks(address)
        with alone(address):
            flow = open_lazily(address)
            if not lazy:
                flow = flow.load()
    except Exception as error:
        # The readers below raise a dozen kinds of errors for damaged bytes; a person needs one.
        raise ValueError(
            f"Cannot read '{path}': expected a complete Zarr store or NetCDF file, got "
            f"{type(error).__name__}: {first_line(error)}. Copy or make it again."
        ) from None
    try:
        return validate(flow, values=not lazy)
    except ValueError as error:
        raise ValueError(f"'{path}' is not a flow. {error}") from None


def _check_chunks(address: str) -> None:
    """Refuse chunks of no bytes, which a full disk leaves behind and Zarr takes for missing ones.

    Raises:
        EOFError: a file of a local store is empty.
    """
    for folder, _, files in os.walk(address) if "://" not in address else ():
        for name in files:
            if os.path.getsize(os.path.join(folder, name)) == 0:
                raise EOFError("a chunk of it is empty")


def first_line(error: Exception) -> str:
    """The first line of an error's text, short enough to be part of a message."""
    lines = str(error).strip().splitlines() or ["no details"]
    return lines[0][:200].rstrip(".")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes ``path`` if the block succeeds and vanishes if not."""
    refuse_foreign(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        new, old = scratch / "new", scratch / "old"
        yield new
        if path.exists():
            os.rename(path, old)
        try:
            os.rename(new, path)
        except OSError:
            if old.exists():
                os.rename(old, path)
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _is_own(path: Path) -> bool:
    """Whether a folder is a flow that this package wrote, and may replace."""
    try:
        attributes = json.loads((path / "zarr.json").read_text())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return {"dx", "dy", "dt", "provenance"} <= set(attributes)


def refuse_foreign(path: Path) -> None:
    """Raise a ValueError where something stands that this package did not write."""
    if path.exists() and not _is_own(path):
        raise ValueError(
            f"Expected '{path}' to be free or a store of this package, got something else. "
            "Choose another name: nothing was written."
        )


def open_lazily(address: str, *, decode_times: bool = True) -> xr.Dataset:
    """A Zarr store (folder or address) or a NetCDF file; values are read when they are used."""
    if "://" not in address and not Path(address).is_dir():
        check_not_truncated(address)
        return xr.open_dataset(address, chunks=None, decode_times=decode_times)
    refuse_cut_chunks()
    with _zarr_warnings_hushed():
        return xr.open_zarr(address, chunks=None, decode_times=decode_times)


@contextmanager
def _zarr_warnings_hushed() -> Iterator[None]:
    """Consolidated metadata are an extension of Zarr v3 that every reader here understands, and
    stores without them open as well."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        warnings.filterwarnings("ignore", message="Failed to open Zarr store with consolidated")
        yield
