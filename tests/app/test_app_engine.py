"""Latest wins, step by step, and errors that leave the page alive."""

import asyncio
import threading
from dataclasses import replace

import pytest

from app import lanes

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def desk():
    """An engine with all that it drew and complained of."""
    from app.engine import Engine

    arrivals, complaints = [], []
    engine = Engine(arrivals.append, complaints.append)
    engine.arrivals, engine.complaints = arrivals, complaints
    return engine


@pytest.fixture
def display():
    from app.pictures import Display

    return Display("speed", "error", "steady", False)


def test_forecasts_arrive_lead_by_lead(state, desk, display):
    asyncio.run(desk.ask(state.question, display))
    assert desk.complaints == []
    assert desk.results.leads == 10
    assert len(desk.arrivals) == 10
    assert len({arrival.painter for arrival in desk.arrivals}) == 1
    assert len(desk.results.scores["a"].rmse) == len(desk.results.persistence) == 10


def test_the_first_step_is_prepared_and_the_others_follow_when_the_page_is_there(
    state, desk, display
):
    asyncio.run(desk.prepare(state.question, display))
    assert [arrival.results.leads for arrival in desk.arrivals] == [1] and desk.results.leads == 1
    asyncio.run(desk.go_on(state.question, display))
    assert desk.results.leads == 10 and not desk.busy
    # One lead each: the first is not drawn twice.
    assert len(desk.arrivals) == 10 and len({a.painter for a in desk.arrivals}) == 1


def test_a_page_that_is_there_first_gets_all_leads(state, desk, display):
    async def both():
        early = asyncio.ensure_future(desk.prepare(state.question, display))
        await asyncio.sleep(0)
        assert desk.busy
        await desk.go_on(state.question, display)
        await early

    asyncio.run(both())
    assert desk.results.leads == 10 and len(desk.arrivals) == 10


def test_what_cannot_be_prepared_is_complained_of_once_the_page_is_there(state, desk, display):
    question = replace(state.question, model_a="oracle")
    asyncio.run(desk.prepare(question, display))
    assert desk.complaints == []
    asyncio.run(desk.go_on(question, display))
    assert len(desk.complaints) == 1 and "oracle" in desk.complaints[0]


def test_known_forecasts_arrive_together(state, desk, display):
    asyncio.run(desk.ask(state.question, display))
    asyncio.run(desk.ask(replace(state.question, links=(("rotation", (91.0,)),)), display))
    drawn = len(desk.arrivals)
    asyncio.run(desk.ask(state.question, display))
    assert len(desk.arrivals) == drawn + 2 and desk.results.leads == 10


def turned(state, angle):
    return replace(state.question, links=(("rotation", (float(angle),)),))


def test_what_somebody_has_asked_comes_at_once_to_others(state, desk, display, monkeypatch):
    from app import arrival, engine

    question = turned(state, 123)
    assert arrival.known(question, display) is None
    asyncio.run(desk.ask(question, display))
    told = []
    other = engine.Engine(told.append, told.append)
    monkeypatch.setattr(arrival, "prepared", None)  # nothing is read or drawn a second time
    monkeypatch.setattr(engine, "compare", None)

    async def asked_and_left():
        task = asyncio.ensure_future(other.ask(question, display))
        while not told:
            await asyncio.sleep(0)
        assert other.results.leads == 1, "the others follow later"
        task.cancel()

    asyncio.run(asked_and_left())
    mine, theirs = desk.arrivals[0], told[0]
    # The frames are the same; their number is not, by which a browser tells old pictures from new.
    assert theirs.painter.generation != mine.painter.generation
    assert theirs.packet[-5000:] == mine.packet[-5000:]
    assert theirs.results.leads == 1 and desk.results.leads == 10
    assert theirs.results.scores["a"].rmse == desk.results.scores["a"].rmse[:1]
    assert arrival.known(question, replace(display, field="v")) is None


def test_numbers_of_one_visitor_do_not_grow_with_those_of_another(state, desk, display):
    from app import arrival

    question = turned(state, 124)
    asyncio.run(desk.ask(question, display))
    one, two = (arrival.known(question, display).results for _ in range(2))
    one.read(4)
    assert one.leads == 4 and sorted(one.spectra) == [1, 2, 3, 4] and len(one.persistence) == 4
    assert two.leads == 1 and sorted(two.spectra) == [1] and sorted(two.ese["a"]) == [1]
    assert len(two.persistence) == 1 and len(arrival.known(question, display).results.ese["b"]) == 1


