"""Figures of the report of a flow: maps, spectrum, persistence, times, histograms."""

import math
from typing import Any

import matplotlib
import matplotlib.dates
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from symdyn_core.inspection.readable import DAY, duration
from symdyn_core.inspection.report import Inspection
from symdyn_core.plots.style import COLOURS, KILOMETRE, REFERENCE, SEQUENTIAL, pretty
from symdyn_core.plots.svg import SETTINGS, as_svg, new_figure
from symdyn_core.plots.svg_maps import colour_bar, framed, speed_map, speed_of

FIT, MISSING = COLOURS[1], COLOURS[1]
"""Colour of the fitted slope, and of what is missing."""

LARGEST_MAP = 400
"""Cells along a side above which maps show means over blocks of cells."""

SMALL = (4.1, 3.2)
"""Width and height of a figure that stands beside others [inch]."""

WIDE = 2.0
"""Fields longer than this many heights are drawn one below the other."""

POWERS = ((-5 / 3, "slope -5/3", "--"), (-3.0, "slope -3", ":"))
"""Reference slopes of two-dimensional turbulence (Kraichnan 1967)."""


def maps(found: Inspection) -> str:
    """A frame, the mean flow and the root mean square speed of the first member."""
    flow, statistics = found.specimen.flow, found.statistics
    if statistics is None:
        return ""
    mean, spread = (statistics[name][0].values for name in ("time_mean", "time_std"))
    place = flow.sizes["time"] // 2
    one = flow.isel(time=place, member=0) if "member" in flow.dims else flow.isel(time=place)
    frame = np.stack([one[name].to_numpy().astype(float) for name in ("u", "v")])
    fluctuation = np.sqrt(np.square(mean).sum(0) + np.square(spread).sum(0))
    frame, mean, fluctuation = (_coarse(field) for field in (frame, mean, fluctuation[None]))
    extent, labels, aspect = _axes_of(flow)
    ratio = aspect * (extent[3] - extent[2]) / (extent[1] - extent[0])
    wide = ratio * WIDE < 1
    unit = _bracket(found.report["velocity_unit"])
    with matplotlib.rc_context(SETTINGS):
        figure = (
            new_figure(10.4, 3 * (9 * ratio + 0.5)) if wide else new_figure(10.4, 3.1 * ratio + 1.2)
        )
        panels = figure.subplots(3, 1) if wide else figure.subplots(1, 3)
        bar: dict[str, Any] = {"location": "right" if wide else "bottom", "shrink": 0.9}
        options: dict[str, Any] = {"extent": extent, "aspect": aspect}
        for axes, w, title in ((panels[0], frame, _when(one)), (panels[1], mean, "mean flow")):
            top = float(np.nanquantile(speed_of(w), 0.999)) or 1.0
            image = speed_map(axes, w, title, top, **options, arrows=36 if wide else 20)
            colour_bar(figure, image, axes, f"speed{unit}", **bar)
        image = panels[2].imshow(
            fluctuation[0], origin="lower", cmap=SEQUENTIAL, vmin=0,
            extent=extent, aspect=aspect, interpolation="nearest",
        )  # fmt: skip
        framed(panels[2], "root mean square speed", ticks=True)
        colour_bar(figure, image, panels[2], f"speed{unit}", **bar)
        for axes in panels if not wide else panels[-1:]:
            axes.set_xlabel(labels[0])
        for axes in panels if wide else panels[:1]:
            axes.set_ylabel(labels[1])
    return as_svg(figure, "maps", "A frame, the mean flow and the root mean square speed")


def _coarse(field: np.ndarray) -> np.ndarray:
    """Means over blocks of cells ``field y x``, few enough to be seen; NaN where all are land."""
    step = math.ceil(max(field.shape[1:]) / LARGEST_MAP)
    if step == 1:
        return field
    blocks = xr.DataArray(field, dims=("field", "y", "x")).coarsen(y=step, x=step, boundary="pad")
    return blocks.mean().values


