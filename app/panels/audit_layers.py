"""Where a network loses a symmetry: errors of its layers as a heat map, Lie derivatives as bars."""

import math

from bokeh.models import ColumnDataSource, FactorRange, HoverTool, LinearColorMapper
from bokeh.palettes import Cividis256

from symdyn_core.symmetries import named

from ..audits import Inside
from ..wording import percent
from .figures import COLOUR_A, COLOUR_B, bare_figure, quiet_legend

LOWEST, HIGHEST = -8.0, 0.5
"""Decades of error between the end colours."""


def layer_heat(inside: Inside):
    """Layer by symmetry: dark keeps it, bright has lost it; a frame where it is lost first."""
    rows = inside.layers
    layers = list(dict.fromkeys(row.layer for row in rows))
    symmetries = dict.fromkeys(row.symmetry for row in rows)
    titles = {name: named(name).title.split(" (")[0] for name in symmetries}
    made = bare_figure("Equivariance error of the features, layer by layer", "", "")
    made.x_range = FactorRange(
        factors=[titles[name] for name in dict.fromkeys(r.symmetry for r in rows)]
    )
    made.y_range = FactorRange(factors=[_short(layer) for layer in reversed(layers)])
    lost = inside.lost_at or {}
    source = ColumnDataSource(
        {
            "symmetry": [titles[row.symmetry] for row in rows],
            "layer": [_short(row.layer) for row in rows],
            "path": [row.layer for row in rows],
            "kind": [f"{row.kind}, {row.channels} channels" for row in rows],
            "decade": [math.log10(max(row.error_median, 10.0**LOWEST)) for row in rows],
            "error": [percent(row.error_median) for row in rows],
            "way": [row.representation for row in rows],
            "edge": ["#e8731a" if lost.get(r.symmetry) == r.layer else None for r in rows],
        }
    )
    colours = LinearColorMapper(palette=Cividis256, low=LOWEST, high=HIGHEST)
    cells = made.rect(
        "symmetry", "layer", width=0.94, height=0.9, source=source, line_color="edge",
        line_width=3, fill_color={"field": "decade", "transform": colours},
    )  # fmt: skip
    rows_shown = [("layer", "@path (@kind)"), ("error", "@error"), ("transforms as", "@way")]
    made.add_tools(HoverTool(renderers=[cells], tooltips=rows_shown))
    made.xaxis.major_label_orientation = 0.5
    made.grid.visible = False
    return made


def lie_bars(inside: Inside):
    """What each layer adds to the Lie derivative along shifts, and how much of it is its edges."""
    rows = [row for row in inside.layer_lie if row.parameter == "eastward shift"]
    made = bare_figure("What each layer adds under shifts (Lie derivative)", "relative size", "")
    made.y_range = FactorRange(factors=[_short(row.layer) for row in reversed(rows)])
    source = ColumnDataSource(
        {
            "layer": [_short(row.layer) for row in rows],
            "path": [row.layer for row in rows],
            "whole": [row.lie_median for row in rows],
            "inside": [0.0 if math.isnan(r.interior_median) else r.interior_median for r in rows],
            "text": [percent(row.lie_median) for row in rows],
            "inner": [percent(row.interior_median) for row in rows],
        }
    )
    bars = made.hbar(
        "layer", right="whole", height=0.8, source=source, color=COLOUR_B, alpha=0.55,
        legend_label="with edges",
    )  # fmt: skip
    made.hbar(
        "layer", right="inside", height=0.45, source=source, color=COLOUR_A, legend_label="inside"
    )
    shown = [("layer", "@path"), ("with edges", "@text"), ("inside", "@inner")]
    made.add_tools(HoverTool(renderers=[bars], tooltips=shown))
    made.x_range.start = 0
    quiet_legend(made, "bottom_right")
    return made


def _short(layer: str) -> str:
    """The end of a path: long ones do not fit beside a figure."""
    return layer if len(layer) <= 26 else f"…{layer[-25:]}"
