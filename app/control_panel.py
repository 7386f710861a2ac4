"""The sidebar as one component: native controls that the browser draws from a description."""

from collections.abc import Callable
from pathlib import Path

import param
from panel.io.state import set_curdoc

from .bundle import bundled
from .component import Component
from .title_bar import THEMES

HERE = Path(__file__).parent

LATEST = 2**53
"""Numbers of messages are whole in JavaScript up to here."""


class ControlPanel(Component):
    """Draws controls, tells what is chosen, and shows the values that it is told.

    The browser numbers its messages by the clock, and values say which message they answer: what
    was chosen after it stays, so that no slider is moved by an echo of where it was before.

    Args:
        hear: called with key and value when something is chosen; anybody can send anything.
        answer: called when the browser begins to draw, to ``tell`` what is shown now.
    """

    description = param.List(default=[], doc="Sections, as ``Control.described`` gives them.")
    values = param.Dict(default={"heard": 0, "shown": {}}, doc="Value of each control, by key.")
    sections = param.List(default=[], doc="Keys of the sections that are seen.")
    theme = param.Selector(default="light", objects=("", *THEMES), doc="'' as the page around it.")

    _esm = bundled(HERE / "control_panel.js", HERE / "canvas", HERE / "control_kinds")
    _stylesheets = [HERE / "control_panel.css"]  # noqa: RUF012

    def __init__(self, hear: Callable[[str, object], None], answer: Callable[[], None], **params):
        super().__init__(**params)
        self._hear, self._answer = hear, answer
        self._latest = 0
        self.on_msg(self._heard)

    @property
    def several(self) -> bool:
        """Whether it is there more than once, as in two cells of a notebook."""
        return len(self._models) > 1

    def tell(self, shown: dict[str, object]) -> None:
        """Have the browser show these values."""
        self.values = {"heard": self._latest, "shown": dict(shown)}

    @property
    def _linked_properties(self) -> tuple[str, ...]:
        """What the browser may set: nothing; it sends messages."""
        return ()

    def _process_bokeh_event(self, doc, event) -> None:
        """As Panel does it, without noting that the server is busy: that takes most of a move."""
        with set_curdoc(doc):
            self._process_event(event)

    def _heard(self, event) -> None:
        said = event.data
        if not isinstance(said, dict):
            return
        if said.get("ready") is True:
            self._answer()
        key, number = said.get("key"), said.get("number")
        if not isinstance(key, str) or not isinstance(number, int | float):
            return
        if 0 <= number < LATEST:
            self._latest = max(self._latest, number)
            self._hear(key, said.get("value"))
