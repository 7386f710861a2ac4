"""A flow in a few numbers: what it holds, how hard it is, and what to be careful about."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from symdyn_core.datasets import schema

LEADS = (1, 2, 5)
"""Lead times [frames] at which the error of persistence is reported."""

BYTES_AT_ONCE = 64 * 2**20
"""Velocities read at once when a flow is described."""

SQUARE = 0.02
"""Relative difference of dx and dy above which cells are called oblong."""

FASTEST_CURRENT = 10.0
"""Root mean square [m s⁻¹] that no ocean has: the unit of the file must be another one."""


def describe(flow: xr.Dataset, path: str | Path = "") -> dict[str, Any]:
    """A flow as plain numbers and text, ready for JSON.

    Keys: ``path``, ``title``, ``variables`` (units and meaning by name), ``grid``, ``times``,
    ``land_share``, ``rms`` (None where there is no water) and its ``velocity_unit``,
    ``persistence`` (see ``persistence_errors``), ``problems`` (sentences; empty if there are none).
    """
    attrs = flow.attrs
    moments = moments_of(flow)
    rms = moments.rms
    land = 1 - float(flow["water"].mean()) if "water" in flow else 0.0
    return {
        "path": str(path),
        "title": str(attrs.get("title", "")),
        "variables": {
            str(name): {
                "units": str(variable.attrs.get("units", "1")),
                "long_name": str(variable.attrs.get("long_name", "")),
            }
            for name, variable in flow.data_vars.items()
        },
        "grid": _grid(flow),
        "times": _times(flow),
        "land_share": round(land, 6),
        "rms": rms if math.isfinite(rms) else None,
        "velocity_unit": str(attrs.get("velocity_unit", "1")),
        "persistence": moments.persistence,
        "problems": _problems(flow, rms),
    }


def persistence_errors(flow: xr.Dataset, leads: tuple[int, ...] = LEADS) -> list[dict[str, Any]]:
    """How far the flow moves away from itself: the error of the forecast "as now".

    For each lead n: ``rmse`` = √⟨|w(t + n) - w(t)|² / 2⟩ over water, and ``relative``, the same
    divided by the standard deviation of w about its mean in time at each cell. Near 0 the flow
    hardly changes, from about 1 on the present says nothing. Leads beyond the flow are left out.
    """
    return moments_of(flow, leads).persistence


@dataclass(frozen=True)
class Moments:
    """What one pass over a flow tells: its size, and the errors of persistence."""

    rms: float
    persistence: list[dict[str, Any]]


def moments_of(flow: xr.Dataset, leads: tuple[int, ...] = LEADS) -> Moments:
    """Root mean square and errors of persistence, in one pass through the frames in their order.

    Only a few frames are in memory at a time, so that an archive of any size can be described.
    """
    count = flow.sizes["time"]
    leads = tuple(lead for lead in leads if lead < count)
    wet = np.broadcast_to(flow["water"].values, _cells(flow)) if "water" in flow else None
    past: list[np.ndarray] = []
    differences = dict.fromkeys(leads, 0.0)
    squares, size = 0.0, 0
    first = total = total_squares = np.zeros(0)
    for index, frame in enumerate(_frames(flow, wet)):
        if index == 0:
            # About the first frame, lest a small deviation drown in a large mean.
            first, total, total_squares = frame, np.zeros_like(frame), np.zeros_like(frame)
        squares += float(np.square(frame).sum())
        size += frame.size
        total += frame - first
        total_squares += np.square(frame - first)
        for lead in leads:
            if lead <= len(past):
                differences[lead] += float(np.square(frame - past[-lead]).sum())
        past = [*past, frame][-max(leads, default=1) :]
    if not size:
        return Moments(float("nan"), [])
    variance = float((total_squares / count - np.square(total / count)).mean())
    anomaly = math.sqrt(max(0.0, variance))
    errors = []
    for lead, summed in differences.items():
        rmse = math.sqrt(summed / ((count - lead) * first.size))
        relative = rmse / anomaly if anomaly > 0 else None
        errors.append({"lead": lead, "rmse": rmse, "relative": relative})
    return Moments(math.sqrt(squares / size), errors)


def _cells(flow: xr.Dataset) -> tuple[int, ...]:
    return tuple(flow.sizes[dim] for dim in flow["u"].dims if dim != "time")


def _frames(flow: xr.Dataset, wet: np.ndarray | None) -> Iterator[np.ndarray]:
    """Both components of one frame after the other, on water, in double precision."""
    step = max(1, BYTES_AT_ONCE // (8 * math.prod(_cells(flow))))
    for start in range(0, flow.sizes["time"], step):
        block = flow[["u", "v"]].isel(time=slice(start, start + step)).compute()
        fields = np.stack([block[n].transpose("time", ...).values for n in ("u", "v")], axis=1)
        for frame in fields:
            kept = frame if wet is None else frame[:, wet]
            yield kept.astype(np.float64).ravel()


def _grid(flow: xr.Dataset) -> dict[str, Any]:
    described = {
        "members": schema.members_of(flow),
        "ny": flow.sizes["y"],
        "nx": flow.sizes["x"],
        "dy": float(flow.attrs["dy"]),
        "dx": float(flow.attrs["dx"]),
        "length_unit": str(flow.attrs.get("length_unit", "1")),
        "periodic_y": bool(flow.attrs.get("periodic_y", 0)),
        "periodic_x": bool(flow.attrs.get("periodic_x", 0)),
    }
    for name in ("latitude", "longitude"):
        if name in flow.coords:
            values = flow[name].values
            described[name] = [float(values.min()), float(values.max())]
    return described


def _times(flow: xr.Dataset) -> dict[str, Any]:
    times = flow["time"].values
    first, last = (
        str(time.astype("datetime64[s]")) if isinstance(time, np.datetime64) else float(time)
        for time in (times[0], times[-1])
    )
    return {
        "count": len(times),
        "first": first,
        "last": last,
        "dt": float(flow.attrs["dt"]),
        "time_unit": str(flow.attrs.get("time_unit", "1")),
    }


def _problems(flow: xr.Dataset, rms: float) -> list[str]:
    attrs = flow.attrs
    problems = list(json.loads(attrs.get("provenance") or "{}").get("notes", []))
    ratio = float(attrs["dx"]) / float(attrs["dy"])
    if abs(ratio - 1) > SQUARE:
        problems.append(
            f"cells are oblong (dx / dy = {ratio:.2f}): rotations by index are not exact in metres"
        )
    if attrs.get("velocity_unit") == "m s-1" and rms > FASTEST_CURRENT:
        problems.append(f"a root mean square of {rms:.3g} m s-1 is no current: check the unit")
    return problems
