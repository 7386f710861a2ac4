"""What one file of ocean currents holds, found without reading its fields."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from symdyn_core.datasets.arrangement import Arrangement, arrangement_of
from symdyn_core.datasets.axes import Axes, axes_of
from symdyn_core.datasets.cf import attribute, find_component, find_height, find_velocity
from symdyn_core.datasets.depths import nearest_level
from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.kinds import refuse_other_kinds
from symdyn_core.datasets.missing_values import check_packing
from symdyn_core.datasets.positions import Positions, Region
from symdyn_core.datasets.sources import name_of, open_source
from symdyn_core.datasets.units import decoded_times


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
    """The frames of one file, or of two that hold one component each; see ``boxes.read_box``.

    Attributes:
        files: where each variable is read.
        variables: u and v, or the height of the sea surface alone.
        axes: the dimensions of each variable.
        times: of the frames that were asked for; dates, or seconds in other calendars.
        frames: the index of each of them in the file.
        levels: the index along the depth axis.
        members: runs of an ensemble.
        chunks: frames, rows and columns that the file stores together.
        mask: name of a variable that is true on water, if the file has one.
    """

    name: str
    files: tuple[str, ...]
    variables: tuple[str, ...]
    axes: tuple[Axes, ...]
    times: np.ndarray
    frames: np.ndarray
    levels: tuple[int, ...]
    members: int
    chunks: tuple[int, int, int]
    arrangement: Arrangement
    mask: str | None
    title: str
    notes: tuple[str, ...]

    @property
    def positions(self) -> Positions:
        """The cells of the flow."""
        return self.arrangement.positions

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Sizes of ``component member time y x``."""
        y, x = len(self.positions.y), len(self.positions.x)
        return 2, self.members, len(self.frames), y, x


@dataclass(frozen=True)
class Half:
    """A file with one component only: 0 is u, 1 is v."""

    file: str
    component: int
    variable: str
    times: np.ndarray


def read_recording(file: str, request: Request) -> Recording | Half:
    """What a file holds: both components (or the height), or one of the two.

    Raises:
        ValueError: one line: the file, what is wrong with it, what to do.
    """
    name = name_of(file)
    if "://" not in file and Path(file).is_file():
        refuse_other_kinds(file)
    with reported_as(name), open_source(file) as dataset:
        if request.geostrophic:
            height = find_height(dataset)
            names: tuple[str, ...] | None = None if height is None else (height,)
        else:
            names = find_velocity(dataset, request.variables)
        if names is not None:
            return _recording([dataset] * len(names), (file,) * len(names), names, request)
        single = None if request.geostrophic else find_component(dataset)
        if single is not None:
            component, variable = single
            times, frames = _times(dataset, axes_of(dataset, variable), request.period)
            return Half(file, component, variable, times[: len(frames)])
        raise _nothing_to_read(dataset, request)


def join_halves(eastward: Half, northward: Half, request: Request) -> Recording:
    """The recording of two files with one component each.

    Raises:
        ValueError: one line: the files, what is wrong with them, what to do.
    """
    halves = (eastward, northward)
    with reported_as(name_of(eastward.file)), ExitStack() as opened:
        datasets = [opened.enter_context(open_source(half.file)) for half in halves]
        files = (eastward.file, northward.file)
        return _recording(datasets, files, (eastward.variable, northward.variable), request)


def _recording(
    datasets: list[xr.Dataset], files: tuple[str, ...], names: tuple[str, ...], request: Request
) -> Recording:
    first = datasets[0]
    pairs = list(zip(datasets, names, strict=True))
    axes = tuple(axes_of(dataset, name) for dataset, name in pairs)
    times, frames = _times(first, axes[0], request.period)
    notes = [f"'{n}' has no unit: taken as SI" for d, n in pairs if not attribute(d[n], "units")]
    levels = tuple(
        nearest_level(d, a.depth, request.depth, notes) if a.depth else 0
        for d, a in zip(datasets, axes, strict=True)
    )
    for dataset, name in pairs:
        check_packing(dataset[name])
    arrangement, mask = arrangement_of(datasets, names, axes, request.region, notes)
    if request.geostrophic and not arrangement.positions.geographic:
        raise ValueError("Geostrophic currents need latitudes and longitudes in degrees.")
    if request.geostrophic and arrangement.bend is not None:
        raise ValueError(
            "Geostrophic currents need heights on lines of latitude and longitude, got a grid "
            "that bends (curvilinear). Interpolate the heights onto regular degrees first."
        )
    member = axes[0].member
    return Recording(
        name=name_of(files[0]),
        files=files,
        variables=names,
        axes=axes,
        times=times,
        frames=frames,
        levels=levels,
        members=first.sizes[member] if member else 1,
        chunks=_chunks(first, names[0], axes[0]),
        arrangement=arrangement,
        mask=mask,
        title=str(first.attrs.get("title", "")) or "ocean currents",
        notes=tuple(notes),
    )


def _nothing_to_read(dataset: xr.Dataset, request: Request) -> ValueError:
    held = sorted(map(str, dataset.data_vars))
    if not held:
        return ValueError(
            "Expected two velocity components, got a file without variables at its root. If they "
            "stand in a group of the file, copy that group into a file of its own."
        )
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


def _chunks(dataset: xr.Dataset, name: str, axes: Axes) -> tuple[int, int, int]:
    """Frames, rows and columns of one stored chunk; 1, all, all where nothing is said."""
    sizes = dataset[name].sizes
    stored = dataset[name].encoding.get("preferred_chunks") or {}
    frames = int(stored.get(axes.time, 1)) if axes.time else 1
    rows, columns = (int(stored.get(axis, sizes[axis])) for axis in (axes.y, axes.x))
    return frames, rows, columns