def _axes_of(
    flow: xr.Dataset,
) -> tuple[tuple[float, float, float, float], tuple[str, str], float]:
    """(outer edges west, east, south, north; labels of x and y; aspect of a map)."""
    if "longitude" in flow.coords and flow["longitude"].dims == ("x",):
        x, y = flow["longitude"].values, flow["latitude"].values
        aspect = 1 / max(0.05, math.cos(math.radians(float(y.mean()))))
        return (*_edges(x), *_edges(y)), ("longitude [°E]", "latitude [°N]"), aspect
    unit = str(flow.attrs.get("length_unit", "1"))
    x, y = flow["x"].values.astype(float), flow["y"].values.astype(float)
    if unit == "m" and np.ptp(x) > 10 * KILOMETRE:
        x, y, unit = x / KILOMETRE, y / KILOMETRE, "km"
    return (*_edges(x), *_edges(y)), (f"x{_bracket(unit)}", f"y{_bracket(unit)}"), 1.0


def _edges(centres: np.ndarray) -> tuple[float, float]:
    half = (centres[-1] - centres[0]) / max(1, len(centres) - 1) / 2 or 0.5
    return float(centres[0] - half), float(centres[-1] + half)


def _when(frame: xr.Dataset) -> str:
    time = frame["time"].values
    if np.issubdtype(time.dtype, np.datetime64):
        return str(time.astype("datetime64[m]")).replace("T", " ").removesuffix(" 00:00")
    unit = str(frame.attrs.get("time_unit", "1"))
    return f"time {duration(float(time), unit)}"


def _bracket(unit: str) -> str:
    return "" if unit in ("1", "") else f" [{pretty(unit)}]"


def spectrum(found: Inspection) -> str:
    """Kinetic energy by wavenumber, the fitted slope and two reference slopes."""
    shown = np.isfinite(found.energy) & (found.energy > 0)
    if shown.sum() < 2:
        return ""
    length = found.report["grid"]["length_unit"]
    scale, unit = (KILOMETRE, "km") if length == "m" else (1.0, length)
    k, energy = found.wavenumber[shown] * scale, found.energy[shown] / scale
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(*SMALL)
        axes = figure.subplots()
        axes.loglog(k, energy, color=COLOURS[0], lw=1.8, label="kinetic energy")
        if found.slope is not None:
            _fit(axes, found, scale)
        top, bottom = energy.max(), max(energy.min(), energy.max() * 1e-9)
        axes.set_ylim(bottom / 3, top * 5)
        axes.set_xlabel(f"wavenumber k [rad{'' if unit == '1' else f'/{unit}'}]")
        speed = pretty(found.report["velocity_unit"])
        per = "" if unit == "1" else f" {unit}"
        axes.set_ylabel("E(k)" if speed == "1" else f"E(k) [({speed})²{per}]")
        above = axes.secondary_xaxis("top", functions=(_wavelength, _wavelength))
        above.set_xlabel(f"wavelength{_bracket(unit)}")
        for axis in (axes.xaxis, above.xaxis):
            _few_ticks(axis)
        axes.legend(loc="lower left", frameon=False)
    return as_svg(figure, "spectrum", "Kinetic energy spectrum with the fitted slope")


def _wavelength(k: Any) -> np.ndarray:
    return 2 * np.pi / np.maximum(np.asarray(k, float), 1e-300)


def _few_ticks(axis: Axis) -> None:
    """Plain numbers at 1, 2 and 5 of every decade, or at 1 where there are many decades."""
    low, high = sorted(axis.get_view_interval())
    narrow = high / max(low, 1e-300) < 200
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _fit(axes: Axes, found: Inspection, scale: float) -> None:
    slope = found.slope
    assert slope is not None
    first, last = (k * scale for k in slope.wavenumbers)
    ends, level = np.array([first, last]), slope.level / scale
    axes.axvspan(first, last, color=FIT, alpha=0.08, lw=0)
    axes.plot(
        ends, level * (ends / first) ** slope.slope, color=FIT, lw=2.4, alpha=0.9,
        label=f"slope {slope.slope:.2f}",
    )  # fmt: skip
    beyond = np.array([first / 1.5, 1.5 * last])
    for power, name, dashes in POWERS:
        axes.plot(beyond, 4 * level * (beyond / first) ** power, dashes, color=REFERENCE, lw=1.3,
                  label=name)  # fmt: skip


