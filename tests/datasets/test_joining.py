"""Frames in the order of time, and water only where there is data."""

import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from tests.datasets.awkward import LATITUDES, assert_same_field, currents, notes_of, written


def holed(days=range(4)) -> xr.Dataset:
    dataset = currents(days=days)
    for name in ("uo", "vo"):
        dataset[name][:, 0, :4] = np.nan
    return dataset


def test_packed_integers_and_fill_values_are_undone(tmp_path):
    plain = open_ocean_currents(written(holed(), tmp_path / "plain.nc"))
    packing = {"dtype": "int16", "scale_factor": 1e-4, "_FillValue": -32768}
    path = written(holed(), tmp_path / "packed.nc", encoding={"uo": packing, "vo": packing})
    packed = open_ocean_currents(path)
    assert_same_field(packed, plain, atol=0.6e-4)
    assert bool((packed["water"] == plain["water"]).all())
    assert int((~plain["water"]).sum()) == 4


@pytest.mark.parametrize("fill", [1e20, 9.96921e36, -99999.0])
def test_fill_values_that_are_not_declared_are_land(tmp_path, fill):
    encoding = {name: {"_FillValue": None} for name in ("uo", "vo")}
    path = written(holed().fillna(fill), tmp_path / "a.nc", encoding=encoding)
    flow = open_ocean_currents(path)
    assert int((~flow["water"]).sum()) == 4
    assert schema.rms(flow) < 2


def test_zeros_at_all_times_are_land_and_never_scored(tmp_path):
    zeros = holed().fillna(0.0)
    flow = open_ocean_currents(written(zeros, tmp_path / "a.nc"))
    assert_same_field(flow, open_ocean_currents(written(holed(), tmp_path / "b.nc")))
    assert notes_of(flow) == ["4 cells are exactly zero at all times and count as land"]
    # Water that is at rest once, or along one axis, is still water.
    zeros["uo"][:, 3, 3] = 0.0
    for name in ("uo", "vo"):
        zeros[name][1, 4, 4] = 0.0
    rest = open_ocean_currents(written(zeros, tmp_path / "c.nc"))
    assert bool(rest["water"][3, 3]) and bool(rest["water"][4, 4])


def test_cells_that_miss_data_at_some_times_are_no_water(tmp_path):
    dataset = holed()
    dataset["vo"][2, 5, 5] = np.nan
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    assert not bool(flow["water"][5, 5]) and bool(flow["u"][:, 5, 5].isnull().all())
    assert notes_of(flow) == ["1 cells miss data at some times and count as land"]


def test_an_empty_frame_is_named(tmp_path):
    dataset = currents()
    dataset["uo"][2] = np.nan
    with pytest.raises(ValueError, match="1 empty ones, the first at 2002-01-03"):
        open_ocean_currents(written(dataset, tmp_path / "a.nc"))


@pytest.mark.parametrize(
    "attributes",
    [
        {"units": "days since 2002-01-01"},
        {"Unit": "days since 2002-1-1"},
        {"long_name": "days since 2002-01-01 00:00:00"},
        {"Units": "days since 2002-01-01T00:00:00Z", "calendar": "gregorian"},
    ],
)
def test_times_are_decoded_wherever_the_reference_date_stands(tmp_path, attributes):
    flow = open_ocean_currents(written(currents(time_attributes=attributes), tmp_path / "a.nc"))
    days = np.arange("2002-01-01", "2002-01-05", dtype="datetime64[D]")
    assert (flow["time"].values == days).all()
    assert flow.attrs["dt"] == 86400.0


def test_other_calendars_become_seconds(tmp_path):
    attributes = {"units": "days since 2002-02-27", "calendar": "360_day"}
    flow = open_ocean_currents(written(currents(time_attributes=attributes), tmp_path / "a.nc"))
    assert np.diff(flow["time"]).tolist() == [86400.0] * 3  # also across 30 February
    assert flow["time"].attrs["units"] == "s"


@pytest.mark.parametrize("attributes", [{"units": "days"}, {"units": "sols since the landing"}])
def test_times_without_a_date_are_refused(tmp_path, attributes):
    with pytest.raises(ValueError, match="days since 1950-01-01"):
        open_ocean_currents(written(currents(time_attributes=attributes), tmp_path / "a.nc"))


