"""Rescaled flows: time runs at another pace, and forecasts are compared in whole steps."""

import math
from dataclasses import replace

import pytest
import torch

from symdyn_core.equivariance import equivariance_error
from symdyn_core.models import rollout
from symdyn_core.symmetries import Scaling

pytest_plugins = ("dashboard_fixtures",)

ROOTS = {0.5: 4, math.sqrt(1 / 3): 3, math.sqrt(1 / 2): 2, math.sqrt(2): 2, math.sqrt(3): 3, 2.0: 4}


def moved_by(scene):
    """The symmetry and the element of a chain of one link."""
    (link,) = scene.chain.links
    return link.symmetry, link.element


@pytest.fixture
def compared(state):
    """The comparison of two models under a scaling."""
    from app import compute

    def compare(factor, model_a="rbc-resnet-scaling", model_b="rbc-resnet-plain", **others):
        question = replace(
            state.question, links=(("scaling", (factor,)),), model_a=model_a, model_b=model_b
        )
        return compute.compare(replace(question, **others))

    return compare


@pytest.mark.parametrize("factor", [*ROOTS, 0.8])
@pytest.mark.parametrize("model", ["rbc-resnet-scaling", "rbc-unet-scaling", "rbc-resnet-all"])
def test_the_equivariance_error_of_one_lead_is_that_of_the_library(compared, factor, model):
    comparison = compared(factor, model)
    scene = comparison.scene
    for answer in (comparison.a, comparison.b):
        expected, share = equivariance_error(
            answer.moved.forecaster, *moved_by(scene), scene.history[None], scene.grid
        )
        scores = answer.scores(1)
        assert scores.equivariance[0] == pytest.approx(expected.item(), rel=1e-4)
        assert scores.compared[0] == pytest.approx(share)


@pytest.mark.parametrize("factor", [0.5, math.sqrt(1 / 2), math.sqrt(2)])
@pytest.mark.parametrize("kind", ["resnet", "unet"])
def test_the_network_of_scales_follows_and_the_ordinary_one_does_not(compared, factor, kind):
    comparison = compared(factor, f"rbc-{kind}-scaling", f"rbc-{kind}-plain")
    a, b = comparison.a.scores(3), comparison.b.scores(3)
    assert a.equivariance_pooled < 0.1 * b.equivariance_pooled
    assert b.equivariance_pooled > 1e-2


@pytest.mark.parametrize("factor, n", ROOTS.items())
def test_leads_are_whole_steps_of_both_flows(compared, factor, n):
    scene = compared(factor).scene
    faster = factor > 1
    pace = scene.pace
    assert (pace.recorded, pace.moved) == ((n, 1) if faster else (1, n))
    assert scene.lead_time == pytest.approx(scene.grid.dt * (1 if faster else n))
    # Nothing is interpolated in time: the truth of a lead is a recorded frame, zoomed.
    now = len(scene.history)
    assert scene.steps == (min(10, 23 // n) if faster else 10)
    frame = scene.future[1]
    torch.testing.assert_close(
        Scaling().act_on_field(factor, frame[None], scene.grid)[0][0], scene.truth(2)[0]
    )
    assert now == (n * 3 + 1 if faster else max(4, now))


@pytest.mark.parametrize("factor", [math.sqrt(1 / 2), math.sqrt(2)])
def test_an_ordinary_model_takes_its_steps_one_after_the_other(compared, factor):
    comparison = compared(factor)
    answer, scene = comparison.b, comparison.scene
    steps = 2 * max(scene.pace.moved, scene.pace.recorded)
    slow, fast = (answer.moved, answer.recorded)[:: 1 if factor < 1 else -1]
    with torch.no_grad():
        expected = rollout(slow.forecaster, slow.window[None], steps)[0]
    torch.testing.assert_close(slow.up_to(2), expected[1::2])
    with torch.no_grad():
        expected = rollout(fast.forecaster, fast.window[None], 2)[0]
    torch.testing.assert_close(fast.up_to(2), expected)


def test_a_network_of_scales_never_looks_at_the_frames_between(data):
    """The reason why a rollout may leave them out."""
    from app import catalogue
    from app.flows import open_source, sources
    from app.rollouts import AT_SCALE

    grid = open_source(sources()[0]).grids[0]
    for name in ("rbc-resnet-scaling", "rbc-unet-scaling", "rbc-resnet-all"):
        other = AT_SCALE(catalogue.load(name, None, None, grid), 3)
        window = torch.randn(1, other.past, 2, 32, 32, generator=torch.Generator().manual_seed(0))
        seen = torch.arange(other.past).flip(0) % 3 == 0
        blind = torch.where(seen[:, None, None, None], window, window.roll(1, dims=1))
        with torch.no_grad():
            torch.testing.assert_close(other(blind), other(window), rtol=0, atol=0)


def test_between_whole_steps_a_shrunk_flow_is_shown_and_not_compared(compared):
    comparison = compared(1.5)
    assert bool(comparison.scene.known.any())
    scores = comparison.a.scores(2)
    assert all(math.isnan(error) for error in scores.equivariance)
    assert all(math.isfinite(error) for error in scores.rmse)


def test_a_start_without_enough_frames_is_refused_in_words(compared):
    with pytest.raises(ValueError, match=r"4 times as fast.* 13 recorded frames.*later start"):
        compared(2.0, now=5)
    with pytest.raises(ValueError, match=r"2 recorded frames after now.*earlier start"):
        compared(2.0, now=37)
    assert compared(2.0, now=12).steps > 0


def test_the_stabilised_forecast_of_the_network_of_scales_stands_still(compared):
    comparison = compared(math.sqrt(1 / 2))
    inner = (..., slice(14, 18), slice(14, 18))
    spread = {}
    for name, answer in (("a", comparison.a), ("b", comparison.b)):
        recorded, back = answer.recorded.up_to(1)[0], answer.stabilised(1)[0]
        spread[name] = ((back - recorded)[inner].norm() / recorded[inner].norm()).item()
    assert spread["a"] < 0.1 * spread["b"]
