"""Velocities on the faces of cells, on grids that bend, in runs of an ensemble, behind a mask."""

import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets.ocean_currents import open_ocean_currents
from tests.datasets.awkward import assert_same_field, currents, notes_of, written

DAYS = np.arange(3.0)
TIME = {"time": ("time", DAYS, {"units": "days since 2002-01-01"})}
UNIT = {"units": "m/s"}


def plane(longitude, latitude) -> np.ndarray:
    """``time y x``: linear in place, so that linear interpolation is exact."""
    return 0.02 * longitude - 0.03 * latitude + 0.1 * DAYS[:, None, None]


def other_plane(longitude, latitude) -> np.ndarray:
    return -0.01 * longitude + 0.04 * latitude - 0.05 * DAYS[:, None, None]


def on_faces(shift: float, ny: int = 6, nx: int = 8) -> xr.Dataset:
    """A C grid of 1 degree with centres from 30 E, 40 N; faces ``shift`` cells from them."""
    xc, yc = 30.0 + np.arange(nx), 40.0 + np.arange(ny)
    xg, yg = xc + shift, yc + shift
    degrees = ({"units": "degrees_north"}, {"units": "degrees_east"})
    return xr.Dataset(
        {
            "U": (("time", "YC", "XG"), plane(*np.meshgrid(xg, yc)), UNIT),
            "V": (("time", "YG", "XC"), other_plane(*np.meshgrid(xc, yg)), UNIT),
        },
        coords={
            **TIME,
            **{"YC": ("YC", yc, degrees[0]), "YG": ("YG", yg, degrees[0])},
            **{"XC": ("XC", xc, degrees[1]), "XG": ("XG", xg, degrees[1])},
        },
    )


@pytest.mark.parametrize("shift", [-0.5, 0.5], ids=["west and south (MITgcm)", "east and north"])
def test_components_on_faces_are_averaged_to_the_centres(tmp_path, shift):
    flow = open_ocean_currents(written(on_faces(shift), tmp_path / "a.nc"))
    # The outermost cells have one face each and are left out.
    assert dict(flow.sizes) == {"time": 3, "y": 5, "x": 7}
    centres = np.meshgrid(flow["longitude"], flow["latitude"])
    assert set(flow["longitude"].values) <= set(30.0 + np.arange(8))
    np.testing.assert_allclose(flow["u"], plane(*centres), atol=1e-6)
    np.testing.assert_allclose(flow["v"], other_plane(*centres), atol=1e-6)
    assert "grid C" in notes_of(flow)[0]
    # Taken as if it stood at the centres, u is half a cell wrong.
    assert np.abs(flow["u"] - plane(centres[0] + shift, centres[1])).max() > 0.009


def test_faces_around_the_globe_close_the_circle(tmp_path):
    dataset = on_faces(0.5, nx=72)
    dataset = dataset.assign_coords(XC=5.0 * np.arange(72), XG=5.0 * np.arange(72) + 2.5)
    for name in ("XC", "XG"):
        dataset[name].attrs["units"] = "degrees_east"
    wave = np.cos(np.radians(dataset["XG"])) + 0 * dataset["U"]
    dataset["U"] = wave.transpose("time", "YC", "XG").assign_attrs(UNIT)
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    assert flow.sizes["x"] == 72 and flow.attrs["periodic_x"] == 1
    # The mean of cos at two faces 5 degrees apart is cos at the centre times cos 2.5 degrees.
    expected = np.cos(np.radians(flow["longitude"])) * np.cos(np.radians(2.5))
    np.testing.assert_allclose(flow["u"][0, 0], expected, atol=1e-6)


