"""Messages to the sidebar: anybody can send anything, and the state stays sound."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from control_tools import say, told

pytest_plugins = ("dashboard_fixtures", "control_fixtures")

FORGED = [
    *(("links.0.rotation.0", v) for v in (float("nan"), float("inf"), -1, 361, 10**400, "9", True)),
    *(("links.0.rotation.0", v) for v in (None, [1], {"a": 1}, b"37")),
    *(("links.0", v) for v in ("shear", "", 3, None, ["rotation"], "r" * 10**6)),
    *(("links.0.rotation.presets", v) for v in (-1, 5, 1.5, True, "0", None, float("nan"))),
    *(("data", v) for v in ("/etc/passwd", None, 0, {})),
    *(("member", v) for v in (-1, 2, 0.5, True, "0", 10**400)),
    *(("now", v) for v in (0, 10**6, "4", float("nan"), None)),
    *(("model_a", v) for v in ("run:../zoo/rbc-resnet-plain", "os:system", None, 1)),
    *(("field", v) for v in ("temperature", None, 0, [])),
    *(("stabilised", v) for v in (1, "yes", None)),
    *(("steps", v) for v in (0, 10**9, "10", float("nan"))),
]


@pytest.mark.parametrize("key, value", FORGED, ids=lambda v: repr(v)[:24])
def test_what_cannot_be_chosen_is_told_and_taken_back(controls, state, complaints, key, value):
    names = ("links", "data", "member", "now", "model_a", "model_b", "field", "stabilised", "steps")
    before = {name: getattr(state, name) for name in names}
    sent = controls.view.values
    say(controls, key, value, number=5)
    assert {name: getattr(state, name) for name in names} == before
    assert len(complaints) == 1 and len(complaints[0]) < 200
    if controls._controls[key].holds:
        assert controls.view.values is not sent and controls.view.values["heard"] == 5
        assert told(controls) == sent["shown"]


@pytest.mark.parametrize(
    "message",
    [
        None, 3, "tour", [], {}, {"ready": 1}, {"key": "links.0.rotation.0", "value": 5},
        {"key": ["links.0"], "value": "rotation", "number": 1},
        {"key": {}, "value": 1, "number": 1},
        {"key": "links.0.rotation.0", "value": 5, "number": "1"},
        {"key": "links.0.rotation.0", "value": 5, "number": float("nan")},
        {"key": "links.0.rotation.0", "value": 5, "number": -1},
        {"key": "links.0.rotation.0", "value": 5, "number": 10**400},
        {"key": "links.9.rotation.0", "value": 5, "number": 1},
        {"key": "__class__", "value": 5, "number": 1},
        {"key": "transformation", "value": 5, "number": 1},
        {"key": "links.0.rotation.action", "value": "<b>", "number": 1},
    ],
)  # fmt: skip
def test_other_messages_do_nothing(controls, state, complaints, caplog, message):
    before, sent = state.param.values(), controls.view.values
    with caplog.at_level(logging.WARNING):
        controls.view._heard(SimpleNamespace(data=message))
    assert state.param.values() == before and controls.view.values == sent
    assert complaints == [] and caplog.records == []


def test_what_is_disabled_cannot_be_chosen(controls, complaints):
    from dataclasses import replace

    say(controls, "member", 7)
    assert len(complaints) == 1, "control: enabled, it complains of what it cannot have"
    controls._controls["member"] = replace(controls._controls["member"], disabled=True)
    say(controls, "member", 7)
    assert len(complaints) == 1


def test_the_browser_cannot_set_the_description(controls):
    assert controls.view._linked_properties == ()


def test_a_slider_that_moves_asks_for_its_last_place(data, monkeypatch):
    """Through Panel's own ways, as a server does: the message, the state, the engine."""
    import param
    from panel.models.esm import DataEvent

    from app.flows import sources
    from app.page import Session

    asked = []

    async def ask(self, question, display):
        asked.append(question.links)

    monkeypatch.setattr("app.engine.Engine.ask", ask)
    monkeypatch.setattr(
        param.parameterized, "async_executor", lambda function: asyncio.run(function())
    )
    session = Session(sources())
    view = session.controls.view
    model = view.get_root()
    for number, angle in enumerate((31, 32, 33), start=1):
        said = {"key": "links.0.rotation.0", "value": angle, "number": number}
        view._process_event(DataEvent(model, data=said))
    assert asked[-1] == (("rotation", (33.0,)),) and len(asked) == 3


def test_messages_keep_a_session_awake(data):
    from bokeh.document import Document
    from bokeh.document.events import MessageSentEvent
    from bokeh.events import DocumentReady

    from app import visits

    document = Document()
    context = SimpleNamespace(id="one", session=None)
    document._session_context = lambda: context  # as Bokeh's server sets it
    visit = visits.Visits().enter(document)
    visit.used = 0.0
    document.callbacks.send_event(DocumentReady())
    assert visit.used == 0.0, "control: what the server says keeps nobody awake"
    said = MessageSentEvent(document, "bokeh_event", DocumentReady())
    MessageSentEvent._handle_event(document, said)
    assert visit.used > 0.0
