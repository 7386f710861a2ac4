"""The sidebar follows the state and sets it."""

import math
from types import SimpleNamespace

import pytest
from control_tools import described, say, told

from symdyn_core.symmetries import ALL

pytest_plugins = ("dashboard_fixtures", "control_fixtures")


def test_sections_are_told_with_all_that_can_be_chosen(controls, state):
    assert [section["key"] for section in controls.view.description] == [
        "transformation",
        "flow",
        "models",
        "pictures",
    ]
    found = described(controls)
    holding = {key for key, control in controls._controls.items() if control.holds}
    assert holding == set(told(controls)), "each control that shows a value has one"
    names = ("data", "member", "now", "model_a", "model_b", "field", "steps")
    assert all(told(controls)[name] == getattr(state, name) for name in names)
    seen = [t for t in found.values() if t["kind"] not in ("text", "group", "presets")]
    assert all(t["label"] for t in seen)
    assert [heading for heading, _ in found["model_a"]["groups"]] == [
        "ResNets",
        "U-Nets",
        "Without a network",
    ]


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_sliders_are_those_of_the_symmetry(controls, state, symmetry):
    say(controls, "links.0", symmetry.name)
    assert state.symmetry == symmetry.name
    found = described(controls)
    for n, parameter in enumerate(symmetry.parameters):
        given = found[f"links.0.{symmetry.name}.{n}"]
        assert given["label"] == parameter.label
        if given["kind"] == "slider":
            ends = (parameter.low, parameter.high, parameter.step, parameter.neutral)
            assert (given["low"], given["high"], given["step"], given["neutral"]) == ends
    others = [key for key in found if key.startswith("links.0.") and key[-1].isdigit()]
    assert len(others) == len(symmetry.parameters), "those of no other symmetry"


def test_a_slider_sets_the_state_and_nothing_is_sent_back(controls, state):
    before = controls.view.values
    for angle in (37, 37.5, 360):
        say(controls, "links.0.rotation.0", angle)
        assert state.element == (angle,)
    assert controls.view.values is before, "control: below, a change from elsewhere is sent"
    state.move_to((12.0,))
    assert told(controls)["links.0.rotation.0"] == 12.0


def test_values_say_which_message_they_answer(controls, state):
    say(controls, "links.0.rotation.0", 10, number=1000)
    state.move_to((50.0,))
    assert controls.view.values["heard"] == 1000
    say(controls, "links.0.rotation.0", 11, number=2000)
    say(controls, "links.0.rotation.presets", 1, number=2001)
    assert controls.view.values["heard"] == 2001 and told(controls)["links.0.rotation.0"] == 180.0


def test_a_slider_that_settles_is_left_under_the_mouse(controls, state):
    say(controls, "links.0", "scaling")
    before = controls.view.values
    say(controls, "links.0.scaling.0", 0.58)
    assert state.element == (math.sqrt(1 / 3),) and controls.view.values is before
    say(controls, "links.0.scaling.0", 0.6)
    assert state.element == (0.6,) and controls.view.values is before
    state.move_to((math.sqrt(2),))
    assert told(controls)["links.0.scaling.0"] == math.sqrt(2)


def test_a_mirror_is_a_switch(controls, state):
    say(controls, "links.0", "reflection")
    assert described(controls)["links.0.reflection.1"]["kind"] == "switch"
    assert told(controls)["links.0.reflection.1"] is True
    say(controls, "links.0.reflection.1", False)
    assert state.element == (0.0, 0.0)


def test_a_chain_grows_to_its_end_and_shrinks(controls, state):
    assert "links.0.remove" not in described(controls), "one link stays"
    for count in (2, 3, 4):
        say(controls, "more", None)
        assert len(state.links) == count
        assert f"links.{count - 1}.remove" in described(controls)
    assert "more" not in described(controls)
    say(controls, "links.2", "magnitude")
    say(controls, "links.2.magnitude.0", 3)
    assert state.links[2] == ("magnitude", (3.0,)) and state.symmetry == "rotation"
    say(controls, "links.1.remove", None)
    assert len(state.links) == 3 and state.links[1] == ("magnitude", (3.0,))
    assert told(controls)["links.1.magnitude.0"] == 3.0
    assert "links.2.magnitude.0" not in told(controls)
    # What was on its way to the slider that stood there before means nothing now.
    before = state.links
    say(controls, "links.2.magnitude.0", 1)
    assert state.links == before


