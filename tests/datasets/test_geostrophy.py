"""Currents from the slope of the sea surface."""

import math

import numpy as np
import pytest

from symdyn_core.datasets.geostrophy import GRAVITY, ROTATION_RATE, geostrophic_velocity
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from tests.datasets.awkward import currents, written


def test_geostrophic_currents_of_a_slope():
    latitude, longitude = np.linspace(40, 42, 9), np.linspace(0, 2, 9)
    rise = np.broadcast_to(np.linspace(0, 0.2, 9)[:, None], (1, 9, 9))
    u, v = geostrophic_velocity(rise, latitude, longitude)
    # 0.2 m over 2 degrees (222.39 km) northward at 41 N: u = -9.80665 / 9.568e-5 x 8.993e-7.
    f = 2 * ROTATION_RATE * math.sin(math.radians(41))
    assert u[0, 4, 4] == pytest.approx(-GRAVITY / f * 0.2 / 222_389.85, rel=1e-5)
    assert u[0, 4, 4] == pytest.approx(-0.0922, abs=1e-4)
    assert np.abs(v).max() == 0
    eastward = np.broadcast_to(np.linspace(0, 0.2, 9)[None, :], (1, 9, 9))
    _, v = geostrophic_velocity(eastward, latitude, longitude)
    cosine = math.cos(math.radians(41))
    assert v[0, 4, 4] == pytest.approx(0.0922 / cosine, abs=1e-4)


def test_water_turns_clockwise_around_a_hill_in_the_north_and_the_other_way_in_the_south():
    longitude = np.linspace(0, 2, 21)
    for latitude, sign in ((np.linspace(40, 42, 21), 1), (np.linspace(-42, -40, 21), -1)):
        y, x = np.meshgrid(latitude - latitude.mean(), longitude - 1, indexing="ij")
        u, v = geostrophic_velocity(np.exp(-8 * (x**2 + y**2))[None], latitude, longitude)
        assert sign * u[0, 15, 10] > 0 and sign * v[0, 10, 15] < 0


def test_cells_beside_land_and_near_the_equator_have_no_geostrophic_current():
    latitude, longitude = np.linspace(-6, 6, 25), np.linspace(0, 2, 5)
    height = np.random.default_rng(0).random((1, 25, 5))
    height[0, 1, 2] = np.nan
    u, _ = geostrophic_velocity(height, latitude, longitude)
    assert np.isnan(u[0, np.abs(latitude) < 5]).all()
    assert np.isnan(u[0, [0, 1, 2], 2]).all() and np.isfinite(u[0, 0, 4])


def test_velocities_do_not_pass_for_heights(tmp_path):
    path = written(currents(), tmp_path / "a.nc")
    with pytest.raises(ValueError, match="Expected a sea surface height"):
        open_ocean_currents(path, geostrophic=True)


def test_heights_at_a_pole_give_no_current_there(tmp_path):
    metres = {"units": "m"}
    latitudes = np.linspace(83.0, 90.0, 8)
    dataset = currents(latitudes, names=("adt", "unused"), attributes=(metres, metres))
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"), geostrophic=True)
    assert not flow["water"].values[-1].any() and flow["water"].values[:-2].all()
    assert float(np.abs(flow["v"]).max()) < 95
