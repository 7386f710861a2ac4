"""How Bokeh figures of the dashboard look: bare, with colours that everybody can tell apart."""

import colorcet
import panel as pn
import panel_material_ui as pmui
from bokeh.plotting import figure
from panel.viewable import Viewer

from .sizes import grown

COLOUR_A, COLOUR_B, COLOUR_TRUTH = "#2a8fdb", "#e8731a", "#7d8894"
"""Blue, orange and grey: told apart by colour-blind eyes, on light and dark."""

COLOURS = (COLOUR_A, COLOUR_B, "#009e73", "#cc79a7", "#b8a11a", "#56b4e9", "#8a5fbf")
"""Of models in one figure, in their order; the first two are those of A and B."""

SIGNED = colorcet.palette["diverging_bwr_20_95_c54"]
STRENGTH = colorcet.palette["linear_wyor_100_45_c55"]
"""Colours of signed values, from blue to red, palest at 0, and of lengths, from white."""

WORDS = {"light": "#4a525b", "dark": "#b6bec7", "projector": "#222222"}
"""Colours of words within a figure, by theme."""

SMALL = "0.95em"
"""Their size: that of the numbers along axes."""


def bare_figure(title: str, x: str, y: str, logarithmic: bool = False, **kind):
    """A bare figure; the theme of the page sets fonts, in units of its font size.

    Args:
        x, y: labels of the axes.
        logarithmic: both axes; ``kind`` holds ``x_axis_type`` and the like for one of them.
    """
    if logarithmic:
        kind = {"x_axis_type": "log", "y_axis_type": "log", **kind}
    return figure(
        title=title,
        tools="",
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_height=120,
        min_width=120,
        x_axis_label=x,
        y_axis_label=y,
        outline_line_color=None,
        **kind,
    )


def quiet_legend(made, place: str) -> None:
    made.legend.location = place
    made.legend.click_policy = "hide"
    made.legend.background_fill_alpha = 0.0
    made.legend.border_line_alpha = 0.0
    made.legend.margin = made.legend.padding = made.legend.spacing = 2
    # Legends are not drawn with the figure: what is "1 em" there is larger here.
    made.legend.label_text_font_size = "0.77rem"


def colour_words(state, words: list) -> None:
    """Keep words that are drawn as glyphs readable in all themes.

    Args:
        state: the state that has the theme.
        words: renderers of texts.
    """

    def follow(*_events) -> None:
        for drawn in words:
            drawn.glyph.text_color = WORDS[state.theme]

    state.param.watch(follow, "theme")
    follow()


def beside(width: int) -> dict[str, str]:
    """Styles of what shares a line with others: not many more on large windows than on small ones.

    Args:
        width: below which it moves to a line of its own [CSS pixels]; 0 in a column, where all do.
    """
    if not width:
        return {}
    return {
        "flex": f"1 1 max({width}px, {width / 13.6:.3g}vw)",
        "min-width": f"min({width}px, 100%)",
    }


class Card(Viewer):
    """A place that holds one figure for good; cards share the width of the page.

    Make the figure once, with data sources of its own, in the ``__init__`` of a page, and hand it
    over. Afterwards change ``source.data``, ranges, factors, labels and titles of that figure, and
    ``card.visible``; never put another figure in its place: the browser then keeps parts of the
    old one. What holds a varying number of curves gets glyphs for the most and hides the rest
    (``renderer.visible``).

        self.course = course_figure(self.sources)
        self.card = Card(self.course, 280)
        ...
        with pn.io.hold():
            self.sources["a"].data = columns
            self.course.title.text = title
            self.card.visible = bool(columns["x"])

    Args:
        figure: the figure; its size is set here.
        height: of the figure [CSS pixels].
        width: below which a card moves to a line of its own [CSS pixels]; 0 in a column.
        words: what the figure shows, for readers of screens; its title where empty.
        shape: width over height, where that is to stay; then at most 1.8 times ``height`` high.
        growth: share of the height that large windows have to spare by which it is higher there;
            cards of one column share it.
    """

    def __init__(
        self,
        figure,
        height: int,
        width: int = 380,
        words: str = "",
        *,
        shape: float | None = None,
        growth: float = 0.0,
    ):
        super().__init__()
        self.figure = figure
        figure.update(sizing_mode="stretch_width", height=None if shape else height)
        if shape:
            widest = 1.8 * height * shape
            figure.update(aspect_ratio=shape, max_width=round(widest), align="center")
            figure.styles = {"max-width": grown(widest, growth * shape)}
        else:
            figure.styles = {"min-height": grown(height, growth)}
        text = words or (figure.title.text if figure.title else "")
        figure.html_attributes = {"role": "img", "aria-label": text or "figure"}
        self.column = pmui.Column(
            pn.pane.Bokeh(figure, sizing_mode="stretch_width", margin=0),
            styles=beside(width),
            sizing_mode="stretch_width",
            margin=4,
        )

    def __panel__(self):
        return self.column

    @property
    def visible(self) -> bool:
        """Whether there is anything to look at; the figure stays in either case."""
        return self.column.visible

    @visible.setter
    def visible(self, shown: bool) -> None:
        self.column.visible = shown
