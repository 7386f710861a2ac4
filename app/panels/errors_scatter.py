"""Every window as a dot for each model; chosen dots decide what the other figures show."""

import pandas as pd
from bokeh.models import BoxSelectTool, ColumnDataSource, HoverTool, Slope, TapTool

from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend

AGAINST = {
    "persistence": "RMSE of persistence",
    "other": "RMSE of A",
    "ese": "Energy spectrum error",
    "speed": "Root mean square speed",
    "land": "Share of land",
    "now": "Last input frame",
}
"""What errors can be drawn against."""

AGAINST_TIP = (
    "RMSE of persistence: how much the flow changes by itself. Energy spectrum error (ESE): root "
    "mean square difference of the log10 energy spectra at the last lead; unknown beside land. "
    "Dots under the dashed line are forecast better than what they are drawn against."
)

BESIDE = ("persistence", "other")
"""Quantities in the unit of the errors: the line of equal ones is drawn."""

COLUMNS = ("region", "frame", "rmse_a", "rmse_b", "ese_a", "ese_b", "persistence", "x_a", "x_b")


def beside(errors: pd.DataFrame, against: str) -> dict[str, pd.Series]:
    """What the errors of both models are drawn against, one value for each window."""
    if against == "ese":
        return {"x_a": errors["ese_a"], "x_b": errors["ese_b"]}
    column = errors["rmse_a" if against == "other" else against]
    return {"x_a": column, "x_b": column}


class WindowScatter:
    """RMSE of every window against something else; dots are chosen by a click or a box."""

    def __init__(self):
        self.source = ColumnDataSource({name: [] for name in COLUMNS})
        made = bare_figure("Every window", "", "RMSE")
        rows = [("region", "@region"), ("now", "@frame"), ("RMSE of A", "@rmse_a{0.0000}")]
        rows += [("RMSE of B", "@rmse_b{0.0000}"), ("persistence", "@persistence{0.0000}")]
        rows += [("ESE of A, B", "@ese_a{0.000}, @ese_b{0.000}")]
        self.dots = {}
        # B first: the dots of A, more often the lower ones, stay on top where both crowd.
        for name, colour, marker in (("b", COLOUR_B, "square"), ("a", COLOUR_A, "circle")):
            self.dots[name] = made.scatter(
                f"x_{name}", f"rmse_{name}", source=self.source, size=7, color=colour, alpha=0.7,
                marker=marker, line_color=None, nonselection_alpha=0.12,
                legend_label=name.upper(),
            )  # fmt: skip
        dots = [*self.dots.values()]
        box = BoxSelectTool(renderers=dots)
        made.add_tools(HoverTool(renderers=dots, tooltips=rows), TapTool(renderers=dots), box)
        made.toolbar.active_drag = box
        self.equal = Slope(gradient=1, y_intercept=0, line_color=COLOUR_TRUTH, line_dash="dashed")
        made.add_layout(self.equal)
        made.y_range.start = 0
        quiet_legend(made, "bottom_left")
        self.figure = made

    def update(self, errors: pd.DataFrame, against: str, unit: str) -> None:
        """Show all windows; ``errors`` has the columns of the source but x_a and x_b."""
        self.source.data = {**errors[[*COLUMNS[:-2]]], **beside(errors, against)}
        units = f" [{unit}]" if unit else ""
        of_velocity = against in (*BESIDE, "speed")
        self.figure.xaxis.axis_label = AGAINST[against] + (units if of_velocity else "")
        self.figure.yaxis.axis_label = f"RMSE{' of B' if against == 'other' else ''}{units}"
        self.dots["a"].visible = against != "other"
        self.equal.visible = against in BESIDE
