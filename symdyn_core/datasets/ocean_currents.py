"""Ocean currents from observation or reanalysis, as a flow."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from symdyn_core.datasets.joining import (
    check_same_cells,
    evenly_spaced,
    water_of,
    without_repetition,
)
from symdyn_core.datasets.ocean_files import Recording, Request, read_recording
from symdyn_core.datasets.positions import Positions, Region
from symdyn_core.datasets.schema import cut_squares, validate
from symdyn_core.datasets.sources import sources


def open_ocean_currents(
    path: str | Path,
    *,
    variables: tuple[str, str] | None = None,
    region: Region | None = None,
    period: tuple[str, str] | None = None,
    depth: float = 0.0,
    geostrophic: bool = False,
    patch: int | None = None,
    stride: int | None = None,
    min_water: float = 0.0,
) -> xr.Dataset:
    """Open ocean currents as a flow in metres and metres per second.

    Velocities are recognised by standard name, long name or usual name. A cell is land where a
    component is missing in any frame, or where both are exactly zero in every frame; land is NaN.
    Degrees become metres at the centre of the field, and of every patch: dy = R dφ,
    dx = R cos φ dλ. Nothing is written.

    Args:
        path: a NetCDF file, a Zarr store, a folder or a glob of them; frames are sorted by time.
        variables: names of the eastward and northward velocity, where they are not recognised.
        region: (west, south, east, north) in degrees; it may cross any meridian.
        period: first and last date, such as ("2002-01", "2002-09-30"), both included.
        depth: depth [m]; the nearest level is read.
        geostrophic: compute currents from the sea surface height instead of reading velocities.
        patch: cut squares of this many cells, one per member; None keeps the whole field.
        stride: cells between the corners of two patches; default: the patch size.
        min_water: share of a patch that must be water.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: one line that says what was expected, what was found, and what to do.
    """
    request = Request(variables, region, period, depth, geostrophic)
    recordings = [read_recording(file, request) for file in sources(path)]
    flow = validate(_joined(recordings))
    if patch is None:
        return flow
    return validate(cut_squares(flow, patch, stride, min_water=min_water))


def _joined(recordings: list[Recording]) -> xr.Dataset:
    """All frames in the order of time, without repetition, with the land found from all of them."""
    check_same_cells(recordings)
    notes = list(dict.fromkeys(note for recording in recordings for note in recording.notes))
    times = np.concatenate([recording.times for recording in recordings])
    u, v = (
        np.concatenate([getattr(recording, name) for recording in recordings])
        for name in ("u", "v")
    )
    order = np.argsort(times, kind="stable")
    order = without_repetition(times, u, v, order, notes)
    times, u, v = times[order], u[order], v[order]
    times, dt = evenly_spaced(times, notes)
    water = water_of(times, u, v, notes)
    u, v = (np.where(water, field, np.float32(np.nan)) for field in (u, v))
    return _labelled(recordings, times, dt, u, v, water, notes)


def _labelled(
    recordings: list[Recording],
    times: np.ndarray,
    dt: float,
    u: np.ndarray,
    v: np.ndarray,
    water: np.ndarray,
    notes: list[str],
) -> xr.Dataset:
    first = recordings[0]
    dims = ("time", "y", "x")
    flow = xr.Dataset(
        {
            "u": (dims, u, _velocity("eastward")),
            "v": (dims, v, _velocity("northward")),
            "water": (dims[1:], water, {"long_name": "cells with data in every frame"}),
        },
        coords=_coordinates(first.positions, times),
    )
    dy, dx = first.positions.spacing
    names = [recording.name for recording in recordings]
    flow.attrs = {
        "title": first.title,
        "source": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        **{"dx": dx, "dy": dy, "dt": dt},
        **{"length_unit": "m", "time_unit": "s", "velocity_unit": "m s-1"},
        "periodic_x": int(first.positions.around_the_globe),
        "periodic_y": 0,
        "history": "read as ocean currents",
        "provenance": json.dumps(
            {"files": names, "variables": list(first.variables), "notes": notes}
        ),
    }
    return flow


def _velocity(direction: str) -> dict[str, str]:
    return {
        "units": "m s-1",
        "standard_name": f"{direction}_sea_water_velocity",
        "long_name": f"{direction} velocity",
    }


def _coordinates(positions: Positions, times: np.ndarray) -> dict:
    dy, dx = positions.spacing
    time_attrs = {"long_name": "time", "standard_name": "time"}
    if not np.issubdtype(times.dtype, np.datetime64):
        time_attrs["units"] = "s"
    coordinates = {
        "time": ("time", times, time_attrs),
        "y": ("y", np.arange(len(positions.y)) * dy, {"units": "m", "long_name": "y", "axis": "Y"}),
        "x": ("x", np.arange(len(positions.x)) * dx, {"units": "m", "long_name": "x", "axis": "X"}),
    }
    if positions.geographic:
        north = {"units": "degrees_north", "standard_name": "latitude", "long_name": "latitude"}
        east = {"units": "degrees_east", "standard_name": "longitude", "long_name": "longitude"}
        coordinates["latitude"] = ("y", positions.y, north)
        coordinates["longitude"] = ("x", positions.x, east)
    return coordinates
