"""Figures of an audit: errors at a glance, along each group, and the worst case as pictures."""

import math
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from symdyn_core.experiments.worst_case import WorstCase
from symdyn_core.plots.style import COLOURS, DIVERGING, REFERENCE, pretty
from symdyn_core.plots.svg import SETTINGS, as_svg, new_figure
from symdyn_core.plots.svg_maps import colour_bar, framed, speed_map, speed_of
from symdyn_core.symmetries import Symmetry

OURS, OTHER = COLOURS[0], COLOURS[1]
"""Colours of the audited model and of the one it is compared with."""

BELOW_ROUNDING = 1e-4
"""Errors of zero are drawn at this share of what counts as rounding."""

ROUNDING = {"float32": 1e-5, "float64": 1e-10}
"""Errors up to this are rounding."""


def overview(report: dict, symmetries: Sequence[Symmetry]) -> str:
    """The largest median error of every symmetry, with its interval; data asymmetry beside it."""
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(7.4, 0.75 + 0.36 * len(symmetries))
        axes = figure.subplots()
        places = {symmetry.name: -n for n, symmetry in enumerate(symmetries)}
        reports = [report, *([report["against"]] if "against" in report else [])]
        for n, (one, colour) in enumerate(zip(reports, (OURS, OTHER), strict=False)):
            _worst_medians(axes, one, places, colour, 0.14 * (n - (len(reports) - 1) / 2))
        _asymmetries(axes, report, places)
        axes.set_xscale("log")
        rounding = ROUNDING[report["dtype"]]
        axes.set_xlim(rounding * BELOW_ROUNDING / 3, 4.0)
        axes.axvspan(axes.get_xlim()[0], rounding, color="#009E73", alpha=0.08, lw=0)
        axes.set_yticks(list(places.values()), [symmetry.title for symmetry in symmetries])
        axes.set_ylim(-len(places) + 0.5, 0.5)
        axes.set_xlabel("equivariance error at the worst element (green: rounding)")
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside upper center", ncols=4, frameon=False)
    return as_svg(figure, "overview", "Equivariance error of every symmetry")


def _worst_medians(axes: Axes, report: dict, places: dict, colour: str, offset: float) -> None:
    label = report["model"]
    for name, place in places.items():
        rows = [row for row in report["rows"] if row["symmetry"] == name]
        if not rows:
            continue
        row = max(rows, key=lambda row: row["error_median"])
        middle, low, high = (
            max(row[key], _smallest(report))
            for key in ("error_median", "error_median_low", "error_median_high")
        )
        if not math.isnan(row["error_median_low"]):
            axes.plot([low, high], [place - offset] * 2, color=colour, lw=3, alpha=0.35)
        axes.plot(middle, place - offset, "o", ms=5, color=colour, label=label)
        label = ""


def _asymmetries(axes: Axes, report: dict, places: dict) -> None:
    label = "data asymmetry, same element"
    for name, place in places.items():
        rows = [row for row in report["rows"] if row["symmetry"] == name]
        if not rows:
            continue
        value = max(rows, key=lambda row: row["error_median"])["data_asymmetry"]
        if not math.isnan(value):
            drawn = max(value, _smallest(report))
            axes.plot(drawn, place, "D", ms=4.5, mfc="none", color=REFERENCE, label=label)
            label = ""


def _smallest(report: dict) -> float:
    """Where an error of zero is drawn on a logarithmic axis."""
    return ROUNDING[report["dtype"]] * BELOW_ROUNDING


def curve(report: dict, symmetry: Symmetry) -> str:
    """Errors of one symmetry along its first parameter."""
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(3.7, 2.65)
        axes = figure.subplots()
        reports = [report, *([report["against"]] if "against" in report else [])]
        for one, colour, marker in zip(reports, (OURS, OTHER), "os", strict=False):
            _error_curve(axes, _along(one, symmetry), colour, marker, _smallest(report))
        rows = _along(report, symmetry)
        x = [_first(row) for row in rows]
        asymmetry = _values(rows, "data_asymmetry", _smallest(report))
        axes.plot(x, asymmetry, "--", lw=1.2, color=REFERENCE)
        _decades(axes)
        if symmetry.name in ("magnitude", "scaling"):
            axes.set_xscale("log")
            ticks = sorted({round(place, 2) for place in x})
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
        parameter = symmetry.parameters[0]
        unit = "" if parameter.unit == "1" else f" [{pretty(parameter.unit)}]"
        axes.set_xlabel(f"{parameter.label}{unit}")
        axes.set_title(symmetry.title, loc="left")
    return as_svg(figure, f"curve-{symmetry.name}", f"Equivariance error under {symmetry.title}")


