"""Errors and correlations growing with the lead: Bokeh figures whose data sources change."""

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d, Span

from ..results import Results
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend

FLOOR = (
    "Interpolation alone: root mean square change of the transformed truth when it is moved back "
    "and once more. The score of a perfect model; smaller errors say nothing."
)

THRESHOLD = 0.8
"""Correlation that a forecast keeps for its correlation time."""


@dataclass(frozen=True)
class Quantity:
    """Something that grows or falls with the lead.

    Attributes:
        title, axis: of its figure; a unit stands along the axis if there is one.
        legend: where its legend lies, if it needs one of its own.
        floor: whether interpolation alone has one.
    """

    title: str
    axis: str
    legend: str
    floor: bool = False


GROWTHS: Mapping[str, Quantity] = {
    "rmse": Quantity("RMSE against lead", "", "top_left", floor=True),
    "ese": Quantity("ESE against lead", "spectral error (ESE)", ""),
    "correlation": Quantity("Correlation with truth", "correlation", "bottom_left"),
}

COLUMNS = ("lead", "a", "b", "persistence", "floor")


def columns(results: Results, key: str) -> dict[str, list]:
    """A quantity by lead: of A, B, persistence and interpolation alone (NaN where unknown)."""
    leads = range(1, results.leads + 1)
    nothing = [float("nan")] * len(leads)
    if key == "rmse":
        found = {name: list(results.scores[name].rmse) for name in ("a", "b")}
        found |= {"persistence": list(results.persistence)}
        nothing[: len(results.floor_rmse)] = results.floor_rmse
    elif key == "ese":
        found = {name: [by_lead[n] for n in leads] for name, by_lead in results.ese.items()}
    else:
        found = {name: list(values) for name, values in results.correlation.items()}
    return {"lead": list(leads), **found, "floor": nothing}


class Growth:
    """A quantity against lead: up to the lead that is shown, with the rest in pale."""

    def __init__(self, key: str = "rmse"):
        self.key, self.quantity = key, GROWTHS[key]
        empty = {name: [] for name in COLUMNS}
        self.whole, self.shown = ColumnDataSource(empty), ColumnDataSource(empty)
        quantity = self.quantity
        self.figure = bare_figure(quantity.title, "lead [frames]", quantity.axis)
        self.figure.x_range = Range1d(0.6, 10.4)
        # Its ticks change, not the ticker: for another model Bokeh walks through the whole page.
        self.ticks = FixedTicker(ticks=list(range(1, 11)))
        self.figure.xaxis.ticker = self.ticks
        if key == "correlation":
            self._add_threshold()
        else:
            self.figure.y_range.start = 0
        self._add_lines()
        if quantity.floor:
            self._add_floor()
        quiet_legend(self.figure, quantity.legend or "top_left")
        self.figure.legend.visible = bool(quantity.legend)

    def update(self, results: Results, lead: int, unit: str = "") -> None:
        """Show it up to ``lead``."""
        found = columns(results, self.key)
        self.whole.data = found
        self.shown.data = {name: values[:lead] for name, values in found.items()}
        self.figure.yaxis.axis_label = unit or self.quantity.axis
        steps = results.comparison.scene.pace.moved
        self.figure.xaxis.axis_label = f"lead [{f'{steps} ' if steps > 1 else ''}frames]"
        self.figure.x_range.end = results.comparison.steps + 0.4
        many = results.comparison.steps > 10
        self.ticks.ticks = list(range(5, 51, 5)) if many else list(range(1, 11))

    def _add_lines(self) -> None:
        for name, colour, label, dash in (
            ("persistence", COLOUR_TRUTH, "persistence", "dashed"),
            ("a", COLOUR_A, "A", "solid"),
            ("b", COLOUR_B, "B", "solid"),
        ):
            style = {"color": colour, "line_width": 2.5, "line_dash": dash}
            self.figure.line("lead", name, source=self.whole, alpha=0.25, **style)
            self.figure.line("lead", name, source=self.shown, legend_label=label, **style)
            marker = "circle" if name == "a" else "square"
            dots = self.figure.scatter(
                "lead", name, source=self.shown, size=5, color=colour, legend_label=label,
                marker=marker,
            )  # fmt: skip
            if name == "a":
                rows = [("lead", "@lead"), ("A", "@a{0.000}"), ("B", "@b{0.000}")]
                rows.append(("persistence", "@persistence{0.000}"))
                self.figure.add_tools(HoverTool(renderers=[dots], tooltips=rows, mode="vline"))

    def _add_floor(self) -> None:
        line = self.figure.line(
            "lead", "floor", source=self.whole, color=COLOUR_TRUTH, line_width=2, line_alpha=0.8,
            line_dash="dotted",
        )  # fmt: skip
        words = f'<div style="max-width:260px">{FLOOR}<br><b>@floor{{0.0000}}</b></div>'
        self.figure.add_tools(HoverTool(renderers=[line], tooltips=words))

    def _add_threshold(self) -> None:
        self.figure.y_range = Range1d(0, 1.03)
        self.figure.add_layout(
            Span(location=THRESHOLD, dimension="width", line_dash="dotted", line_color=COLOUR_TRUTH)
        )