def test_memory_of_what_was_drawn_goes_before_that_of_its_forecasts(state, display, monkeypatch):
    """Else forecasts that are not counted any more would be held by it."""
    from app import arrival, compute
    from app.cache import BoundedCache

    results = BoundedCache(2**40)
    for module in (arrival, compute):
        monkeypatch.setattr(module, "RESULTS", results)
    comparison = compute.compare(turned(state, 125))
    arrival.first(comparison, display)
    name = arrival._name(comparison.question, comparison.marked, display)
    assert results.known(name) is not None and len(comparison.parts) == 5
    assert arrival.known(comparison.question, display) is not None
    results.limit = results.used - 1
    results.known(comparison.parts[0])  # anything that is used drops what was used longest ago
    assert results.known(name) is None
    assert all(results.known(part) is not None for part in comparison.parts)


def test_only_the_last_question_of_a_drag_is_completed(state, desk, display):
    async def drag():
        questions = [
            replace(state.question, links=(("rotation", (float(a),)),)) for a in range(1, 21)
        ]
        tasks = [asyncio.ensure_future(desk.ask(q, display)) for q in questions]
        await asyncio.gather(*tasks)
        return questions[-1]

    last = asyncio.run(drag())
    asked = [arrival.results.comparison.question for arrival in desk.arrivals]
    assert desk.results.comparison.question == last and desk.results.leads == 10
    # Of the twenty, the first (already under way) and the last were answered.
    assert len(set(asked)) == 2


def test_another_display_redraws_without_another_forecast(state, desk, display):
    asyncio.run(desk.ask(state.question, display))
    results, drawn = desk.results, len(desk.arrivals)
    asyncio.run(desk.ask(state.question, replace(display, field="u")))
    assert desk.results is results and len(desk.arrivals) == drawn + 1
    assert desk.painter.display.field == "u"


def test_an_error_is_reported_and_what_was_drawn_stays(state, desk, display):
    asyncio.run(desk.ask(state.question, display))
    results = desk.results
    asyncio.run(desk.ask(replace(state.question, model_a="oracle"), display))
    assert len(desk.complaints) == 1 and "oracle" in desk.complaints[0]
    assert desk.results is results
    asyncio.run(desk.ask(replace(state.question, links=(("rotation", (5.0,)),)), display))
    assert desk.results is not results and len(desk.complaints) == 1


def test_a_question_does_not_wait_until_the_last_one_has_rested(state, desk, display, monkeypatch):
    from app import engine

    monkeypatch.setattr(engine, "resting_time", lambda: 3600.0)

    async def drag():
        first = asyncio.ensure_future(desk.ask(state.question, display))
        while not desk.arrivals:
            await asyncio.sleep(0.01)
        second = replace(state.question, links=(("rotation", (45.0,)),))
        await desk.ask(second, display)
        while desk.arrivals[-1].results.comparison.question != second:
            await asyncio.sleep(0.01)
        assert not first.done(), "control: it rests for an hour, unless somebody asks"
        first.cancel()

    asyncio.run(asyncio.wait_for(drag(), 60))


def test_rollouts_wait_longer_where_many_move_their_sliders(state, display, monkeypatch):
    from app import engine

    engine.ASKED.clear()
    engines = [engine.Engine(lambda _: None, lambda _: None) for _ in range(engine.CROWD)]
    for one in engines[1:]:
        one.busy = True
        asyncio.run(one.ask(state.question, display))
    assert engine.resting_time() == engine.REST
    engines[0].busy = True
    asyncio.run(engines[0].ask(state.question, display))
    assert engine.resting_time() == engine.LONG_REST
    now = engine.time.monotonic()
    monkeypatch.setattr(engine.time, "monotonic", lambda: now + 1.5)
    assert engine.resting_time() == engine.REST


def test_a_question_does_not_wait_for_the_rollout_of_the_last_one(
    state, desk, display, monkeypatch
):
    from app import engine

    begun, go_on = threading.Event(), threading.Event()
    timed = engine._timed

    def slow(asked):
        if asked[0][-1] == 2:
            begun.set()
            go_on.wait(60)
        return timed(asked)

    monkeypatch.setattr(engine, "_timed", slow)
    monkeypatch.setattr(engine, "FORECASTS", lanes.Lane("test", lambda: 4))
    monkeypatch.setattr(engine.PACE, "lane", lambda *_, **__: engine.FORECASTS)

    async def drag():
        first = asyncio.ensure_future(desk.ask(state.question, display))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        second = replace(state.question, links=(("rotation", (47.0,)),))
        await desk.ask(second, display)
        while desk.arrivals[-1].results.comparison.question != second:
            await asyncio.sleep(0.01)
        assert not go_on.is_set(), "control: the second lead of the first is still being made"
        go_on.set()
        await first

    asyncio.run(asyncio.wait_for(drag(), 60))
    assert desk.results.leads == 10 and desk.complaints == []
