"""Ocean currents of the Copernicus Marine Service, through its own client ``copernicusmarine``.

The client is an extra (``ocean``). It finds credentials by itself, where ``copernicusmarine login``
or the environment left them; they are neither asked for, nor kept, nor written here. Nothing is
transferred by opening a subset: its values are read when they are used.
"""

import importlib
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from symdyn_core.datasets.axes import axes_of
from symdyn_core.datasets.cf import find_velocity
from symdyn_core.datasets.copernicus_subset import SURFACE_CURRENTS, OceanSubset
from symdyn_core.datasets.joining import evenly_spaced
from symdyn_core.datasets.positions import Region
from symdyn_core.datasets.retrying import is_passing, retried
from symdyn_core.datasets.store import first_line

INSTALL = "pip install 'copernicusmarine>=2.0' (the extra 'ocean': pip install -e .[ocean])"


@dataclass(frozen=True)
class Archive:
    """A subset as it stands in the archive, yet to be transferred.

    Attributes:
        dataset: its two velocities, ``time [depth] y x``, lazy.
        subset: what was asked for, with the dataset that was chosen.
        variables: names of the velocities.
        notes: what had to be decided.
    """

    dataset: xr.Dataset
    subset: OceanSubset
    variables: tuple[str, str]
    notes: tuple[str, ...]


def open_archive(subset: OceanSubset, *, pause: float | int | None = None) -> Archive:
    """Find a subset in the archive and read its labels, not its values.

    Args:
        subset: what to fetch.
        pause: seconds before a failed request is repeated; see ``retrying.retried``.

    Raises:
        ImportError: the client is not installed.
        ValueError: no credentials, no such dataset, or one that lacks the period or the region.
    """
    client = _client()
    candidates = [subset.dataset_id] if subset.dataset_id else list(SURFACE_CURRENTS)
    held: list[str] = []
    for dataset_id in candidates:
        dataset = _opened(client, dataset_id, subset, pause)
        variables, dataset = _currents(dataset, dataset_id, subset)
        times = dataset["time"].values
        if _covers(times, *subset.bounds):
            evenly_spaced(times, [])
            _check_region(dataset, variables[0], subset.region, dataset_id)
            notes = _notes(held, dataset_id)
            chosen = replace(subset, dataset_id=dataset_id, variables=variables)
            return Archive(dataset, chosen, variables, notes)
        held.append(f"{dataset_id} has {_extent(times)} of it")
    raise ValueError(
        f"Expected frames for all of {subset.period[0]} to {subset.period[1]}: "
        f"{'; '.join(held)}. Choose a period that one dataset holds."
    )


def client_version() -> str:
    """Version of the installed client."""
    return str(getattr(_client(), "__version__", "unknown"))


def _client() -> Any:
    try:
        return importlib.import_module("copernicusmarine")
    except ImportError as error:
        # A client that is there and lacks a part of its own says so itself.
        missing = f" ({first_line(error)})" if error.name != "copernicusmarine" else ""
        raise ImportError(
            f"Copernicus Marine is read through its own client, which is not installed{missing}: "
            f"{INSTALL}. Then type: copernicusmarine login"
        ) from None


def _opened(
    client: Any, dataset_id: str, subset: OceanSubset, pause: float | int | None
) -> xr.Dataset:
    west, south, east, north = subset.region
    first, last = subset.bounds
    request: dict[str, Any] = {
        "dataset_id": dataset_id,
        "minimum_longitude": west,
        "maximum_longitude": west + ((east - west) % 360 or 360.0),
        "minimum_latitude": south,
        "maximum_latitude": north,
        "start_datetime": first.isoformat(),
        "end_datetime": last.isoformat(),
        "variables": None if subset.variables is None else list(subset.variables),
    }

    def ask() -> xr.Dataset | None:
        # What the client prints is for people; standard output belongs to the command.
        with redirect_stdout(sys.stderr):
            return client.open_dataset(**request)

    try:
        found = retried(ask, pause=pause)
    except Exception as error:
        problem = f"{type(error).__name__}: {first_line(error)}"
        hint = (
            "The connection failed repeatedly; repeat the command later."
            if is_passing(error)
            else "Check the name of the dataset, its variables, and 'copernicusmarine login'."
        )
        raise ValueError(f"Copernicus Marine, {dataset_id}: {problem}. {hint}") from None
    if found is None:  # the client was interrupted while it asked for a name and a password
        raise ValueError(
            "Copernicus Marine needs an account: register at data.marine.copernicus.eu/register, "
            "type 'copernicusmarine login' once, and repeat the command."
        )
    return found


def _currents(
    dataset: xr.Dataset, dataset_id: str, subset: OceanSubset
) -> tuple[tuple[str, str], xr.Dataset]:
    """(names of the velocities, the two at one depth)."""
    variables = find_velocity(dataset, subset.variables)
    if variables is None:
        raise ValueError(
            f"Expected two velocities in {dataset_id}, got {sorted(map(str, dataset.data_vars))}. "
            "Name them with variables=('east', 'north') (--variables east,north)."
        )
    dataset = dataset[list(variables)]
    axes = axes_of(dataset, variables[0])
    if axes.depth is not None and axes.depth in dataset.dims:
        depths = np.abs(dataset[axes.depth].values.astype(np.float64))
        dataset = dataset.isel({axes.depth: [int(np.argmin(np.abs(depths - subset.depth)))]})
    if axes.time != "time":
        raise ValueError(f"Expected {dataset_id} to have a time axis, got {dict(dataset.sizes)}.")
    return variables, dataset.transpose("time", ...)


def _covers(times: np.ndarray, first: pd.Timestamp, last: pd.Timestamp) -> bool:
    """Whether frames run through the whole period, up to one step at both ends."""
    if len(times) < 2:
        return False
    step = np.median(np.diff(times)) * 1.01
    return bool(times[0] - first.to_datetime64() < step and last.to_datetime64() - times[-1] < step)


def _check_region(dataset: xr.Dataset, name: str, region: Region, dataset_id: str) -> None:
    axes = axes_of(dataset, name)
    for axis, low, high in ((axes.y, region[1], region[3]), (axes.x, region[0], region[2])):
        values = np.sort(dataset[axis].values.astype(np.float64))
        step = float(np.median(np.diff(values))) if len(values) > 1 else 0.0
        wanted = high - low if axis == axes.y else (high - low) % 360 or 360.0
        # The client gives the nearest cells where there are none inside.
        if len(values) < 2 or values[-1] - values[0] < wanted - 2.01 * step:
            raise ValueError(
                f"Expected {dataset_id} to cover {wanted:g} degrees of {axis} from {low:g}, got "
                f"{len(values)} cells from {values.min():g} to {values.max():g}. Choose a region "
                "inside its domain."
            )


def _notes(held: list[str], dataset_id: str) -> tuple[str, ...]:
    if not held:
        return ()
    what = SURFACE_CURRENTS[dataset_id][1]
    return (f"{'; '.join(held)}: taken from {dataset_id} ({what})",)


def _extent(times: np.ndarray) -> str:
    if len(times) < 2:
        return "none"
    days = [str(time.astype("datetime64[D]")) for time in (times[0], times[-1])]
    return f"{days[0]} to {days[1]}"
