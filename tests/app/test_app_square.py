"""Packets of the commuting square, of divergence, of the past and of velocities."""

import numpy as np
import pytest
import torch
from test_app_pictures import decoded, picture

from symdyn_core.models import rollout, zoo
from symdyn_core.operators import divergence

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def painted(state):
    """(comparison, painter, packet of three leads) for an angle and a display."""
    from app import compute
    from app.pictures import Display, Painter

    def paint(angle=90.0, **display):
        state.move_to((angle,))
        comparison = compute.compare(state.question)
        settings = {"field": "u", "maps": "error", "limits": "steady", "stabilised": False}
        painter = Painter(comparison, Display(**{**settings, **display}))
        return comparison, painter, painter.packet(range(1, 4), {})

    return paint


def fields(packet: bytes, lead: int) -> dict[str, list[int]]:
    frames = decoded(packet)[0]["frames"]
    return next(frame for frame in frames if frame["lead"] == lead)["fields"]


def both_ways(comparison, name: str, lead: int):
    """f(T w), T f(w), f(w) and where T f(w) is known, by the library alone."""
    from app import elements

    scene, question = comparison.scene, comparison.question
    forecaster = zoo.load(question.model_a if name == "a" else question.model_b)
    with torch.no_grad():
        first_moved = rollout(forecaster, scene.window[None], lead)[0]
        first_forecast = rollout(forecaster, scene.history[None], lead)[0]
    symmetry, element = question.links[0]
    symmetry = elements.named(symmetry)
    moved, known = symmetry.act_on_field(
        elements.as_element(element),
        torch.cat((scene.history, first_forecast)),
        scene.grid,
        lead=lead,
    )
    return first_moved[-1], moved[-1], first_forecast[-1], known[-1, 0]


@pytest.mark.parametrize("angle", [90.0, 40.0])
@pytest.mark.parametrize("name", ["a", "b"])
def test_the_square_shows_both_ways_round(painted, angle, name):
    comparison, _, packet = painted(angle, view="square")
    for lead in (1, 3):
        one, other, upright, known = both_ways(comparison, name, lead)
        known = known & comparison.scene.known
        shown = {key: picture(packet, lead, f"{key}_{name}") for key in ("expected", "upright")}
        np.testing.assert_allclose(shown["upright"], upright[0], atol=1e-5)
        inside = known.numpy()
        np.testing.assert_allclose(shown["expected"][inside], other[0][known], atol=1e-5)
        np.testing.assert_allclose(picture(packet, lead, name)[inside], one[0][known], atol=1e-5)
        gap = picture(packet, lead, f"error_{name}")
        np.testing.assert_allclose(gap[inside], (one - other)[0][known], atol=2e-5)
        assert np.isnan(gap[~inside]).all()


def test_only_the_square_of_the_ordinary_model_is_open(painted):
    _, _, packet = painted(view="square")
    assert np.abs(picture(packet, 3, "error_a")).max() < 1e-4
    assert np.abs(picture(packet, 3, "error_b")).max() > 1e-2


def test_the_square_is_of_the_broken_symmetry_whatever_the_maps_show(painted):
    _, painter, _ = painted(view="square", maps="error", stabilised=True)
    assert painter.display.maps == "asymmetry" and not painter.display.stabilised


def test_what_does_not_change_comes_once(painted):
    _, _, packet = painted(view="square")
    assert {"recorded", "input"} <= set(fields(packet, 1))
    assert not {"recorded", "input"} & {*fields(packet, 2), *fields(packet, 3)}
    _, _, packet = painted()
    assert not {"recorded", "upright_a", "expected_a"} & set(fields(packet, 1))


@pytest.mark.parametrize("angle", [0.0, 40.0])
def test_divergence_is_that_of_the_library_where_it_can_be_known(painted, angle):
    comparison, painter, packet = painted(angle, field="divergence")
    forecast, scene = comparison.b.forecast(1), comparison.scene
    known = scene.known & scene.truth(1)[1]
    grid = painter.scalar._local
    expected = divergence(torch.where(known, forecast, 0.0), grid).numpy()
    shown = picture(packet, 1, "b")
    seen = np.isfinite(shown)
    assert seen.any() and not seen[~known.numpy()].any()
    assert seen.all() == bool(known.all())
    np.testing.assert_allclose(shown[seen], expected[seen], rtol=1e-4, atol=1e-4)


def test_an_incompressible_flow_is_blank_not_a_picture_of_its_rounding_errors():
    from app.fields import WEAKEST, Scalar
    from symdyn_core.grid import Grid

    grid = Grid(32, 32, dy=1 / 32, dx=1 / 32, dt=1.0, periodic_y=True, periodic_x=True)
    place = (torch.arange(32) + 0.5) / 32 * 2 * torch.pi
    w = torch.stack((torch.sin(place)[:, None].expand(32, 32), torch.sin(place).expand(32, 32)))
    known = torch.ones(32, 32, dtype=torch.bool)
    whirl = Scalar("vorticity", grid).limit(w, known)
    limit = Scalar("divergence", grid).limit(w, known)
    assert limit == pytest.approx(WEAKEST * whirl)
    assert np.abs(Scalar("divergence", grid).of(w, known)).max() < 1e-3 * limit
    squeezed = w.flip(0)  # a source: its limit is its own
    assert Scalar("divergence", grid).limit(squeezed, known) > 10 * limit * (1 - 1e-3)


@pytest.mark.parametrize("stabilised", [False, True])
def test_the_past_is_the_input_up_to_now(painted, stabilised):
    comparison, _, packet = painted(stabilised=stabilised)
    past = picture(packet, 2, "history")
    scene = comparison.scene
    frames = scene.history if stabilised else scene.window
    np.testing.assert_allclose(past, frames[-len(past) :, 0], atol=1e-6)
    np.testing.assert_allclose(past[-1], picture(packet, 1, "input"))
    assert "history" not in fields(packet, 1), "it would slow every move of a slider down"


def test_arrows_are_velocities_of_cells(painted):
    comparison, _, packet = painted(vectors="arrows")
    header, numbers = decoded(packet)
    offset, *shape = header["frames"][2]["arrows"]["b"]
    arrows = numbers[offset : offset + np.prod(shape)].reshape(shape)
    start, every = header["sampling"]
    forecast = comparison.b.forecast(3)
    np.testing.assert_allclose(arrows, forecast[:, start::every, start::every])
    assert max(shape[1:]) <= 32
    _, _, without = painted(vectors="none")
    assert all(frame["arrows"] == {} for frame in decoded(without)[0]["frames"])
    assert len(without) < len(packet)


def test_a_rollout_counts_the_memory_of_all_its_leads(painted):
    comparison, _, _ = painted()
    rolled = comparison.b.moved
    frame = rolled.window[0].nbytes
    assert rolled.leads == 3 and rolled.nbytes == 4 * frame, "the next one is counted already"
    rolled.up_to(12)
    assert rolled.nbytes == 13 * frame
