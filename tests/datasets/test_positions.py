"""Cells lie where the file says, whichever way it counts them."""

import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets.ocean_currents import open_ocean_currents
from tests.datasets.awkward import (
    LATITUDES,
    LONGITUDES,
    assert_same_field,
    currents,
    notes_of,
    velocity,
    written,
)


def test_a_file_from_north_to_south_is_the_same_flow(tmp_path):
    up = open_ocean_currents(written(currents(), tmp_path / "up.nc"))
    flipped = currents().isel(latitude=slice(None, None, -1), longitude=slice(None, None, -1))
    down = open_ocean_currents(written(flipped, tmp_path / "down.nc"))
    assert_same_field(up, down)
    # Northward stays northward: turned over without its latitudes, the file is another flow.
    lied = flipped.assign_coords(latitude=currents()["latitude"])
    other = open_ocean_currents(written(lied, tmp_path / "lied.nc"))
    assert float(np.abs(other["v"].values - up["v"].values).max()) > 0.1


@pytest.mark.parametrize(
    "longitudes",
    [
        np.arange(175.0, 185.0),
        (np.arange(175.0, 185.0) + 180) % 360 - 180,
        np.sort((np.arange(175.0, 185.0) + 180) % 360 - 180),
    ],
    ids=["0 to 360", "jump at the date line", "sorted, with a gap"],
)
def test_longitudes_are_made_continuous(tmp_path, longitudes):
    flow = open_ocean_currents(written(currents(longitudes=longitudes), tmp_path / "a.nc"))
    np.testing.assert_allclose(np.diff(flow["longitude"]), 1.0)
    np.testing.assert_allclose(flow["longitude"] % 360, np.arange(175.0, 185.0))
    u, v = velocity(LATITUDES, np.arange(175.0, 185.0), range(4))
    np.testing.assert_allclose(flow["u"], u, atol=1e-6)
    np.testing.assert_allclose(flow["v"], v, atol=1e-6)


@pytest.mark.parametrize("start", [0.0, -180.0, 20.0])
@pytest.mark.parametrize("repeated", [False, True])
def test_regions_cross_any_meridian_of_a_global_field(tmp_path, start, repeated):
    longitudes = start + 5.0 * np.arange(73 if repeated else 72)
    path = written(currents(longitudes=longitudes, days=range(2)), tmp_path / "a.nc")
    whole = open_ocean_currents(path)
    assert whole.sizes["x"] == 72 and whole.attrs["periodic_x"] == 1
    for west, east in ((-20.0, 30.0), (160.0, -150.0), (340.0, 10.0)):
        flow = open_ocean_currents(path, region=(west, -39.5, east, -38.5))
        expected = np.arange(west, east + (360 if east < west else 0) + 1, 5.0)
        np.testing.assert_allclose(flow["longitude"] % 360, expected % 360)
        np.testing.assert_allclose(flow["latitude"], np.arange(-39.5, -38.4, 0.25))
        u, _ = velocity(flow["latitude"], expected, range(2))
        np.testing.assert_allclose(flow["u"], u, atol=1e-6)
        assert flow.attrs["periodic_x"] == 0


def test_a_region_outside_the_file_is_refused(tmp_path):
    path = written(currents(), tmp_path / "a.nc")
    with pytest.raises(ValueError, match="at least two cells along latitude, got 0"):
        open_ocean_currents(path, region=(20.0, 10.0, 22.0, 12.0))


def test_the_level_nearest_to_the_depth_is_read(tmp_path):
    for axis, levels in (("depth", [0.5, 10.0, 50.0]), ("lev", [50.0, 10.0, 0.5])):
        stack = xr.concat([currents() * level for level in levels], axis)
        stack = stack.assign_coords({axis: levels})
        for name in ("uo", "vo"):
            stack[name].attrs = {"units": "m/s"}
        path = written(stack, tmp_path / f"{axis}.nc")
        surface, below = open_ocean_currents(path), open_ocean_currents(path, depth=12.0)
        u, _ = velocity(LATITUDES, LONGITUDES, range(4))
        np.testing.assert_allclose(surface["u"], 0.5 * u, atol=1e-6)
        np.testing.assert_allclose(below["u"], 10 * u, atol=1e-5)


def test_latitudes_on_two_axes_are_read_if_the_grid_is_regular(tmp_path):
    dataset = currents().rename(latitude="y", longitude="x")
    latitudes, longitudes = np.meshgrid(LATITUDES, LONGITUDES, indexing="ij")
    flat = dataset.drop_vars(["y", "x"]).assign_coords(
        nav_lat=(("y", "x"), latitudes), nav_lon=(("y", "x"), longitudes)
    )
    assert_same_field(
        open_ocean_currents(written(flat, tmp_path / "flat.nc")),
        open_ocean_currents(written(currents(), tmp_path / "plain.nc")),
    )


def test_coordinates_in_metres_are_left_as_they_are(tmp_path):
    dataset = currents().rename(latitude="y", longitude="x")
    dataset = dataset.assign_coords(
        y=("y", np.arange(8) * 2.0, {"units": "km"}), x=("x", np.arange(10) * 3.0, {"units": "km"})
    )
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    assert (flow.attrs["dy"], flow.attrs["dx"]) == (2000.0, 3000.0)
    assert "latitude" not in flow.coords


def test_uneven_latitudes_are_interpolated_as_xarray_does(tmp_path):
    latitudes = LATITUDES + np.linspace(0, 1, 8) ** 2
    dataset = currents(latitudes)
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    even = np.linspace(latitudes[0], latitudes[-1], 8)
    np.testing.assert_allclose(flow["latitude"], even)
    expected = dataset.interp(latitude=even)
    np.testing.assert_allclose(flow["u"], expected["uo"], atol=1e-6)
    assert "latitude had steps from" in notes_of(flow)[0]
    assert np.abs(flow["u"].values - dataset["uo"].values).max() > 0.01


def test_land_does_not_slow_the_water_beside_it_when_rows_are_interpolated(tmp_path):
    dataset = currents(LATITUDES + np.linspace(0, 1, 8) ** 2)
    for name in ("uo", "vo"):
        dataset[name][:, 2, 5] = 0.0
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    wet = flow["water"].values
    assert not wet[2:4, 5].all() and wet[:, :5].all()
    whole = currents(LATITUDES + np.linspace(0, 1, 8) ** 2).interp(latitude=flow["latitude"].values)
    np.testing.assert_allclose(flow["u"].values[:, wet], whole["uo"].values[:, wet], atol=1e-6)


def test_a_missing_row_is_refused(tmp_path):
    dataset = currents().isel(latitude=[0, 1, 2, 4, 5, 6])
    with pytest.raises(ValueError, match=r"a step of 0\.25 and then one of 0\.5 near -39\.5"):
        open_ocean_currents(written(dataset, tmp_path / "a.nc"))
