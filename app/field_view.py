"""The canvas component: six linked pictures, a probe and a rollout player, drawn in the browser."""

from pathlib import Path

import param
from panel.custom import Child, JSComponent

from . import colours
from .scene import STEPS

HERE = Path(__file__).parent


class FieldView(JSComponent):
    """Draws packets of ``pictures.Painter``; plays them without asking the server.

    A packet with a new generation replaces all frames, others add to them. While the wanted lead
    has not arrived the latest one is shown. ``lead`` is set from both sides.

    Packets are messages, not a parameter: for every change of a parameter Panel walks through all
    models inside, the figures among them, which takes longer than all the rest of a move.
    """

    tables = param.Bytes(colours.tables(), doc="Colour maps, 256 x 3 bytes each.")
    lead = param.Integer(1, bounds=(1, STEPS), doc="The lead that is shown.")
    arrows = param.Boolean(False, doc="Whether velocities are drawn as arrows.")
    ready = param.Integer(0, doc="Raised by the browser once it can take packets.")
    missing = param.Integer(0, doc="Set by the browser when a frame was lost on the way.")
    playing = param.Boolean(False, doc="Set by the browser while the player runs.")
    prefers_dark = param.Boolean(False, doc="Set by the browser from the visitor's system.")
    visited = param.String("", doc="Query string that the visitor went back or forward to.")
    growth = Child(doc="The figure of errors against lead.")
    spectra = Child(doc="The figure of energy spectra.")

    def send(self, packet: bytes) -> None:
        """Hand new frames to the browser."""
        self._send_msg(packet)

    _esm = HERE / "field_view.js"
    _stylesheets = [HERE / "field_view.css"]  # noqa: RUF012 (the name is Panel's)
