"""What of the catalogue is on disk: stores, unfinished runs and downloads, files of others."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from symdyn_core.datasets.hdf5_fields import opened
from symdyn_core.datasets.johns_hopkins import is_johns_hopkins
from symdyn_core.datasets.pdearena import is_pdearena
from symdyn_core.datasets.pdebench import is_pdebench
from symdyn_core.datasets.sources import HDF5_ENDINGS, NETCDF_ENDINGS, is_zarr
from symdyn_core.datasets.the_well import is_the_well
from symdyn_core.paths import data_directory

PLACES = ("demo", "raw", "processed")
"""Folders of the data directory that hold flows."""

UNFINISHED = ".unfinished"
"""Ending of the folder of a run or a download that can be gone on with."""

LAYOUTS = {
    "the_well": is_the_well,
    "pdearena": is_pdearena,
    "pdebench": is_pdebench,
    "johns_hopkins": is_johns_hopkins,
}


def found_on_disk(names: list[str], copernicus: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Data set -> what there is of it: ``path``, ``bytes``, ``members``, ``frames``, ``complete``.

    Stores are told by their names, files of benchmarks by their layout; all others count as
    ``ocean_currents``. Numbers that are not known without reading the files are None.

    Args:
        names: of the data sets.
        copernicus: names of the regions that are downloaded.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for path in _candidates():
        found[_owner(path, names, copernicus)].append(_described(path))
    return found


def _candidates() -> Iterator[Path]:
    """Stores, unfinished folders, data files and folders of data files."""
    for place in PLACES:
        folder = data_directory() / place
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            hidden = path.name.startswith(".")
            if not hidden and (path.suffix == UNFINISHED or _holds_data(path)):
                yield path


def _holds_data(path: Path) -> bool:
    endings = (*NETCDF_ENDINGS, *HDF5_ENDINGS)
    if path.is_file():
        return any(path.match(ending) for ending in endings)
    return is_zarr(path) or any(next(path.glob(ending), None) for ending in (*endings, "*.zarr"))


def _owner(path: Path, names: list[str], copernicus: list[str]) -> str:
    stem = path.name.removesuffix(UNFINISHED).removesuffix(".zarr")
    if stem.removeprefix("ocean_currents_") in (*copernicus, "copernicus"):
        return "copernicus"
    for name in names:
        if stem == name or stem.startswith(f"{name}_"):
            return name
    if any(word in stem.lower() for word in ("globcurrent",)):
        return "globcurrent"
    return _layout(path) or "ocean_currents"


def _layout(path: Path) -> str | None:
    """The benchmark whose layout a file has, or the first file of a folder."""
    files = [path] if path.is_file() else sorted(f for e in HDF5_ENDINGS for f in path.glob(e))
    if not files or not any(files[0].match(ending) for ending in HDF5_ENDINGS):
        return None
    try:
        with opened(str(files[0])) as content:
            return next((name for name, fits in LAYOUTS.items() if fits(content)), None)
    except ValueError:
        return None  # damaged: ``data info`` says so


def _described(path: Path) -> dict[str, Any]:
    unfinished = path.suffix == UNFINISHED
    shape = {} if unfinished else _shape(path)
    return {
        "path": str(path),
        "bytes": _size(path),
        "members": shape.get("member", 1) if shape else None,
        "frames": shape.get("time"),
        "complete": not unfinished,
    }


def _shape(path: Path) -> dict[str, int]:
    """Sizes of the axes of a store of this package; nothing for other files."""
    try:
        array = json.loads((path / "u" / "zarr.json").read_text())
        return dict(zip(array["dimension_names"], array["shape"], strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        os.path.getsize(os.path.join(folder, name))
        for folder, _, files in os.walk(path)
        for name in files
        if os.path.exists(os.path.join(folder, name))
    )
