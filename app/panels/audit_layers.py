"""Where a network loses a symmetry: errors of its layers as a heat map, Lie derivatives as bars."""

import math
from collections import Counter
from collections.abc import Iterable

from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    FactorRange,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
)
from bokeh.palettes import Cividis256

from symdyn_core.symmetries import named

from ..audits import Inside
from ..wording import percent
from .figures import COLOUR_A, COLOUR_B, bare_figure, quiet_legend
from .sizes import lines

LOWEST, HIGHEST = -8.0, 0.5
"""Decades of error between the end colours."""

GROWTH = 0.2
"""Share of the height that large windows have to spare by which each of the figures is higher."""

LONGEST = 24
"""Letters of a name beside a figure."""

HEAT_COLUMNS = ("symmetry", "layer", "path", "kind", "decade", "error", "way", "edge")
BAR_COLUMNS = ("layer", "path", "kind", "whole", "inside", "text", "inner")


class LayerHeat:
    """Layer by symmetry: dark keeps it, bright has lost it; a frame where it is lost first."""

    def __init__(self):
        self.source = ColumnDataSource({name: [] for name in HEAT_COLUMNS})
        made = bare_figure("", "", "", x_range=FactorRange(), y_range=FactorRange())
        colours = LinearColorMapper(palette=Cividis256, low=LOWEST, high=HIGHEST)
        cells = made.rect(
            "symmetry", "layer", width=0.94, height=0.9, source=self.source, line_color="edge",
            line_width=3, fill_color={"field": "decade", "transform": colours},
        )  # fmt: skip
        rows = [("layer", "@path (@kind)"), ("error", "@error"), ("features are", "@way")]
        made.add_tools(HoverTool(renderers=[cells], tooltips=rows))
        decades = [-8, -6, -4, -2, 0]
        bar = ColorBar(
            color_mapper=colours, width=8, ticker=FixedTicker(ticks=decades), padding=4,
            major_label_overrides={decade: percent(10.0**decade) for decade in decades},
            background_fill_alpha=0, bar_line_color=None,
        )  # fmt: skip
        made.add_layout(bar, "right")
        made.xaxis.major_label_orientation = 0.5
        made.grid.visible = False
        self.figure = made

    def update(self, inside: Inside) -> None:
        """Show the errors of another model."""
        rows, lost = inside.layers, inside.lost_at or {}
        titles = {row.symmetry: named(row.symmetry).title.split(" (")[0] for row in rows}
        names = short_names(dict.fromkeys(row.layer for row in rows))
        self.figure.x_range.factors = list(titles.values())
        self.figure.y_range.factors = list(names.values())[::-1]
        self.figure.styles = lines(len(names), GROWTH)
        self.source.data = {
            "symmetry": [titles[row.symmetry] for row in rows],
            "layer": [names[row.layer] for row in rows],
            "path": [row.layer for row in rows],
            "kind": [f"{row.kind}, {row.channels} channels" for row in rows],
            "decade": [math.log10(max(row.error_median, 10.0**LOWEST)) for row in rows],
            "error": [percent(row.error_median) for row in rows],
            "way": [row.representation for row in rows],
            "edge": [COLOUR_B if lost.get(r.symmetry) == r.layer else None for r in rows],
        }


class LieBars:
    """What each layer adds to the Lie derivative along shifts, and how much of it is its edges."""

    def __init__(self):
        self.source = ColumnDataSource({name: [] for name in BAR_COLUMNS})
        made = bare_figure("", "relative size", "", y_range=FactorRange())
        bars = made.hbar(
            "layer", right="whole", height=0.8, source=self.source, color=COLOUR_B, alpha=0.55,
            legend_label="with edges",
        )  # fmt: skip
        made.hbar(
            "layer", right="inside", height=0.45, source=self.source, color=COLOUR_A,
            legend_label="away from edges",
        )  # fmt: skip
        shown = [("layer", "@path (@kind)"), ("with edges", "@text"), ("away from edges", "@inner")]
        made.add_tools(HoverTool(renderers=[bars], tooltips=shown))
        made.x_range.start = 0
        quiet_legend(made, "center")
        made.legend.orientation = "horizontal"
        made.add_layout(made.legend[0], "above")
        made.ygrid.visible = False
        self.figure = made

    def update(self, inside: Inside) -> None:
        """Show what the layers of another model add."""
        rows = [row for row in inside.layer_lie if row.parameter == "eastward shift"]
        names = short_names(dict.fromkeys(row.layer for row in rows))
        self.figure.y_range.factors = list(names.values())[::-1]
        self.figure.styles = lines(len(names), GROWTH)
        self.source.data = {
            "layer": [names[row.layer] for row in rows],
            "path": [row.layer for row in rows],
            "kind": [row.kind for row in rows],
            "whole": [row.lie_median for row in rows],
            "inside": [0.0 if math.isnan(r.interior_median) else r.interior_median for r in rows],
            "text": [percent(row.lie_median) for row in rows],
            "inner": [percent(row.interior_median) for row in rows],
        }


def short_names(layers: Iterable[str]) -> dict[str, str]:
    """Names that fit beside a figure: the last parts of paths, whole ones.

    A path is whole where that of another layer would end alike.
    """
    without = {layer: layer.removeprefix("network.") for layer in layers}
    ends = {layer: _end(name) for layer, name in without.items()}
    alike = [end for end, count in Counter(ends.values()).items() if count > 1]
    return {layer: without[layer] if end in alike else end for layer, end in ends.items()}


def _end(path: str) -> str:
    """As many of the last parts of a path as fit, one at least."""
    parts = path.split(".")
    while len(parts) > 1 and 1 + len(".".join(parts)) > LONGEST:
        del parts[0]
    end = ".".join(parts)
    return path if len(path) <= LONGEST or end == path else f"…{end}"
