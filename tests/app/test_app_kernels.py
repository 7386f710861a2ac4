"""What the page of kernels asks for: pictures that agree where a layer is equivariant."""

import numpy as np
import pytest
import torch

pytest_plugins = ("dashboard_fixtures",)


def subject(state, model: str, place: int = 0):
    from app.kernels import Subject

    return Subject(state.source, model, place, state.member, state.now)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_turned_and_held_agree_for_the_steerable_network_alone(state, place):
    from app.kernels import TURN, Action, Pick

    action, pick = Action(TURN, 90.0), Pick(1, 3, 1, 2)
    steerable = subject(state, "rbc-resnet-rotation", place)
    seen = steerable.seen(action, pick)
    torch.testing.assert_close(seen.moved, seen.held, atol=1e-6, rtol=0)
    assert steerable.residual(action) < 1e-6
    assert seen.inside == pytest.approx(1, abs=1e-6)
    plain = subject(state, "rbc-resnet-plain", place)
    seen = plain.seen(action, pick)
    assert seen.difference.abs().max() > 0.1 * seen.limit
    assert plain.residual(action) > 0.3
    assert seen.inside < 0.99


def test_the_slider_moves_the_frame_and_not_what_is_seen_from_it(state):
    from app.kernels import MOTION, Action, Pick

    framed = subject(state, "rbc-resnet-uniform_motion")
    still, moved = (framed.seen(Action(MOTION, value), Pick()) for value in (0.0, 2.0))
    assert moved.frame[0] > still.frame[0] + 0.5
    assert moved.frame[1] == pytest.approx(still.frame[1], abs=1e-5)
    torch.testing.assert_close(moved.held, still.held, atol=1e-5, rtol=0)
    torch.testing.assert_close(moved.difference, still.difference)
    assert framed.residual(Action(MOTION, 2.0)) < 1e-5
    assert subject(state, "rbc-resnet-plain").residual(Action(MOTION, 2.0)) > 0.1


def test_a_layer_has_a_counterpart(state):
    from app.kernels import counterpart, layers

    rotation, plain, scaling = (
        layers(state.source, f"rbc-resnet-{kit}") for kit in ("rotation", "plain", "scaling")
    )
    assert plain[counterpart(2, rotation, plain)].path == rotation[2].path
    assert counterpart(0, plain, scaling) == 0
    assert counterpart(len(plain) - 1, plain, scaling) == len(scaling) - 1
    assert layers(state.source, "persistence") == ()


def test_curves_leave_out_what_a_group_does_not_hold(state):
    from app.kernels import TURN, curve

    hidden = subject(state, "rbc-resnet-rotation", 1)
    values = curve(hidden, TURN, (0.0, 45.0, 60.0), mirrored=False)
    assert values[0] < 1e-6 and values[1] < 1e-6 and values[2] > 0.01
    assert all(value != value for value in curve(hidden, TURN, (0.0, 45.0), mirrored=True))


def test_what_is_out_of_reach_is_the_nearest_filter(state):
    from app.kernels import Pick, kernel

    lift = subject(state, "rbc-resnet-rotation")
    whole = kernel(lift.layer)
    assert Pick(99, 99, 99, 99).within(lift.layer, whole) == Pick(
        whole.shape[0] - 1, 7, whole.shape[2] - 1, 1
    )


@pytest.mark.parametrize("action, value", [("turn", 30.0), ("magnitude", 2.0)])
def test_every_picture_tells_what_its_colours_mean(state, action, value):
    import re

    from app.kernels import Action, Pick
    from app.panels.kernels_scale import SCALES
    from app.panels.kernels_view import KernelsView
    from app.panels.labels import quoted

    view, drawn = KernelsView(), subject(state, "rbc-resnet-plain", 1)
    for number in (0, 3):
        chosen = Action(action, value)
        view.draw(chosen, drawn.seen(chosen, Pick(out=number)), drawn.layer.half)
        for picture, scale, meaning in zip(view.pictures, view.scales, SCALES[action], strict=True):
            low, high = re.fullmatch(
                r"<div[^>]*>([^<]+)<i[^>]*></i>([^<]+)</div>", scale.object
            ).groups()
            assert float(high) == pytest.approx(picture.colours.high, rel=5e-3)
            assert float(low.replace("−", "-")) == pytest.approx(picture.colours.low, rel=5e-3)
            assert picture.colours.low == (0 if picture.vectors else -picture.colours.high)
            assert quoted(meaning) in scale.object
            colours = re.findall("#[0-9a-f]{6}", scale.object.lower())
            palette = [colour.lower() for colour in picture.colours.palette]
            assert (colours[0], colours[-1]) == (palette[0], palette[-1])


@pytest.mark.parametrize("count", [1, 6, 17])
def test_basis_functions_are_square_and_their_bars_stay_above_them(count):
    from app.panels.kernels_figures import SHAPE, BasisFigure

    figure = BasisFigure()
    figure.update(np.random.default_rng(0).normal(size=(count, 3, 3)), -np.ones(count), 1.0)
    made, tiles, bars = figure.figure, figure.tiles.data, figure.bars.data
    # As many pixels to a unit of x as to one of y, in the shape that the card keeps.
    wide, high = made.x_range.end - made.x_range.start, made.y_range.end - made.y_range.start
    assert wide / high == pytest.approx(SHAPE)
    side = tiles["size"][0]
    assert made.x_range.start < tiles["x"][0] and tiles["x"][-1] + side < made.x_range.end
    assert made.y_range.start <= tiles["y"][0]
    assert tiles["y"][0] + side < min(bars["top"]) <= -0.5 * made.y_range.end
