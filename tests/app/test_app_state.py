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
        arrows=True, dark=True, model_b="persistence",
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
        ("?lead=11", "lead"),
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

    monkeypatch.setenv("SYMDYN_FLOWS", "/sea/flow.zarr:/lake/flow.zarr")
    found = sources(["/sea/Deep Flow.nc"])
    assert [s.key for s in found] == ["convection", "deep-flow", "flow", "flow-2"]
    assert [s.trained_on for s in found] == [True, False, False, False]


def test_a_flow_that_is_not_there_leaves_the_state(data, address):
    from app.flows import sources
    from app.state import AppState

    state = AppState(sources(["/nowhere/flow.zarr"]))
    before = address.written(state)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        state.choose_data("flow")
    assert address.written(state) == before