def test_presets_and_the_worst(controls, state, complaints):
    names = described(controls)["links.0.rotation.presets"]["names"]
    say(controls, "links.0.rotation.presets", names.index("270°"))
    assert state.element == (270.0,) and told(controls)["links.0.rotation.0"] == 270.0
    say(controls, "worst", None)
    assert complaints == ["worst"]


def test_flow_region_and_start(controls, state):
    say(controls, "member", 1)
    now = described(controls)["now"]
    assert len(now["names"]) == now["high"] - now["low"] + 1
    assert now["names"][state.now - now["low"]] == state.flow.times[state.now]
    say(controls, "now", now["high"])
    assert (state.member, state.now) == (1, now["high"])


def test_a_flow_of_ones_own_joins_the_list(controls, state, tmp_path):
    from dashboard_fixtures import smooth_flow

    from app.flows import Source
    from symdyn_core.datasets.store import write_flow

    path = write_flow(smooth_flow(frames=30, nx=32), tmp_path / "mine.zarr")
    state.add_source(Source("mine", str(path)))
    (_, choices), = described(controls)["data"]["groups"]  # fmt: skip
    assert ("mine", "mine") in choices and told(controls)["data"] == "mine"
    assert described(controls)["member"]["disabled"] and described(controls)["now"]["high"] == 19
    say(controls, "member", 0)
    say(controls, "data", choices[0][0])
    assert state.data == choices[0][0] and not described(controls)["member"]["disabled"]


def test_models_are_chosen_from_lists(controls, state):
    say(controls, "model_b", "rbc-unet-plain")
    assert state.model_b == "rbc-unet-plain"
    state.choose_symmetry("rotation")
    assert told(controls)["model_a"] == state.model_a == "rbc-unet-rotation"
    listed = str(described(controls)["model_a"]["groups"])
    assert all(repr(name) in listed for name in state.param.model_a.objects)


def test_models_that_are_offered_later_are_listed(controls, state, prepared):
    import json
    import shutil

    from symdyn_core.models import zoo
    from symdyn_core.models.opening import SPECIFICATION

    run = prepared / "runs" / "mine"
    run.mkdir(parents=True)
    card = zoo.card("rbc-resnet-plain", prepared / "zoo")
    (run / SPECIFICATION).write_text(json.dumps(card["specification"]))
    try:
        assert "run:mine" not in str(described(controls)["model_b"])
        state.offer("run:mine")
        assert "run:mine" in str(described(controls)["model_b"])
        say(controls, "model_b", "run:mine")
        assert state.model_b == told(controls)["model_b"] == "run:mine"
    finally:
        shutil.rmtree(run.parent)


@pytest.mark.parametrize(
    "key, value",
    [
        *(("field", name) for name in ("u", "v", "vorticity", "divergence", "speed")),
        *(("view", name) for name in ("square", "swipe", "flicker", "forecasts")),
        *(("vectors", name) for name in ("arrows", "particles", "none")),
        *(("maps", name) for name in ("asymmetry", "error")),
        *(("limits", name) for name in ("each lead", "steady")),
        *(("stabilised", on) for on in (True, False)),
        ("steps", 20),
    ],
)
def test_pictures_and_state_follow_each_other(controls, state, key, value):
    before = controls.view.values
    say(controls, key, value)
    assert getattr(state, key) == value and type(getattr(state, key)) is type(value)
    assert controls.view.values is before
    default = state.param[key].default
    setattr(state, key, default)
    assert told(controls).get(key) == default


def test_pages_show_their_sections(controls):
    controls.show(("flow", "models"))
    assert controls.view.sections == ["flow", "models"]


def test_themes_are_those_of_the_state_or_of_the_page_around(controls, state):
    state.theme = "dark"
    assert controls.view.theme == "dark"
    controls.view.theme = ""
    state.theme = "projector"
    assert controls.view.theme == ""


def test_a_panel_that_is_drawn_again_gets_what_was_chosen(controls):
    say(controls, "links.0.rotation.0", 37)
    assert told(controls)["links.0.rotation.0"] != 37, "it was not sent"
    controls.view._heard(SimpleNamespace(data={"ready": True}))
    assert told(controls)["links.0.rotation.0"] == 37


def test_two_panels_of_a_session_show_the_same(controls):
    one, two = controls.view.get_root(), controls.view.get_root()
    say(controls, "links.0.rotation.0", 37)
    for model in (one, two):
        assert model.data.values["shown"]["links.0.rotation.0"] == 37
