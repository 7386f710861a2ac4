"""Training runs as figures: one dot for each seed, and how loss and error fell."""

from collections.abc import Callable, Sequence

from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d, TapTool

from symdyn_core.experiments.run_records import RunRecord, best_by_model

from ..model import ARCHITECTURES
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure
from .runs_words import short_kind

DOTS = ("x", "y", "name", "seed", "colour", "size")
SPREAD = 0.12
"""Distance of the dots of one model, in widths of its place."""


class SeedStrip:
    """Best validation RMSE of every run, one column for each model, a bar at the median."""

    def __init__(self, choose: Callable[[str], None]):
        self.choose, self.names = choose, []
        self.dots = ColumnDataSource({name: [] for name in DOTS})
        self.medians = ColumnDataSource({"x": [], "y": []})
        made = bare_figure("Every run", "", "best validation RMSE", x_range=Range1d(-0.6, 0.6))
        made.scatter(
            "x", "y", source=self.medians, marker="dash", size=30, line_width=2,
            line_color=COLOUR_TRUTH,
        )  # fmt: skip
        dots = made.scatter(
            "x", "y", source=self.dots, size="size", color="colour", alpha=0.85, line_color=None,
            nonselection_alpha=0.85,
        )  # fmt: skip
        rows = [("run", "@name"), ("seed", "@seed"), ("RMSE", "@y{0.0000}")]
        made.add_tools(HoverTool(renderers=[dots], tooltips=rows), TapTool(renderers=[dots]))
        made.xaxis.major_label_orientation = 0.8
        made.xgrid.visible = False
        self.ticks = FixedTicker(ticks=[])
        made.xaxis.ticker = self.ticks
        self.dots.selected.on_change("indices", self._tapped)
        self.figure = made

    def update(self, records: Sequence[RunRecord], chosen: str) -> None:
        """Show runs on one flow."""
        groups = best_by_model(records)
        dots: dict[str, list] = {name: [] for name in DOTS}
        for place, (runs, _) in enumerate(groups.values()):
            for n, run in enumerate(runs):
                at = place + (n - (len(runs) - 1) / 2) * min(SPREAD, 0.8 / len(runs))
                own = run.name == chosen
                row = (at, run.best, run.name, str(run.facts.get("seed", "–")))
                row += (COLOUR_B if own else COLOUR_A, 13 if own else 9)
                for name, value in zip(DOTS, row, strict=True):
                    dots[name].append(value)
        self.names = dots["name"]
        self.dots.data = dots
        middles = [middle for _, middle in groups.values()]
        self.medians.data = {"x": [*range(len(middles))], "y": middles}
        self._name_places([*groups])

    def _name_places(self, models: Sequence[tuple[str, str]]) -> None:
        self.ticks.ticks = [*range(len(models))]
        self.figure.xaxis.major_label_overrides = {
            place: f"{ARCHITECTURES.get(architecture, architecture)} {short_kind(symmetry)}"
            for place, (architecture, symmetry) in enumerate(models)
        }
        self.figure.x_range.end = max(1, len(models)) - 0.4

    def _tapped(self, _attribute, _old, new) -> None:
        if new and new[0] < len(self.names):
            name = self.names[new[0]]
            self.dots.selected.indices = []
            self.choose(name)


class RunCurves:
    """One quantity against updates: all runs on one flow in pale, the chosen one on top."""

    def __init__(self, title: str, y: str, value: Callable):
        self.value = value
        empty = {"x": [], "y": [], "name": []}
        self.others, self.own = ColumnDataSource(empty), ColumnDataSource({"x": [], "y": []})
        made = bare_figure(title, "updates", y, y_axis_type="log")
        lines = made.multi_line("x", "y", source=self.others, color=COLOUR_TRUTH, alpha=0.45)
        made.line("x", "y", source=self.own, color=COLOUR_B, line_width=2.5)
        dots = made.scatter("x", "y", source=self.own, color=COLOUR_B, size=5)
        made.add_tools(
            HoverTool(renderers=[lines], tooltips=[("run", "@name")]),
            HoverTool(renderers=[dots], tooltips=[("updates", "@x"), (y, "@y{0.0000}")]),
        )
        self.figure = made

    def update(self, records: Sequence[RunRecord], chosen: RunRecord | None) -> None:
        """Show the runs on one flow."""
        curves = {run.name: self._curve(run) for run in records if run.epochs}
        self.others.data = {
            "x": [x for x, _ in curves.values()],
            "y": [y for _, y in curves.values()],
            "name": [*curves],
        }
        x, y = self._curve(chosen) if chosen is not None else ([], [])
        self.own.data = {"x": x, "y": y}

    def _curve(self, run: RunRecord) -> tuple[list[float], list[float]]:
        return [epoch.updates for epoch in run.epochs], [self.value(epoch) for epoch in run.epochs]
