"""Spectra and error growth of one comparison of forecasts, as a figure for paper and slide.

The comparison is an ``xarray.Dataset`` with ``rmse``, ``ese`` and ``correlation`` of models "a",
"b" and "persistence" by lead, and spectra by lead and ring of truth, models, their errors and of
interpolation alone.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from symdyn_core.plots.style import COLOURS, REFERENCE

STYLES: Mapping[str, dict] = {
    "truth": {"color": REFERENCE, "linewidth": 4.0, "alpha": 0.5, "label": "truth"},
    "a": {"color": COLOURS[0], "linewidth": 2.0, "label": "A"},
    "b": {"color": COLOURS[1], "linewidth": 2.0, "linestyle": "-.", "label": "B"},
    "persistence": {"color": REFERENCE, "linestyle": "--", "label": "persistence"},
    "interpolation": {"color": REFERENCE, "linestyle": ":", "label": "interpolation alone"},
}

SPECTRA: Mapping[str, tuple[str, str]] = {
    "standard": ("energy_spectrum", "kinetic energy E(k)"),
    "paper": ("turbulence_spectrum", "mean |FFT|² of the turbulent kinetic energy"),
}
"""Name of the variables and label of the axis, by definition."""

GROWTHS: Mapping[str, str] = {
    "rmse": "root mean square error",
    "ese": "energy spectrum error (ESE)",
    "correlation": "correlation with the truth",
}


class ForecastCurves:
    """Spectra at one lead, and errors at all of them.

    Args:
        view: the comparison.
        definition: of the spectra, "standard" or "paper".
        measure: of spectral errors, "ratio" or "difference".

    Attributes:
        figure: what is drawn; ``show`` moves it to another lead.
    """

    def __init__(self, view: xr.Dataset, definition: str = "standard", measure: str = "ratio"):
        self.view, self.definition, self.measure = view, definition, measure
        self.figure = Figure(figsize=(12.8, 7.2), layout="constrained", facecolor="white")
        parts: Any = self.figure.subfigures(2, 1, height_ratios=(1.15, 1))
        upper, lower = parts
        self.spectra, self.errors = upper.subplots(1, 2)
        self.growths: dict[str, Axes] = dict(zip(GROWTHS, lower.subplots(1, 3), strict=True))
        self.heading = self.figure.suptitle(" ", fontsize=13)
        self.show(1)

    def show(self, lead: int) -> None:
        """Draw the spectra of a lead, counted from 1, and mark it among the others."""
        for axes in (self.spectra, self.errors, *self.growths.values()):
            axes.clear()
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(alpha=0.25, linewidth=0.6)
        self._spectra(lead)
        self._errors(lead)
        for key, axes in self.growths.items():
            self._growth(axes, key, lead)
        self.heading.set_text(f"{self.view.attrs['heading']}   ·   lead {lead}")

    def _line(self, name: str, lead: int) -> np.ndarray | None:
        """A spectrum at a lead; None where there is none."""
        variable = f"{SPECTRA[self.definition][0]}_{name}"
        if variable not in self.view:
            return None
        line = self.view[variable].values[lead - 1]
        return line if np.isfinite(line).any() else None

    @property
    def _wavenumber(self) -> xr.DataArray:
        return self.view[f"{SPECTRA[self.definition][0]}_wavenumber"]

    def _spectra(self, lead: int) -> None:
        axes, k = self.spectra, self._wavenumber.values[lead - 1]
        truth = self._line("truth", lead)
        for name in ("truth", "interpolation", "a", "b"):
            line = self._line(name, lead)
            if line is not None:
                axes.loglog(k, line, **STYLES[name])
        if truth is None:
            _say(axes, "no spectrum: too few leads, or too little is known")
            return
        if self.definition == "standard":
            _slopes(axes, k, truth)
        largest, smallest = np.nanmax(truth), np.nanmin(truth)
        axes.set_ylim(max(smallest / 30, largest * 1e-9), 4 * largest)
        axes.set_xlabel(_with_unit("wavenumber k", self._wavenumber))
        axes.set_ylabel(SPECTRA[self.definition][1])
        axes.legend(frameon=False, fontsize=9, loc="lower left")

    def _errors(self, lead: int) -> None:
        axes, k = self.errors, self._wavenumber.values[lead - 1]
        truth = self._line("truth", lead)
        if truth is None:
            return
        ratio = self.measure == "ratio"
        axes.axhline(0 if ratio else 1, **{**STYLES["truth"], "label": None})
        for name in ("interpolation", "a", "b"):
            stem = name if ratio or name == "interpolation" else f"error_{name}"
            line = self._line(stem, lead)
            if line is not None and not (ratio and name == "interpolation"):
                axes.semilogx(k, np.log10(line / truth) if ratio else line / truth, **STYLES[name])
        axes.set_xlabel(_with_unit("wavenumber k", self._wavenumber))
        axes.set_ylabel(
            "log₁₀ of energy over that of truth"
            if ratio
            else "energy of the error over the truth's"
        )

    def _growth(self, axes: Axes, key: str, lead: int) -> None:
        leads = self.view["lead"].values
        for name in ("interpolation", "persistence", "a", "b"):
            if f"{key}_{name}" not in self.view:
                continue
            values = self.view[f"{key}_{name}"].values
            axes.plot(leads, values, **STYLES[name])
            axes.plot(leads[lead - 1], values[lead - 1], "o", color=STYLES[name]["color"])
        unit = self.view[f"{key}_a"]
        axes.set_xlabel("lead [frames]")
        axes.set_ylabel(_with_unit(GROWTHS[key], unit), fontsize=9)
        axes.set_ylim(bottom=0)
        if key == "correlation":
            axes.axhline(0.8, color=REFERENCE, linewidth=0.8, linestyle=":")
        if key == "rmse":
            axes.legend(frameon=False, fontsize=9)


def _slopes(axes: Axes, k: np.ndarray, truth: np.ndarray) -> None:
    """k⁻⁵ᐟ³ and k⁻³ above the truth, for the eye."""
    known = np.isfinite(truth)
    k, truth = k[known], truth[known]
    first = min(3, len(k) - 1)
    for power, name, dash in ((-5 / 3, "k$^{-5/3}$", ":"), (-3.0, "k$^{-3}$", "-.")):
        line = 2.5 * truth[first] * (k[first:] / k[first]) ** power
        axes.loglog(k[first:], line, color=REFERENCE, linewidth=0.9, linestyle=dash)
        axes.annotate(name, (k[-1], line[-1]), fontsize=9, color=REFERENCE, ha="right", va="bottom")


def _with_unit(text: str, array: xr.DataArray) -> str:
    unit = str(array.attrs.get("units", "1"))
    return text if unit in ("", "1") else f"{text} [{unit}]"


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center")
