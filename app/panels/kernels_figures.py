"""Figures beneath the filters: their basis with coefficients, and the constraint along a group."""

import math

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d, Span

from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, SIGNED, bare_figure

SMALLEST, LARGEST = 1e-9, 10.0
"""Residuals between the edges of the figure; below the first there is rounding alone."""

TILE = 0.86
"""Side of a tile of a basis function, in places along the axis."""

PLACES = 6
"""As many places fill the width; where there are more functions, tiles are smaller."""

SHAPE = 3.0
"""Width of the tiles with their bars over the height."""


class BasisFigure:
    """Basis functions as tiles, and above each its coefficient as a bar that swings."""

    def __init__(self):
        self.tiles = ColumnDataSource({"image": [], "x": [], "y": [], "size": []})
        self.bars = ColumnDataSource({"x": [], "top": [], "colour": [], "text": [], "of": []})
        made = bare_figure("", "", "")
        made.x_range, made.y_range = Range1d(), Range1d()
        made.axis.visible = made.grid.visible = False
        made.update(min_border=2, outline_line_color=None)
        colours = LinearColorMapper(palette=SIGNED, low=-1, high=1)
        made.image(
            "image", x="x", y="y", dw="size", dh="size", source=self.tiles, color_mapper=colours
        )
        bars = made.vbar(
            "x", top="top", width=0.3, source=self.bars, fill_color="colour", line_color=None
        )
        made.add_layout(Span(location=0, dimension="width", line_color=COLOUR_TRUTH))
        made.add_tools(HoverTool(renderers=[bars], tooltips=[("@of", "@text")]))
        self.figure = made

    def update(self, basis: np.ndarray, weights: np.ndarray, limit: float) -> None:
        """Functions (n, ky, kx) with coefficients (n,), or (2, n) for vectors."""
        count = len(basis)
        largest = np.abs(basis).max() or 1.0
        swing = self._room(count)
        self.tiles.data = {
            "image": [tile / largest for tile in basis],
            "x": [n - TILE / 2 for n in range(count)],
            "y": [-swing - TILE] * count,
            "size": [TILE] * count,
        }
        parts = np.atleast_2d(weights)
        places = [0.0] if len(parts) == 1 else [-0.17, 0.17]
        self.bars.data = {
            "x": [n + shift for shift in places for n in range(count)],
            "top": (0.9 * swing * parts / limit).ravel().tolist(),
            "colour": [c for c in (COLOUR_A, COLOUR_B)[: len(parts)] for _ in range(count)],
            "text": [f"{value:.3g}" for value in parts.ravel()],
            "of": [
                f"{name}{n + 1}"
                for name in (("coefficient ",) if len(parts) == 1 else ("u ", "v "))
                for n in range(count)
            ],
        }

    def _room(self, count: int) -> float:
        """Set the ranges so that tiles are square; how far a bar may swing above them."""
        wide = max(count, PLACES) + 0.2
        swing = (wide / SHAPE - TILE) / 2
        self.figure.x_range.update(start=-0.6, end=wide - 0.6)
        self.figure.y_range.update(start=-swing - TILE, end=swing)
        return swing


class ConstraintCurves:
    """Residuals of the layer of A and of its counterpart in B along the parameter."""

    def __init__(self):
        self.sources = {name: ColumnDataSource({"x": [], "y": []}) for name in "ab"}
        made = bare_figure("", "", "constraint error", y_axis_type="log")
        made.y_range, made.x_range = Range1d(SMALLEST, LARGEST), Range1d(0, 360)
        for name, colour in zip("ab", (COLOUR_A, COLOUR_B), strict=True):
            source = self.sources[name]
            line = made.line("x", "y", source=source, color=colour, line_width=2.2)
            made.scatter("x", "y", source=source, color=colour, size=4)
            rows = [("at", "@x{0.##}"), (f"error of {name.upper()}", "@y{0.0e+0}")]
            made.add_tools(HoverTool(renderers=[line], tooltips=rows))
        self.here = Span(location=0, dimension="height", line_color=COLOUR_TRUTH, line_width=2)
        made.add_layout(self.here)
        self.figure = made

    def update(self, values: dict[str, list[float]], places: tuple[float, ...], label: str) -> None:
        """Curves of another pair of layers."""
        for name, source in self.sources.items():
            known = [
                (x, max(y, SMALLEST * 2))
                for x, y in zip(places, values.get(name, []), strict=False)
                if math.isfinite(y)
            ]
            source.data = {"x": [x for x, _ in known], "y": [y for _, y in known]}
        self.figure.x_range.update(start=min(places), end=max(places))
        self.figure.xaxis.axis_label = label
