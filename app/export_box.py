"""The export button: a menu, and files on their way to a visitor, saved by the browser."""

from collections.abc import Callable
from pathlib import Path

import param

from .bundle import bundled
from .component import Component

HERE = Path(__file__).parent


class ExportBox(Component):
    """A button of the title bar with a menu; hands files over.

    Args:
        chosen: called with the key of what was chosen; it is one of ``kinds``.
    """

    kinds = param.List(default=[], doc="[key, label, what it is] of each; hidden without.")
    busy = param.Boolean(False, doc="Whether a file is being made.")

    _esm = bundled(HERE / "export_box.js", HERE / "canvas")
    _stylesheets = [HERE / "export_box.css"]  # noqa: RUF012 (names are Panel's)

    def __init__(self, chosen: Callable[[str], None], **params):
        super().__init__(**params)
        self._chosen = chosen
        self.on_msg(self._heard)

    def _heard(self, event) -> None:
        if not self.busy and event.data in [key for key, *_ in self.kinds]:
            self._chosen(event.data)

    def send(self, name: str, kind: str, content: bytes) -> None:
        """Let the browser save a file.

        Args:
            name: of the file; ``kind`` its media type.
        """
        self._send_msg({"name": name, "kind": kind})
        self._send_msg(content)
