"""Who is here: as many sessions as the operator allows, closed when nobody uses them any more."""

import asyncio
import time
from dataclasses import dataclass, field

import panel as pn
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent

from .logs import LOG
from .operator import operator

LOOK = 30_000
"""Milliseconds between two looks at whether a session is used."""

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

    began: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.monotonic)

    def touch(self, event: DocumentPatchedEvent) -> None:
        """A change of the document: those with a setter come from the browser."""
        if getattr(event, "setter", None) is not None:
            self.used = time.monotonic()

    def hear(self, _message: object) -> None:
        """A message: those to the server come from the browser."""
        self.used = time.monotonic()


class Visits:
    """The sessions of this process."""

    def __init__(self) -> None:
        self._there: dict[str, Visit] = {}

    def __len__(self) -> int:
        return len(self._there)

    @property
    def full(self) -> bool:
        """Whether there is no place for another one."""
        return len(self) >= operator().max_sessions

    def enter(self, document: Document) -> Visit:
        """Count a session until it is destroyed, and close it when it is idle."""
        context = document.session_context
        visit = self._there[context.id] = Visit()
        document.callbacks.on_change(visit.touch)
        # The sidebar sends messages: whoever drags a slider for an hour changes no document.
        document.on_message("bokeh_event", visit.hear)
        document.on_session_destroyed(self.leave)
        document.add_periodic_callback(_IdleWatch(document, visit).look, LOOK)
        LOG.info("a visitor came", extra={"visitors": len(self)})
        return visit

    def leave(self, context) -> None:
        """A session is gone."""
        visit = self._there.pop(context.id, None)
        if visit is not None:
            seconds = round(time.monotonic() - visit.began)
            LOG.info("a visitor left", extra={"visitors": len(self), "seconds": seconds})


class _IdleWatch:
    """Closes one session when it was idle for as long as the operator allows."""

    def __init__(self, document: Document, visit: Visit):
        self.document, self.visit = document, visit
        self.ending = False

    async def look(self) -> None:
        minutes = operator().idle_minutes
        idle = time.monotonic() - self.visit.used
        if self.ending or idle < 60 * minutes:
            return
        self.ending = True
        LOG.info("an idle session is closed", extra={"seconds": round(idle)})
        if pn.state.notifications is not None:
            pn.state.notifications.info(ASLEEP.format(minutes=minutes), duration=0)
        # Not while the session is locked: the notice has to go out first.
        asyncio.get_running_loop().call_later(READ, hang_up, self.document)


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