def test_daily_files_are_sorted_by_time_and_not_by_name(tmp_path):
    for name, day in (("c", 0), ("a", 1), ("d", 2), ("b", 3)):
        written(currents(days=[day]), tmp_path / f"{name}.nc")
    whole = open_ocean_currents(written(currents(), tmp_path.parent / "whole.nc"))
    for path in (tmp_path, tmp_path / "*.nc", str(tmp_path / "?.nc")):
        assert_same_field(open_ocean_currents(path), whole)


def test_files_that_overlap_are_joined_and_conflicts_refused(tmp_path):
    written(currents(days=[0, 1, 2]), tmp_path / "a.nc")
    written(currents(days=[2, 3]), tmp_path / "b.nc")
    flow = open_ocean_currents(tmp_path)
    assert flow.sizes["time"] == 4 and notes_of(flow) == ["dropped 1 repeated frames"]
    changed = currents(days=[3])
    changed["uo"][0, 2, 2] += 1e-3
    written(changed, tmp_path / "c.nc")
    with pytest.raises(ValueError, match="two different ones for 2002-01-04"):
        open_ocean_currents(tmp_path)


def test_files_on_other_cells_are_refused(tmp_path):
    written(currents(days=[0, 1]), tmp_path / "a.nc")
    written(currents(LATITUDES + 0.25, days=[2, 3]), tmp_path / "b.nc")
    with pytest.raises(ValueError, match=r"cells of 'a\.nc', got others in 'b\.nc'"):
        open_ocean_currents(tmp_path)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ([0, 1, 2, 4, 5, 6], "a step of 48 h after 2002-01-03 where 24 h are usual"),
        ([0, 31, 59, 90], "after 2002-02-01 where"),
        ([0], "at least two frames in time, got 1"),
    ],
)
def test_gaps_months_and_single_frames_are_refused(tmp_path, days, message):
    with pytest.raises(ValueError, match=message):
        open_ocean_currents(written(currents(days=days), tmp_path / "a.nc"))


def test_hours_rounded_to_single_precision_are_evened_out(tmp_path):
    hours = (613_752 + 1.01 * np.arange(6)).astype(np.float32)
    dataset = currents(days=range(6)).assign_coords(
        time=("time", hours, {"units": "hours since 1950-01-01"})
    )
    assert np.ptp(np.diff(hours)) > 0.05
    flow = open_ocean_currents(written(dataset, tmp_path / "a.nc"))
    assert flow.attrs["dt"] == pytest.approx(1.01 * 3600, rel=0.02)
    assert np.ptp(np.diff(flow["time"]) / np.timedelta64(1, "s")) <= 1
    assert "evened out" in notes_of(flow)[0]


def test_a_period_includes_its_last_day(tmp_path):
    path = written(currents(days=np.arange(0, 40, 0.5)), tmp_path / "a.nc")
    assert open_ocean_currents(path, period=("2002-01-02", "2002-01-03")).sizes["time"] == 4
    assert open_ocean_currents(path, period=("2002-02", "2002-02")).sizes["time"] == 18
    with pytest.raises(ValueError, match="at least two frames"):
        open_ocean_currents(path, period=("2005", "2006"))


def test_fields_without_a_time_axis_take_the_time_of_their_file(tmp_path):
    for day in range(3):
        one = currents(days=[day]).isel(time=0)
        written(one, tmp_path / f"{day}.nc")
    assert_same_field(
        open_ocean_currents(tmp_path),
        open_ocean_currents(written(currents(days=range(3)), tmp_path.parent / "three.nc")),
    )
    (tmp_path / "timeless").mkdir()
    path = written(one.drop_vars("time"), tmp_path / "timeless" / "a.nc")
    with pytest.raises(ValueError, match="no time axis with a coordinate"):
        open_ocean_currents(path)
    many = one.drop_vars("time").assign_coords(time=currents()["time"])
    with pytest.raises(ValueError, match="each of 4 times, got a single field"):
        open_ocean_currents(written(many, tmp_path / "timeless" / "b.nc"))
