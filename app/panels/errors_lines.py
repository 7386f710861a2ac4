"""When and where two models err, and how their errors are spread: curves of the chosen windows."""

from collections.abc import Mapping, Sequence

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool

from symdyn_core.experiments.error_summaries import (
    Chosen,
    rmse_by_distance,
    rmse_by_member,
    rmse_by_time,
)
from symdyn_core.experiments.window_errors import WindowErrors
from symdyn_core.grid import Grid

from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend

COLOURS = {"a": COLOUR_A, "b": COLOUR_B, "persistence": COLOUR_TRUTH}
MARKERS = {"a": "circle", "b": "square", "persistence": "dash"}

Errors = Mapping[str, WindowErrors]
"""By model: "a" and "b"."""


class Curves:
    """Curves of A and B, perhaps of persistence, over one quantity."""

    def __init__(self, title: str, x: str, y: str, names: Sequence[str] = ("a", "b"), **kind):
        made = bare_figure(title, x, y, **kind)
        self.sources = {name: ColumnDataSource({"x": [], "y": [], "label": []}) for name in names}
        for name, source in self.sources.items():
            legend = name if name == "persistence" else name.upper()
            dash = "dashed" if name == "persistence" else "solid"
            made.line(
                "x", "y", source=source, color=COLOURS[name], line_width=2, line_dash=dash,
                legend_label=legend,
            )  # fmt: skip
            dots = made.scatter(
                "x", "y", source=source, color=COLOURS[name], marker=MARKERS[name], size=5,
                legend_label=legend,
            )  # fmt: skip
            rows = [("", "@label"), (legend, "@y{0.0000}")]
            made.add_tools(HoverTool(renderers=[dots], tooltips=rows))
        quiet_legend(made, "top_left")
        self.figure = made

    def update(self, name: str, x, y, labels: Sequence[str]) -> None:
        """Another curve under a name."""
        self.sources[name].data = {
            "x": np.asarray(x).tolist(), "y": np.asarray(y).tolist(), "label": [*labels]
        }  # fmt: skip


class ErrorLines:
    """The curves: by time, by region, by distance to an edge, and the histogram of residuals."""

    def __init__(self):
        with_persistence = ("persistence", "b", "a")
        self.time = Curves("When", "last input frame", "RMSE", with_persistence)
        self.region = Curves("In which region", "region", "RMSE")
        self.distance = Curves("How far from the nearest edge", "distance [cells]", "RMSE")
        self.residual = Curves("Residuals", "forecast − truth", "share", y_axis_type="log")
        for curves in (self.time, self.region, self.distance):
            curves.figure.y_range.start = 0
            # Errors are far from nothing: there is room for the legend under them.
            curves.figure.legend[0].update(location="bottom_left", orientation="horizontal")
        self.region.figure.xaxis.ticker.update(min_interval=1, num_minor_ticks=0)

    def update(
        self,
        errors: Errors,
        chosen: Chosen,
        *,
        grids: Sequence[Grid],
        times: Sequence[str],
        regions: Sequence[str],
        unit: str,
    ) -> None:
        """Show the chosen windows; ``times`` and ``regions`` are names for people."""
        for name, one in errors.items():
            frames, rmse = rmse_by_time(one, one.rmse, chosen)
            self.time.update(name, frames, rmse, [times[n] for n in frames])
            members, rmse = rmse_by_member(one, chosen)
            self.region.update(name, members + 1, rmse, [regions[n] for n in members])
            away, rmse = rmse_by_distance(one, grids, chosen=chosen)
            self.distance.update(name, away, rmse, [f"{x:g} cells" for x in away])
            self.residual.update(name, *_shares(one, chosen))
        one = next(iter(errors.values()))
        frames, rmse = rmse_by_time(one, one.persistence, chosen)
        self.time.update("persistence", frames, rmse, [times[n] for n in frames])
        self._name_units(unit)

    def _name_units(self, unit: str) -> None:
        units = f" [{unit}]" if unit else ""
        for curves in (self.time, self.region, self.distance):
            curves.figure.yaxis.axis_label = f"RMSE{units}"
        self.residual.figure.xaxis.axis_label = f"forecast − truth{units}"


def _shares(errors: WindowErrors, chosen: Chosen) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Middles of the bins, shares of the errors in them, and the bins in words.

    Empty bins are left out, as a logarithmic axis has no place for them, and so are the outermost
    ones, which hold all that lies beyond.
    """
    counts = errors.histogram(chosen)
    there = counts > 0
    there[[0, -1]] = False
    middles = ((errors.bins[1:] + errors.bins[:-1]) / 2)[there]
    shares = counts[there] / max(1, counts.sum())
    ends = zip(errors.bins[:-1][there], errors.bins[1:][there], strict=True)
    return middles, shares, [f"{low:.3g} to {high:.3g}" for low, high in ends]
