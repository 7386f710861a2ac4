"""All windows of a flow in linked figures: what is chosen in one of them, all others show."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui

from symdyn_core.experiments.error_summaries import mosaic, window_table

from ..flows import Flow
from . import errors_words
from .errors_lines import ErrorLines, Errors
from .errors_map import ErrorMap
from .errors_scatter import WindowScatter
from .errors_table import WindowTable, labelled
from .figures import Card, beside

BRIGHTEST = 0.995
"""Share of the cells that are darker than the end colour of the maps."""


class ErrorsView:
    """Scatter, table, maps and curves of the errors of models A and B.

    Args:
        open_window: told (member, now) of a window that was clicked in the table.
        chose: called when other windows are looked at.

    Attributes:
        errors: by model, once they are known.
        windows: all of them, as a table.
        chosen: rows of the windows that are looked at; None for all.
        flow, titles: what was forecast, and by whom.
    """

    def __init__(self, open_window: Callable[[int, int], None], chose: Callable[[], None]):
        self.errors: Errors = {}
        self.windows = pd.DataFrame()
        self.chosen: list[int] | None = None
        self.flow: Flow | None = None
        self.titles: dict[str, str] = {}
        self.chose = chose
        self.scatter, self.lines = WindowScatter(), ErrorLines()
        self.maps = {name: ErrorMap(self.choose_region) for name in "ab"}
        self.table = WindowTable(open_window)
        self.scatter.source.selected.on_change("indices", self._brushed)
        self.body = self._body()

    def _body(self):
        lines = self.lines
        curves = (lines.time, lines.region, lines.distance, lines.residual)
        cards = [
            Card(one.figure, 300, words=f"Map of errors of {name}", growth=0.22)
            for name, one in self.maps.items()
        ] + [Card(one.figure, 260, growth=0.25) for one in curves]
        words = "Errors of every window, as dots"
        scatter = Card(self.scatter.figure, 350, 420, words=words, growth=0.2)
        table = pmui.Column(self.table.widget, styles=beside(420), margin=4)
        return pmui.Column(
            pn.FlexBox(scatter, table), pn.FlexBox(*cards), visible=False,
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip

    def take(self, errors: Errors, flow: Flow, titles: dict[str, str]) -> None:
        """Errors of other models or another flow; the same ones leave the choice as it is."""
        if flow is self.flow and all(one is self.errors.get(n) for n, one in errors.items()):
            return
        self.errors, self.flow, self.titles, self.chosen = errors, flow, titles, None
        self.windows = labelled(window_table(errors), flow)

    def choose(self, chosen: list[int] | None) -> None:
        """Look at some windows, by their rows, or at all of them."""
        self.chosen = chosen
        self.chose()

    def choose_region(self, member: int) -> None:
        """The windows of a region; a second click on it shows all of them again."""
        rows = [n for n, other in enumerate(self.windows["member"]) if other == member]
        if rows:
            self.choose(None if rows == self.chosen else rows)

    def _brushed(self, _attribute, _old, new) -> None:
        chosen = sorted(new) or None
        if self.errors and chosen != self.chosen:
            self.choose(chosen)

    def draw(self, *, against: str, whose: str) -> str:
        """Show the chosen windows; returns what there is to say about them.

        Args:
            against: what the scatter draws errors against.
            whose: the model that ranks the windows.
        """
        flow, titles = self.flow, self.titles
        if flow is None:
            return ""
        unit, chosen = flow.velocity_unit, self.chosen
        self.scatter.update(self.windows, against, unit)
        self.scatter.source.selected.indices = chosen or []
        rows = self.windows if chosen is None else self.windows.iloc[chosen]
        self.table.update(rows, whose)
        self._draw_maps(flow)
        self.lines.update(
            self.errors, chosen, grids=flow.grids, times=flow.times, regions=flow.members, unit=unit
        )
        self.body.visible = True
        return errors_words.sentence(self.errors, titles, chosen, unit)

    def _draw_maps(self, flow: Flow) -> None:
        count = len(flow.members)
        made = {name: mosaic(one, count, self.chosen) for name, one in self.errors.items()}
        high = max(float(np.nanquantile(picture, BRIGHTEST)) for picture, _ in made.values())
        for name, (picture, columns) in made.items():
            title = f"Where {name.upper()} errs ({self.titles[name]})"
            self.maps[name].update(picture, columns, count, high or 1.0, flow.velocity_unit, title)
