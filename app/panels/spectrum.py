"""Energy spectra of truth and forecasts at one lead: a Bokeh figure whose data sources change."""

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, LogTicker, Range1d, Title

from ..results import Spectra
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, SMALL, bare_figure, quiet_legend

LINES = ("k", "truth", "a", "b", "floor", "shallow", "steep")

ROOM, BORDER = 1.2, 30
"""End of an axis of wavenumbers over the last of them, and what is free beside it [CSS pixels]:
lines have their names there, in figures of any width."""

DECADES = 8
"""Decades of energy shown under the largest one."""

FLOOR = (
    "Interpolation alone: the spectrum of what changes when the transformed truth is moved back "
    "and once more. Energies under this line are no statement about a model."
)


SLOPES = {-5 / 3: ("dotted", "k⁻⁵ᐟ³"), -3.0: ("dashdot", "k⁻³")}
"""Exponents of turbulence, by which a line is drawn: its dash and its name."""


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
        self.slopes = [
            self.figure.line("k", name, source=self.lines, line_dash=dash, color=COLOUR_TRUTH)
            for name, dash in (("shallow", "dotted"), ("steep", "dashdot"))
        ]
        # Beyond the ends of their lines, and over the edge of the axes: there is nothing else.
        self.figure.min_border_right = BORDER
        self.words = self.figure.text(
            "k", "level", "text", source=self.names, text_font_size=SMALL, x_offset=4,
            text_baseline="middle", level="annotation",
        )  # fmt: skip
        self.slopes.append(self.words)
        self._add_floor()
        self._add_lines()
        quiet_legend(self.figure, "bottom_left")

    def update(self, spectra: Spectra | None, length_unit: str, *, slopes: bool = True) -> None:
        """Show the spectra of one lead; None leaves an empty figure that says why.

        Args:
            slopes: whether those of turbulence are drawn beside them.
        """
        for glyph in self.slopes:
            glyph.visible = slopes
        if spectra is None:
            self.below.text = "too little of the field is known for a spectrum"
            self.lines.data = {name: [] for name in LINES}
            self.names.data = {"k": [], "level": [], "text": []}
            return
        k, unit = readable(spectra.k, length_unit)
        shallow, steep = guides(k, spectra.truth)
        floor = np.full_like(k, np.nan) if spectra.floor is None else spectra.floor
        shown = {"truth": spectra.truth, "a": spectra.a, "b": spectra.b, "floor": floor}
        # As lists: arrays this small travel faster as text than in frames of their own.
        lines = {"k": k, **shown, "shallow": shallow, "steep": steep}
        self.lines.data = {name: line.tolist() for name, line in lines.items()}
        names = [words for _, words in SLOPES.values()]
        ends = [float(shallow[-1]), float(steep[-1])]
        self.names.data = {"k": [float(k[-1])] * 2, "level": ends, "text": names}
        self.figure.xaxis.axis_label = f"wavenumber k{unit}"
        self.below.text = spectra.words
        self._limit(spectra, k)

    def _add_floor(self) -> None:
        line = self.figure.line(
            "k", "floor", source=self.lines, color=COLOUR_TRUTH, line_width=2, line_alpha=0.9,
            line_dash="dashed",
        )  # fmt: skip
        words = (
            f'<div style="max-width:260px">{FLOOR}<br><b>k @k{{0.00}}: @floor{{0.0e0}}</b></div>'
        )
        self.figure.add_tools(HoverTool(renderers=[line], tooltips=words))

    def _add_lines(self) -> None:
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

    def _limit(self, spectra: Spectra, k: np.ndarray) -> None:
        """Whole decades, so that the axis rests while a slider moves."""
        found = energy_limits(spectra)
        if found is not None:
            self.figure.y_range.update(start=found[0], end=found[1])
            limit_wavenumbers(self.figure, self.ticks, k)


def guides(k: np.ndarray, truth: np.ndarray) -> list[np.ndarray]:
    """Power laws beside the truth, one for each of ``SLOPES``; NaN at the largest scales."""
    first = min(3, len(k) - 1)
    lines = [2.5 * float(truth[first]) * (k / k[first]) ** slope for slope in SLOPES]
    for line in lines:
        line[:first] = np.nan
    return lines


def energy_limits(spectra: Spectra) -> tuple[float, float] | None:
    """Whole decades around the spectra; None where there is no energy."""
    largest = max(float(line.max()) for line in (spectra.truth, spectra.a, spectra.b))
    if not (np.isfinite(largest) and largest > 0):
        return None
    smallest = max(float(spectra.truth.min()) / 10, largest * 10.0**-DECADES)
    return float(10.0 ** np.floor(np.log10(smallest))), float(10.0 ** np.ceil(np.log10(largest)))


def limit_wavenumbers(figure, ticks: FixedTicker, k: np.ndarray) -> None:
    """An axis of wavenumbers with ticks at 1, 2, 5 and their tens, and room for names."""
    figure.x_range.update(start=0.9 * float(k[0]), end=ROOM * float(k[-1]))
    ticks.ticks = round_wavenumbers(k)


def round_wavenumbers(k: np.ndarray) -> list[float]:
    """1, 2, 5 and their tens, as far as the wavenumbers go."""
    first, last = float(k[0]), float(k[-1])
    decades = range(int(np.floor(np.log10(first))), int(np.ceil(np.log10(last))) + 1)
    found = (digit * 10.0**decade for decade in decades for digit in (1, 2, 5))
    return [tick for tick in found if first <= tick <= last]


def readable(k: np.ndarray, length_unit: str) -> tuple[np.ndarray, str]:
    """Wavenumbers in a unit that gives handy numbers, and its name."""
    if length_unit == "m":
        return k * 1000, " [rad / km]"
    return k, f" [rad / {length_unit}]" if 0 < len(length_unit) < 4 else ""
