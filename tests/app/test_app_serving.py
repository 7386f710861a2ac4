"""What a server keeps of its visitors while they are there, and afterwards."""

import json
import logging
import sys

import pytest

pytest_plugins = ("dashboard_fixtures",)


class Context:
    """What Bokeh knows of a session."""

    def __init__(self, name: str, session=None):
        self.id, self.session = name, session


def document_of(name: str, session=None):
    from bokeh.document import Document

    document = Document()
    document._session_context = lambda: context  # as Bokeh's server sets it
    context = Context(name, session)
    return document, context


@pytest.fixture
def visits(data, monkeypatch):
    from app import visits

    monkeypatch.setenv("SYMDYN_MAX_SESSIONS", "2")
    monkeypatch.setenv("SYMDYN_IDLE_MINUTES", "5")
    return visits


def test_places_are_taken_and_become_free(visits):
    there, contexts = visits.Visits(), []
    for name in ("one", "two"):
        assert not there.full
        document, context = document_of(name)
        there.enter(document)
        contexts.append(context)
    assert there.full
    there.leave(contexts[0])
    there.leave(contexts[0])
    assert not there.full and len(there) == 1


def test_only_the_browser_keeps_a_session_awake(visits):
    from bokeh.models import Div

    there = visits.Visits()
    document, _ = document_of("one")
    document.add_root(div := Div(text="a"))
    visit = there.enter(document)
    visit.used = 0.0
    div.text = "the server says this"
    assert visit.used == 0.0
    div.set_from_json("text", "the visitor typed this", setter=object())
    assert visit.used > 0.0


async def _look(visit):
    """Look once, and do what the server of the document would do next."""
    import asyncio

    visit.look()
    for planned in visit.document.session_callbacks:
        await planned.callback()
    await asyncio.sleep(0.05)


def test_an_idle_session_is_closed_and_no_other(visits, monkeypatch):
    import asyncio
    import time

    import panel as pn

    closed = []

    class Socket:
        def close(self, code, reason):
            closed.append(reason)

    class Connection:
        _socket = Socket()

    class Session:
        _subscribed_connections = frozenset({Connection()})

    class Notices:
        def info(self, line, duration):
            told.append(line)

    told = []
    monkeypatch.setattr(visits, "READ", 0.0)
    document, _ = document_of("one", Session())
    pn.state._notifications[document] = Notices()  # as for a page with notices
    visit = visits.Visit(document)
    visit.used = time.monotonic() - 4 * 60
    asyncio.run(_look(visit))
    assert closed == []
    visit.used = time.monotonic() - 6 * 60
    asyncio.run(_look(visit))
    asyncio.run(_look(visit))
    assert closed == ["idle"], "once"
    assert len(told) == 1 and "5 minutes" in told[0], "and is told why"


def test_the_log_is_one_object_for_each_line(data, capsys):
    from app import logs

    handler = logging.StreamHandler(sys.stderr)
    logger = logging.getLogger("symdyn.test")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    before = handler.formatter
    logs.configure(log_json=False)
    assert handler.formatter is before
    root = {h: h.formatter for h in logging.getLogger().handlers}
    try:
        logs.configure(log_json=True)
        logger.info("a\nfile %s", "arrived", extra={"size": 7, "where": handler})
        try:
            raise ValueError("no such flow")
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
        for own, formatter in root.items():
            own.setFormatter(formatter)
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first["message"] == "a\nfile arrived" and first["size"] == 7
    assert first["level"] == "INFO" and first["time"].endswith("+00:00")
    assert "ValueError: no such flow" in second["error"] and second["level"] == "ERROR"


def test_results_are_forgotten_one_by_one(data):
    from app.kept import Kept

    made = []
    kept = Kept(lambda key: made.append(key) or [key], 2)
    first = kept("a")
    assert kept("a") is first and made == ["a"]
    kept("b")
    kept("a")
    kept("c")  # b was not used for longest
    assert len(kept) == 2 and kept("a") is first and made == ["a", "b", "c"]
    kept.forget(lambda key: key == "a")
    assert kept("a") is not first


def test_flows_of_a_visitor_are_forgotten_with_his_folder(data, tmp_path):
    from dashboard_fixtures import smooth_flow

    from app.flows import Source, forget_flows, open_source, sources
    from symdyn_core.datasets.store import write_flow

    mine = Source("mine", str(write_flow(smooth_flow(), tmp_path / "1" / "mine.zarr")))
    shared = sources()[0]
    before = open_source(mine), open_source(shared)
    assert open_source(mine) is before[0]
    forget_flows(tmp_path)
    assert open_source(mine) is not before[0] and open_source(shared) is before[1]


def test_a_page_is_held_by_nobody_when_its_visitor_has_left(data):
    import gc
    import weakref

    import panel_material_ui as pmui

    from app.quiet_page import quiet_page

    quiet, loud = weakref.ref(quiet_page(main=[])), weakref.ref(pmui.Page(main=[]))
    gc.collect()
    assert quiet() is None
    assert loud() is not None, "control: if Panel lets go by itself, quiet_page need not see to it"


def test_the_frame_of_the_page_leaves_out_what_nothing_uses(data):
    from app.quiet_page import needed

    kept = ['<link href="a/b.css">', '<script src="bokeh.min.js">', 'const a = "bokeh-gl.min.js";']
    left = ['<link href="a/material-icons.css">', '  <script src="bokeh-gl.min.js?v=1"></script>']
    left += ['<script type="esms-options">{"shimMode": true}</script>']
    assert needed("\n".join([*left, *kept])) == "\n".join(kept)


@pytest.mark.parametrize(
    ("command", "several"),
    [
        ("panel serve app --port 5006", False),
        ("panel serve app --num-procs 1 --port 5006", False),
        ("panel serve app --num-procs 2", True),
        ("panel serve app --num-procs=0 --warm", True),
    ],
)
def test_what_forks_is_made_warm_after_the_fork(data, command, several):
    from app.warmth import will_fork

    assert will_fork(command.split()) is several
