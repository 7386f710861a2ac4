"""Ocean currents: the real ones as they come, names, units and patches."""

import math

import netCDF4
import numpy as np
import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from tests.datasets.awkward import (
    LATITUDES,
    LONGITUDES,
    currents,
    notes_of,
    velocity,
    written,
)


def test_agulhas_currents_open_as_they_are(agulhas_flow):
    flow = agulhas_flow
    assert dict(flow["u"].sizes) == {"time": 273, "y": 41, "x": 81}
    assert flow["u"].dtype == np.float32
    assert flow["time"].values[0] == np.datetime64("2002-01-01")
    assert flow["time"].values[-1] == np.datetime64("2002-09-30")
    assert flow.attrs["dt"] == 86400.0
    assert flow["latitude"].values[[0, -1]].tolist() == [-40.125, -30.125]
    # 0.25 degrees at 35.125 S: 0.25 x 111 194.93 m, times cos(35.125 degrees) = 0.81790 eastward.
    assert flow.attrs["dy"] == pytest.approx(27_798.73, abs=0.01)
    assert flow.attrs["dx"] == pytest.approx(27_798.73 * 0.817898, rel=1e-5)
    assert 1 - float(flow["water"].mean()) == pytest.approx(0.2316, abs=5e-5)
    assert schema.rms(flow) == pytest.approx(0.4142, abs=5e-5)


def test_agulhas_frames_equal_those_of_an_independent_reader(agulhas, agulhas_flow):
    for day in ("2002-01-01", "2002-06-30", "2002-09-30"):
        frame = agulhas_flow.sel(time=day)
        (file,) = agulhas.glob(f"{day.replace('-', '')}*.nc")
        with netCDF4.Dataset(file) as raw:
            for name, source in (("u", "eastward"), ("v", "northward")):
                field = raw[f"{source}_eulerian_current_velocity"][0]
                expected = np.ma.filled(field, np.nan).astype(np.float32)
                np.testing.assert_array_equal(frame[name], expected)


def test_the_agulhas_current_runs_south_west_along_the_coast(agulhas_flow):
    off_durban = (abs(agulhas_flow["latitude"] + 32.75) < 1.25) & (
        abs(agulhas_flow["longitude"] - 30) < 1
    )
    mean = agulhas_flow[["u", "v"]].where(off_durban).mean()
    assert float(mean["u"]) < -0.1 and float(mean["v"]) < -0.1


def test_agulhas_patches_keep_land_out_and_know_where_they_are(agulhas):
    flow = open_ocean_currents(agulhas / "200201*.nc", patch=32, stride=4, min_water=0.75)
    assert flow.sizes["member"] == 18  # of 39 positions
    assert bool((flow["water"].mean(("y", "x")) >= 0.75).all())
    for member in (0, 17):
        latitude = float(flow["latitude"][member])
        expected = 0.25 * 111_194.93 * math.cos(math.radians(latitude))
        assert schema.grid_of(flow, member).dx == pytest.approx(expected, rel=1e-6)
    assert len(set(flow["dx"].values)) > 1


def test_the_product_of_the_paper_opens(cmems):
    flow = open_ocean_currents(cmems, patch=64)
    assert dict(flow["u"].sizes) == {"member": 6, "time": 3, "y": 64, "x": 64}
    assert flow.attrs["dt"] == 3600.0
    whole = open_ocean_currents(cmems)
    assert 1 - float(whole["water"].mean()) == pytest.approx(0.3595, abs=5e-5)
    assert schema.rms(whole) == pytest.approx(0.1582, abs=5e-5)


def test_heights_become_currents_only_when_asked_to(mediterranean):
    with pytest.raises(ValueError, match="sea surface height 'adt': pass geostrophic=True"):
        open_ocean_currents(mediterranean)
    flow = open_ocean_currents(mediterranean, geostrophic=True, patch=64, stride=4, min_water=0.8)
    assert flow.sizes["member"] == 52
    assert schema.rms(flow) == pytest.approx(0.0894, abs=5e-5)


def test_a_real_file_without_a_single_number_is_refused(black_sea):
    with pytest.raises(ValueError, match=r"missing values \(NaN\) everywhere"):
        open_ocean_currents(black_sea)


