"""Ocean currents from observation or reanalysis, as a flow."""

import json
from functools import partial
from pathlib import Path
from typing import TypeGuard

import dask.array
import numpy as np
import xarray as xr

from symdyn_core.datasets.boxes import boxes_of, lazily, read_box
from symdyn_core.datasets.joining import (
    NoData,
    Velocity,
    check_same_cells,
    evenly_spaced,
    water_of,
    without_repetition,
)
from symdyn_core.datasets.many_files import of_each
from symdyn_core.datasets.ocean_files import (
    Half,
    Recording,
    Request,
    join_halves,
    read_recording,
)
from symdyn_core.datasets.positions import Positions, Region
from symdyn_core.datasets.schema import cut_squares, validate
from symdyn_core.datasets.sources import name_of, sources

LARGEST_IN_MEMORY = 2**29
"""Velocities of more bytes than this (512 MiB) stay where they are until they are used."""


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
    lazy: bool | None = None,
) -> xr.Dataset:
    """Open ocean currents as a flow in metres and metres per second.

    Velocities are recognised by standard name, long name or usual name. A cell is land where a
    component is missing in any frame, or where both are exactly zero in every frame; land is NaN.
    Degrees become metres at the centre of the field, and of every patch: dy = R dφ,
    dx = R cos φ dλ. Components on the faces of cells are averaged to the centres; uneven rows and
    grids that bend are interpolated linearly onto even degrees, and the flow says so
    (``provenance``). Nothing is written.

    Archives larger than the memory stay on disk: their velocities are Dask arrays, which are read
    a block at a time when they are used. One pass over them finds the land.

    Args:
        path: a NetCDF file, a Zarr store, a folder or a glob of them, or an address of fsspec
            (``s3://``, ``gs://``, ``https://`` ...); frames are sorted by time. Eastward and
            northward velocities may be in files of their own.
        variables: names of the eastward and northward velocity, where they are not recognised.
        region: (west, south, east, north) in degrees; it may cross any meridian.
        period: first and last date, such as ("2002-01", "2002-09-30"), both included.
        depth: depth [m]; the nearest level is read.
        geostrophic: compute currents from the sea surface height instead of reading velocities.
        patch: cut squares of this many cells, one per member; None keeps the whole field.
        stride: cells between the corners of two patches; default: the patch size.
        min_water: share of a patch that must be water.
        lazy: leave the velocities on disk, or read them now; None: read up to 512 MiB.

    Raises:
        FileNotFoundError: nothing at ``path``.
        NoData: (a ValueError) sound files without a single velocity.
        ValueError: one line that says what was expected, what was found, and what to do.
    """
    request = Request(variables, region, period, depth, geostrophic)
    request = Request(variables, region, period, depth, geostrophic)
    flow = joined_flow(recordings_of(path, request), lazy)
    validate(flow, values=False)  # water is where there are numbers, by construction
    if patch is None:
        return flow
    return validate(cut_squares(flow, patch, stride, min_water=min_water), values=False)


def recordings_of(path: str | Path, request: Request) -> list[Recording]:
    """What the files of a path hold, components that are in files of their own put together.

    Raises:
        FileNotFoundError, ValueError: see ``open_ocean_currents``.
    """
    found = of_each(partial(read_recording, request=request), sources(path))
    whole = [one for one in found if isinstance(one, Recording)]
    partners = {one.times.tobytes(): one for one in found if _is_half(one, 1)}
    lonely: list[Half] = []
    for half in (one for one in found if _is_half(one, 0)):
        other = partners.pop(half.times.tobytes(), None)
        if other is None:
            lonely.append(half)
        else:
            whole.append(join_halves(half, other, request))
    for half in (*lonely, *partners.values()):
        raise ValueError(
            f"Expected two velocity components, got only '{half.variable}' in "
            f"'{name_of(half.file)}'. Give a folder or a glob that holds the file of the other "
            "component, with the same times."
        )
    return whole


def _is_half(one: Recording | Half, component: int) -> TypeGuard[Half]:
    return isinstance(one, Half) and one.component == component


def joined_flow(recordings: list[Recording], lazy: bool | None = None) -> xr.Dataset:
    """All frames in the order of time, without repetition, with the land found from all of them.

    Raises:
        NoData, ValueError: see ``open_ocean_currents``.
    """
    check_same_cells(recordings)
    notes = list(dict.fromkeys(note for recording in recordings for note in recording.notes))
    times = np.concatenate([recording.times for recording in recordings])
    bytes_of_all = sum(4 * int(np.prod(recording.shape)) for recording in recordings)
    if lazy is None:
        lazy = bytes_of_all > LARGEST_IN_MEMORY
    velocity = _velocity_of(recordings, lazy)
    order = np.argsort(times, kind="stable")
    order = without_repetition(times, velocity, order, notes)
    if not np.array_equal(order, np.arange(len(times))):
        times, velocity = times[order], velocity[:, :, order]
    times, dt = evenly_spaced(times, notes)
    try:
        water = water_of(times, velocity, notes)
    except NoData as error:
        dry = np.zeros((recordings[0].members, *recordings[0].shape[-2:]), bool)
        error.flow = _labelled(recordings, times, dt, velocity, dry, [*notes, str(error)])
        raise
    velocity = np.where(water[None, :, None], velocity, np.float32(np.nan))
    return _labelled(recordings, times, dt, velocity, water, notes)


def _velocity_of(recordings: list[Recording], lazy: bool) -> Velocity:
    """Velocities of all files one after the other, read now or when they are used."""
    recordings = [recording for recording in recordings if len(recording.frames)]
    if not recordings:
        return np.empty((2, 1, 0, 0, 0), np.float32)
    if lazy:
        return dask.array.concatenate([lazily(recording) for recording in recordings], axis=2)
    blocks = []
    for recording in recordings:
        step, (ny, nx) = boxes_of(recording)[0], recording.shape[-2:]
        for start in range(0, len(recording.frames), step):
            frames = slice(start, min(start + step, len(recording.frames)))
            blocks.append(read_box(recording, (frames, slice(0, ny), slice(0, nx))))
    return np.concatenate(blocks, axis=2)


def _labelled(
    recordings: list[Recording],
    times: np.ndarray,
    dt: float,
    velocity: Velocity,
    water: np.ndarray,
    notes: list[str],
) -> xr.Dataset:
    first = recordings[0]
    dims = ("member", "time", "y", "x")
    flow = xr.Dataset(
        {
            "u": (dims, velocity[0], _velocity("eastward")),
            "v": (dims, velocity[1], _velocity("northward")),
            "water": (
                ("member", "y", "x"),
                water,
                {"long_name": "cells with data in every frame"},
            ),
        },
        coords=_coordinates(first.positions, times),
    )
    if first.members == 1:
        flow = flow.isel(member=0)
    else:
        flow = flow.assign_coords(member=np.arange(first.members))
    dy, dx = first.positions.spacing
    names = [name_of(file) for one in recordings for file in dict.fromkeys(one.files)]
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
