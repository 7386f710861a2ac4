"""Errors growing with the lead, and energy spectra: Bokeh figures whose data sources change."""

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, LogTicker, Range1d, Title

from ..results import Results, Spectra
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend

LINES = ("k", "truth", "a", "b", "shallow", "steep")

DECADES = 8
"""Decades of energy shown under the largest one."""


class Growth:
    """RMSE against lead: up to the lead that is shown, with the rest of the forecast in pale."""

    def __init__(self):
        empty = {"lead": [], "a": [], "b": [], "persistence": []}
        self.whole = ColumnDataSource(empty)
        self.shown = ColumnDataSource(empty)
        self.figure = bare_figure("RMSE against lead", "lead [frames]", "RMSE")
        self.figure.x_range = Range1d(0.6, 10.4)
        self.figure.xaxis.ticker = list(range(1, 11))
        self.figure.y_range.start = 0
        for name, colour, label, dash in (
            ("persistence", COLOUR_TRUTH, "persistence", "dashed"),
            ("a", COLOUR_A, "A", "solid"),
            ("b", COLOUR_B, "B", "solid"),
        ):
            style = {"color": colour, "line_width": 2.5, "line_dash": dash}
            self.figure.line("lead", name, source=self.whole, alpha=0.25, **style)
            self.figure.line("lead", name, source=self.shown, legend_label=label, **style)
            dots = self.figure.scatter(
                "lead", name, source=self.shown, size=5, color=colour, legend_label=label
            )
            if name == "a":
                rows = [("lead", "@lead"), ("A", "@a{0.000}"), ("B", "@b{0.000}")]
                rows.append(("persistence", "@persistence{0.000}"))
                self.figure.add_tools(HoverTool(renderers=[dots], tooltips=rows, mode="vline"))
        quiet_legend(self.figure, "top_left")

    def update(self, results: Results, lead: int, unit: str) -> None:
        """Show the errors up to ``lead``."""
        columns = {
            "lead": list(range(1, results.leads + 1)),
            "a": list(results.scores["a"].rmse),
            "b": list(results.scores["b"].rmse),
            "persistence": list(results.persistence),
        }
        self.whole.data = columns
        self.shown.data = {name: values[:lead] for name, values in columns.items()}
        self.figure.yaxis.axis_label = f"RMSE [{unit}]" if unit else "RMSE"
        steps = results.comparison.scene.pace.moved
        self.figure.xaxis.axis_label = f"lead [{f'{steps} ' if steps > 1 else ''}frames]"
        self.figure.x_range.end = results.comparison.steps + 0.4


class SpectraFigure:
    """E(k) of truth and forecasts at the lead that is shown, with slopes to compare."""

    def __init__(self):
        self.lines = ColumnDataSource({name: [] for name in LINES})
        self.figure = bare_figure("Energy spectrum", "wavenumber", "E(k)", logarithmic=True)
        self.figure.y_range = Range1d(1e-8, 1)
        self.figure.x_range = Range1d(1, 100)
        self.ticks = FixedTicker(ticks=[1, 10, 100])
        self.figure.xaxis.ticker = self.ticks
        self.figure.yaxis.ticker = LogTicker(mantissas=[1], desired_num_ticks=5)
        self.below = Title(text="", align="center")
        self.figure.add_layout(self.below, "below")
        self.names = ColumnDataSource({"k": [], "level": [], "text": []})
        for name, dash in (("shallow", "dotted"), ("steep", "dashdot")):
            self.figure.line("k", name, source=self.lines, line_dash=dash, color=COLOUR_TRUTH)
        self.figure.text(
            "k", "level", "text", source=self.names, text_font_size="11px", text_align="right",
            text_baseline="bottom", text_color=COLOUR_TRUTH,
        )  # fmt: skip
        for name, colour, label, width in (
            ("truth", COLOUR_TRUTH, "truth", 5),
            ("a", COLOUR_A, "A", 2.2),
            ("b", COLOUR_B, "B", 2.2),
        ):
            line = self.figure.line(
                "k", name, source=self.lines, color=colour, line_width=width, legend_label=label
            )
            if name == "truth":
                line.glyph.line_alpha = 0.6
                rows = [("k", "@k"), ("truth", "@truth"), ("A", "@a"), ("B", "@b")]
                self.figure.add_tools(HoverTool(renderers=[line], tooltips=rows, mode="vline"))
        quiet_legend(self.figure, "bottom_left")

    def update(self, spectra: Spectra | None, length_unit: str) -> None:
        """Show the spectra of one lead; None leaves an empty figure that says why."""
        if spectra is None:
            self.below.text = "too little of the field is known for a spectrum"
            self.lines.data = {name: [] for name in LINES}
            self.names.data = {"k": [], "level": [], "text": []}
            return
        k, unit = _readable(spectra.k, length_unit)
        first = min(3, len(k) - 1)
        ratio, level = k / k[first], 2.5 * float(spectra.truth[first])
        slopes = {"shallow": level * ratio ** (-5 / 3), "steep": level * ratio**-3.0}
        for line in slopes.values():
            line[:first] = np.nan
        lines = {"k": k, "truth": spectra.truth, "a": spectra.a, "b": spectra.b, **slopes}
        # As lists: arrays this small travel faster as text than in frames of their own.
        self.lines.data = {name: line.tolist() for name, line in lines.items()}
        ends = [float(line[-1]) for line in slopes.values()]
        self.names.data = {"k": [float(k[-1])] * 2, "level": ends, "text": ["k⁻⁵ᐟ³", "k⁻³"]}
        self.figure.xaxis.axis_label = f"wavenumber k{unit}"
        self.below.text = spectra.words
        self._limit(spectra, k)

    def _limit(self, spectra: Spectra, k: np.ndarray) -> None:
        """Whole decades, so that the axis rests while a slider moves."""
        largest = max(float(line.max()) for line in (spectra.truth, spectra.a, spectra.b))
        if not (np.isfinite(largest) and largest > 0):
            return
        smallest = max(float(spectra.truth.min()) / 10, largest * 10.0**-DECADES)
        self.figure.y_range.update(
            start=10.0 ** np.floor(np.log10(smallest)), end=10.0 ** np.ceil(np.log10(largest))
        )
        first, last = float(k[0]), float(k[-1])
        self.figure.x_range.update(start=0.9 * first, end=1.15 * last)
        decades = range(int(np.floor(np.log10(first))), int(np.ceil(np.log10(last))) + 1)
        ticks = (digit * 10.0**decade for decade in decades for digit in (1, 2, 5))
        self.ticks.ticks = [tick for tick in ticks if first <= tick <= last]


def _readable(k: np.ndarray, length_unit: str) -> tuple[np.ndarray, str]:
    """Wavenumbers in a unit that gives handy numbers, and its name."""
    if length_unit == "m":
        return k * 1000, " [rad / km]"
    return k, f" [rad / {length_unit}]" if 0 < len(length_unit) < 4 else ""
