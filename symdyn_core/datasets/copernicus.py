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
from symdyn_core.datasets.joining import evenly_spaced
from symdyn_core.datasets.positions import Region
from symdyn_core.datasets.retrying import is_passing, retried
from symdyn_core.datasets.store import first_line

SURFACE_CURRENTS = {
    "cmems_mod_glo_phy-cur_anfc_0.083deg_P1D-m": (
        "GLOBAL_ANALYSISFORECAST_PHY_001_024",
        "analysis and forecast, an archive of some recent years that moves on",
        "https://doi.org/10.48670/moi-00016",
    ),
    "cmems_mod_glo_phy_my_0.083deg_P1D-m": (
        "GLOBAL_MULTIYEAR_PHY_001_030",
        "multi-year reanalysis, from 1993",
        "https://doi.org/10.48670/moi-00021",
    ),
    "cmems_mod_glo_phy_myint_0.083deg_P1D-m": (
        "GLOBAL_MULTIYEAR_PHY_001_030",
        "interim extension of the reanalysis",
        "https://doi.org/10.48670/moi-00021",
    ),
}
"""Daily means of currents on the whole ocean at 1/12 degree, in the order in which they are tried:
dataset, (product, what it is, where it is described)."""

LICENCE = "Copernicus Marine Service licence: cite the product and its DOI"
INSTALL = "pip install 'copernicusmarine>=2.0' (the extra 'ocean': pip install -e .[ocean])"


@dataclass(frozen=True)
class OceanSubset:
    """Which currents to fetch.

    Attributes:
        region: (west, south, east, north) in degrees; it may cross any meridian.
        period: first and last date, both included.
        depth: depth [m]; the nearest level is taken.
        dataset_id: of Copernicus Marine; None: the first of SURFACE_CURRENTS that holds the period.
        variables: eastward and northward velocity, where they are not recognised.
    """

    region: Region
    period: tuple[str, str]
    depth: float | int = 0.0
    dataset_id: str | None = None
    variables: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        west, south, east, north = self.region
        if not -90 <= south < north <= 90 or west == east or not np.isfinite(west + east):
            raise ValueError(
                f"Expected a region (west, south, east, north) in degrees, got {self.region}. "
                "South is less than north, and both lie between -90 and 90."
            )
        first, last = self.bounds
        if first > last:
            raise ValueError(f"Expected the first date before the last, got {self.period}.")

    @property
    def bounds(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The first and the last moment of the period; a day or a month counts as a whole.

        Raises:
            ValueError: no dates.
        """
        try:
            return pd.Period(self.period[0]).start_time, pd.Period(self.period[1]).end_time
        except ValueError:
            raise ValueError(
                f"Expected two dates such as 2016-01-01 and 2017-08-18, got {self.period}."
            ) from None


TRAINING_PERIOD = ("2016-01-01", "2017-08-18")

PRESETS = {
    "atlantic": OceanSubset((-44.0, 25.0, -23.0, 46.0), TRAINING_PERIOD),
    "indian": OceanSubset((55.0, -39.0, 76.0, -18.0), TRAINING_PERIOD),
    "north_pacific": OceanSubset((-174.0, 5.0, -153.0, 26.0), TRAINING_PERIOD),
    "south_pacific": OceanSubset((-180.0, -59.0, -159.0, -40.0), ("2016-01-01", "2016-12-15")),
}
"""Regions and dates of Wang, Walters & Yu (ICLR 2021): three oceans to train, a fourth to test."""


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


def description_of(dataset_id: str) -> dict[str, str]:
    """Product, description and licence of a dataset, for the provenance of its data."""
    product, what, doi = SURFACE_CURRENTS.get(dataset_id, ("", "", ""))
    known = {"product": product, "about": what, "doi": doi} if product else {}
    return {"service": "Copernicus Marine", "dataset": dataset_id, **known, "licence": LICENCE}


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
