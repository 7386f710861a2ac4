"""How Bokeh figures of the dashboard look: bare, with colours that everybody can tell apart."""

import panel as pn
import panel_material_ui as pmui
from bokeh.plotting import figure
from panel.viewable import Viewer

COLOUR_A, COLOUR_B, COLOUR_TRUTH = "#2a8fdb", "#e8731a", "#7d8894"
"""Blue, orange and grey: told apart by colour-blind eyes, on light and dark."""

COLOURS = (COLOUR_A, COLOUR_B, "#009e73", "#cc79a7", "#b8a11a", "#56b4e9", "#8a5fbf")
"""Of models in one figure, in their order; the first two are those of A and B."""


def bare_figure(title: str, x: str, y: str, logarithmic: bool = False):
    """A bare figure; the theme of the page sets fonts, in units of its font size."""
    kind = {"x_axis_type": "log", "y_axis_type": "log"} if logarithmic else {}
    return figure(
        title=title,
        tools="",
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_height=120,
        min_width=120,
        x_axis_label=x,
        y_axis_label=y,
        **kind,
    )


def quiet_legend(made, place: str) -> None:
    made.legend.location = place
    made.legend.click_policy = "hide"
    made.legend.background_fill_alpha = 0.0
    made.legend.border_line_alpha = 0.0
    made.legend.margin = 2
    made.legend.padding = 2


class Card(Viewer):
    """A place for a figure that is drawn anew; cards share the width of the page.

    The whole pane is replaced: a pane whose figure is exchanged lays out the old one once more.
    """

    def __init__(self, height: int, width: int = 380):
        super().__init__()
        self.height = height
        self.column = pmui.Column(
            styles={"flex": f"1 1 {width}px", "min-width": "300px"}, min_height=height, margin=4
        )

    def __panel__(self):
        return self.column

    def show(self, made) -> None:
        """Another figure; None leaves the place empty."""
        if made is None:
            self.column[:] = []
            return
        made.update(sizing_mode="stretch_width", height=self.height)
        self.column[:] = [pn.pane.Bokeh(made, sizing_mode="stretch_width", margin=0)]
