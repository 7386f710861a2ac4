"""Pictures of filters: cells of a small square, scalars as colours, vectors as arrows."""

import math

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d

from .figures import COLOUR_B, COLOUR_TRUTH, SIGNED, STRENGTH, bare_figure

ARROW, EDGE = "#1b2733", "#c3cad1"
LONGEST = 0.86
"""Length of the longest arrow [cells]."""

CELL_COLUMNS = ("x", "y", "value", "u", "v", "text")


class Picture:
    """One filter or neighbourhood, with an arrow of its frame and an outline that turns.

    Attributes:
        limit: value at the end of the colours, of vectors their length.
        vectors: whether it shows vectors.
    """

    def __init__(self, title: str):
        self.limit, self.vectors = 1.0, False
        self.cells = ColumnDataSource({name: [] for name in CELL_COLUMNS})
        self.arrows = ColumnDataSource({"xs": [], "ys": []})
        self.frame = ColumnDataSource({"xs": [], "ys": []})
        self.outline = ColumnDataSource({"xs": [], "ys": []})
        self.colours = LinearColorMapper(palette=SIGNED, low=-1, high=1)
        made = bare_figure(title, "", "")
        made.x_range, made.y_range = Range1d(-1.6, 1.6), Range1d(-1.6, 1.6)
        made.axis.visible = made.grid.visible = False
        made.update(min_border=2, outline_line_color=None)
        cells = made.rect(
            "x", "y", width=1, height=1, source=self.cells, line_color=EDGE,
            fill_color={"field": "value", "transform": self.colours},
        )  # fmt: skip
        lines = {"xs": "xs", "ys": "ys", "line_cap": "round"}
        made.multi_line(source=self.arrows, line_color=ARROW, line_width=2.4, **lines)
        made.multi_line(source=self.frame, line_color=COLOUR_B, line_width=4, **lines)
        made.multi_line(
            source=self.outline, line_color=COLOUR_TRUTH, line_width=2, line_dash="dashed", **lines
        )
        rows = [("cell", "@x right, @y up"), ("value", "@text")]
        made.add_tools(HoverTool(renderers=[cells], tooltips=rows))
        self.figure = made

    def show(self, values: np.ndarray, limit: float, half: int) -> None:
        """Scalars (ky, kx) or vectors (2, ky, kx) within a square of half width ``half``."""
        own = values.shape[-1] // 2
        y, x = (part.ravel() for part in np.mgrid[-own : own + 1, -own : own + 1])
        self.limit, self.vectors = limit, (vectors := values.ndim == 3)
        u, v = (part.ravel() for part in values) if vectors else (0 * x, 0 * x)
        colour = np.hypot(u, v) if vectors else values.ravel()
        texts = [f"({a:.3g}, {b:.3g})" for a, b in zip(u, v, strict=True)] if vectors else None
        self.colours.update(
            palette=STRENGTH if vectors else SIGNED, low=0.0 if vectors else -limit, high=limit
        )
        self.cells.data = {
            "x": x, "y": y, "value": colour, "u": u, "v": v,
            "text": texts or [f"{value:.3g}" for value in colour],
        }  # fmt: skip
        self.arrows.data = arrows(x, y, u * LONGEST / limit, v * LONGEST / limit)
        edge = half + 0.6
        for side in (self.figure.x_range, self.figure.y_range):
            side.update(start=-edge, end=edge)

    def turn_outline(self, angle: float | None, half: int, factor: float = 1.0) -> None:
        """The edge of the filter at rest, turned and widened; None for no outline."""
        if angle is None:
            self.outline.data = {"xs": [], "ys": []}
            return
        corners = (half + 0.5) * factor * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1), (1, 1)])
        turned = corners @ _rotation(angle).T
        hand = np.array([(0, 0), ((half + 0.5) * factor, 0)]) @ _rotation(angle).T
        self.outline.data = {
            "xs": [turned[:, 0].tolist(), hand[:, 0].tolist()],
            "ys": [turned[:, 1].tolist(), hand[:, 1].tolist()],
        }

    def point_frame(self, frame: tuple[float, float] | None, limit: float) -> None:
        """The frame of a neighbourhood as an arrow from its middle; None for no frame."""
        if frame is None or math.hypot(*frame) < 1e-3 * limit:
            self.frame.data = {"xs": [], "ys": []}
            return
        u, v = (np.array([part * 2 * LONGEST / limit]) for part in frame)
        self.frame.data = arrows(np.zeros(1) + u / 2, np.zeros(1) + v / 2, u, v)


def arrows(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> dict[str, list]:
    """Lines of arrows (u, v) in the middle of cells: shaft and two barbs in one stroke."""
    shown = np.hypot(u, v) > 0.02
    x, y, u, v = (np.asarray(part, dtype=float)[shown] for part in (x, y, u, v))
    tail, tip = np.stack((x - u / 2, y - v / 2)), np.stack((x + u / 2, y + v / 2))
    barbs = [tip - 0.36 * _rotation(side) @ np.stack((u, v)) for side in (28, -28)]
    path = np.stack((tail, tip, barbs[0], tip, barbs[1]))
    return {"xs": path[:, 0].T.tolist(), "ys": path[:, 1].T.tolist()}


def _rotation(degrees: float) -> np.ndarray:
    angle = math.radians(degrees)
    return np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )  # fmt: skip
