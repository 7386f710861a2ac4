"""A flow in a few numbers: what it holds, how hard it is, and what to be careful about."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.statistics import flow_statistics

LEADS = (1, 2, 5)
"""Lead times [frames] at which the error of persistence is reported."""

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
    wet = "water" not in flow or bool(flow["water"].any())
    statistics = flow_statistics(flow, LEADS) if wet else None
    rms = None if statistics is None else float(statistics["rms"])
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
        "rms": rms,
        "velocity_unit": str(attrs.get("velocity_unit", "1")),
        "persistence": [] if statistics is None else _errors(statistics),
        "problems": _problems(flow, rms),
    }


def persistence_errors(flow: xr.Dataset, leads: tuple[int, ...] = LEADS) -> list[dict[str, Any]]:
    """How far the flow moves away from itself: the error of the forecast "as now".

    For each lead n: ``rmse`` = √⟨|w(t + n) - w(t)|² / 2⟩ over water, and ``relative``, the same
    divided by the standard deviation of w about its mean in time at each cell. Near 0 the flow
    hardly changes, from about 1 on the present says nothing. Leads beyond the flow are left out.
    """
    return _errors(flow_statistics(flow, leads))


def _errors(statistics: xr.Dataset) -> list[dict[str, Any]]:
    anomaly = float(statistics["anomaly"])
    errors = []
    for lead in statistics["lead"].values.tolist():
        rmse = float(statistics["persistence"].sel(lead=lead))
        relative = rmse / anomaly if anomaly > 0 else None
        errors.append({"lead": lead, "rmse": rmse, "relative": relative})
    return errors


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


def _problems(flow: xr.Dataset, rms: float | None) -> list[str]:
    attrs = flow.attrs
    problems = list(json.loads(attrs.get("provenance") or "{}").get("notes", []))
    ratio = float(attrs["dx"]) / float(attrs["dy"])
    if abs(ratio - 1) > SQUARE:
        problems.append(
            f"cells are oblong (dx / dy = {ratio:.2f}): rotations by index are not exact in metres"
        )
    if attrs.get("velocity_unit") == "m s-1" and rms is not None and rms > FASTEST_CURRENT:
        problems.append(f"a root mean square of {rms:.3g} m s-1 is no current: check the unit")
    return problems
