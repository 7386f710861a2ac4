"""Files that look sound and would open with wrong numbers: they open rightly, or are refused."""

import zipfile

import netCDF4
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets.opening import open_any
from tests.datasets.awkward import LATITUDES, LONGITUDES, currents, velocity, written
from tests.http_server import serving


def assert_currents(flow, land=0, tolerance=1e-5):
    """The currents that every file of this module holds, but for some cells of land."""
    fields = velocity(flow["latitude"].values, flow["longitude"].values, range(4))
    for name, field in zip(("u", "v"), fields, strict=True):
        wet = flow["water"].values
        np.testing.assert_allclose(flow[name].values[:, wet], field[:, wet], atol=tolerance)
    assert int((~flow["water"]).sum()) == land


def refused(path):
    """What is said of a file that is refused, in one line."""
    with pytest.raises(ValueError) as caught:
        open_any(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fill", "unit", "factor"),
    [(9999.0, "m/s", 1), (-999.0, "cm/s", 100), (999.9, "cm/s", 100), (1e20, "cm/s", 100)],
)
def test_fill_values_of_centimetres_are_no_currents(tmp_path, fill, unit, factor):
    dataset = currents() * factor
    for name in ("uo", "vo"):
        dataset[name][:, :2, :3] = fill
        dataset[name].attrs = {"units": unit}
    assert_currents(open_any(written(dataset, tmp_path / "a.nc")), land=6)


@pytest.mark.parametrize("fill", [-32768, -32767, 32767])
def test_fill_values_of_packed_integers_need_not_be_declared(tmp_path, fill):
    dataset, path = currents(), tmp_path / "a.nc"
    written(dataset.drop_vars(["uo", "vo"]), path)
    with netCDF4.Dataset(path, "a") as file:
        for name in ("uo", "vo"):
            packed = file.createVariable(name, "i2", dataset[name].dims, fill_value=None)
            packed.set_auto_maskandscale(False)
            packed[:] = np.round((dataset[name].values - 0.5) / 0.001).astype("i2")
            packed[:, :2, :3] = fill
            packed.scale_factor, packed.add_offset, packed.units = 0.001, 0.5, "m/s"
    assert_currents(open_any(path), land=6, tolerance=6e-4)


def test_depths_in_centimetres_are_depths(tmp_path):
    levels = xr.DataArray([50.0, 500.0], dims="z_t", attrs={"units": "centimeters"})
    dataset = xr.concat([10 * currents(), currents()], dim="z_t").assign_coords(z_t=levels)
    for name in ("uo", "vo"):
        dataset[name].attrs = {"units": "m/s"}
    assert_currents(open_any(written(dataset, tmp_path / "a.nc"), depth=5.0))


def test_positions_of_tracers_do_not_pass_for_those_of_velocities(tmp_path):
    dataset = currents().rename(latitude="nlat", longitude="nlon").drop_vars(["nlat", "nlon"])
    for letter, shift in (("T", -0.125), ("U", 0.0)):
        latitude, longitude = np.meshgrid(LATITUDES + shift, LONGITUDES + shift, indexing="ij")
        dataset[f"{letter}LAT"] = (("nlat", "nlon"), latitude, {"units": "degrees_north"})
        dataset[f"{letter}LONG"] = (("nlat", "nlon"), longitude, {"units": "degrees_east"})
    assert_currents(open_any(written(dataset, tmp_path / "a.nc")))
    named = {"TLAT": "lat_one", "ULAT": "lat_two", "TLONG": "lon_one", "ULONG": "lon_two"}
    message = refused(written(dataset.rename(named), tmp_path / "b.nc"))
    assert "which differ" in message and "coordinates" in message


@pytest.mark.parametrize(("unit", "per_metre"), [("km", 1e-3), ("100 km", 1e-5), ("m", 1.0)])
def test_lengths_are_not_degrees(tmp_path, unit, per_metre):
    dataset = currents().rename(latitude="y", longitude="x")
    for name in ("y", "x"):
        metres = 5000.0 * np.arange(dataset.sizes[name])
        dataset[name] = (name, metres * per_metre, {"units": unit})
    flow = open_any(written(dataset, tmp_path / "a.nc"))
    assert flow.attrs["dx"] == pytest.approx(5000) and flow.attrs["dy"] == pytest.approx(5000)


def test_radians_are_not_degrees_and_numbers_of_rows_are_neither(tmp_path):
    dataset = currents()
    for name in ("latitude", "longitude"):
        dataset[name] = (name, np.radians(dataset[name].values), {"units": "radians"})
    assert_currents(open_any(written(dataset, tmp_path / "a.nc")))
    counted = currents().rename(latitude="y", longitude="x")
    counted = counted.assign_coords(y=np.arange(8.0), x=np.arange(10.0))
    assert "numbers of rows" in refused(written(counted, tmp_path / "b.nc"))
    other = currents()
    other["latitude"].attrs["units"] = "furlongs"
    assert "'furlongs'" in refused(written(other, tmp_path / "c.nc"))


