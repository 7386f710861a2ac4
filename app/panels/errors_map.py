"""Where a model errs: RMSE of every cell, all regions side by side."""

from collections.abc import Callable

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColorBar, ColumnDataSource, CustomJSHover, HoverTool, LinearColorMapper
from bokeh.palettes import Viridis256

from .figures import bare_figure

NOTHING = -1.0
"""Where there is no error: below all colours."""


class ErrorMap:
    """Regions as tiles; a click on one of them chooses its windows."""

    def __init__(self, choose: Callable[[int], None]):
        self.picture = ColumnDataSource({"image": [], "dw": [], "dh": []})
        self.tiles = ColumnDataSource({"x": [], "y": [], "name": []})
        self.columns, self.members, self.choose = 1, 0, choose
        self.colours = LinearColorMapper(palette=Viridis256, low=0, high=1, low_color="#0000")
        made = bare_figure("Where", "", "")
        made.match_aspect = True
        made.axis.visible = made.grid.visible = False
        made.outline_line_color = None
        made.x_range.range_padding = made.y_range.range_padding = 0
        image = made.image(
            "image", x=0, y=0, dw="dw", dh="dh", source=self.picture, color_mapper=self.colours
        )
        made.block(
            "x", "y", width=1, height=1, source=self.tiles, fill_color=None, line_color="#fff",
            line_width=2,
        )  # fmt: skip
        made.text(
            "x", "y", "name", source=self.tiles, x_offset=5, y_offset=-4, text_color="#fff",
            text_font_size="13px", text_font_style="bold",
        )  # fmt: skip
        known = CustomJSHover(code="return value < 0 ? '–' : value.toPrecision(3);")
        made.add_tools(
            HoverTool(
                renderers=[image],
                tooltips=[("RMSE", "@image{custom}")],
                formatters={"@image": known},
            )
        )
        bar = ColorBar(
            color_mapper=self.colours, width=8, background_fill_alpha=0, bar_line_color=None
        )
        made.add_layout(bar, "right")
        made.on_event(Tap, self._tapped)
        self.bar, self.figure = bar, made

    def update(
        self, picture: np.ndarray, columns: int, members: int, high: float, unit: str, title: str
    ) -> None:
        """Show the errors of all regions.

        Args:
            picture: of ``symdyn_core.experiments.error_summaries.mosaic``, and its columns.
            high: error at the end of the colours.
        """
        self.columns, self.members = columns, members
        rows = -(-members // columns)
        # Land, and places without a region, have no error; hovering, NaN could not be put in words.
        picture = np.where(np.isnan(picture), NOTHING, picture)
        self.picture.data = {"image": [picture], "dw": [columns], "dh": [rows]}
        self.tiles.data = {
            "x": [n % columns for n in range(members)],
            "y": [n // columns for n in range(members)],
            "name": [str(n + 1) for n in range(members)],
        }
        self.colours.high = high
        self.bar.title = unit or None
        self.figure.title.text = title

    def _tapped(self, event: Tap) -> None:
        column, row = int(np.floor(event.x)), int(np.floor(event.y))
        member = row * self.columns + column
        if 0 <= column < self.columns and 0 <= member < self.members:
            self.choose(member)
