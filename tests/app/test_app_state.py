"""The state: a good start, a faithful address, and clear refusals."""

import pytest

from symdyn_core.symmetries import ALL

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def address():
    from app import address

    return address


def test_the_start_tells_the_story(state):
    assert (state.symmetry, state.element) == ("rotation", (90.0,))
    assert (state.model_a, state.model_b) == ("rbc-resnet-rotation", "rbc-resnet-plain")


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_every_symmetry_can_be_chosen(state, symmetry):
    state.choose_symmetry(symmetry.name)
    assert len(state.element) == len(symmetry.parameters)
    state.choose_symmetry("rotation")
    assert state.element == (90.0,)


def test_an_address_restores_the_state(state, address):
    from app.state import AppState

    state.choose_symmetry("uniform_motion")
    state.move_to((0.5, -1.25))
    state.place(member=1, now=9)
    state.param.update(
        lead=7, field="vorticity", maps="asymmetry", limits="each lead", stabilised=True,
        vectors="arrows", theme="dark", view="swipe", steps=30, model_b="persistence",
    )  # fmt: skip
    other = AppState(state.sources)
    assert address.restore(other, address.written(state)) == []
    assert other.question == state.question
    assert address.written(other) == address.written(state)


@pytest.mark.parametrize(
    "query, words",
    [
        ("?data=atlantis", "atlantis"),
        ("?region=99", "region lies between 0 and 1"),
        ("?frame=999", "start lies between"),
        ("?frame=soon", "not a number"),
        ("?symmetry=duality", "duality"),
        ("?element=720", "angle lies between 0 and 360"),
        ("?element=1,2", "has 1 numbers, got 2"),
        ("?element=nan", "nan"),
        ("?a=oracle", "oracle"),
        ("?lead=51", "lead"),
        ("?steps=5", "steps"),
        ("?view=cube", "cube"),
        ("?vectors=lots", "lots"),
        ("?page=moon", "moon"),
        ("?symmetry=rotation~scaling~scaling", "at most once"),
        ("?element=90~2", "1 transformations, got elements for 2"),
        ("?field=colour", "colour"),
        ("?stabilised=perhaps", "perhaps"),
        ("?theme=puce", "puce"),
        ("?colour=red", "no such setting"),
    ],
)
def test_a_wrong_value_is_reported_and_ignored(state, address, query, words):
    before = address.written(state)
    problems = address.restore(state, query)
    assert len(problems) == 1 and words in problems[0]
    assert address.written(state) == before


def test_an_address_restores_a_chain(state, address):
    from app.state import AppState

    state.move_to((37.0,))
    state.add_link("magnitude")
    state.add_link("translation")
    state.move_to((3.0, -2.5), at=2)
    other = AppState(state.sources)
    assert address.restore(other, address.written(state)) == []
    expected = (("rotation", (37.0,)), ("magnitude", (2.0,)), ("translation", (3.0, -2.5)))
    assert other.links == state.links == expected
    state.remove_link(1)
    assert [name for name, _ in state.links] == ["rotation", "translation"]


def test_a_chain_takes_one_scaling_and_four_links(state):
    state.choose_symmetry("scaling")
    with pytest.raises(ValueError, match="at most once"):
        state.add_link("scaling")
    for _ in range(3):
        state.add_link()
    assert len({name for name, _ in state.links}) == 4
    with pytest.raises(ValueError, match="at most 4"):
        state.add_link()


def test_the_last_transformation_can_only_be_undone(state):
    state.remove_link(0)
    assert state.links == (("rotation", (0.0,)),)


def test_settings_of_a_page_are_in_the_address_where_they_were_changed(state, address):
    import param

    from app.panels.panel import Settings

    class Chosen(Settings):
        count = param.Integer(3, bounds=(1, 9))
        share = param.Number(0.5)
        kind = param.Selector(default="line", objects=["line", "polar"])
        open = param.Boolean(False)

    here, there = {"audit": Chosen(count=5, kind="polar", open=True)}, {"audit": Chosen()}
    query = address.written(state, here)
    assert "audit.count=5" in query and "audit.share" not in query
    assert address.restore(state, query, there) == []
    assert there["audit"].param.values() | {"name": ""} == here["audit"].param.values() | {
        "name": ""
    }
    problems = address.restore(state, "?audit.count=99&audit.kind=pie&audit.size=1", there)
    assert len(problems) == 3 and there["audit"].count == 5


def test_good_values_beside_a_wrong_one_are_kept(state, address):
    problems = address.restore(state, "?element=37&lead=oops&field=u")
    assert len(problems) == 1
    assert state.element == (37.0,) and state.field == "u" and state.lead == 1


def test_reset_returns_to_the_start(state, address):
    start = address.written(state)
    state.choose_symmetry("magnitude")
    state.param.update(lead=4, field="u", stabilised=True)
    assert address.written(state) != start
    state.reset()
    assert address.written(state) == start


def test_flows_come_from_arguments_and_environment(data, monkeypatch):
    from app.flows import sources

    monkeypatch.setenv("SYMDYN_FLOWS", "/sea/flow.zarr;/lake/flow.zarr")
    found = sources(["/sea/Deep Flow.nc"])
    assert [s.key for s in found] == ["convection", "deep-flow", "flow", "flow-2"]
    assert [s.family for s in found] == ["rbc", "", "", ""]


def test_a_flow_that_is_not_there_leaves_the_state(data, address):
    from app.flows import sources
    from app.state import AppState

    state = AppState(sources(["/nowhere/flow.zarr"]))
    before = address.written(state)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        state.choose_data("flow")
    assert address.written(state) == before


@pytest.fixture
def long_memory(tmp_path, monkeypatch):
    """The operator offers a model that wants more frames than the flow has, and one of 20."""
    (tmp_path / "long_models.py").write_text(
        "def patient(window):\n    return window[:, -1]\npatient.past = 20\n"
        "def endless(window):\n    return window[:, -1]\nendless.past = 99\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("SYMDYN_MODELS", "long_models:patient;long_models:endless")


def test_only_the_chosen_models_count(long_memory, state):
    flow = state.flow
    assert state.now_range(flow)[0] == 3
    state.place(now=5)
    state.choose_models(b="long_models:patient")
    assert state.now_range(flow)[0] == 19 and state.now == 19, "all its input frames are there"
    state.choose_models(b="persistence")
    assert state.now_range(flow)[0] == 3, "persistence does not follow models of the operator"
    before = state.question
    with pytest.raises(ValueError, match="need at least 100"):
        state.choose_models(a="long_models:endless")
    assert state.question == before
