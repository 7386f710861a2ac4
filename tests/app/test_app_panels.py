"""The panels follow the state and set it."""

import asyncio
import json
import math

import numpy as np
import param
import pytest

from app.panels.charts import growth_chart, spectrum_chart
from app.panels.story import story

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def loop(monkeypatch):
    """One event loop, as a server has it, in which changes of the state are answered."""
    loop = asyncio.new_event_loop()

    def answer(function):
        return asyncio.ensure_future(function()) if loop.is_running() else run(function())

    run = loop.run_until_complete
    monkeypatch.setattr(param.parameterized, "async_executor", answer)
    yield loop
    loop.close()


@pytest.fixture
def session(data, loop):
    from app.flows import sources
    from app.page import Session

    return Session(sources())


@pytest.fixture
def answered(session, loop):
    session.page()
    loop.run_until_complete(session.begin())
    return session


def told(session) -> str:
    """The words over the pictures."""
    return story(session.results, session.state.lead)


@pytest.mark.parametrize(
    "factor, words",
    [
        (math.sqrt(1 / 2), "each lead is 2 steps"),
        (2.0, "1 of its steps is compared with 4 recorded steps"),
        (0.8, "includes interpolation between frames"),
        (1.5, "only √2, √3 and 2 can be compared"),
    ],
)
def test_the_story_explains_time_steps(session, loop, factor, words):
    session.state.choose_symmetry("scaling")
    session.state.move_to((factor,))
    session.page()
    loop.run_until_complete(session.begin())
    html = told(session)
    assert words in html and "rescaled by" in html
    if factor < 1:
        assert "<b>A</b>, built to do so" in html
    whole = [text for text in ("each lead is", "is compared with") if text in html]
    assert bool(whole) == session.state.question.pace.whole


def test_a_lead_of_several_steps_is_labelled(session, loop):
    session.state.choose_symmetry("scaling")
    session.page()
    loop.run_until_complete(session.begin())
    chart = growth_chart(session.results, "")
    assert chart["x"]["label"] == "lead [2 frames]"


def test_the_numbers_of_the_table_are_those_of_the_scores(answered):
    from app.wording import number, percent

    html = told(answered)
    scores = answered.results.scores
    for name in ("a", "b"):
        assert f'data-{name}="rmse">{number(scores[name].rmse[0])}<' in html
        shown = percent(scores[name].equivariance[0])
        assert f'data-{name}="equivariance">{shown}<' in html


def test_the_sentence_tells_who_follows(answered):
    html = told(answered)
    assert "turned by 90°" in html
    assert "<b>A</b>, built to do so, follows exactly" in html
    assert "<b>B</b>, an ordinary network, is off by" in html


def test_pictures_curves_and_words_come_in_one_message(session, loop, monkeypatch):
    from app.field_view import FieldView

    heard = []
    monkeypatch.setattr(FieldView, "_send_msg", lambda _view, message: heard.append(message))
    session.panel("explore").view.ready = 1
    session.page()
    loop.run_until_complete(session.begin())
    assert all(sorted(message) == ["charts", "packet", "story"] for message in heard)
    charts = [json.loads(message["charts"]) for message in heard]
    leads = [len(chart["growth"]["at"]) for chart in charts]
    assert leads == sorted(leads) and set(leads) == set(range(1, 11))
    session.state.lead = 6
    assert "packet" not in heard[-1] and "lead 6" in heard[-1]["story"]
    later = json.loads(heard[-1]["charts"])
    assert later["growth"] == charts[-1]["growth"] and later["spectra"] != charts[-1]["spectra"]


def test_charts_hold_the_numbers_of_the_results(answered):
    results = answered.results
    growth = {line["label"]: line for line in growth_chart(results, "m")["lines"]}
    for name in ("a", "b"):
        assert growth[name.upper()]["values"] == list(results.scores[name].rmse)
    assert growth["persistence"]["values"] == list(results.persistence)
    spectra = results.spectra[4]
    chart = spectrum_chart(spectra, "")
    lines = {line["label"]: line["values"] for line in chart["lines"] if line["label"]}
    assert chart["at"] == spectra.k.tolist() and lines["B"] == spectra.b.tolist()
    assert lines["interpolation"] == [], "a quarter turn needs no interpolation"
    assert chart["y"]["low"] < min(lines["truth"]) and max(lines["B"]) <= chart["y"]["high"]
    slopes = [line["values"] for line in chart["lines"] if "end" in line]
    for line, slope in zip(slopes, (-5 / 3, -3.0), strict=True):
        k, energy = np.array(chart["at"][3:]), np.array(line[3:])
        assert np.polyfit(np.log(k), np.log(energy), 1)[0] == pytest.approx(slope)


def test_a_field_without_a_spectrum_says_why():
    chart = spectrum_chart(None, "m")
    assert chart["lines"] == [] and "too little of the field" in chart["note"]


def test_a_clone_without_models_says_how_to_make_them(tmp_path, monkeypatch):
    from app.panels import missing

    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    monkeypatch.delenv("SYMDYN_FLOWS", raising=False)
    lines = missing.missing()
    assert len(lines) == 2
    assert "make demo-data" in lines[0] and "symdyn zoo build" in lines[1]
    assert "symdyn zoo build" in missing.page(lines).main[0].object


def test_nothing_is_missing_where_all_is_there(data):
    from app.panels import missing

    assert missing.missing() == []


@pytest.mark.parametrize(
    "value, words",
    [(0.372, "37.2 %"), (0.0, "0 %"), (8.2e-8, "8·10⁻⁶ %"), (float("nan"), "–")],
)
def test_shares_are_readable(value, words):
    from app.wording import percent

    assert percent(value) == words


def test_units_are_readable():
    from app.wording import unit

    assert unit("m s-1") == "m s⁻¹" and unit("free-fall times") == "free-fall times"


@pytest.mark.parametrize(
    "unit, dt, shown",
    [("s", 86400.0, (1.0, "days")), ("s", 10800.0, (3.0, "hours")), ("", 0.2, (0.2, ""))],
)
def test_lead_times_come_in_handy_units(unit, dt, shown):
    from app.wording import step

    assert tuple(step(unit, dt).values()) == shown


def turned(session, loop, key: str) -> None:
    """Turn to a page and wait until that, and what follows from it, is over."""

    async def turn():
        session.state.page = key
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    loop.run_until_complete(turn())


def test_a_page_that_fails_gives_way_to_the_one_before(answered, loop, monkeypatch, caplog):
    whole, broken = answered.panel, {"kernels"}

    def panel(key):
        if key in broken:
            raise RuntimeError("a figure is missing")
        return whole(key)

    monkeypatch.setattr(answered, "panel", panel)
    turned(answered, loop, "kernels")
    assert answered.state.page == "explore"
    assert (
        answered.shell.holders["explore"].visible and not answered.shell.holders["kernels"].visible
    )
    assert "a figure is missing" in caplog.text
    turned(answered, loop, "spectra")
    broken.add("explore")
    turned(answered, loop, "kernels")
    assert answered.state.page == "spectra"
    broken.add("spectra")  # neither can be shown: it ends all the same
    turned(answered, loop, "explore")
    assert answered.state.page in ("explore", "spectra")
    broken.clear()
    turned(answered, loop, "kernels")
    assert answered.state.page == "kernels" and answered.shell.holders["kernels"].visible
