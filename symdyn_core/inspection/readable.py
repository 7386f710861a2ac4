"""A report in words and rounded numbers, for tables and pages alike."""

from collections.abc import Callable
from typing import Any

Facts = list[tuple[str, dict[str, str]]]
"""Groups of names and values, each under its title."""

HOUR, DAY = 3600.0, 86400.0
KILOMETRE = 1000.0


def facts(report: dict[str, Any], pretty: Callable[[str], str] = str) -> Facts:
    """A report as groups of short lines: data, grid, times, flow, persistence.

    Args:
        pretty: how units of velocities and gradients are written.
    """
    groups = [
        ("Data", _data(report, pretty)),
        ("Grid", _grid(report["grid"], report["land_share"])),
        ("Times", _times(report["times"])),
        ("Flow", _flow(report, pretty)),
    ]
    if report["persistence"]:
        groups.append(("Error of persistence", _persistence(report, pretty)))
    return groups


def _data(report: dict, pretty: Callable[[str], str]) -> dict[str, str]:
    found = {"source": report["source"] or "unknown"}
    for name, variable in report["variables"].items():
        unit = "" if variable["units"] in ("1", "") else f" [{pretty(variable['units'])}]"
        found[name] = f"{variable['long_name'] or name}{unit}"
        if "minimum" in variable:
            found[f"{name} range"] = f"{variable['minimum']:.4g} to {variable['maximum']:.4g}"
            found[f"{name} mean ± std"] = f"{variable['mean']:.4g} ± {variable['std']:.4g}"
    return found


def _grid(grid: dict, land: float) -> dict[str, str]:
    unit = grid["length_unit"]
    sides = (grid["ny"] * grid["dy"], grid["nx"] * grid["dx"])
    size = f"{grid['ny']} high, {grid['nx']} wide"
    if grid["members"] > 1:
        size += f", {grid['members']} members"
    repeats = [axis for axis in ("x", "y") if grid[f"periodic_{axis}"]]
    found = {
        "cells": size,
        "spacing": f"dy {length(grid['dy'], unit)}, dx {length(grid['dx'], unit)}",
        "extent": f"{length(sides[0], unit)} high, {length(sides[1], unit)} wide",
        "periodic": f"along {' and '.join(repeats)}" if repeats else "no",
        "in the file": ("regular" if grid["regular"] else "irregular, interpolated")
        + f", rows {grid['rows']}",
    }
    for name, (positive, negative) in (("latitude", "NS"), ("longitude", "EW")):
        if name in grid:
            low, high = (_degrees(value, positive, negative) for value in grid[name])
            found[name] = f"{low} to {high}"
    found["land"] = f"{land:.1%}"
    return found


def _times(times: dict) -> dict[str, str]:
    unit = times["time_unit"]
    found = {"frames": f"{times['count']}", "first": _time(times["first"], unit)}
    if times["dt"] is not None:
        found["last"] = _time(times["last"], unit)
        even = "" if times["even"] or times["gaps"] else ", uneven"
        found["step"] = f"{duration(times['dt'], unit)}{even}"
    gaps = len(times["gaps"])
    found["gaps"] = f"{gaps}, {times['missing']} frames missing" if gaps else "none"
    found["repeated times"] = str(times["duplicates"] or "none")
    if times["calendar"]:
        found["calendar"] = times["calendar"]
    return found


def _flow(report: dict, pretty: Callable[[str], str]) -> dict[str, str]:
    if report["rms"] is None:
        return {"velocities": "none"}
    unit, per = (
        "" if report[name] == "1" else f" {pretty(report[name])}"
        for name in ("velocity_unit", "gradient_unit")
    )
    found = {"RMS speed": f"{report['rms_speed']:.4g}{unit}"}
    if report["vorticity_rms"] is not None:
        found["RMS vorticity"] = f"{report['vorticity_rms']:.3g}{per}"
        found["RMS divergence"] = f"{report['divergence_rms']:.3g}{per}"
    spectrum = report["spectrum"]
    if spectrum is None:
        return found
    if spectrum["slope"] is None:
        found["spectral slope"] = "too few scales"
    else:
        half = (spectrum["high"] - spectrum["low"]) / 2
        lengths = [
            length(value, report["grid"]["length_unit"]) for value in spectrum["wavelengths"]
        ]
        found["spectral slope"] = f"{spectrum['slope']:.2f} ± {half:.2f}"
        found["wavelengths"] = f"{lengths[1]} to {lengths[0]}"
    found["measured on"] = f"{spectrum['region']}, {spectrum['frames']} frames"
    return found


def _persistence(report: dict, pretty: Callable[[str], str]) -> dict[str, str]:
    unit = "" if report["velocity_unit"] == "1" else f" {pretty(report['velocity_unit'])}"
    found = {}
    for entry in report["persistence"]:
        time = duration(entry["time"], report["times"]["time_unit"])
        share = "" if entry["relative"] is None else f", {entry['relative']:.2f} std"
        found[f"after {time}"] = f"{entry['rmse']:.3g}{unit}{share}"
    return found


def length(value: float | int, unit: str) -> str:
    """A length with its unit, in kilometres where metres are many."""
    if unit == "m" and abs(value) >= KILOMETRE:
        value, unit = value / KILOMETRE, "km"
    return f"{value:.4g}" if unit in ("1", "") else f"{value:.4g} {unit}"


def duration(value: float | int, unit: str) -> str:
    """A time with its unit, in hours or days where seconds are many."""
    if unit == "s":
        for size, name in ((DAY, "d"), (HOUR, "h"), (60.0, "min")):
            if value >= size and abs(value / size - round(value / size, 3)) < 1e-6:
                return f"{value / size:.6g} {name}"
    return f"{value:.6g}" if unit in ("1", "") else f"{value:.6g} {unit}"


def _time(value: str | float, unit: str) -> str:
    if isinstance(value, str):
        return value.replace("T", " ").removesuffix(" 00:00:00")
    return duration(value, unit)


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.5g}° {positive if value >= 0 else negative}"
