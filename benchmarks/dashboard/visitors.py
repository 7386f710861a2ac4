"""Sessions that open the page and move a slider, without a browser."""

import asyncio
import json
import struct
import time

from .wire import Wire, objects


class Visitor:
    """One session that sees pictures and numbers arrive.

    Attributes:
        generation: of the pictures that arrived last.
        arrivals: times at which a new generation was complete, pictures and numbers.
    """

    def __init__(self, wire: Wire):
        self.wire = wire
        self.generation = 0
        self.arrivals: dict[int, float] = {}
        self.leads: dict[int, list[float]] = {}
        self.failure: Exception | None = None
        self.controls = self.view = ""
        self._listening: asyncio.Task | None = None
        self._noticed = asyncio.Event()

    @classmethod
    async def arrived(cls, address: str, patient: bool = True) -> "Visitor":
        """Open the page and, if patient, wait for its first pictures."""
        page, _, query = address.partition("?")
        visitor = cls(await Wire.opened(page, query))
        await visitor._meet()
        if patient:
            await visitor.seen(after=0)
        return visitor

    async def _meet(self) -> None:
        await self.wire.say("PULL-DOC-REQ", {})
        kind, content, _ = await self.wire.heard()
        while kind != "PULL-DOC-REPLY":
            kind, content, _ = await self.wire.heard()
        found = list(objects(content["doc"]["roots"]))
        for model in found:
            if model.get("attributes", {}).get("class_name") == "ControlPanel":
                self.controls = model["id"]
            elif "FieldView" in model["name"]:
                self.view = model["id"]
        if not (self.controls and self.view):
            raise ConnectionError("The page lacks the sidebar or the pictures.")
        self._listening = asyncio.ensure_future(self._listen())
        await self.wire.ready()
        await self.wire.change(self.view, "ready", 1)

    async def move(self, angle: float) -> float:
        """Turn the flow; returns milliseconds until pictures and numbers of it have arrived."""
        before, began = self.generation, time.perf_counter()
        said = {"key": "links.0.rotation.0", "value": angle, "number": time.time_ns() // 1_000_000}
        await self.wire.tell(self.controls, said)
        return 1000 * (await self.seen(before) - began)

    async def seen(self, after: int) -> float:
        """Wait for a generation later than this one; returns when it was complete."""
        while True:
            if self.failure is not None:
                raise self.failure
            times = [at for number, at in self.arrivals.items() if number > after]
            if times:
                return min(times)
            # To look again and again would take the processor from the server.
            self._noticed.clear()
            await self._noticed.wait()

    async def leave(self) -> None:
        """Close the tab."""
        if self._listening is not None:
            self._listening.cancel()
        self.wire.close()

    async def _listen(self) -> None:
        try:
            while True:
                _, content, buffers = await self.wire.heard()
                for event in content.get("events", []):
                    self._notice(event, buffers)
        except (TimeoutError, ConnectionError) as error:
            self.failure = error
            self._noticed.set()

    def _notice(self, event: dict, buffers: dict[str, bytes]) -> None:
        """Pictures, curves and numbers come together."""
        if event["kind"] != "MessageSent":
            return
        for packet in buffers.values():
            header = _header(packet)
            if "generation" in header:
                self.generation, now = header["generation"], time.perf_counter()
                self.leads.setdefault(self.generation, []).append(now)
                self.arrivals.setdefault(self.generation, now)
                self._noticed.set()


def _header(packet: bytes) -> dict:
    """What a packet of pictures says about itself."""
    try:
        (length,) = struct.unpack_from("<I", packet)
        return json.loads(packet[4 : 4 + length])
    except (struct.error, ValueError):
        return {}
