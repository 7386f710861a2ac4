"""Whatever a path holds, opened to be looked at: also files that cannot be cut into windows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.cf import attribute
from symdyn_core.datasets.joining import NoData, check_same_cells
from symdyn_core.datasets.ocean_currents import (
    LARGEST_IN_MEMORY,
    joined_flow,
    recordings_of,
)
from symdyn_core.datasets.ocean_files import Recording, Request
from symdyn_core.datasets.opening import is_benchmark, is_flow, open_any, open_benchmark
from symdyn_core.datasets.sources import open_source, sources
from symdyn_core.datasets.store import open_flow
from symdyn_core.inspection.readable import duration
from symdyn_core.inspection.times import DATES, TimeAxis, readable

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Specimen:
    """What a path holds.

    Attributes:
        flow: its frames; where frames are missing in between, the longest stretch without a gap.
        times: of all its frames, as the files give them.
        regular: whether cells lie as in the file; False where components were interpolated.
        rows: ``south to north``, ``north to south`` or ``upwards``, as the file stores them.
        problems: what had to be done to open it, and how to mend it.
    """

    flow: xr.Dataset
    times: TimeAxis
    regular: bool = True
    rows: str = "upwards"
    problems: tuple[str, ...] = ()

    @property
    def wet(self) -> bool:
        """Whether there is a single velocity."""
        return "water" not in self.flow or bool(self.flow["water"].any())


def open_specimen(path: str | Path, **opening: Any) -> Specimen:
    """Open what a path holds, whole unless a patch is asked for.

    Args:
        path: a file, store, folder, glob or address.
        **opening: of ``open_any``.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: data of another kind, or damaged.
    """
    found = sources(path)
    whole = opening.get("patch") is None
    if len(found) == 1 and is_flow(found[0]):
        return specimen_of(_stored(found[0]) if whole else open_any(path, **opening))
    if any(is_benchmark(file) for file in found):
        depth = opening.get("depth", 0.0)
        return specimen_of(
            open_benchmark(found, depth=depth) if whole else open_any(path, **opening)
        )
    return _of_ocean(path, opening)


def _stored(file: str) -> xr.Dataset:
    """A flow store, read if it is small, else left where it is."""
    flow = open_flow(file, lazy=True)
    small = flow["u"].nbytes + flow["v"].nbytes <= LARGEST_IN_MEMORY
    return open_flow(file) if small else flow


def specimen_of(flow: xr.Dataset) -> Specimen:
    """A flow that is open already."""
    notes = _notes(flow)
    unit = str(flow.attrs.get("time_unit", "1"))
    times = TimeAxis.of(flow["time"].values, unit)
    regular = not any("interpolated" in note for note in notes)
    return Specimen(flow, times, regular, problems=tuple(notes))


def _notes(flow: xr.Dataset) -> list[str]:
    return list(json.loads(flow.attrs.get("provenance") or "{}").get("notes", []))


def _of_ocean(path: str | Path, opening: dict[str, Any]) -> Specimen:
    options = dict(opening)
    cut = {name: options.pop(name, None) for name in ("patch", "stride", "min_water", "lazy")}
    recordings = recordings_of(path, Request(**options))
    check_same_cells(recordings)
    values = np.concatenate([recording.times for recording in recordings])
    if not values.size:
        raise ValueError(
            f"Expected frames, got none in '{path}'. Choose a period that its times lie in."
        )
    times = TimeAxis.of(values, "s", _calendar(recordings[0]))
    problems: list[str] = []
    recordings = _evenly(recordings, times, problems)
    try:
        flow = joined_flow(recordings, cut["lazy"])
    except NoData as error:
        if error.flow is None:
            raise
        flow = error.flow
    if len(recordings) > 1 and len(times.distinct) == 1:
        flow = flow.isel(time=slice(0, 1)).assign_attrs(source=recordings[0].name)
    if cut["patch"] is not None:
        flow = schema.cut_squares(
            flow, cut["patch"], cut["stride"], min_water=cut["min_water"] or 0.0
        )
    arrangement = recordings[0].arrangement
    lines = (*arrangement.rows, *arrangement.columns)
    bent = arrangement.bend is not None
    lower = arrangement.rows[0].lower
    upwards = "south to north" if arrangement.positions.geographic else "upwards"
    return Specimen(
        flow,
        times,
        regular=not (bent or any(line.weight.any() for line in lines)),
        rows="north to south" if not bent and lower[-1] < lower[0] else upwards,
        problems=(*problems, *_notes(flow)),
    )


def _calendar(recording: Recording) -> str:
    """The calendar of times that could not be read as dates."""
    if np.issubdtype(recording.times.dtype, np.datetime64):
        return DATES
    with open_source(recording.files[0]) as dataset:
        named = (attribute(dataset[name], "calendar") for name in dataset.variables)
        return next((calendar for calendar in named if calendar), DATES)


def _evenly(
    recordings: Sequence[Recording], times: TimeAxis, problems: list[str]
) -> list[Recording]:
    """Recordings that can be joined, and in words what that took.

    Frames are missing: the longest stretch without a gap. Steps are merely uneven, as those of
    months: times are counted in frames. A single frame: it is given twice.
    """
    if not times.ordered:
        problems.append("frames are not in the order of time in the files: sorted")
    if len(times.distinct) == 1:
        problems.append(
            "there is a single time: nothing can be forecast. Give a folder or a glob of "
            "consecutive files"
        )
        return _single(recordings)
    if times.gaps:
        return _stretch(recordings, times, problems)
    if not times.even:
        problems.append(
            f"steps are uneven ({_span(times)}): such a flow cannot be cut into windows, and "
            "errors of persistence are those of so many frames, not of a time. Interpolate onto "
            "even times"
        )
        return _counted(recordings, times)
    return list(recordings)


def _single(recordings: Sequence[Recording]) -> list[Recording]:
    first = recordings[0]
    later: Any = DAY if np.issubdtype(first.times.dtype, np.datetime64) else 86400.0
    return [*recordings, *(replace(one, times=one.times + later) for one in recordings)]


def _stretch(
    recordings: Sequence[Recording], times: TimeAxis, problems: list[str]
) -> list[Recording]:
    gaps, found = times.gaps, times.described()
    start, stop = times.longest_stretch()
    first, last = times.distinct[start], times.distinct[stop - 1]
    usual = duration(times.usual, times.unit) if times.usual is not None else ""
    problems.append(
        f"{found['missing']} frames are missing in {len(gaps)} gap{'s' if len(gaps) > 1 else ''} "
        f"(usual step {usual}): add them, or choose the longest stretch without a gap, "
        f"{stop - start} frames, with --period {_period(first)},{_period(last)}; the numbers "
        "below are of that stretch"
    )
    kept = []
    for recording in recordings:
        inside = (recording.times >= first) & (recording.times <= last)
        if inside.any():
            kept.append(
                replace(recording, times=recording.times[inside], frames=recording.frames[inside])
            )
    if stop - start == 1:
        return _single(kept)
    part = TimeAxis.of(np.concatenate([one.times for one in kept]), times.unit, times.calendar)
    return kept if part.even else _counted(kept, part)


def _counted(recordings: Sequence[Recording], times: TimeAxis) -> list[Recording]:
    """The same frames at even times."""
    distinct, usual = times.distinct, times.usual or 1.0
    even: Any = np.arange(len(distinct)) * usual
    if times.dated:
        even = even.round().astype("timedelta64[s]")
    even = distinct[0] + even
    return [
        replace(one, times=even[np.searchsorted(distinct, one.times)].astype(one.times.dtype))
        for one in recordings
    ]


def _span(times: TimeAxis) -> str:
    low, high = times.steps.min(), times.steps.max()
    return f"{low / 86400:g} to {high / 86400:g} days" if low >= 86400 else f"{low:g} to {high:g} s"


def _period(time: Any) -> str:
    return str(readable(time)).removesuffix("T00:00:00")
