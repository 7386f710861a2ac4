"""Reading velocities from one NetCDF or Zarr source at a time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from symdyn_core.datasets.axes import Axes, axes_of
from symdyn_core.datasets.cf import attribute, find_height, find_velocity
from symdyn_core.datasets.geostrophy import geostrophic_velocity
from symdyn_core.datasets.positions import Positions, Region, positions_of
from symdyn_core.datasets.store import first_line, open_lazily
from symdyn_core.datasets.units import decoded_times, velocity_factor

FASTEST = 95.0
"""Speeds above this [m s⁻¹] are fill values that the file does not declare."""


@dataclass(frozen=True)
class Request:
    """What to read from every file; see ``open_ocean_currents``."""

    variables: tuple[str, str] | None = None
    region: Region | None = None
    period: tuple[str, str] | None = None
    depth: float = 0.0
    geostrophic: bool = False


@dataclass(frozen=True)
class Recording:
    """Velocities of one file: ``u``, ``v`` [m s⁻¹] with axes time, y, x; NaN where missing."""

    name: str
    times: np.ndarray
    u: np.ndarray
    v: np.ndarray
    positions: Positions
    variables: tuple[str, ...]
    title: str
    notes: tuple[str, ...]


def read_recording(file: str, request: Request) -> Recording:
    """Read the requested velocities of one file into memory.

    Raises:
        ValueError: one line: the file, what is wrong with it, what to do.
    """
    name = Path(file).name
    if Path(file).is_file() and Path(file).stat().st_size == 0:
        raise ValueError(f"'{name}' is empty (0 bytes). Copy or download it again.")
    try:
        with open_lazily(file, decode_times=False) as dataset:
            return _recording(dataset, name, request)
    except ValueError as error:
        if "did not find a match in any of xarray" in str(error):
            raise _unreadable(name, "another kind of file") from None
        raise ValueError(f"'{name}': {' '.join(str(error).split())}") from None
    except Exception as error:
        # The readers raise a dozen kinds of errors for damaged bytes; a person needs one.
        raise _unreadable(name, f"{type(error).__name__}: {first_line(error)}") from None


def _unreadable(name: str, found: str) -> ValueError:
    return ValueError(
        f"Cannot read '{name}': expected a complete NetCDF file or Zarr store, got {found}. "
        "Copy or download it again."
    )


def _recording(dataset: xr.Dataset, name: str, request: Request) -> Recording:
    height = find_height(dataset) if request.geostrophic else None
    velocity = None if request.geostrophic else find_velocity(dataset, request.variables)
    names = (height,) if height is not None else velocity
    if names is None:
        raise _nothing_to_read(dataset, request)
    axes = axes_of(dataset, names[0])
    if dataset[names[0]].dims != dataset[names[-1]].dims:
        raise ValueError(
            f"Expected both components on the same cells, got {names[0]} on "
            f"{dataset[names[0]].dims} and {names[-1]} on {dataset[names[-1]].dims} (a staggered "
            "grid). Average them to the cell centres first."
        )
    positions = positions_of(dataset, axes, request.region)
    times, frames = _times(dataset, axes, request.period)
    fields = [_field(dataset, n, axes, positions, frames, request.depth) for n in names]
    if height is not None:
        fields = list(_from_height(dataset[height], fields[0], positions))
    else:
        fields = [
            field * velocity_factor(dataset[n]) for n, field in zip(names, fields, strict=True)
        ]
    u, v = (_without_fill(field) for field in fields)
    title = str(dataset.attrs.get("title", "")) or "ocean currents"
    notes = tuple(f"'{n}' has no unit: taken as SI" for n in names if not _unit(dataset, n))
    return Recording(name, times, u, v, positions, names, title, notes)


def _unit(dataset: xr.Dataset, name: str) -> str:
    return attribute(dataset[name], "units")


def _nothing_to_read(dataset: xr.Dataset, request: Request) -> ValueError:
    held = sorted(map(str, dataset.data_vars))
    if request.geostrophic:
        return ValueError(
            f"Expected a sea surface height to compute currents from, got variables {held}. "
            "Leave geostrophic out to read velocities."
        )
    height = find_height(dataset)
    hint = (
        f"It holds the sea surface height '{height}': pass geostrophic=True (--geostrophic) "
        "to compute currents from it."
        if height
        else "Name them with variables=('east', 'north') (--variables east,north)."
    )
    return ValueError(f"Expected two velocity components, got variables {held}. {hint}")


def _times(
    dataset: xr.Dataset, axes: Axes, period: tuple[str, str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """(times, indices in the file) of the frames in a period; the end counts as a whole."""
    name = axes.time or next((str(n) for n in dataset.coords if str(n).startswith("time")), None)
    if name is None or name not in dataset.variables:
        raise ValueError(
            "Expected a time for every frame, got no time axis with a coordinate. "
            "Add one: ds.expand_dims(time=[...]) with the attribute units."
        )
    times = decoded_times(dataset[name])
    if axes.time is None and len(times) > 1:
        raise ValueError(
            f"Expected velocities for each of {len(times)} times, got a single field. "
            "Select the time of that field: ds.isel(time=0)."
        )
    inside = np.ones(times.shape, dtype=bool)
    if period is not None:
        if not np.issubdtype(times.dtype, np.datetime64):
            raise ValueError(
                "A period needs times in the standard calendar. Leave it out, or cut the file."
            )
        first, last = pd.Period(period[0]).start_time, pd.Period(period[1]).end_time
        inside = (times >= np.datetime64(first, "ns")) & (times <= np.datetime64(last, "ns"))
    return times[inside], np.flatnonzero(inside)


def _field(
    dataset: xr.Dataset,
    name: str,
    axes: Axes,
    positions: Positions,
    frames: np.ndarray,
    depth: float,
) -> np.ndarray:
    """One variable as ``time y x``, at the level nearest to ``depth``, in the region."""
    rows, columns = positions.rows, positions.columns
    y, x = rows.min(), columns.min()
    variable = dataset[name].isel(
        {axes.y: slice(y, rows.max() + 1), axes.x: slice(x, columns.max() + 1)}
    )
    if axes.depth is not None:
        variable = variable.isel({axes.depth: _nearest_level(dataset, axes.depth, depth)})
    if axes.time is not None:
        variable = variable.isel({axes.time: frames})
    wanted = [axis for axis in (axes.time, axes.y, axes.x) if axis is not None]
    values = variable.squeeze([d for d in variable.dims if d not in wanted]).transpose(*wanted)
    field = np.asarray(values.values)
    if not np.issubdtype(field.dtype, np.floating):
        field = field.astype(np.float64)
    field = field if axes.time is not None else field[None]
    return field[:, rows - y][:, :, columns - x]


def _nearest_level(dataset: xr.Dataset, axis: str, depth: float) -> int:
    """Levels count down or up, in metres or in fractions: the surface is the one nearest to 0."""
    if axis not in dataset.variables:
        return 0
    return int(np.argmin(np.abs(np.abs(dataset[axis].values.astype(np.float64)) - depth)))


def _from_height(
    variable: xr.DataArray, height: np.ndarray, positions: Positions
) -> tuple[np.ndarray, np.ndarray]:
    if not positions.geographic:
        raise ValueError("Geostrophic currents need latitudes and longitudes in degrees.")
    metres = {"cm": 0.01, "mm": 0.001}.get(attribute(variable, "units").lower(), 1.0)
    return geostrophic_velocity(height * metres, positions.y, positions.x)


def _without_fill(field: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(field) < FASTEST, field, np.nan).astype(np.float32)
