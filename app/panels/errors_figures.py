"""Figures of the errors of all windows: scatter, map, course, distance and histogram."""

import math

import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColorBar,
    ColumnDataSource,
    HoverTool,
    LinearColorMapper,
    TapTool,
)
from bokeh.palettes import Viridis256

from symdyn_core.experiments.window_errors import WindowErrors, rmse_by_distance
from symdyn_core.grid import Grid

from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend

COLOURS = {"a": COLOUR_A, "b": COLOUR_B}

AGAINST = {
    "persistence": "RMSE of persistence: how much the flow changes",
    "speed": "root mean square speed now",
    "ese": "energy spectrum error (ESE) at the last lead",
    "water": "share of water",
    "time": "frame now",
}
"""What errors can be drawn against."""

Errors = dict[str, WindowErrors]
"""By model: "a" and "b"."""


def columns(errors: WindowErrors) -> dict[str, list]:
    """One row for each window."""
    return {
        "member": errors.member,
        "time": errors.now,
        "rmse": errors.rmse,
        "ese": errors.ese,
        "persistence": errors.persistence,
        "speed": errors.speed,
        "water": errors.water_share,
    }


def scatter(sources: dict[str, ColumnDataSource], against: str, unit: str):
    """RMSE of every window against something else; dots are chosen by a click or a box."""
    made = bare_figure("Every window", AGAINST[against], _rmse(unit))
    rows = [("region", "@member"), ("frame", "@time"), ("RMSE", "@rmse{0.0000}")]
    rows += [("persistence", "@persistence{0.0000}"), ("ESE", "@ese{0.000}")]
    dots = []
    for name, source in sources.items():
        dots.append(
            made.scatter(
                against, "rmse", source=source, size=7, color=COLOURS[name], alpha=0.75,
                nonselection_alpha=0.15, legend_label=name.upper(),
            )
        )  # fmt: skip
    box = BoxSelectTool(renderers=dots)
    made.add_tools(HoverTool(renderers=dots, tooltips=rows), TapTool(renderers=dots), box)
    made.toolbar.active_drag = box
    made.y_range.start = 0
    quiet_legend(made, "top_left")
    return made


def cell_map(errors: WindowErrors, member: int, grid: Grid, title: str, high: float, unit: str):
    """RMSE of each cell of a region; land is left blank."""
    made = bare_figure(title, "x", "y")
    height, width = grid.extent
    made.match_aspect = True
    made.axis.visible = made.grid.visible = False
    made.x_range.range_padding = made.y_range.range_padding = 0
    colours = LinearColorMapper(palette=Viridis256, low=0, high=high, nan_color="#0000")
    picture = made.image(
        image=[errors.rmse_by_cell(member)], x=0, y=0, dw=width, dh=height, color_mapper=colours
    )
    made.add_tools(HoverTool(renderers=[picture], tooltips=[("RMSE", "@image{0.0000}")]))
    bar = ColorBar(color_mapper=colours, width=8, title=unit or None, background_fill_alpha=0)
    made.add_layout(bar, "right")
    return made


def course(errors: Errors, unit: str):
    """RMSE against time: bad spells show as bumps."""
    made = bare_figure("When", "frame now", _rmse(unit))
    for name, one in errors.items():
        now, rmse = np.asarray(one.now), np.asarray(one.rmse)
        times = np.unique(now)
        means = [math.sqrt(np.mean(rmse[now == t] ** 2)) for t in times]
        made.line(times, means, color=COLOURS[name], line_width=2, legend_label=name.upper())
    one = next(iter(errors.values()))
    now, still = np.asarray(one.now), np.asarray(one.persistence)
    means = [math.sqrt(np.mean(still[now == t] ** 2)) for t in np.unique(now)]
    made.line(
        np.unique(now), means, color=COLOUR_TRUTH, line_dash="dashed", legend_label="persistence"
    )
    made.y_range.start = 0
    quiet_legend(made, "top_left")
    return made


def by_distance(errors: Errors, member: int, grid: Grid, unit: str):
    """RMSE against the distance to the nearest wall, coast or open edge."""
    made = bare_figure("Where: distance to the nearest edge", "distance [cells]", _rmse(unit))
    for name, one in errors.items():
        distance, rmse = rmse_by_distance(one, member, grid)
        made.line(distance, rmse, color=COLOURS[name], line_width=2, legend_label=name.upper())
        made.scatter(distance, rmse, color=COLOURS[name], size=5)
    made.y_range.start = 0
    quiet_legend(made, "top_right")
    return made


def histogram(errors: Errors, unit: str):
    """All errors of components, on a logarithmic axis: the tails are what matters."""
    made = bare_figure("Residuals", f"forecast − truth{f' [{unit}]' if unit else ''}", "share")
    for name, one in errors.items():
        middles = (one.bins[1:] + one.bins[:-1]) / 2
        share = np.maximum(one.residuals / max(1.0, one.residuals.sum()), 1e-9)
        made.step(
            middles, np.log10(share), color=COLOURS[name], line_width=2, mode="center",
            legend_label=name.upper(),
        )  # fmt: skip
    made.yaxis.axis_label = "log₁₀ of the share"
    quiet_legend(made, "top_right")
    return made


def _rmse(unit: str) -> str:
    return f"RMSE [{unit}]" if unit else "RMSE"
