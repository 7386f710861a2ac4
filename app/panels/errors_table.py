"""The windows as a table, the worst first, and as a file."""

import io
from collections.abc import Callable, Sequence

import pandas as pd
import panel as pn
from bokeh.models.widgets.tables import NumberFormatter

from ..flows import Flow
from .sizes import table

HEADINGS = {
    "region": "region", "frame": "now", "rmse_a": "RMSE A", "rmse_b": "RMSE B",
    "persistence": "persist.", "ese_a": "ESE A", "ese_b": "ESE B", "speed": "speed",
    "land": "land",
}  # fmt: skip

TIPS = {
    "frame": "The last frame that the models see",
    "persistence": "RMSE of repeating that frame",
    "ese_a": "Root mean square difference of the log10 energy spectra at the last lead",
    "ese_b": "Root mean square difference of the log10 energy spectra at the last lead",
    "speed": "Root mean square speed now",
    "land": "Share of the cells that are land",
}

ROUNDED = ("rmse_a", "rmse_b", "persistence", "ese_a", "ese_b", "speed", "land")
"""Columns of numbers."""

ROWS = 8


class WindowTable:
    """The chosen windows; a click opens one.

    Args:
        open_window: told (member, now).
    """

    def __init__(self, open_window: Callable[[int, int], None]):
        self.open_window = open_window
        self.shown = pd.DataFrame()
        self.widget = pn.widgets.Tabulator(
            pd.DataFrame(columns=[*HEADINGS]), titles=HEADINGS, header_tooltips=TIPS,
            disabled=True, show_index=False, page_size=ROWS, pagination="local", selectable=False,
            sizing_mode="stretch_width", layout="fit_data_stretch", **table(392, 0.17),
            formatters={name: NumberFormatter(format="0.0000") for name in ROUNDED},
        )  # fmt: skip
        self.widget.on_click(self._clicked)

    def update(self, windows: pd.DataFrame, whose: str) -> None:
        """List windows, those that a model gets most wrong first."""
        ordered = windows.sort_values(f"rmse_{whose}", ascending=False, kind="stable")
        self.shown = ordered.reset_index(drop=True)
        has_spectrum, has_land = bool(windows["ese_a"].notna().any()), bool(windows["land"].any())
        hidden = [] if has_spectrum else ["ese_a", "ese_b"]
        self.widget.hidden_columns = hidden if has_land else [*hidden, "land"]
        self.widget.value = self.shown[[*HEADINGS]]

    def _clicked(self, event) -> None:
        self.open_row(event.row)

    def open_row(self, row: int) -> None:
        """Open the window in a row, 0 the worst."""
        self.open_window(int(self.shown["member"][row]), int(self.shown["now"][row]))


def labelled(windows: pd.DataFrame, flow: Flow) -> pd.DataFrame:
    """The table with names of regions and times for people."""
    regions: Sequence[str] = flow.members
    return windows.assign(
        region=[regions[n] for n in windows["member"]],
        frame=[flow.times[n] for n in windows["now"]],
    )


def as_csv(windows: pd.DataFrame, models: dict[str, str], unit: str) -> io.BytesIO:
    """All windows as a file: what the numbers are measured in stands beside them."""
    named = windows.rename(columns={"now": "last_input_frame", "frame": "time"})
    for name, model in models.items():
        named[f"model_{name}"] = model
    named["velocity_unit"] = unit
    return io.BytesIO(named.to_csv(index=False).encode())
