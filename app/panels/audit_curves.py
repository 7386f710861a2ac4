"""Equivariance error along the parameter of a symmetry: as a line, and for angles around a dial."""

import math
from collections.abc import Callable

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LogAxis, LogScale, Range1d, TapTool

from symdyn_core.grid import Element
from symdyn_core.symmetries import Symmetry

from ..audits import Curve
from ..elements import as_tuple
from ..wording import percent
from .figures import COLOUR_TRUTH, COLOURS, bare_figure, quiet_legend

SMALLEST = 1e-8
"""Errors below this are drawn there: rounding has no meaning beyond it."""

LARGEST = 10.0

DECADES = int(math.log10(LARGEST / SMALLEST))

Open = Callable[[str, Element, tuple[int, int] | None], None]
"""What a click on a point does: (model, element, (member, now) of its worst window)."""


class AuditCurves:
    """One curve for each model, and the grey floor of interpolation."""

    def __init__(self, open_sample: Open):
        self.open_sample = open_sample
        self.sources: dict[str, ColumnDataSource] = {}
        self.floor = ColumnDataSource({"x": [], "y": []})

    def figure(self, symmetry: Symmetry, titles: dict[str, str], polar: bool):
        """An empty figure for a symmetry and some models (name: title)."""
        parameter = symmetry.parameters[0]
        label = (
            f"{parameter.label} [{parameter.unit}]" if parameter.unit != "1" else parameter.label
        )
        made = _dial() if polar else _plane(label, symmetry.name in ("magnitude", "scaling"))
        self.polar = polar
        self.floor = ColumnDataSource({"x": [], "y": []})
        made.line(
            "x", "y", source=self.floor, color=COLOUR_TRUTH, line_width=2, line_dash="dashed",
            legend_label="interpolation alone",
        )  # fmt: skip
        self.sources = {}
        dots = []
        for (name, title), colour in zip(titles.items(), COLOURS, strict=False):
            source = self.sources[name] = ColumnDataSource(_columns(Curve(), name, polar))
            made.line("x", "y", source=source, color=colour, line_width=2.2, legend_label=title)
            dots.append(
                made.scatter(
                    "x", "y", source=source, size=9, color=colour, legend_label=title,
                    nonselection_alpha=1.0,
                )
            )  # fmt: skip
            source.selected.on_change("indices", self._clicker(name))
        rows = [("element", "@element"), ("error", "@error"), ("95 % interval", "@interval")]
        rows += [("compared cells", "@share"), ("click", "open the worst window in Explore")]
        made.add_tools(HoverTool(renderers=dots, tooltips=rows), TapTool(renderers=dots))
        quiet_legend(made, "top_right" if polar else "bottom_right")
        return made

    def update(self, curves: dict[str, Curve]) -> None:
        """Show what is known so far."""
        longest = max(curves.values(), key=lambda curve: len(curve.rows))
        for name, curve in curves.items():
            self._rows[name] = curve.rows
            self.sources[name].data = _columns(curve, name, self.polar)
        places = [_first(row.element) for row in longest.rows]
        x, y = _at(places, [max(f, SMALLEST) for f in longest.floor], self.polar)
        shown = any(f > 1e-6 for f in longest.floor)
        self.floor.data = {"x": x, "y": y} if shown else {"x": [], "y": []}

    @property
    def _rows(self) -> dict:
        return self.__dict__.setdefault("_known_rows", {})

    def _clicker(self, name: str):
        def clicked(_attribute, _old, new) -> None:
            if not new:
                return
            self.sources[name].selected.indices = []
            row = self._rows[name][new[0]]
            self.open_sample(name, row.element, row.worst)

        return clicked


def _columns(curve: Curve, name: str, polar: bool) -> dict[str, list]:
    rows = curve.rows
    x, y = _at(
        [_first(row.element) for row in rows], [max(r.error_median, SMALLEST) for r in rows], polar
    )
    low_high = [(row.error_median_low, row.error_median_high) for row in rows]
    return {
        "x": x,
        "y": y,
        "element": [", ".join(f"{v:g}" for v in as_tuple(row.element)) for row in rows],
        "error": [percent(row.error_median) for row in rows],
        "interval": [f"{percent(low)} to {percent(high)}" for low, high in low_high],
        "share": [f"{row.valid_share:.0%}" for row in rows],
    }


def _first(element: Element) -> float:
    return as_tuple(element)[0]


def _at(places: list[float], errors: list[float], polar: bool) -> tuple[list, list]:
    """Positions in the figure; on a dial the angle runs counter-clockwise from the right."""
    if not polar:
        return places, errors
    radius = np.log10(np.asarray(errors, dtype=float) / SMALLEST)
    angle = np.radians(np.asarray(places, dtype=float))
    return (radius * np.cos(angle)).tolist(), (radius * np.sin(angle)).tolist()


def _plane(label: str, logarithmic: bool):
    made = bare_figure("", label, "equivariance error")
    if logarithmic:
        made = bare_figure("", label, "equivariance error", logarithmic=True)
    else:
        made.y_scale = LogScale()
        made.left = [LogAxis(axis_label="equivariance error")]
    made.y_range = Range1d(SMALLEST / 2, LARGEST)
    return made


def _dial():
    """Circles for decades of the error, rays for every 30 degrees."""
    edge = DECADES + 0.9
    made = bare_figure("", "", "")
    made.match_aspect = True
    made.x_range, made.y_range = Range1d(-edge * 1.5, edge * 1.5), Range1d(-edge, edge)
    made.axis.visible = made.grid.visible = False
    decades = np.arange(2, DECADES + 1, 2)
    made.circle(
        x=[0] * len(decades), y=[0] * len(decades), radius=decades.tolist(), fill_alpha=0.0,
        line_color=COLOUR_TRUTH, line_alpha=0.35,
    )  # fmt: skip
    angles = np.radians(np.arange(0, 360, 30))
    made.segment(
        x0=[0] * 12, y0=[0] * 12, x1=(DECADES * np.cos(angles)).tolist(),
        y1=(DECADES * np.sin(angles)).tolist(), line_color=COLOUR_TRUTH, line_alpha=0.25,
    )  # fmt: skip
    style = {"text_font_size": "11px", "text_color": COLOUR_TRUTH, "text_align": "center"}
    made.text(
        x=((DECADES + 0.45) * np.cos(angles)).tolist(),
        y=((DECADES + 0.45) * np.sin(angles)).tolist(),
        text=[f"{degrees}°" for degrees in range(0, 360, 30)],
        text_baseline="middle", **style,
    )  # fmt: skip
    made.text(
        x=(decades * math.cos(1.31)).tolist(), y=(decades * math.sin(1.31)).tolist(),
        text=[percent(SMALLEST * 10.0**decade) for decade in decades], **style,
    )  # fmt: skip
    return made
