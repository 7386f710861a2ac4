"""A visitor who has left leaves nothing behind."""

import asyncio
import gc
import sys
import time
import weakref
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

pytest_plugins = ("dashboard_fixtures",)

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"


@pytest.fixture
def memory(data, monkeypatch):
    """The module under test; the collector of garbage is left as it is."""
    from panel.config import config

    from app import memory

    monkeypatch.setattr(memory, "keep_what_is_here", lambda: None)
    monkeypatch.setattr(sys, "argv", ["panel"])
    notifications = config.notifications
    yield memory
    config.notifications = notifications


async def visit():
    """Serve the dashboard to a visitor who comes and leaves.

    Returns weak references to what was made for him: the document, and what the page shows.
    """
    from bokeh.application.handlers.document_lifecycle import DocumentLifecycleHandler
    from bokeh.server.contexts import ApplicationContext
    from bokeh.util.token import generate_jwt_token, generate_session_id
    from panel.io.application import build_single_handler_application
    from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
    from tornado.ioloop import IOLoop

    application = build_single_handler_application(str(MAIN))
    application.add(DocumentLifecycleHandler())  # as a server does
    context = ApplicationContext(application, io_loop=IOLoop.current(), url="/app")
    name = generate_session_id()
    request = HTTPServerRequest(
        start_line=RequestStartLine("GET", "/app", "HTTP/1.1"),
        headers=HTTPHeaders({"Host": "localhost"}), connection=SimpleNamespace(),
    )  # fmt: skip
    others = {id(session) for session in sessions()}
    made = await context.create_session_if_needed(name, request, generate_jwt_token(name))
    own = [session for session in sessions() if id(session) not in others]
    references = [weakref.ref(made.document), *map(weakref.ref, own)]
    del own
    await context._discard_session(made, lambda _: True)
    return references


def sessions() -> list:
    """All sessions of the dashboard that are alive."""
    from app.page import Session

    return [thing for thing in gc.get_objects() if type(thing) is Session]


def alive(references) -> list[str]:
    """Names of what is not freed."""
    gc.collect()
    return [type(reference()).__name__ for reference in references if reference() is not None]


def test_a_closed_session_is_freed(memory, monkeypatch):
    references = asyncio.run(visit())
    assert len(references) == 2, "one document, one session"
    assert alive(references) == []
    monkeypatch.setattr(memory, "forget", lambda document: None)
    held = asyncio.run(visit())
    assert alive(held), "control: if Panel lets go by itself, `forget` need not see to it"
    monkeypatch.undo()
    memory.forget(held[0]())
    assert alive(held) == []


def test_memory_is_given_back(memory, monkeypatch):
    given = Event()
    monkeypatch.setattr(memory, "hand_back", given.set)
    memory.give_back()
    assert given.wait(10)


def test_memory_is_given_back_once_nobody_leaves_any_more(memory, monkeypatch):
    from app import visits

    given = []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(1))
    there = visits.Visits()
    monkeypatch.setattr(there, "_look_later", lambda: None)
    there._look()
    assert not given, "nobody has left"
    there._left = time.monotonic()
    there._look()
    assert not given and there._watching, "somebody has just left"
    there._left -= visits.QUIET
    there._look()
    there._look()
    assert given == [1] and not there._watching
