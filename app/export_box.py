"""Files on their way to a visitor: made on the server, saved by the browser."""

from pathlib import Path

from panel.custom import JSComponent

HERE = Path(__file__).parent


class ExportBox(JSComponent):
    """Draws nothing; hands files over."""

    _esm = HERE / "export_box.js"

    def send(self, name: str, kind: str, content: bytes) -> None:
        """Let the browser save a file.

        Args:
            name: of the file; ``kind`` its media type.
        """
        self._send_msg({"name": name, "kind": kind})
        self._send_msg(content)
