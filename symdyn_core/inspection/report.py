"""A flow in numbers: what a path holds, how hard it is to forecast, what to be careful about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.sources import name_of
from symdyn_core.datasets.statistics import flow_statistics
from symdyn_core.inspection.samples import Samples, measured
from symdyn_core.inspection.sections import (
    grid_section,
    persistence_section,
    spectrum_section,
    variables_section,
)
from symdyn_core.inspection.slopes import Slope, density, fitted
from symdyn_core.inspection.specimen import Specimen, open_specimen
from symdyn_core.spectra import wavenumbers

LEADS = (1, 2, 3, 5, 7, 10)
"""Lead times [frames] at which the error of persistence is reported."""

LEAD_BYTES = 2**27
"""Frames between "now" and the longest lead are held together: the most bytes of them (128 MiB)."""

SQUARE = 0.02
"""Relative difference of dx and dy above which cells are called oblong."""

FEW_FRAMES = 10
"""Fewer frames than this do not show how much a flow varies."""

FASTEST_CURRENT = 10.0
"""Root mean square [m s⁻¹] that no ocean has: the unit of the file must be another one."""


@dataclass(frozen=True)
class Inspection:
    """What was found in a path.

    Attributes:
        report: as plain numbers and text, ready for JSON; see ``inspect_path``.
        flow: the frames that the numbers are of.
        times: of the frames, as the file gives them.
        statistics: of ``flow_statistics``; None without water.
        samples, energy, wavenumber, slope: spectra and histograms; None without water.
    """

    report: dict[str, Any]
    specimen: Specimen
    statistics: xr.Dataset | None
    samples: Samples | None
    energy: np.ndarray
    wavenumber: np.ndarray
    slope: Slope | None


def inspect_path(path: str | Path, **opening: Any) -> Inspection:
    """What a file, store, folder, glob or address holds.

    The values are read once, a block at a time, and a few frames a second time: archives may be
    larger than the memory.

    The report has the keys ``path``, ``title``, ``source``; ``variables`` (units, meaning and, of
    velocities and scalars, ``minimum``, ``maximum``, ``mean``, ``std`` by name); ``grid``;
    ``times`` (``TimeAxis.described``); ``land_share``; ``rms`` (of a component), ``rms_speed``,
    ``velocity_unit``; ``divergence_rms``, ``vorticity_rms``, ``gradient_unit``; ``spectrum`` (slope
    with its interval, range, rings, frames, region, energy by wavenumber); ``persistence`` (a list:
    ``lead`` in frames, ``time``, ``rmse``, ``relative`` to the standard deviation about the time
    mean at each cell); ``samples`` (frames that spectra and gradients are of); ``problems``
    (sentences that say how to mend them; empty if there are none). Numbers that do not exist are
    None.

    Args:
        path: what ``open_any`` takes.
        **opening: options of ``open_any``.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: one line: data of another kind, damaged, or not to be understood.
    """
    specimen = open_specimen(path, **opening)
    with reported_as(name_of(str(path))):
        return inspect_specimen(specimen, path)


def inspect_specimen(specimen: Specimen, path: str | Path = "") -> Inspection:
    """The report of what was opened before; see ``inspect_path``."""
    flow, statistics, samples, slope = specimen.flow, None, None, None
    energy, wavenumber = np.zeros(0), np.zeros(0)
    if specimen.wet:
        statistics = flow_statistics(flow, _leads(flow))
        extremes = [float(statistics[name][n]) for name in ("minimum", "maximum") for n in (0, 1)]
        samples = measured(flow, max(map(abs, extremes)) or 1.0)
        if samples.spectrum is not None:
            found, k = (
                density(samples.spectrum, samples.region.grid),
                wavenumbers(samples.region.grid),
            )
            slope = fitted(found, k, samples.region.grid)
            energy, wavenumber = found[1:].numpy(), k[1:].numpy()
    inspection = Inspection({}, specimen, statistics, samples, energy, wavenumber, slope)
    inspection.report.update(_reported(inspection, path))
    return inspection


def _leads(flow: xr.Dataset) -> tuple[int, ...]:
    """Lead times whose frames fit into the memory together."""
    frame = 2 * flow.sizes["y"] * flow.sizes["x"] * flow["u"].dtype.itemsize
    return tuple(lead for lead in LEADS if lead == 1 or lead * frame <= LEAD_BYTES)


def _reported(found: Inspection, path: str | Path) -> dict[str, Any]:
    flow, statistics, samples = found.specimen.flow, found.statistics, found.samples
    rms = None if statistics is None else float(statistics["rms"])
    land = 1 - float(flow["water"].mean()) if "water" in flow else 0.0
    unit = str(flow.attrs.get("time_unit", "1"))
    return {
        "path": str(path),
        "title": str(flow.attrs.get("title", "")),
        "source": str(flow.attrs.get("source", "")),
        "variables": variables_section(flow, statistics),
        "grid": grid_section(found.specimen),
        "times": found.specimen.times.described(),
        "land_share": round(land, 6),
        "rms": rms,
        "rms_speed": None if rms is None else rms * 2**0.5,
        "velocity_unit": str(flow.attrs.get("velocity_unit", "1")),
        "divergence_rms": None if samples is None else samples.divergence,
        "vorticity_rms": None if samples is None else samples.vorticity,
        "gradient_unit": "1" if unit == "1" else f"{unit}-1",
        "spectrum": spectrum_section(samples, found.slope, found.energy, found.wavenumber),
        "persistence": [] if statistics is None else persistence_section(statistics, flow),
        "samples": 0 if samples is None else samples.frames,
        "problems": _problems(found.specimen, rms),
    }


def _problems(specimen: Specimen, rms: float | None) -> list[str]:
    attrs, problems = specimen.flow.attrs, list(specimen.problems)
    ratio = float(attrs["dx"]) / float(attrs["dy"])
    if abs(ratio - 1) > SQUARE:
        problems.append(
            f"cells are oblong (dx / dy = {ratio:.2f}): rotations by index are not exact in metres"
        )
    frames = specimen.flow.sizes["time"]
    if 1 < frames < FEW_FRAMES and specimen.wet:
        problems.append(
            f"{frames} frames do not show how much the flow varies: errors of persistence relative "
            "to its standard deviation are too large. Add frames"
        )
    if attrs.get("velocity_unit") == "m s-1" and rms is not None and rms > FASTEST_CURRENT:
        problems.append(f"a root mean square of {rms:.3g} m s-1 is no current: check the unit")
    return problems