def bent_grid(ny: int = 14, nx: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """(latitude, longitude) of a grid turned by 30 degrees, a quarter of a degree apart, at 5 N."""
    j, i = np.meshgrid(0.25 * np.arange(ny), 0.25 * np.arange(nx), indexing="ij")
    turn = np.radians(30)
    north = 5.0 + i * np.sin(turn) + j * np.cos(turn)
    east = (i * np.cos(turn) - j * np.sin(turn)) / np.cos(np.radians(north))
    return north, 40.0 + east


def on_bent_grid(u, v, attributes=({}, {})) -> xr.Dataset:
    latitude, longitude = bent_grid()
    return xr.Dataset(
        {
            "u": (("time", "y", "x"), u, {**UNIT, **attributes[0]}),
            "v": (("time", "y", "x"), v, {**UNIT, **attributes[1]}),
        },
        coords={**TIME, "nav_lat": (("y", "x"), latitude), "nav_lon": (("y", "x"), longitude)},
    )


EAST_NORTH = (
    {"standard_name": "eastward_sea_water_velocity"},
    {"standard_name": "northward_sea_water_velocity"},
)
ALONG = ({"standard_name": "sea_water_x_velocity"}, {"standard_name": "sea_water_y_velocity"})


def test_a_grid_that_bends_is_interpolated_onto_even_degrees(tmp_path):
    latitude, longitude = bent_grid()
    dataset = on_bent_grid(plane(longitude, latitude), other_plane(longitude, latitude), EAST_NORTH)
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    wet = flow["water"].values
    assert 0.3 < wet.mean() < 0.8  # the corners of the box lie outside the turned grid
    centres = np.meshgrid(flow["longitude"], flow["latitude"])
    np.testing.assert_allclose(flow["u"].values[:, wet], plane(*centres)[:, wet], atol=2e-5)
    np.testing.assert_allclose(flow["v"].values[:, wet], other_plane(*centres)[:, wet], atol=2e-5)
    assert flow.attrs["dx"] == pytest.approx(flow.attrs["dy"], rel=0.02)
    part = open_ocean_currents(tmp_path / "a.nc", region=(39.5, 6.0, 41.0, 8.0))
    assert part["latitude"].values.min() >= 6.0 and part["longitude"].values.max() <= 41.0


def test_components_along_the_grid_are_turned_east_and_north(tmp_path):
    turn = np.radians(30)
    ones = np.ones((3, 14, 16))
    # 0.8 m/s eastward and 0.3 northward, as a model sees them on its own axes.
    along = 0.8 * np.cos(turn) + 0.3 * np.sin(turn), -0.8 * np.sin(turn) + 0.3 * np.cos(turn)
    turned = on_bent_grid(along[0] * ones, along[1] * ones, ALONG)
    flow = open_ocean_currents(written(turned, tmp_path / "a.nc"))
    wet = flow["water"].values
    np.testing.assert_allclose(flow["u"].values[:, wet], 0.8, atol=0.01)
    np.testing.assert_allclose(flow["v"].values[:, wet], 0.3, atol=0.01)
    declared = on_bent_grid(along[0] * ones, along[1] * ones, EAST_NORTH)
    flow = open_ocean_currents(written(declared, tmp_path / "b.nc"))
    np.testing.assert_allclose(flow["u"].values[:, wet], along[0], atol=1e-6)


def roms() -> xr.Dataset:
    """ROMS: u between the centres of a row, v between those of a column, angle at the centres."""
    turn = np.radians(30)
    latitude, longitude = bent_grid()
    u = np.full((3, 14, 15), 0.8 * np.cos(turn) + 0.3 * np.sin(turn))
    v = np.full((3, 13, 16), -0.8 * np.sin(turn) + 0.3 * np.cos(turn))

    def half(field, axis):
        return 0.5 * (np.delete(field, 0, axis) + np.delete(field, -1, axis))

    return xr.Dataset(
        {
            "u": (("time", "eta_u", "xi_u"), u, UNIT),
            "v": (("time", "eta_v", "xi_v"), v, UNIT),
            "angle": (("eta_rho", "xi_rho"), np.full((14, 16), turn), {"units": "radians"}),
        },
        coords={
            **TIME,
            "lat_u": (("eta_u", "xi_u"), half(latitude, 1)),
            "lon_u": (("eta_u", "xi_u"), half(longitude, 1)),
            "lat_v": (("eta_v", "xi_v"), half(latitude, 0)),
            "lon_v": (("eta_v", "xi_v"), half(longitude, 0)),
        },
    )


def test_a_roms_file_is_averaged_turned_and_interpolated(tmp_path):
    flow = open_ocean_currents(written(roms(), tmp_path / "a.nc"))
    wet = flow["water"].values
    assert wet.any()
    np.testing.assert_allclose(flow["u"].values[:, wet], 0.8, atol=1e-6)
    np.testing.assert_allclose(flow["v"].values[:, wet], 0.3, atol=1e-6)
    assert any("curvilinear" in note for note in notes_of(flow))


def test_nemo_files_of_one_component_each_are_put_together(tmp_path):
    latitude, longitude = bent_grid()
    for name, axis in (("vozocrtx", 1), ("vomecrty", 0)):
        # u lies on the eastern faces, half a cell on along the row, and v on the northern ones.
        shifted = [field + np.gradient(field, axis=axis) / 2 for field in (longitude, latitude)]
        dataset = xr.Dataset(
            {name: (("time_counter", "y", "x"), plane(*shifted), UNIT)},
            coords={
                "time_counter": ("time_counter", DAYS, {"units": "days since 2002-01-01"}),
                "nav_lon": (("y", "x"), shifted[0]),
                "nav_lat": (("y", "x"), shifted[1]),
            },
        )
        written(dataset, tmp_path / f"{name}.nc")
    flow = open_ocean_currents(tmp_path)
    wet = flow["water"].values
    centres = np.meshgrid(flow["longitude"], flow["latitude"])
    expected = plane(*centres)
    turn = np.radians(30)
    east = expected * (np.cos(turn) - np.sin(turn))
    north = expected * (np.sin(turn) + np.cos(turn))
    np.testing.assert_allclose(flow["u"].values[:, wet], east[:, wet], atol=0.02)
    np.testing.assert_allclose(flow["v"].values[:, wet], north[:, wet], atol=0.02)
    (tmp_path / "vomecrty.nc").unlink()
    with pytest.raises(ValueError, match="got only 'vozocrtx'"):
        open_ocean_currents(tmp_path)


def test_components_in_files_of_their_own_are_the_same_flow(tmp_path):
    dataset = currents()
    for start in (0, 2):
        for name in ("uo", "vo"):
            part = dataset[[name]].isel(time=slice(start, start + 2))
            written(part, tmp_path / f"{name}_{start}.nc")
    whole = open_ocean_currents(written(dataset, tmp_path.parent / "both.nc"))
    assert_same_field(open_ocean_currents(tmp_path), whole)


def test_runs_of_an_ensemble_become_members(tmp_path):
    runs = xr.concat([currents(), 2 * currents()], "realization")
    for name in ("uo", "vo"):
        runs[name].attrs = UNIT
    flow = open_ocean_currents(written(runs, tmp_path / "a.nc"))
    assert flow["u"].dims == ("member", "time", "y", "x") and flow.sizes["member"] == 2
    np.testing.assert_allclose(flow["u"][1], 2 * flow["u"][0], rtol=1e-6)
    assert flow["water"].dims == ("member", "y", "x")
    assert open_ocean_currents(tmp_path / "a.nc", patch=4).sizes["member"] == 2 * 4


def test_a_mask_of_water_is_used(tmp_path):
    dataset = currents()
    wet = np.ones((8, 10), np.int8)
    wet[0, :3] = 0
    attrs = {"standard_name": "sea_binary_mask"}
    dataset["mask"] = (("latitude", "longitude"), wet, attrs)
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    np.testing.assert_array_equal(flow["water"], wet == 1)
    dataset["mask"].attrs = {}
    other = open_ocean_currents(written(dataset, tmp_path / "b.nc"))
    assert bool(other["water"].all())  # a mask of something that is not said
