"""The canvas component from the side of the server: its modules, its messages, the pinned point."""

import pytest

pytest_plugins = ("dashboard_fixtures",)


def test_the_browser_is_asked_for_frames_and_files_by_messages(data, monkeypatch):
    from app.field_view import FieldView

    sent = []
    view = FieldView()
    monkeypatch.setattr(view, "_send_msg", sent.append)
    view.ready = 1
    view.tell("<p>words</p>", {"growth": {"at": [1]}})
    view.tell("", {}, b"packet")
    view.save_picture("turned flow.png")
    assert sent == [
        {"story": "<p>words</p>", "charts": '{"growth": {"at": [1]}}'},
        {"story": "", "charts": "{}", "packet": b"packet"},
        {"save": "turned flow.png"},
    ]


def test_what_is_told_before_the_browser_is_there_comes_with_the_page(data, monkeypatch):
    from app.field_view import FieldView

    sent = []
    view = FieldView()
    monkeypatch.setattr(view, "_send_msg", sent.append)
    view.tell("<p>words</p>", {"growth": {"at": [1]}}, b"packet")
    model = view.get_root()
    assert (model.data.story, model.data.packet) == ("<p>words</p>", b"packet") and sent == []
    view.ready = 1  # the browser has it: nobody keeps it any longer
    assert (model.data.story, model.data.charts, model.data.packet) == ("", "", b"")
    view.tell("", {}, b"later")
    assert [message["packet"] for message in sent] == [b"later"] and view.packet == b""


@pytest.fixture
def address(data):
    from app import address

    return address


def test_the_pinned_point_is_in_the_address(state, address):
    assert "point" not in address.written(state)
    state.pin((0.25, 0.75))
    query = address.written(state)
    assert query.endswith("point=0.25,0.75")
    state.pin(())
    assert address.restore(state, query) == [] and state.pinned == (0.25, 0.75)
    # The page before nothing was pinned: going back to it lets the point go.
    assert address.restore(state, "?lead=1") == [] and state.pinned == ()


@pytest.mark.parametrize("text", ["0.5", "0.1,0.2,0.3", "0.5,1.5", "-0.1,0.5", "nan,0.5", "a,b"])
def test_a_point_outside_the_picture_is_reported(state, address, text):
    state.pin((0.5, 0.5))
    (problem,) = address.restore(state, f"?point={text}")
    assert problem.startswith("point: ") and state.pinned == (0.5, 0.5)


def test_reset_lets_the_point_go(state):
    state.pin((0.5, 0.5))
    state.reset()
    assert state.pinned == ()


def test_the_view_and_the_state_pin_the_same_point(data):
    from app.flows import sources
    from app.page import Session

    session = Session(sources())
    view = session.panel("explore").view
    view.pinned = [0.3, 0.6]
    assert session.state.pinned == (0.3, 0.6)
    session.state.pin((0.9, 0.1))
    assert view.pinned == [0.9, 0.1]