def persistence(found: Inspection) -> str:
    """Error of the forecast "as now" against lead time, in standard deviations of the flow."""
    errors = [entry for entry in found.report["persistence"] if entry["relative"] is not None]
    if not errors:
        return ""
    days = found.report["times"]["time_unit"] == "s" and errors[-1]["time"] >= 2 * DAY
    unit = "days" if days else found.report["times"]["time_unit"]
    time = [entry["time"] / (DAY if days else 1) for entry in errors]
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(*SMALL)
        axes = figure.subplots()
        axes.axhline(1, color=REFERENCE, lw=1.2, ls="--", label="the flow's own variation")
        relative = [entry["relative"] for entry in errors]
        axes.plot([0, *time], [0, *relative], "o-", color=COLOURS[0], lw=1.8, ms=5,
                  label="persistence")  # fmt: skip
        axes.set_xlim(0, 1.04 * time[-1])
        axes.set_ylim(0, 1.12 * max(1.0, *relative))
        axes.set_xlabel("lead time" if unit == "1" else f"lead time [{unit}]")
        axes.set_ylabel("RMSE / standard deviation")
        axes.legend(loc="lower right", frameon=False)
    return as_svg(figure, "persistence", "Error of persistence against lead time")


def time_line(found: Inspection) -> str:
    """When there are frames, and where they are missing."""
    axis = found.specimen.times
    times, usual = axis.distinct, axis.usual
    if usual is None:
        return ""
    days = axis.unit == "s" and usual >= DAY / 2
    scale, unit = (DAY, "days") if days else (1.0, axis.unit)
    place = matplotlib.dates.date2num(times) if axis.dated else times.astype(float) / scale
    step = usual / (DAY if axis.dated else scale)
    edges = np.flatnonzero(np.diff(place) > 1.5 * step) + 1
    starts, ends = place[np.r_[0, edges]], place[np.r_[edges - 1, len(place) - 1]]
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(10.4, 0.95)
        axes = figure.subplots()
        present = [(a - step / 2, b - a + step) for a, b in zip(starts, ends, strict=True)]
        absent = [(b + step / 2, a - b - step) for a, b in zip(starts[1:], ends[:-1], strict=True)]
        axes.broken_barh(present, (0, 1), color=COLOURS[0], lw=0)
        axes.broken_barh(absent, (0, 1), facecolor="white", edgecolor=MISSING, hatch="////", lw=1)
        axes.set_ylim(-0.15, 1.15)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines["left"].set_visible(False)
        if axis.dated:
            locator = matplotlib.dates.AutoDateLocator()
            axes.xaxis.set_major_locator(locator)
            axes.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
        else:
            axes.set_xlabel(f"time{_bracket(unit)}")
    return as_svg(figure, "times", "Times of the frames; hatched where frames are missing")


def histogram(found: Inspection) -> str:
    """How often each velocity occurs, beside normal distributions of the same mean and spread."""
    samples, statistics = found.samples, found.statistics
    if samples is None or statistics is None or not samples.counts.any():
        return ""
    width = np.diff(samples.edges)
    middle = samples.edges[:-1] + width / 2
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(*SMALL)
        axes = figure.subplots()
        lowest = 1.0
        for n, (colour, name) in enumerate(zip(COLOURS, ("u", "v"), strict=False)):
            density = samples.counts[n] / samples.counts[n].sum() / width
            lowest = min(lowest, density[density > 0].min() / density.max())
            axes.step(middle, np.where(density > 0, density, np.nan), where="mid", color=colour,
                      lw=1.7, ls="-" if n == 0 else "--", label=name)  # fmt: skip
            mean, std = (float(statistics[key][n]) for key in ("mean", "std"))
            if std > 0:
                normal = np.exp(-0.5 * ((middle - mean) / std) ** 2) / (std * math.sqrt(2 * np.pi))
                axes.plot(middle, normal, ":", color=colour, lw=1.1)
        axes.set_yscale("log")
        top = axes.get_ylim()[1]
        axes.set_ylim(top * max(lowest, 1e-6) / 4, top * 2)
        axes.set_xlabel(f"velocity component{_bracket(found.report['velocity_unit'])}")
        axes.set_ylabel("probability density")
        axes.plot([], [], ":", color=REFERENCE, label="normal")
        axes.legend(loc="upper right", frameon=False)
    return as_svg(figure, "histogram", "Histogram of both velocity components")