def _along(report: dict, symmetry: Symmetry) -> list[dict]:
    rows = [row for row in report["rows"] if row["symmetry"] == symmetry.name]
    return sorted(rows, key=_first)


def _first(row: dict) -> float:
    element = row["element"]
    return element[0] if isinstance(element, list) else element


def _values(rows: list[dict], key: str, smallest: float) -> np.ndarray:
    return np.maximum(np.array([row[key] for row in rows], float), smallest)


def _decades(axes: Axes) -> None:
    """A logarithmic axis of whole decades, three at least, which all curves lie in."""
    drawn = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    values = np.concatenate([np.ones(1), *drawn])
    values = values[np.isfinite(values)]
    low = min(math.floor(math.log10(values.min())), -3)
    axes.set_yscale("log")
    axes.set_ylim(0.7 * 10.0**low, max(1.5, 1.5 * values.max()))
    decades = range(low, 1)
    axes.set_yticks([10.0**n for n in decades if n % max(1, len(decades) // 4) == 0])
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())


def _error_curve(axes: Axes, rows: list[dict], colour: str, marker: str, smallest: float) -> None:
    x = [_first(row) for row in rows]
    low, high, largest, median = (
        _values(rows, key, smallest)
        for key in ("error_median_low", "error_median_high", "error_max", "error_median")
    )
    axes.fill_between(x, low, high, color=colour, alpha=0.22, lw=0)
    axes.plot(x, largest, ":", lw=1.0, color=colour)
    axes.plot(x, median, "-", marker=marker, ms=3.5, lw=1.4, color=colour)


def pictures(case: WorstCase, unit: str) -> str:
    """Both sides of f(g w) = g f(w) as maps: speed with arrows, and the difference."""
    with matplotlib.rc_context(SETTINGS):
        figure = new_figure(11.2, 2.4)
        maps = figure.subplots(1, 5)
        shown = (case.flow, case.transformed, case.forecast, case.expected)
        titles = (r"$w$, now", r"$g\,w$, now", r"$f(g\,w)$", r"$g\,f(w)$")
        fastest = max(float(np.nanmax(speed_of(w), initial=0.0)) for w in shown[1:])
        for axes, w, title in zip(maps, shown, titles, strict=False):
            scale = speed_of(case.flow) if w is case.flow else None
            top = fastest if scale is None else float(np.nanmax(scale, initial=0.0))
            image = speed_map(axes, w, title, top or 1.0)
        colour_bar(figure, image, maps[3], f"speed{unit}")
        axes = maps[4]
        size = speed_of(case.difference)
        top = float(np.nanmax(size, initial=0.0)) or 1.0
        image = axes.imshow(size, origin="lower", cmap="magma", vmin=0, vmax=top,
                            interpolation="nearest")  # fmt: skip
        framed(axes, r"$|f(g\,w) - g\,f(w)|$")
        colour_bar(figure, image, axes, f"speed{unit}")
    return as_svg(figure, "pictures", "Both sides of the equation for the worst window")


def heat(value: float) -> tuple[str, str]:
    """(background, ink) of a number in a table of errors: white up to 1e-6, red from 1 on."""
    if math.isnan(value):
        return "#ffffff", "#9aa2aa"
    share = min(1.0, max(0.0, (math.log10(max(value, 1e-6)) + 6) / 6))
    colour = matplotlib.colormaps[DIVERGING](0.5 + 0.42 * share)
    light = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]
    return matplotlib.colors.to_hex(colour), "#14181c" if light > 0.55 else "#ffffff"