@pytest.mark.parametrize(
    ("names", "attributes"),
    [
        (("uo", "vo"), ({}, {})),
        (("u", "v"), ({}, {})),
        (("ugos", "vgos"), ({}, {})),
        (("water_u", "water_v"), ({}, {})),
        (("UVEL", "VVEL"), ({}, {})),
        (("vozocrtx", "vomecrty"), ({}, {})),
        (
            ("a", "b"),
            (
                {"standard_name": "eastward_sea_water_velocity"},
                {"standard_name": "northward_sea_water_velocity"},
            ),
        ),
        (
            ("east_cur", "north_cur"),
            ({"long_name": "Zonal current velocity"}, {"long_name": "Meridional current velocity"}),
        ),
    ],
)
def test_velocities_are_recognised_by_attribute_or_name(tmp_path, names, attributes):
    dataset = currents(names=names, attributes=attributes)
    dataset["wind"] = dataset[names[0]] * 0 + 99
    dataset["wind"].attrs = {"long_name": "Zonal wind velocity", "units": "m/s"}
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    u, v = velocity(LATITUDES, LONGITUDES, range(4))
    np.testing.assert_allclose(flow["u"], u, atol=1e-6)
    np.testing.assert_allclose(flow["v"], v, atol=1e-6)
    assert notes_of(flow) == [f"'{name}' has no unit: taken as SI" for name in names]


def test_standard_names_outrank_names_and_the_caller_outranks_both(tmp_path):
    dataset = currents(names=("east", "north"))
    dataset["east"].attrs["standard_name"] = "eastward_sea_water_velocity"
    dataset["north"].attrs["standard_name"] = "northward_sea_water_velocity"
    dataset["u"], dataset["v"] = dataset["east"] * 2, dataset["north"] * 2
    for name in ("u", "v"):
        dataset[name].attrs = {"units": "m/s"}
    path = written(dataset, tmp_path / "a.nc")
    once, twice = open_ocean_currents(path), open_ocean_currents(path, variables=("u", "v"))
    np.testing.assert_allclose(twice["u"], 2 * once["u"], rtol=1e-6)
    with pytest.raises(ValueError, match=r"got \('u', 'w'\)\. The file holds \['east'"):
        open_ocean_currents(path, variables=("u", "w"))


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ({"units": "m s-1"}, 1.0),
        ({"Unit": "ms-1"}, 1.0),
        ({"UNITS": "meter second-1"}, 1.0),
        ({"units": "m s^-1"}, 1.0),
        ({"units": "cm/s"}, 0.01),
        ({"units": "centimeter/s"}, 0.01),
        ({"units": "cm s**-1"}, 0.01),
        ({"units": "knots"}, 0.514444),
    ],
)
def test_velocities_are_converted_to_metres_per_second(tmp_path, unit, factor):
    flow = open_ocean_currents(written(currents(attributes=(unit, unit)), tmp_path / "a.nc"))
    u, _ = velocity(LATITUDES, LONGITUDES, range(4))
    np.testing.assert_allclose(flow["u"], factor * u, rtol=2e-6, atol=1e-7)
    assert flow["u"].attrs["units"] == "m s-1"


def test_what_is_no_velocity_is_refused(tmp_path):
    kelvin = {"units": "K"}
    with pytest.raises(ValueError, match=r"unit of velocity .* got 'K'"):
        open_ocean_currents(written(currents(attributes=(kelvin, kelvin)), tmp_path / "a.nc"))


def test_patches_are_cut_with_their_own_spacing(tmp_path):
    path = written(currents(latitudes=np.arange(50.0, 70.0)), tmp_path / "a.nc")
    flow = open_ocean_currents(path, patch=5)
    assert flow.sizes["member"] == 4 * 2
    # Patches centred on 52, 57, 62 and 67 N, from longitudes 0.25 degrees apart.
    expected = [0.25 * 111_194.93 * math.cos(math.radians(phi)) for phi in (52, 57, 62, 67)]
    np.testing.assert_allclose(flow["dx"][::2], expected, rtol=1e-6)
    assert schema.to_tensor(flow).shape == torch.Size([8, 4, 2, 5, 5])
    assert flow.attrs["dx"] == pytest.approx(np.mean(expected), rel=1e-6)


@pytest.mark.parametrize(
    ("patch", "message"), [(0, "positive patch size"), (9, "does not fit into a field of 8 x 10")]
)
def test_impossible_patches_are_refused(tmp_path, patch, message):
    with pytest.raises(ValueError, match=message):
        open_ocean_currents(written(currents(), tmp_path / "a.nc"), patch=patch)
