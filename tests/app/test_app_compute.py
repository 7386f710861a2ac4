"""What the page shows is what symdyn_core computes."""

from dataclasses import replace

import pytest
import torch

from symdyn_core import metrics
from symdyn_core.equivariance import equivariance_error
from symdyn_core.models import rollout, zoo
from symdyn_core.symmetries import ALL

pytest_plugins = ("dashboard_fixtures",)

LEADS = 3
EQUIVARIANT = {"rotation": 180.0, "uniform_motion": (1.0, -0.5), "magnitude": 2.0}
ELEMENTS = [
    ("translation", (3.0, -2.0)),
    ("uniform_motion", (1.0, -0.5)),
    ("boost", (0.25, 0.0)),
    ("magnitude", (2.0,)),
    ("rotation", (90.0,)),
    ("rotation", (30.0,)),
    ("reflection", (0.0, 1.0)),
]


def moved_by(scene):
    """The symmetry and the element of a chain of one link."""
    (link,) = scene.chain.links
    return link.symmetry, link.element


def compared(state, name, element):
    from app import catalogue, compute, elements

    made = catalogue.equivariant_model(elements.named(name))
    model_a = made.name if made else "rbc-resnet-rotation"
    question = replace(state.question, links=((name, element),), model_a=model_a)
    return compute.compare(question)


def test_every_symmetry_has_a_tried_element():
    assert {name for name, _ in ELEMENTS} == {s.name for s in ALL} - {"scaling"}


@pytest.mark.parametrize("name, element", ELEMENTS)
def test_the_equivariance_error_of_one_step_is_that_of_the_library(state, name, element):
    comparison = compared(state, name, element)
    scene = comparison.scene
    for answer in (comparison.a, comparison.b):
        shown = answer.scores(1).equivariance[0]
        expected, _ = equivariance_error(
            answer.moved.forecaster, *moved_by(scene), scene.history[None], scene.grid
        )
        assert shown == pytest.approx(expected.item(), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name, element", [(n, e) for n, e in ELEMENTS if n in EQUIVARIANT])
def test_only_the_equivariant_model_follows(state, name, element):
    comparison = compared(state, name, element)
    if comparison.scene.exact:
        assert comparison.a.scores(LEADS).equivariance_pooled < 1e-5
    assert comparison.b.scores(LEADS).equivariance_pooled > 1e-3


@pytest.mark.parametrize("name, element", [("rotation", (90.0,)), ("rotation", (30.0,))])
def test_errors_are_those_of_a_rollout_against_the_moved_truth(state, name, element):
    comparison = compared(state, name, element)
    scene, answer = comparison.scene, comparison.b
    forecaster = zoo.load(comparison.question.model_b)
    with torch.no_grad():
        forecasts = rollout(forecaster, scene.window[None], LEADS)
    joined = torch.cat((scene.history, scene.future[:LEADS]))
    symmetry, turn = moved_by(scene)
    moved, valid = symmetry.act_on_field(turn, joined, scene.grid, lead=LEADS)
    truth, water = moved[-LEADS:][None], valid[-LEADS:][None]
    scores = answer.scores(LEADS)
    assert scores.rmse == pytest.approx(metrics.rmse_by_lead(forecasts, truth, water).tolist())
    assert scores.rmse_pooled == pytest.approx(metrics.rmse(forecasts, truth, water))


def test_the_stabilised_forecast_stands_still_for_the_equivariant_model_only(state):
    turned = [compared(state, "rotation", (angle,)) for angle in (0.0, 90.0, 270.0)]
    steady = [comparison.a.stabilised(2)[0] for comparison in turned]
    shaky = [comparison.b.stabilised(2)[0] for comparison in turned]
    for back in steady[1:]:
        torch.testing.assert_close(back, steady[0], rtol=1e-4, atol=1e-5)
    assert (shaky[1] - shaky[0]).norm() > 1e-2 * shaky[0].norm()


def test_a_faster_flow_reads_frames_from_farther_back(state):
    """Scaled by 1.3, the oldest of four frames lies 5.07 frames back: six frames are needed."""
    scene = compared(state, "scaling", (1.3,)).scene
    assert len(scene.history) == 7 and bool(scene.known.any())
    assert len(compared(state, "rotation", (90.0,)).scene.history) == 4


def test_the_scale_of_training_is_kept_for_flows_of_its_strength(state):
    from app import catalogue, compute

    model, flow = catalogue.model("rbc-resnet-plain"), state.flow
    assert compute.scale_for(model, flow) is None
    stronger = replace(flow, rms=3 * flow.rms)
    assert compute.scale_for(model, stronger) == stronger.rms


def test_results_are_computed_once(state):
    first, second = (compared(state, "rotation", (90.0,)) for _ in range(2))
    assert second.scene is first.scene and second.a is first.a
    assert compared(state, "rotation", (91.0,)).a is not first.a
    # The forecast of the recorded flow does not depend on the element.
    assert compared(state, "rotation", (91.0,)).a.recorded is first.a.recorded


def test_the_interpolation_error_vanishes_where_nothing_is_interpolated(state):
    assert compared(state, "rotation", (90.0,)).scene.interpolation_error() < 1e-6
    assert 1e-6 < compared(state, "rotation", (30.0,)).scene.interpolation_error() < 0.05
