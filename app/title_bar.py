"""The bar on top: name, buttons of the pages, and what can be done on all of them."""

from collections.abc import Callable
from pathlib import Path

import param
from panel.custom import Children

from .bundle import bundled
from .component import Component

HERE = Path(__file__).parent

THEMES = ("light", "dark", "projector")

WISHES = ("tour", "help", "reset", "link", "narrow")
"""What the browser sends; "narrow" once, where it has shut a sidebar that lay over the page."""


class TitleBar(Component):
    """Fits every width: labels go first, then the pages and the actions become menus.

    Args:
        act: called with what a visitor wants done, one of ``WISHES``.
    """

    pages = param.List(default=[], doc="[key, title, what it is for] of each page.")
    page = param.String("", doc="Key of the page in front; set from both sides.")
    theme = param.Selector(default="light", objects=THEMES, doc="Set from both sides.")
    visited = param.String("", doc="Query string that the visitor went back or forward to.")
    actions = Children(default=[], doc="Further buttons; ``--label`` is the size of their words.")

    _esm = bundled(HERE / "title_bar.js", HERE / "canvas", HERE / "page_parts")
    _stylesheets = [HERE / "title_bar.css"]  # noqa: RUF012

    def __init__(self, act: Callable[[str], None], **params):
        super().__init__(**params)
        self._act = act
        self.on_msg(self._heard)

    def _heard(self, event) -> None:
        if event.data in WISHES:
            self._act(event.data)
