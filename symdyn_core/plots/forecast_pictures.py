"""Maps of one comparison of forecasts as a figure for paper and slide: any lead, same colours.

The comparison is an ``xarray.Dataset`` of fields over (lead, y, x). Each field to be drawn has the
attributes ``picture`` (its place, see ``PLACES``) and ``long_name`` (its title); the dataset says
``heading``, ``layout``, ``limit`` (of the colours), ``signed`` and, by lead, ``error_limit``.
"""

from collections.abc import Mapping

import colorcet
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine

from symdyn_core.plots.style import LAND

PLACES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "forecasts": (("input", "a", "b"), ("truth", "error_a", "error_b")),
    "square": (
        ("recorded", "upright_a", "expected_a", "a", "error_a"),
        ("input", "upright_b", "expected_b", "b", "error_b"),
    ),
}
"""Rows of pictures, by layout."""

MAPS = ("linear_kbgyw_5_98_c62", "diverging_bwr_20_95_c54", "linear_wyor_100_45_c55")
"""Colours of speeds, of signed fields and of lengths of errors: safe for colour-blind eyes."""

SIZE = (12.8, 7.2)
"""Inches: the shape of a slide."""

ROW = {"forecasts": 1.0, "square": 0.82}
"""Height of the figure by layout, in shares of that of a slide."""


class ForecastPictures:
    """The pictures of a comparison, all leads on one scale of colours.

    Attributes:
        figure: what is drawn; ``show`` moves it to another lead.
    """

    def __init__(self, view: xr.Dataset):
        self.view = view
        layout = str(view.attrs["layout"])
        rows = PLACES[layout]
        self.arrays: dict[str, xr.DataArray] = {
            str(array.attrs["picture"]): array
            for array in view.data_vars.values()
            if "picture" in array.attrs
        }
        size = (SIZE[0], SIZE[1] * ROW[layout])
        engine = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.06)
        self.figure = Figure(figsize=size, layout=engine, facecolor="white")
        self.axes = self.figure.subplots(len(rows), len(rows[0]), squeeze=False)
        self.images: dict[str, AxesImage] = {}
        for axes, key in zip(self.axes.flat, (key for row in rows for key in row), strict=True):
            self.images[key] = self._picture(axes, key)
        self._bars()
        self.heading = self.figure.suptitle(" ", fontsize=13)
        self.show(1)

    def show(self, lead: int) -> None:
        """Draw the frames of a lead, counted from 1.

        Raises:
            ValueError: no such lead.
        """
        leads = self.view.sizes["lead"]
        if not 1 <= lead <= leads:
            raise ValueError(f"Expected a lead between 1 and {leads}, got {lead}.")
        limit = float(self.view["error_limit"][lead - 1])
        for key, image in self.images.items():
            array = self.arrays[key]
            field = array.isel(lead=lead - 1) if "lead" in array.dims else array
            image.set_data(np.ma.masked_invalid(field.values))
            if key.startswith("error"):
                image.set_clim(*self._limits(limit))
        for name in ("a", "b"):
            self.images[f"error_{name}"].axes.set_xlabel(self._caption(name, lead), fontsize=10)
        self.heading.set_text(f"{self.view.attrs['heading']}   ·   {self._when(lead)}")

    def _picture(self, axes, key: str) -> AxesImage:
        array = self.arrays[key]
        y, x = (array[dim] for dim in array.dims[-2:])
        box = [_edge(x, 0), _edge(x, -1), _edge(y, 0), _edge(y, -1)]
        error = key.startswith("error")
        low, high = self._limits(float(self.view.attrs["limit"]))
        axes.set_facecolor(LAND)
        axes.set_title(self._title(key), fontsize=11)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes.imshow(
            np.zeros(array.shape[-2:]), extent=box, origin="lower", cmap=self._map(error),
            vmin=low, vmax=high, interpolation="bilinear", interpolation_stage="rgba",
        )  # fmt: skip

    def _title(self, key: str) -> str:
        """In the square, titles are formulas: whose they are is said before them."""
        title = str(self.arrays[key].attrs["long_name"])
        ours = self.view.attrs["layout"] == "square" and key.split("_")[-1] in ("a", "b")
        return f"{key[-1].upper()}:  {title}" if ours else title

    def _bars(self) -> None:
        """One scale for fields, one for errors."""
        unit = f" [{u}]" if (u := self.view.attrs.get("field_unit", "")) else ""
        words = str(self.view.attrs["error_title"]), str(self.view.attrs["field_title"])
        beyond = "both" if self.view.attrs["signed"] else "max"
        # The bar that is made last stands nearest to the pictures' right edge of before.
        for name, key in zip(words, ("error_a", "input"), strict=True):
            bar = self.figure.colorbar(
                self.images[key], ax=self.axes, extend=beyond, shrink=0.85, aspect=30, pad=0.01
            )
            bar.set_label(f"{name[0].upper()}{name[1:]}{unit}")
            bar.outline.set_visible(False)

    def _map(self, error: bool):
        signed = bool(self.view.attrs["signed"])
        return colorcet.cm[MAPS[1] if signed else MAPS[2] if error else MAPS[0]]

    def _limits(self, limit: float) -> tuple[float, float]:
        return (-limit, limit) if self.view.attrs["signed"] else (0.0, limit)

    def _caption(self, name: str, lead: int) -> str:
        rmse = float(self.view[f"rmse_{name}"][lead - 1])
        error = float(self.view[f"equivariance_error_{name}"][lead - 1])
        gap = "\n" if self.view.attrs["layout"] == "square" else ", "
        words = f"RMSE {rmse:.3g}"
        return words if not np.isfinite(error) else f"{words}{gap}equivariance error {error:.2g}"

    def _when(self, lead: int) -> str:
        time = self.view["lead_time"]
        unit = str(time.attrs.get("units", "")).replace("1", "")
        return f"lead {lead}: {float(time[lead - 1]):.3g} {unit}".rstrip()


def _edge(axis: xr.DataArray, end: int) -> float:
    """Where the first or last cell of an axis ends."""
    values = axis.values.astype(float)
    half = 0.5 * (values[1] - values[0])
    return float(values[end] + (half if end else -half))
