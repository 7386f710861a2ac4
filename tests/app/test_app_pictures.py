"""Packets: the numbers that the browser draws."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch

from symdyn_core.operators import vorticity

pytest_plugins = ("dashboard_fixtures",)


def decoded(packet: bytes) -> tuple[dict, np.ndarray]:
    (length,) = struct.unpack("<I", packet[:4])
    return json.loads(packet[4 : 4 + length]), np.frombuffer(packet[4 + length :], np.float32)


def picture(packet: bytes, lead: int, name: str) -> np.ndarray:
    header, numbers = decoded(packet)
    frame = next(frame for frame in header["frames"] if frame["lead"] == lead)
    offset, *shape = frame["fields"][name]
    return numbers[offset : offset + np.prod(shape)].reshape(shape)


@pytest.fixture
def painted(state):
    """(comparison, packet of two leads) for some element and display."""
    from app import compute
    from app.pictures import Display, Painter

    def paint(element=90.0, field="speed", maps="error", limits="steady", stabilised=False):
        state.move_to((element,))
        comparison = compute.compare(state.question)
        painter = Painter(comparison, Display(field, maps, limits, stabilised))
        return comparison, painter.packet(range(1, 3), {})

    return paint


def test_pictures_hold_the_fields(painted):
    comparison, packet = painted()
    forecast, (truth, _) = comparison.b.forecast(2), comparison.scene.truth(2)
    np.testing.assert_allclose(picture(packet, 2, "b"), forecast.square().sum(0).sqrt())
    error = (forecast - truth).square().sum(0).sqrt()
    np.testing.assert_allclose(picture(packet, 2, "error_b"), error)
    now = comparison.scene.window[-1].square().sum(0).sqrt()
    np.testing.assert_allclose(picture(packet, 1, "input"), now)


@pytest.mark.parametrize("field, component", [("u", 0), ("v", 1)])
def test_components(painted, field, component):
    comparison, packet = painted(field=field)
    np.testing.assert_allclose(picture(packet, 1, "a"), comparison.a.forecast(1)[component])


def test_vorticity_is_that_of_the_library(painted):
    comparison, packet = painted(field="vorticity")
    expected = vorticity(comparison.a.forecast(1), comparison.scene.moved_grid)
    np.testing.assert_allclose(picture(packet, 1, "a"), expected, rtol=1e-5)


def test_what_is_unknown_is_nan_in_every_picture(painted):
    comparison, packet = painted(element=45.0)
    unknown = ~comparison.scene.truth(1)[1].numpy()
    assert unknown.any()
    for name in ("truth", "a", "b", "error_a", "error_b"):
        shown = picture(packet, 1, name)
        assert np.isnan(shown[unknown]).all() and np.isfinite(shown[~unknown]).all()


def test_broken_symmetry_is_blank_for_the_equivariant_model_only(painted):
    _, packet = painted(maps="asymmetry")
    assert np.abs(picture(packet, 1, "error_a")).max() < 1e-4
    assert np.abs(picture(packet, 1, "error_b")).max() > 1e-2


def test_the_stabilised_view_shows_the_flow_as_recorded(painted):
    comparison, packet = painted(stabilised=True)
    recorded = comparison.scene.history[-1].square().sum(0).sqrt()
    np.testing.assert_allclose(picture(packet, 1, "input"), recorded)
    upright = comparison.a.recorded.up_to(1)[0].square().sum(0).sqrt()
    np.testing.assert_allclose(picture(packet, 1, "a"), upright, rtol=1e-4, atol=1e-5)


def test_limits_rest_over_leads_and_angles(painted):
    headers = [decoded(painted(element=angle)[1])[0] for angle in (0.0, 90.0, 180.0)]
    assert len({header["limit"] for header in headers}) == 1
    limits = {frame["error_limit"] for header in headers for frame in header["frames"]}
    assert len(limits) == 1


def test_limits_of_each_lead_cover_its_errors(painted):
    _, packet = painted(limits="each lead")
    for frame in decoded(packet)[0]["frames"]:
        both = [picture(packet, frame["lead"], name) for name in ("error_a", "error_b")]
        assert frame["error_limit"] >= np.quantile(np.stack(both), 0.99)


def test_every_picture_has_a_new_generation(painted):
    first, second = (decoded(painted()[1])[0]["generation"] for _ in range(2))
    assert second > first


@pytest.mark.parametrize("value, limit", [(0.97, 1), (1.01, 1.2), (0.0071, 0.008), (420, 500)])
def test_limits_are_round(value, limit):
    from app.colours import rounded_up

    assert rounded_up(value) == pytest.approx(limit)
    assert rounded_up(float("nan")) == 1.0 and rounded_up(0.0) == 1.0


def test_spectra_are_taken_where_everything_is_known(painted):
    from app import scales

    comparison, _ = painted(element=45.0)
    patch = scales.patch_of(comparison.scene, 1)
    truth, known = comparison.scene.truth(1)
    assert bool(known[patch.cells].all()) and min(patch.grid.shape) >= 16
    whole = scales.patch_of(painted(element=90.0)[0].scene, 1)
    assert whole.grid.shape == truth.shape[-2:]
    torch.testing.assert_close(patch.cut(truth), truth[:, patch.cells[0], patch.cells[1]])


def test_the_corners_would_lift_the_spectrum(painted):
    """The reason for the patch: spread over the whole box, the tail rises by decades."""
    from app import scales
    from symdyn_core.spectra import energy_spectrum

    comparison, _ = painted(element=45.0)
    scene = comparison.scene
    truth, known = scene.truth(1)
    grid = scene.moved_grid.with_(water=None, periodic_x=True, periodic_y=True)
    spread = energy_spectrum(torch.where(known, truth, 0.0), grid)
    patch = scales.patch_of(scene, 1)
    inner = energy_spectrum(patch.cut(truth), patch.grid, patch.mask)
    tail = min(patch.grid.shape) // 2 - 1
    assert spread[grid.nx // 2 - 1] > 10 * inner[tail]


@pytest.mark.parametrize(
    "dx, unit, extent, told",
    [(8000.0, "m", 512.0, "km"), (20.0, "m", 1280.0, "m"), (8000.0, "", 512_000.0, "")],
)
def test_large_lengths_are_told_in_kilometres(state, dx, unit, extent, told):
    from app.compute import compare
    from app.headers import header
    from app.pictures import Display, Painter

    comparison = compare(state.question)
    display = Display("speed", "error", "steady", False, "forecasts", "none")
    painter = Painter(replace(comparison, flow=replace(comparison.flow, length_unit=unit)), display)
    painter.grid = painter.grid.with_(dx=dx, dy=dx)
    cells = painter.grid.shape[1]
    found = header(painter)
    assert found["length_unit"] == told
    assert found["extent"][0] == pytest.approx(extent * cells / 64)
    assert found["pictures"]["truth"]["extent"] == found["extent"]


def test_what_is_no_square_is_told_as_none(state):
    """Width and height of the domain, in this order: pictures are drawn in their proportion."""
    from app.compute import compare
    from app.headers import header
    from app.pictures import Display, Painter

    display = Display("speed", "error", "steady", False, "forecasts", "none")
    painter = Painter(compare(state.question), display)
    rows, columns = painter.grid.shape
    painter.grid = painter.grid.with_(dx=3.0, dy=1.0)
    found = header(painter)
    assert found["extent"] == pytest.approx([3.0 * columns, 1.0 * rows])
    assert found["pictures"]["b"]["extent"] == found["extent"]
