"""The canvas component: linked pictures, a probe and a rollout player, drawn in the browser."""

import json
from pathlib import Path

import param

from . import colours
from .bundle import bundled
from .component import Component
from .scene import MOST_STEPS

HERE = Path(__file__).parent

VIEWS = ("forecasts", "square", "swipe", "flicker")
VECTORS = ("none", "arrows", "particles")
THEMES = ("", "light", "dark", "projector")


class FieldView(Component):
    """Draws packets of ``pictures.Painter``; plays them without asking the server.

    A packet with a new generation replaces all frames, others add to them. While the wanted lead
    has not arrived the latest one is shown; while the numbers for the wanted view have not, the
    view is that of the packets. ``lead``, ``playing`` and ``pinned`` are set from both sides.

    Pictures, curves and words travel in one message, so that they appear together. What is told
    before the browser is there comes with the page: the first pictures need no way back and forth.
    """

    tables = param.Bytes(colours.tables(), doc="Colour maps, 256 x 3 bytes each.")
    lead = param.Integer(1, bounds=(1, MOST_STEPS), doc="The lead that is shown.")
    view = param.Selector(default="forecasts", objects=VIEWS, doc="How pictures are arranged.")
    vectors = param.Selector(default="none", objects=VECTORS, doc="Velocities on the pictures.")
    theme = param.Selector(default="", objects=THEMES, doc="Colours and sizes; '' as the page.")
    pinned = param.List(
        default=[], doc="Point of the time series: shares of width and height, from the lower left."
    )
    story = param.String("", doc="What was told before the browser was there: words,")
    charts = param.String("", doc="the small figures as JSON,")
    packet = param.Bytes(b"", doc="and the first frames.")
    ready = param.Integer(0, doc="Raised by the browser once it can take packets.")
    missing = param.Integer(0, doc="Set by the browser when a frame was lost on the way.")
    playing = param.Boolean(False, doc="Set by the browser while the player runs.")

    @param.depends("ready", watch=True)
    def _shown(self) -> None:
        """The browser has what came with the page."""
        if self.packet:
            self.param.update(story="", charts="", packet=b"")

    def tell(self, story: str, charts: dict[str, dict], packet: bytes | None = None) -> None:
        """Hand numbers, and perhaps new frames, to the browser.

        Args:
            story: HTML of the sentence and the table over the pictures.
            charts: the small figures "growth" and "spectra", see ``panels/charts.py``.
            packet: see ``packets``.
        """
        message: dict[str, str | bytes] = {"story": story, "charts": json.dumps(charts)}
        if packet is not None:
            message["packet"] = packet
        if self.ready:
            self._send_msg(message)
        else:
            self.param.update(**message)

    def save_picture(self, name: str = "symdyn.png") -> None:
        """Have the browser save the view as it stands as a PNG file of that name.

        It is drawn anew there at twice the size of the screen, with words, colour bars and curves;
        moving particles become streamlines. Nothing happens before the first forecast is shown.
        From elsewhere on the page: ``session.panel("explore").view.save_picture()``.
        """
        self._send_msg({"save": name})

    _esm = bundled(HERE / "field_view.js", HERE / "canvas")
    _stylesheets = [HERE / "field_view.css", HERE / "story.css"]  # noqa: RUF012
