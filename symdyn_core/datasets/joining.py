"""Joining the frames of many files: in order, without repetition, evenly spaced, with one mask."""

from typing import Any

import dask
import dask.array
import numpy as np
import xarray as xr

from symdyn_core.datasets.ocean_files import Recording
from symdyn_core.datasets.validation import SPACING_TOLERANCE

JITTER = 300.0
"""Largest deviation [s] of a time from even spacing: hours counted from 1950 in float32 are off by
up to two minutes. It is never more than a twentieth of a step; a missing day or the unequal length
of months is far more."""


Velocity = np.ndarray | dask.array.Array
"""Velocities ``component member time y x``, in memory or yet to be read."""


class NoData(ValueError):
    """Files that are sound and hold nothing to forecast.

    Attributes:
        flow: what they hold all the same, all of it land; None where that was not made.
    """

    flow: xr.Dataset | None = None


def check_same_cells(recordings: list[Recording]) -> None:
    first = recordings[0]
    for other in recordings[1:]:
        if not other.positions.agrees_with(first.positions):
            raise ValueError(
                f"Expected all files on the cells of '{first.name}', got others in "
                f"'{other.name}'. Open them one by one, or choose a region they share."
            )
        if other.members != first.members:
            raise ValueError(
                f"Expected {first.members} members in every file, got {other.members} in "
                f"'{other.name}'. Open them one by one."
            )
        if other.variables != first.variables:
            raise ValueError(
                f"Expected all files to hold {first.variables}, got {other.variables} in "
                f"'{other.name}'. Name them with variables=(...)."
            )
        if other.times.dtype != first.times.dtype:
            raise ValueError(
                f"Expected the times of all files in one calendar, got another in '{other.name}' "
                f"than in '{first.name}'. Open them one by one, or convert their times."
            )


def without_repetition(
    times: np.ndarray, velocity: Velocity, order: np.ndarray, notes: list[str]
) -> np.ndarray:
    """``order`` without the second of two equal frames.

    Args:
        velocity: ``component member time y x``, read or yet to be read.

    Raises:
        ValueError: two different frames of the same time.
    """
    kept = list(order[:1])
    for frame in order[1:]:
        if times[frame] != times[kept[-1]]:
            kept.append(frame)
            continue
        one, other = (np.asarray(velocity[:, :, n]) for n in (frame, kept[-1]))
        if not np.array_equal(one, other, equal_nan=True):
            raise ValueError(
                f"Expected one frame for each time, got two different ones for "
                f"{_date(times[frame])}. Remove one of the files, or choose one version of them."
            )
    if len(kept) < len(order):
        notes.append(f"dropped {len(order) - len(kept)} repeated frames")
    return np.array(kept, dtype=int)


def evenly_spaced(times: np.ndarray, notes: list[str]) -> tuple[np.ndarray, float]:
    """(times, seconds between two frames); jitter from rounding is removed.

    Raises:
        ValueError: fewer than two frames, or gaps.
    """
    if len(times) < 2:
        raise ValueError(
            f"Expected at least two frames in time, got {len(times)}. "
            "Give a folder or a glob of consecutive files, or a longer period."
        )
    unit = np.timedelta64(1, "s") if np.issubdtype(times.dtype, np.datetime64) else 1.0
    elapsed = (times - times[0]) / unit
    steps = np.diff(elapsed)
    dt = float(elapsed[-1] / (len(times) - 1))
    even = np.arange(len(times)) * dt
    tolerance = min(max(JITTER, SPACING_TOLERANCE * dt), dt / 20)
    if np.abs(elapsed - even).max() > tolerance:
        usual = float(np.median(steps))
        odd = int(np.argmax(np.abs(steps - usual)))
        raise ValueError(
            f"Expected evenly spaced times, got a step of {steps[odd] / 3600:g} h after "
            f"{_date(times[odd])} where {usual / 3600:g} h are usual. Add the missing frames, or "
            "choose a period without a gap."
        )
    if np.abs(steps - dt).max() > SPACING_TOLERANCE * dt:
        notes.append(f"times were evened out by at most {np.abs(elapsed - even).max():.3g} s")
        if isinstance(unit, np.timedelta64):
            return times[0] + np.round(even).astype("timedelta64[s]"), dt
        return times[0] + even, dt
    return times, dt


def water_of(times: np.ndarray, velocity: Velocity, notes: list[str]) -> np.ndarray:
    """Cells ``member y x`` with data in every frame that are not zero throughout.

    Fields that are yet to be read are read once, a block at a time.

    Raises:
        NoData: no data at all, or none in some frame, or no such cell.
    """
    missing: Any = ~np.isfinite(velocity).all(axis=0)  # of NumPy or of Dask
    at_rest: Any = (velocity == 0).all(axis=0)
    never, gappy, full, still, idle = dask.compute(
        missing.all(axis=1),
        missing.any(axis=1),
        missing.all(axis=(0, 2, 3)),
        at_rest.all(axis=1),
        (at_rest | missing).all(axis=(0, 2, 3)),
    )
    if never.all():
        raise NoData(
            "Expected velocities, got missing values (NaN) everywhere. Check the variables, the "
            "region and the depth."
        )
    empty = np.flatnonzero(full)
    if empty.size:
        raise ValueError(
            f"Expected data in every frame, got {empty.size} empty ones, the first at "
            f"{_date(times[empty[0]])}. Remove them, or choose a period without them."
        )
    _check_motion(times, idle)
    if (gappy & ~never).any():
        count = int((gappy & ~never).sum())
        notes.append(f"{count} cells miss data at some times and count as land")
    if (still | gappy).all() and still.any():
        raise NoData(
            "Expected velocities, got zeros at all times everywhere. Check the variables and the "
            "depth."
        )
    if still.any():
        notes.append(f"{int(still.sum())} cells are exactly zero at all times and count as land")
    water = ~gappy & ~still
    if not water.any():
        raise NoData(
            "Expected cells with data in every frame, got none. Choose a shorter period or "
            "another region."
        )
    return water


def _check_motion(times: np.ndarray, idle: np.ndarray) -> None:
    """Refuse frames of exact zeros after others that move: a store gives zeros for lost chunks."""
    moving = np.flatnonzero(~idle)
    lost = np.flatnonzero(idle[moving[0] :]) + moving[0] if moving.size else moving
    if lost.size:
        raise ValueError(
            f"Expected motion in every frame, got zeros everywhere in {lost.size} after others "
            f"that move, the first at {_date(times[lost[0]])}. Their data seem to be lost: copy "
            "or download the files again, or choose a period without them."
        )


def _date(time: np.datetime64 | float) -> str:
    if isinstance(time, np.datetime64):
        return str(time.astype("datetime64[s]")).removesuffix("T00:00:00")
    return f"{time:g} s"
