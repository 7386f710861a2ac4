"""Messages of a Bokeh server, spoken over a WebSocket without a browser."""

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

LARGEST = 2**28
"""Of a message [bytes]; the document comes in one."""

PATIENCE = 120
"""Seconds until a connection is given up."""


class Closed(ConnectionError):
    """The server closed the connection."""


class Wire:
    """One session at a server: its page was asked for, and its WebSocket is open."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)

    @classmethod
    async def opened(cls, address: str, query: str = "") -> "Wire":
        """Ask for the page, as a browser does first, and connect.

        Raises:
            ConnectionError: the page has no session.
        """
        page = await AsyncHTTPClient().fetch(f"{address}?{query}", request_timeout=PATIENCE)
        token = re.search(r'"token":"([^"]+)"', page.body.decode())
        if token is None:
            raise ConnectionError(f"There is no session in the page of {address}.")
        request = HTTPRequest(
            address.replace("http", "ws", 1) + "/ws", connect_timeout=PATIENCE, request_timeout=0
        )
        socket = await websocket_connect(
            request, subprotocols=["bokeh", token[1]], max_message_size=LARGEST
        )
        # As browsers do: a message comes in parts, each of which would wait for word of the last.
        socket.protocol.set_nodelay(True)
        wire = cls(socket)
        await wire.heard()  # the greeting
        return wire

    async def say(self, kind: str, content: dict) -> None:
        """Send a message without buffers."""
        header = {"msgid": str(next(self._numbers)), "msgtype": kind}
        try:
            for part in (header, {}, content):
                await self._socket.write_message(json.dumps(part))
        except WebSocketClosedError as error:
            raise Closed(str(error)) from error

    async def change(self, model: str, attribute: str, value: Any) -> None:
        """A property of a model gets another value, as if in the browser."""
        change = {"kind": "ModelChanged", "model": {"id": model}, "attr": attribute, "new": value}
        await self.say("PATCH-DOC", {"events": [change]})

    async def ready(self) -> None:
        """Tell that the page is there: until then a server of Panel sends nothing."""
        await self._happened("document_ready", {})

    async def tell(self, model: str, data: dict[str, Any]) -> None:
        """A component gets a message, as if from the browser."""
        entries = [[name, value] for name, value in data.items()]
        told = {"type": "map", "entries": entries}
        await self._happened("data_event", {"model": {"id": model}, "data": told})

    async def _happened(self, name: str, values: dict[str, Any]) -> None:
        entries = [[key, value] for key, value in values.items()]
        event = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        message = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        await self.say("PATCH-DOC", {"events": [message]})

    async def heard(self) -> tuple[str, dict, dict[str, bytes]]:
        """The next message: its kind, content and buffers.

        Raises:
            Closed: there will be none.
        """
        header = json.loads(await self._part())
        await self._part()
        content = json.loads(await self._part())
        buffers = {}
        for _ in range(header.get("num_buffers", 0)):
            name = json.loads(await self._part())["id"]
            buffers[name] = await self._part()
        return header["msgtype"], content, buffers

    async def _part(self):
        part = await asyncio.wait_for(self._socket.read_message(), PATIENCE)
        if part is None:
            raise Closed("the server closed the connection")
        return part

    def close(self) -> None:
        """Leave, as by closing the tab."""
        self._socket.close()


def objects(content: Any) -> Iterator[dict]:
    """All models inside a message."""
    if isinstance(content, dict):
        if content.get("type") == "object":
            yield content
        content = list(content.values())
    if isinstance(content, list):
        for entry in content:
            yield from objects(entry)
