"""The place where a visitor drops a file: the browser sends it in pieces, one at a time.

A file that is sent in one piece would exceed the size of a message and end the connection without
a word; and the server would hold it in memory.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import param

from .component import Component
from .uploads import Incoming, Uploads

HERE = Path(__file__).parent

LONGEST_NAME = 200


class UploadBox(Component):
    """Receives one file at a time and hands it on.

    Args:
        uploads: where files are kept.
        take: called with a file that is complete; returns what to say about it, or raises a
            ValueError that says it.
    """

    limit_mb = param.Integer(0, doc="Largest file [MB].")

    _esm = HERE / "upload_box.js"
    _stylesheets = [HERE / "upload_box.css"]  # noqa: RUF012 (the name is Panel's)

    def __init__(self, uploads: Uploads, take: Callable[[Incoming], Awaitable[str]], **params):
        super().__init__(**params)
        self._uploads, self._take = uploads, take
        self._incoming: Incoming | None = None
        self.on_msg(self._heard)

    @property
    def wanted(self) -> bool:
        """Whether the visitor still waits for the file that is being read."""
        return self._incoming is not None

    async def _heard(self, event: Any) -> None:
        message = event.data if isinstance(event.data, dict) else {}
        try:
            await self._act(message)
        except (ValueError, OSError) as error:
            self._forget(self._incoming)
            self._say("end", text=str(error).splitlines()[0])

    async def _act(self, message: dict) -> None:
        kind = message.get("kind")
        if kind == "offer" and self._incoming is None:
            name = str(message.get("name", ""))[:LONGEST_NAME]
            self._incoming = self._uploads.expect(name, int(message.get("size", 0)))
            self._say("send", at=0)
        elif kind == "piece" and self._incoming is not None and not self._incoming.complete:
            incoming = self._incoming
            incoming.write(int(message.get("at", -1)), bytes(message.get("data", b"")))
            if not incoming.complete:
                self._say("send", at=incoming.received)
                return
            self._say("reading")
            try:
                text = await self._take(incoming)
            finally:
                self._forget(incoming)
            self._say("end", text=text)
        elif kind == "cancel":
            self._forget(self._incoming)

    def _forget(self, incoming: Incoming | None) -> None:
        """Be ready for another file; a reader that still works on this one is stopped."""
        if incoming is not None:
            incoming.discard()
        if self._incoming is incoming:
            self._incoming = None

    def _say(self, kind: str, **more: Any) -> None:
        self._send_msg({"kind": kind, **more})
