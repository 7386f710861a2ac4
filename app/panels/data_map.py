"""The map on which a patch is drawn: speed, land, coordinates, and the box."""

from collections.abc import Callable
from html import escape

import numpy as np
from bokeh.events import SelectionGeometry
from bokeh.models import (
    BoxAnnotation,
    BoxSelectTool,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    Range1d,
)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from symdyn_core.datasets.patches import Overview, Patch

from ..wording import number, unit

LAND = "#8d8d86"

WIDTH, AROUND = 420, 60
"""Of the map on a laptop, and of axes around it [pixels]."""


class PatchMap:
    """A figure of an overview; a box that is dragged on it calls ``drawn`` with sides in cells.

    One figure serves all flows: one that takes the place of another breaks the layout of pages.

    Args:
        drawn: called with ((left, right), (bottom, top)).
    """

    def __init__(self, drawn: Callable[[tuple[float, float], tuple[float, float]], None]):
        self.drawn = drawn
        self.seen: Overview | None = None
        self.box = BoxAnnotation(
            left=0, right=1, bottom=0, top=1, fill_color="#ffffff", fill_alpha=0.12,
            line_color="#ffffff", line_width=3, line_alpha=1.0,
        )  # fmt: skip
        self.colours = LinearColorMapper(Viridis256, low=0.0, high=1.0, nan_color=LAND)
        self.source = ColumnDataSource({name: [] for name in ("image", "x", "y", "dw", "dh")})
        self.hover = HoverTool()
        self.figure = self._figure()
        self.figure.on_event(SelectionGeometry, self._dragged)

    def look_at(self, seen: Overview) -> str:
        """Show another flow; returns what the colours mean, as HTML."""
        self.seen = seen
        (west, east), (south, north) = seen.x, seen.y
        values = seen.speed[np.isfinite(seen.speed)]
        high = (float(np.quantile(values, 0.995)) if values.size else 0.0) or 1.0
        title = f"mean speed [{unit(seen.unit)}]" if seen.unit else "mean speed"
        made = self.figure
        self.colours.high = high
        made.x_range.update(start=west, end=east)
        made.y_range.update(start=south, end=north)
        made.xaxis.axis_label, made.yaxis.axis_label = seen.labels
        # A degree of longitude is shorter than one of latitude; long cells keep a height to aim at.
        middle = float(np.cos(np.radians((south + north) / 2))) if seen.degrees else 1.0
        ratio = (north - south) / ((east - west) * middle)
        made.height = int(min(430, max(190, WIDTH * ratio + AROUND)))
        self.hover.tooltips = [
            (seen.labels[0], "$x{0.00}"), (seen.labels[1], "$y{0.00}"), (title, "@image{0.000}"),
        ]  # fmt: skip
        self.source.data = {
            "image": [seen.speed], "x": [west], "y": [south], "dw": [east - west],
            "dh": [north - south],
        }  # fmt: skip
        return _key(title, high)

    def show(self, patch: Patch) -> None:
        """Put the box where the patch is."""
        left, right = self._place("x", patch.x, patch.nx)
        bottom, top = self._place("y", patch.y, patch.ny)
        self.box.update(left=left, right=right, bottom=bottom, top=top)

    def _figure(self):
        made = figure(
            tools="", toolbar_location=None, sizing_mode="stretch_width", height=260,
            min_width=220, x_range=Range1d(0, 1), y_range=Range1d(0, 1), x_axis_label="x",
            y_axis_label="y", background_fill_color=LAND,
        )  # fmt: skip
        image = made.image(
            image="image", x="x", y="y", dw="dw", dh="dh", source=self.source,
            color_mapper=self.colours,
        )  # fmt: skip
        made.add_layout(self.box)
        drag = BoxSelectTool(continuous=False)
        self.hover.renderers = [image]
        made.add_tools(drag, self.hover)
        made.toolbar.active_drag = drag
        made.grid.visible = False
        return made

    def _dragged(self, event: SelectionGeometry) -> None:
        geometry = event.geometry
        if self.seen is None or not event.final or geometry.get("type") != "rect":
            return
        x, y = (
            (self._cell(axis, geometry[f"{axis}0"]), self._cell(axis, geometry[f"{axis}1"]))
            for axis in "xy"
        )
        self.drawn(x, y)

    def _cell(self, axis: str, place: float) -> float:
        low, size = self._scale(axis)
        return (float(place) - low) / size

    def _place(self, axis: str, first: int, cells: int) -> tuple[float, float]:
        low, size = self._scale(axis)
        return low + first * size, low + (first + cells) * size

    def _scale(self, axis: str) -> tuple[float, float]:
        """Low edge of an axis, and the length of a cell on it."""
        low, high = self.seen.x if axis == "x" else self.seen.y
        return low, (high - low) / self.seen.cells[1 if axis == "x" else 0]


def _key(title: str, high: float) -> str:
    """What the colours mean."""
    colours = ", ".join(Viridis256[::32])
    return (
        f'<div class="colours">{escape(title)}: <span>0</span><i role="img" aria-label="from dark '
        f'to light" style="background:linear-gradient(to right, {colours})"></i>'
        f'<span>{number(high)}</span> <i class="land"></i> land</div>'
    )
