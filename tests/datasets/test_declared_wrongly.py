"""Attributes that say more, or other things, than readers usually look at."""

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets.opening import open_any
from tests.datasets.awkward import LATITUDES, LONGITUDES, currents, notes_of, written
from tests.datasets.test_silent_errors import assert_currents, refused

BOTH = ("uo", "vo")


def limited(fill, **limits):
    """Currents with a fill value that only the valid range tells from a velocity."""
    dataset = currents()
    for name in BOTH:
        dataset[name][:, :2, :3] = fill
        dataset[name].attrs.update(limits)
    return dataset


@pytest.mark.parametrize(
    "limits",
    [{"valid_min": -10.0, "valid_max": 10.0}, {"valid_range": np.array([-10.0, 10.0])}],
)
def test_values_far_outside_the_valid_range_are_missing(tmp_path, limits):
    for fill in (50.0, -50.0):
        path = written(limited(fill, **limits), tmp_path / f"{fill}.nc")
        assert_currents(open_any(path), land=6)


@pytest.mark.parametrize(
    "limits",
    [
        {"valid_min": -0.5, "valid_max": 0.6},  # of the first file of an archive
        {"valid_max": 10.0},
        {"valid_min": 1.0, "valid_max": -1.0},
        {"valid_range": "from -1 to 1"},
    ],
)
def test_a_range_that_currents_leave_a_little_takes_none_away(tmp_path, limits):
    dataset = currents()
    for name in BOTH:
        dataset[name].attrs.update(limits)
    assert_currents(open_any(written(dataset, tmp_path / "a.nc")))
    assert float(np.abs(dataset["uo"]).max()) > 0.6


@pytest.mark.parametrize(
    ("limits", "fill", "land"),
    [
        (np.array([-8000, 8000], "i2"), 20000, 6),  # packed like the values
        (np.array([-8, 8], "f4"), 20000, 6),  # of the unpacked values
        (np.array([-8, 8], "i2"), 0, 0),  # of the unpacked values, cast: no limit
    ],
)
def test_the_valid_range_of_packed_integers_may_be_packed_like_them(tmp_path, limits, fill, land):
    dataset, path = currents(), tmp_path / "a.nc"
    written(dataset.drop_vars(BOTH), path)
    with netCDF4.Dataset(path, "a") as file:
        for name in BOTH:
            variable = file.createVariable(name, "i2", dataset[name].dims, fill_value=-9999)
            variable.set_auto_maskandscale(False)
            variable[:] = np.round(dataset[name].values / 0.001).astype("i2")
            if fill:
                variable[:, :2, :3] = fill
            variable.scale_factor, variable.units = 0.001, "m/s"
    with h5py.File(path, "a") as file:  # the other library would cast the limits
        for name in BOTH:
            file[name].attrs["valid_min"], file[name].attrs["valid_max"] = limits
    assert_currents(open_any(path), land=land, tolerance=6e-4)


@pytest.mark.parametrize("unit", ["degrees_{}", "degree_{}", "degrees {}", "deg{}"])
def test_degrees_may_count_westward_and_southward(tmp_path, unit):
    dataset = currents()
    west, south = (unit.format(side) for side in ("west", "south"))
    dataset["longitude"] = ("longitude", -LONGITUDES, {"units": west})
    dataset["latitude"] = ("latitude", -LATITUDES, {"units": south})
    flow = open_any(written(dataset, tmp_path / "a.nc"))
    assert_currents(flow)
    np.testing.assert_allclose(flow["latitude"], LATITUDES)
    np.testing.assert_allclose(flow["longitude"], LONGITUDES)


@pytest.mark.parametrize("unit", ["degrees", "degree", "deg", "degreesN", "degrees_north", "°"])
def test_other_degrees_count_northward_and_eastward(tmp_path, unit):
    dataset = currents()
    dataset["longitude"] = ("longitude", LONGITUDES, {"units": unit})
    dataset["latitude"] = ("latitude", LATITUDES, {"units": unit})
    assert_currents(open_any(written(dataset, tmp_path / "a.nc")))


def test_fill_values_among_positions_are_refused(tmp_path):
    dataset = currents()
    for number, fill in enumerate((9.96e36, -9999.0)):
        longitudes = np.append(LONGITUDES[:-1], fill)
        dataset["longitude"] = ("longitude", longitudes, {"units": "degrees_east"})
        message = refused(written(dataset, tmp_path / f"{number}.nc"))
        assert "Expected longitudes in degrees" in message


@pytest.mark.parametrize(
    ("depth", "level", "noted"),
    [(0.0, 1, False), (60.0, 0, False), (100.0, 0, False), (5000.0, 0, True)],
)
def test_a_depth_that_no_level_has_is_told(tmp_path, depth, level, noted):
    levels = xr.DataArray([-100.0, -0.5], dims="depth", attrs={"units": "m", "positive": "up"})
    dataset = xr.concat([10 * currents(), currents()], dim="depth").assign_coords(depth=levels)
    for name in BOTH:
        dataset[name].attrs = {"units": "m/s"}
    flow = open_any(written(dataset, tmp_path / "a.nc"), depth=depth)
    assert float(np.abs(flow["u"]).max() > 2) == (level == 0)
    said = [note for note in notes_of(flow) if "no level at a depth of 5000 m" in note]
    assert len(said) == int(noted)


def test_an_archive_of_the_deep_alone_is_not_taken_for_the_surface(tmp_path):
    dataset = currents().expand_dims(depth=[500.0])
    dataset["depth"].attrs["units"] = "m"
    flow = open_any(written(dataset, tmp_path / "a.nc"))
    assert "no level at a depth of 0 m: the nearest, at 500 m, is read" in notes_of(flow)


def test_packing_written_as_text_is_named(tmp_path):
    dataset, path = currents(), tmp_path / "a.nc"
    written(dataset.drop_vars(BOTH), path)
    with netCDF4.Dataset(path, "a") as file:
        for name in BOTH:
            variable = file.createVariable(name, "i2", dataset[name].dims)
            variable.set_auto_maskandscale(False)
            variable[:] = 100
            variable.scale_factor, variable.units = "0.001", "m/s"
    message = refused(path)
    assert "'scale_factor' of 'uo' to be a number, got the text '0.001'" in message


def test_files_in_two_calendars_are_refused(tmp_path):
    written(currents(days=[0, 1]), tmp_path / "a.nc")
    other = {"units": "days since 2002-01-01", "calendar": "noleap"}
    written(currents(days=[2, 3], time_attributes=other), tmp_path / "b.nc")
    assert "in one calendar, got another in 'b.nc' than in 'a.nc'" in refused(tmp_path)
