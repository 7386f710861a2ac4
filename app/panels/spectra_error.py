"""Where in the spectrum a forecast goes wrong: a Bokeh figure over the wavenumber."""

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d, Span, Title

from ..results import Spectra
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH, bare_figure, quiet_legend
from .spectrum import BORDER, limit_wavenumbers, readable

COLUMNS = ("k", "a", "b", "floor")

TITLES = {
    "ratio": "Too much or too little energy",
    "difference": "Lost scales: energy of the error",
}

LIMITS = {"ratio": 3.0, "difference": 2.5}
"""Ends of the vertical axis; larger errors are drawn where they are, beyond it."""


class SpectralErrorFigure:
    """A and B against the truth, wavenumber by wavenumber; one of two measures of it."""

    def __init__(self):
        self.lines = ColumnDataSource({name: [] for name in COLUMNS})
        self.figure = bare_figure(TITLES["ratio"], "wavenumber", "", x_axis_type="log")
        self.figure.x_range, self.figure.y_range = Range1d(1, 100), Range1d(-1.5, 1.5)
        # As wide as that of the spectra over it or beside it.
        self.figure.min_border_right = BORDER
        self.ticks = FixedTicker(ticks=[1, 10, 100])
        self.figure.xaxis.ticker = self.ticks
        self.below = Title(text="", align="center")
        self.figure.add_layout(self.below, "below")
        self.level = Span(location=0, dimension="width", line_color=COLOUR_TRUTH, line_width=3)
        self.level.line_alpha = 0.6
        self.figure.add_layout(self.level)
        self.floor = self.figure.line(
            "k", "floor", source=self.lines, color=COLOUR_TRUTH, line_width=2, line_dash="dashed"
        )
        words = '<div style="max-width:260px">Interpolation alone, of a perfect model: @floor</div>'
        self.figure.add_tools(HoverTool(renderers=[self.floor], tooltips=words))
        for name, colour in (("a", COLOUR_A), ("b", COLOUR_B)):
            label = name.upper()
            line = self.figure.line(
                "k", name, source=self.lines, color=colour, line_width=2.2, legend_label=label
            )
            if name == "a":
                rows = [("k", "@k"), ("A", "@a{0.00}"), ("B", "@b{0.00}")]
                self.figure.add_tools(HoverTool(renderers=[line], tooltips=rows, mode="vline"))
        quiet_legend(self.figure, "bottom_left")

    def update(self, spectra: Spectra | None, length_unit: str, measure: str) -> None:
        """Show a measure, "ratio" or "difference"; None leaves an empty figure that says why."""
        ratio = measure == "ratio"
        self.figure.title.text = TITLES[measure]
        self.level.location = 0 if ratio else 1
        self.figure.legend.location = "bottom_left" if ratio else "top_left"
        self.floor.visible = not ratio
        if spectra is None:
            self.lines.data = {name: [] for name in COLUMNS}
            self.below.text = "too little of the field is known for a spectrum"
            return
        k, unit = readable(spectra.k, length_unit)
        lines = measures(spectra, measure)
        self.lines.data = {"k": k.tolist(), **{n: line.tolist() for n, line in lines.items()}}
        self.figure.xaxis.axis_label = f"wavenumber k{unit}"
        self.figure.yaxis.axis_label = (
            "log₁₀(E / E of truth)" if ratio else "E of error / E of truth"
        )
        self.below.text = (
            "0: as much energy as the truth" if ratio else "1: the error is as large as the truth"
        )
        self._limit(lines, measure)
        limit_wavenumbers(self.figure, self.ticks, k)

    def _limit(self, lines: dict[str, np.ndarray], measure: str) -> None:
        """Half steps, so that the axis rests while leads are played."""
        both = np.concatenate((lines["a"], lines["b"]))
        known = both[np.isfinite(both)]
        most = LIMITS[measure]
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        high = min(max(np.floor(2 * high + 1) / 2, 0.5), most)
        low = max(min(np.ceil(2 * low - 1) / 2, -0.5), -most) if measure == "ratio" else 0.0
        self.figure.y_range.update(start=low, end=high)


def measures(spectra: Spectra, measure: str) -> dict[str, np.ndarray]:
    """Of A, B and interpolation alone: log10 of E over that of truth, or the energy of the error
    over that of truth.
    """
    nothing = np.full_like(spectra.truth, np.nan)
    if measure == "ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (np.log10(line / spectra.truth) for line in (spectra.a, spectra.b))
        return {"a": a, "b": b, "floor": nothing}
    floor = nothing if spectra.floor is None else spectra.floor / spectra.truth
    return {
        "a": spectra.error_a / spectra.truth,
        "b": spectra.error_b / spectra.truth,
        "floor": floor,
    }
