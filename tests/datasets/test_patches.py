"""Patches lie where they were drawn, have sides that networks take, and keep lengths true."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.patches import Patch, cut_patch, overview, snapped
from tests.conftest import mock_flow
from tests.datasets.awkward import currents, written

SIDE = st.tuples(st.floats(-50, 300), st.floats(-50, 300))


@given(x=SIDE, y=SIDE, ny=st.integers(1, 200), nx=st.integers(1, 200))
def test_a_snapped_box_lies_inside_and_has_sides_of_eights(x, y, ny, nx):
    patch = snapped(x, y, (90, -4), (60, ny, nx))
    assert 0 <= patch.x <= patch.x + patch.nx <= nx and 0 <= patch.y <= patch.y + patch.ny <= ny
    assert patch.nx % 8 == 0 or nx < 8
    assert patch.ny % 8 == 0 or ny < 8
    assert (patch.first, patch.last) == (0, 59)


def test_a_box_that_fits_stays_where_it_is():
    patch = snapped((8.0, 40.0), (16.0, 32.0), (3, 9), (60, 64, 64))
    assert patch == Patch(8, 16, 32, 16, 3, 9)
    assert patch.frames == 7 and patch.nbytes == 8 * 32 * 16 * 7
    moved = snapped((9.2, 39.1), (17.0, 30.0), (3, 9), (60, 64, 64))
    assert abs(moved.x - 8) <= 1 and (moved.nx, moved.ny) == (32, 16)


def test_a_patch_has_the_numbers_of_its_cells():
    flow = mock_flow(frames=20, ny=24, nx=32, members=2, land=True, dx=2.0, dy=3.0)
    cut = cut_patch(flow, Patch(8, 16, 16, 8, 5, 14, member=1))
    assert dict(cut.sizes) == {"time": 10, "y": 8, "x": 16}
    own = flow.isel(member=1, time=slice(5, 15), y=slice(16, 24), x=slice(8, 24))
    for name in ("u", "v", "water"):
        np.testing.assert_array_equal(cut[name].values, own[name].values)
    assert cut.attrs["dx"] == 2.0 and json.loads(cut.attrs["provenance"])["patch"]["x"] == 8


def test_only_a_whole_axis_stays_periodic():
    flow = mock_flow(frames=4, ny=16, nx=32, periodic=True)
    cut = cut_patch(flow, Patch(0, 8, 32, 8, 0, 3))
    assert cut.attrs["periodic_x"] == 1 and cut.attrs["periodic_y"] == 0


def test_on_the_globe_a_cell_is_as_wide_as_at_its_own_latitude(tmp_path):
    latitudes = -60.0 + 0.5 * np.arange(64)
    file = written(currents(latitudes, 20 + 0.5 * np.arange(32), range(12)), tmp_path / "a.nc")
    flow = open_ocean_currents(file)
    south, north = (cut_patch(flow, Patch(0, y, 16, 16, 0, 11)) for y in (0, 48))
    for cut in (south, north):
        cosine = np.cos(np.radians(float(cut["latitude"].mean())))
        assert cut.attrs["dx"] == pytest.approx(0.5 * 111_194.93 * cosine, rel=1e-4)
    assert south.attrs["dx"] < 0.75 * north.attrs["dx"]
    # Control: the spacing of the whole field is that of neither.
    assert south.attrs["dx"] < 0.95 * flow.attrs["dx"] < 0.95 * north.attrs["dx"]


def test_beyond_the_flow_and_on_land_there_is_no_patch():
    flow = mock_flow(frames=6, ny=16, nx=16, land=True)
    inside = Patch(0, 8, 8, 8, 0, 5)
    assert cut_patch(flow, inside).sizes["x"] == 8
    for outside in ({"x": 9}, {"y": 9}, {"last": 6}, {"member": 1}, {"first": -1}):
        with pytest.raises(ValueError, match="inside the flow"):
            cut_patch(flow, replace(inside, **outside))
    with pytest.raises(ValueError, match="only land"):
        cut_patch(flow, replace(inside, y=0))


def test_an_overview_shows_speed_and_land_at_the_right_place():
    flow = mock_flow(frames=30, ny=16, nx=40, land=True, dx=0.5)
    flow["u"][:, 12:, 30:] = 9.0
    seen = overview(flow)
    assert seen.speed.shape == (16, 40) and not seen.water[0, 0] and seen.water[-1, -1]
    assert np.nanargmax(seen.speed) // 40 >= 12 and np.nanargmax(seen.speed) % 40 >= 30
    assert seen.x == (-0.25, 19.75) and seen.cells == (16, 40) and seen.frames == 30
    coarse = overview(flow, longest=10)
    assert coarse.speed.shape == (4, 10)
    assert float(np.nanmax(coarse.speed)) == pytest.approx(float(np.nanmax(seen.speed)), rel=0.2)
