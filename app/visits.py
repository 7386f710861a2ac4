"""Who is here: as many sessions as the operator allows, closed when nobody uses them any more."""

import asyncio
import time
from contextvars import Context
from dataclasses import dataclass, field

import panel as pn
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from panel.io.state import set_curdoc

from . import memory
from .logs import LOG
from .operator import operator

LOOK = 10.0
"""Seconds between two looks at who is idle and who has left."""

QUIET = 10.0
"""Seconds without anybody leaving after which memory is given back: Panel has cleaned up then."""

READ = 2.0
"""Seconds in which the browser can show the notice before it is cut off."""

FULL = (
    "All places on this server are taken. One becomes free when somebody closes the page; "
    "until then, this page tries again by itself."
)

ASLEEP = (
    "Nobody used this page for {minutes} minutes, and the server has let it go. "
    "Reload it to go on: the address holds all that was chosen."
)


@dataclass
class Visit:
    """One session: since when it is there, and when its visitor last did something."""

    document: Document
    began: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.monotonic)
    ending: bool = False

    def touch(self, event: DocumentPatchedEvent) -> None:
        """A change of the document: those with a setter come from the browser."""
        if getattr(event, "setter", None) is not None:
            self.used = time.monotonic()

    def hear(self, _message: object) -> None:
        """A message: those to the server come from the browser."""
        self.used = time.monotonic()

    def look(self) -> None:
        """End it when it was idle for as long as the operator allows."""
        idle = time.monotonic() - self.used
        if not self.ending and idle >= 60 * operator().idle_minutes:
            self.ending = True
            LOG.info("an idle session is closed", extra={"seconds": round(idle)})
            self.document.add_next_tick_callback(self._end)

    async def _end(self) -> None:
        with set_curdoc(self.document):  # the watch belongs to none
            if pn.state.notifications is not None:
                line = ASLEEP.format(minutes=operator().idle_minutes)
                pn.state.notifications.info(line, duration=0)
        # Not while the session is locked: the notice has to go out first.
        asyncio.get_running_loop().call_later(READ, hang_up, self.document)


class Visits:
    """The sessions of this process."""

    def __init__(self) -> None:
        self._there: dict[str, Visit] = {}
        self._left: float | None = None
        self._watching = False

    def __len__(self) -> int:
        return len(self._there)

    @property
    def full(self) -> bool:
        """Whether there is no place for another one."""
        return len(self) >= operator().max_sessions

    def enter(self, document: Document) -> Visit:
        """Count a session until it is destroyed."""
        context = document.session_context
        visit = self._there[context.id] = Visit(document)
        document.callbacks.on_change(visit.touch)
        # The sidebar sends messages: whoever drags a slider for an hour changes no document.
        document.on_message("bokeh_event", visit.hear)
        document.on_session_destroyed(self.leave)
        LOG.info("a visitor came", extra={"visitors": len(self)})
        return visit

    def leave(self, context) -> None:
        """A session is gone."""
        visit = self._there.pop(context.id, None)
        if visit is not None:
            self._left = time.monotonic()
            seconds = round(self._left - visit.began)
            LOG.info("a visitor left", extra={"visitors": len(self), "seconds": seconds})
            memory.forget(visit.document)

    def watch(self) -> None:
        """Close idle sessions from now on, and give back what those that left have held."""
        if not self._watching:
            self._watching = True
            self._look_later()

    def _look_later(self) -> None:
        # One timer for all, in no session's context: one of its own would hold a session that has
        # ended until it rings.
        asyncio.get_running_loop().call_later(LOOK, self._look, context=Context())

    def _look(self) -> None:
        try:
            for visit in tuple(self._there.values()):
                visit.look()
            if self._left is not None and time.monotonic() - self._left >= QUIET:
                self._left = None
                memory.give_back()
        finally:  # what goes wrong with one visitor is told, and the others are looked after
            self._watching = bool(self._there) or self._left is not None
            if self._watching:
                self._look_later()


def connected(document: Document) -> bool:
    """Whether a browser shows a session; True where no server holds it, as in a notebook."""
    context = document.session_context
    session = context.session if context is not None else None
    return session is None or session.connection_count > 0


def hang_up(document: Document) -> None:
    """Close the connections of a session; the server forgets it soon after.

    Bokeh has no public way to do so from the server.
    """
    context = document.session_context
    session = context.session if context is not None else None
    for connection in tuple(getattr(session, "_subscribed_connections", ())):
        connection._socket.close(1001, "idle")


VISITS = Visits()
"""Of this process."""