def test_a_grid_that_is_turned_by_half_a_circle_is_turned_back(tmp_path):
    u, v = velocity(LATITUDES[::-1], LONGITUDES[::-1], range(4))
    latitude, longitude = np.meshgrid(LATITUDES[::-1], LONGITUDES[::-1], indexing="ij")
    names = ("sea_water_x_velocity", "sea_water_y_velocity")
    dataset = xr.Dataset(
        {
            name: (("time", "j", "i"), -field, {"units": "m/s", "standard_name": standard})
            for name, field, standard in zip(("u", "v"), (u, v), names, strict=True)
        },
        coords={
            "time": ("time", np.arange(4.0), {"units": "days since 2002-01-01"}),
            "lat": (("j", "i"), latitude, {"units": "degrees_north"}),
            "lon": (("j", "i"), longitude, {"units": "degrees_east"}),
        },
    )
    flow = open_any(written(dataset, tmp_path / "a.nc"))
    fields = velocity(flow["latitude"].values, flow["longitude"].values, range(4))
    for name, field in zip(("u", "v"), fields, strict=True):
        wet = flow["water"].values
        assert wet.mean() > 0.6
        # Interpolated onto equal steps of distance.
        np.testing.assert_allclose(flow[name].values[:, wet], field[:, wet], atol=0.02)


@pytest.mark.parametrize("fill", [1e20, 9999.0])
def test_heights_that_are_missing_give_no_current(tmp_path, fill):
    y, x = np.meshgrid(LATITUDES, LONGITUDES, indexing="ij")
    height = np.repeat((0.1 * np.sin(x) + 0.05 * y)[None], 4, axis=0)
    dataset = currents().drop_vars(["uo", "vo"])
    dataset["adt"] = (("time", "latitude", "longitude"), 100 * height, {"units": "centimeters"})
    whole = open_any(written(dataset, tmp_path / "a.nc"), geostrophic=True)
    dataset["adt"][:, 4, 5] = fill
    holed = open_any(written(dataset, tmp_path / "b.nc"), geostrophic=True)
    wet = holed["water"].values
    assert not wet[4, 5] and wet.sum() == wet.size - 5  # the cell and its four neighbours
    np.testing.assert_allclose(holed["u"].values[:, wet], whole["u"].values[:, wet], atol=1e-5)
    assert float(np.abs(whole["v"]).max()) < 3.0  # metres, not centimetres
    dataset["adt"].attrs["units"] = "K"
    assert "unit of length" in _of_heights(written(dataset, tmp_path / "c.nc"))


def _of_heights(path):
    with pytest.raises(ValueError) as caught:
        open_any(path, geostrophic=True)
    return str(caught.value)


def test_lost_chunks_that_read_as_zeros_are_no_still_water(tmp_path):
    path = tmp_path / "a.zarr"
    encoding = {name: {"chunks": (1, 8, 10), "fill_value": 0.0} for name in ("uo", "vo")}
    encoding = {name: {**entry, "_FillValue": None} for name, entry in encoding.items()}
    currents().to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)
    assert_currents(open_any(path))
    for name in ("uo", "vo"):
        (path / name / "c" / "2" / "0" / "0").unlink()
    assert "zeros everywhere in 1" in refused(path)


def test_dates_may_be_written_as_digits_and_must_be_known(tmp_path):
    digits = {"units": "day as %Y%m%d.%f"}
    days = [20011231.5, 20020101.5, 20020102.5]
    flow = open_any(written(currents(days=days, time_attributes=digits), tmp_path / "a.nc"))
    assert flow["time"].values[0] == np.datetime64("2001-12-31T12") and flow.attrs["dt"] == 86400
    unknown = currents().assign_coords(
        time=np.array(["2002-01-01", "NaT", "2002-01-03", "2002-01-04"], "datetime64[ns]")
    )
    assert "the first for frame 1" in refused(written(unknown, tmp_path / "b.nc"))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"GRIB", "GRIB file. Convert it first"),
        (b"\x1f\x8b\x08\x00", "gunzip"),
        (b"\n<!DOCTYPE html>", "a web page"),
        (b"", "is empty"),
        (b"a,b\n1,2\n", "another kind of file"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path, start, said):
    path = tmp_path / "a.nc"
    path.write_bytes(start + 200 * b"\x00" if start else b"")
    assert said in refused(path)


@pytest.mark.parametrize("version", [2, 3])
def test_stores_in_a_zip_archive_open(tmp_path, version):
    store, path = tmp_path / "a.zarr", tmp_path / "a.zarr.zip"
    currents().to_zarr(store, zarr_format=version, consolidated=False)
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(file for file in store.rglob("*") if file.is_file()):
            archive.write(file, file.relative_to(tmp_path))
    assert_currents(open_any(path))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.txt", "no data")
    assert "without a Zarr store" in refused(tmp_path / "b.zip")


def test_numbers_that_are_not_real_are_refused(tmp_path):
    for kind in (bool, complex):
        dataset = currents()
        dataset["uo"] = dataset["uo"].astype(kind)
        path = tmp_path / f"{kind.__name__}.zarr"
        dataset.to_zarr(path, zarr_format=3, consolidated=False)
        assert "to hold real numbers" in refused(path)


@pytest.mark.parametrize("kind", ["NETCDF4", "NETCDF3_CLASSIC"])
def test_files_at_an_http_address_open_and_truncated_ones_do_not(tmp_path, kind):
    content = written(currents(), tmp_path / "a.nc", format=kind).read_bytes()
    with serving(a_nc=content, b_nc=content[: len(content) * 7 // 10]) as site:
        assert_currents(open_any(f"{site.address}/a.nc"))
        assert "Cannot read 'b.nc'" in refused(f"{site.address}/b.nc")
