"""Transformations: buttons that work, sliders that rest at whole time steps, and words."""

import math

import pytest

from symdyn_core.symmetries import ALL

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def elements(data):
    from app import elements

    return elements


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_every_button_is_an_element_that_can_be_shown(state, elements, symmetry):
    state.choose_symmetry(symmetry.name)
    presets = elements.presets(symmetry)
    assert len({label for label, _ in presets}) == len(presets) > 1
    for _, element in presets:
        state.move_to(elements.as_tuple(element))
        assert state.element == elements.as_tuple(element)
        assert elements.described(symmetry.name, state.element)


def test_scaling_offers_whole_time_steps(state, elements):
    state.choose_symmetry("scaling")
    assert state.element == (math.sqrt(1 / 2),)
    offered = [element for _, element in elements.presets(elements.named("scaling"))]
    assert {0.5, math.sqrt(1 / 2), math.sqrt(2), 2.0} <= set(offered)
    for factor in offered:
        state.move_to((factor,))
        assert state.question.pace.whole


@pytest.mark.parametrize(
    "position, settled",
    [(0.71, math.sqrt(1 / 2)), (0.58, math.sqrt(1 / 3)), (1.73, math.sqrt(3)), (0.5, 0.5)],
)
def test_the_slider_rests_at_whole_time_steps(state, position, settled):
    state.choose_symmetry("scaling")
    state.move_to((position,))
    assert state.element == (settled,)


@pytest.mark.parametrize("position", [0.6, 0.7, 0.72, 1.0, 1.4, 1.5])
def test_between_them_it_stays_where_it_is(state, position):
    state.choose_symmetry("scaling")
    state.move_to((position,))
    assert state.element == (position,)
    assert state.question.pace.whole == (position == 1.0)


def test_an_address_keeps_the_whole_time_step(state):
    from app import address
    from app.state import AppState

    state.choose_symmetry("scaling")
    other = AppState(state.sources)
    assert address.restore(other, address.written(state)) == []
    assert other.question == state.question


@pytest.mark.parametrize(
    "name, values, words",
    [
        ("rotation", (90.0,), "turned by 90°"),
        ("scaling", (0.5,), "rescaled by ½: 2 times as large and 4 times as slow"),
        ("scaling", (math.sqrt(2),), "rescaled by √2: 1.41 times as small and 2 times as fast"),
        ("scaling", (0.8,), "rescaled by 0.8: 1.25 times as large and 1.56 times as slow"),
        ("magnitude", (2.0,), "made stronger or weaker (factor a 2)"),
    ],
)
def test_transformations_are_put_in_words(elements, name, values, words):
    assert elements.described(name, values) == words
