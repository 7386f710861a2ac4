"""Flows keep their numbers, explain what is wrong with them, and are cut where they should be."""

import math

import numpy as np
import pytest
import torch
import xarray as xr

from symdyn_core.datasets import schema, sphere
from symdyn_core.grid import Grid
from tests.conftest import mock_flow


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("members", [None, 3])
def test_tensors_survive_the_round_trip_exactly(dtype, members):
    flow = mock_flow(dtype=dtype, members=members, land=True)
    w = schema.to_tensor(flow)
    grid = schema.grid_of(flow)
    again = schema.from_tensor(w if members else w[0], grid)
    assert w.dtype == dtype
    assert w.shape == (members or 1, 12, 2, 8, 10)
    torch.testing.assert_close(schema.to_tensor(again), w, rtol=0, atol=0, equal_nan=True)
    assert torch.equal(schema.grid_of(again).water, grid.water)


def test_a_tensor_is_a_copy_of_its_flow():
    flow = mock_flow()
    schema.to_tensor(flow)[:] = 7
    assert not (flow["u"] == 7).any()


def test_components_are_not_exchanged():
    flow = schema.from_tensor(
        torch.stack((torch.ones(3, 4, 5), torch.zeros(3, 4, 5)), 1), Grid(4, 5)
    )
    assert bool((flow["u"] == 1).all()) and bool((flow["v"] == 0).all())


def test_root_mean_square_of_hand_checkable_numbers():
    flow = mock_flow(frames=3, land=True)
    flow["u"] = flow["u"] * 0 + 6.0
    flow["v"] = flow["v"] * 0 - 8.0
    # sqrt((6^2 + 8^2) / 2) over water; zeros on land would make it smaller.
    assert schema.rms(flow) == pytest.approx(math.sqrt(50), rel=1e-12)
    scored_land = flow.fillna(0.0).drop_vars("water")
    assert schema.rms(scored_land) == pytest.approx(math.sqrt(50 * 0.75), rel=1e-12)


def test_the_root_mean_square_ignores_numbers_left_on_land():
    flow = mock_flow(land=True)
    filled = flow.copy()
    filled["u"] = filled["u"].fillna(1e6)
    assert schema.rms(filled) == pytest.approx(schema.rms(flow), rel=1e-12)


def test_fingerprints_tell_flows_apart_and_nothing_else():
    flow = mock_flow(land=True)
    other_nan = flow.copy(deep=True)
    land = np.isnan(flow["u"].values)
    other_nan["u"].values[land] = np.copysign(np.float32(np.nan), -1)  # other bits, no number
    assert other_nan["u"].values.tobytes() != flow["u"].values.tobytes()
    other_nan.attrs["title"] = "another title"
    assert schema.fingerprint(other_nan) == schema.fingerprint(flow)
    changed = flow.copy(deep=True)
    changed["v"][-1, -1, -1] = np.nextafter(changed["v"].values[-1, -1, -1], np.float32(9))
    transposed = flow.transpose("time", "x", "y", ...)
    swapped = flow.rename(u="v", v="u")
    flows = (flow, changed, transposed, swapped, flow.astype("float64"))
    assert len({schema.fingerprint(other) for other in flows}) == 5


def broken(change) -> xr.Dataset:
    flow = mock_flow(land=True)
    changed = change(flow)
    return flow if changed is None else changed


def set_attribute(name, value):
    def change(flow):
        flow.attrs[name] = value

    return change


def with_a_hole(flow):
    flow["u"][5, 7, 9] = np.nan


def with_a_late_frame(flow):
    times = flow["time"].values.copy()
    times[-1] += 1
    return flow.assign_coords(time=times)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda flow: flow.rename(u="a"), r"missing \['u'\], got variables \['a', 'v', 'water'\]"),
        (lambda flow: flow.transpose("y", "time", "x"), r"Reorder them with flow\.transpose"),
        (
            lambda flow: flow.assign(u=flow.u.fillna(0).astype(int)),
            "floating-point",
        ),
        (lambda flow: flow.isel(time=slice(0, 0)), "at least one cell and one frame"),
        (set_attribute("dx", -1.0), "'dx' to be a positive number, got -1.0"),
        (set_attribute("dt", "daily"), "'dt' to be a positive number, got 'daily'"),
        (set_attribute("dt", float("nan")), "'dt' to be a positive number, got nan"),
        (set_attribute("dt", 2.0), "uniform steps of 2 along 'time'"),
        (set_attribute("periodic_x", "yes"), "'periodic_x' to be 0 or 1, got 'yes'"),
        (lambda flow: flow.isel(y=slice(None, None, -1)), "'y' to increase, got a step of -1"),
        (lambda flow: flow.drop_vars("x"), "needs the coordinate 'x'"),
        (with_a_late_frame, "steps between 1 and 2"),
        (with_a_hole, "1 missing or infinite values of 'u' in frames 0 to 11"),
        (lambda flow: flow.assign(water=flow["water"] & False), "false everywhere"),
        (lambda flow: flow.assign(water=flow["water"].astype(float)), "'water' to be boolean"),
        (lambda flow: flow.drop_vars("water"), "Mark cells without data as land"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_a_remedy(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        schema.validate(broken(change))
    assert "\n" not in str(caught.value)


def test_a_flow_that_is_right_is_returned_as_it_is():
    flow = mock_flow(land=True, members=2)
    assert schema.validate(flow) is flow


def test_a_tensor_is_no_flow():
    with pytest.raises(TypeError):
        schema.validate(torch.zeros(3, 2, 4, 4))


def test_squares_hold_the_cells_they_were_cut_from():
    flow = mock_flow(ny=9, nx=14, dx=0.5, dy=0.25, periodic=True)
    squares = schema.cut_squares(flow, 4, 2)
    w, whole = schema.to_tensor(squares), schema.to_tensor(flow)[0]
    corners = [(y, x) for y in range(0, 6, 2) for x in range(0, 11, 2)]
    assert w.shape[0] == len(corners)
    for member, (y, x) in enumerate(corners):
        assert torch.equal(w[member], whole[..., y : y + 4, x : x + 4])
    assert schema.grid_of(squares, 5) == Grid(4, 4, dy=0.25, dx=0.5)
    schema.validate(squares)


def test_a_cut_axis_is_no_longer_periodic_and_a_whole_one_still_is():
    squares = schema.cut_squares(mock_flow(ny=4, nx=12, periodic=True), 4)
    grid = schema.grid_of(squares)
    assert (grid.periodic_y, grid.periodic_x) == (True, False)


def test_squares_of_members_are_cut_one_member_after_the_other():
    flow = mock_flow(members=2, ny=4, nx=8)
    squares = schema.to_tensor(schema.cut_squares(flow, 4))
    whole = schema.to_tensor(flow)
    assert torch.equal(squares[:2], torch.stack(whole[0].split(4, dim=-1)))
    assert torch.equal(squares[2:], torch.stack(whole[1].split(4, dim=-1)))


def test_squares_with_too_little_water_are_left_out():
    flow = mock_flow(ny=8, nx=16, land=True)  # the lower left quarter, 4 x 8 cells, is land
    assert schema.cut_squares(flow, 4).sizes["member"] == 6  # never a square without water
    assert schema.cut_squares(flow, 8).sizes["member"] == 2
    assert schema.cut_squares(flow, 8, min_water=0.6).sizes["member"] == 1
    assert schema.grid_of(schema.cut_squares(flow, 8), 1).water is None
    with pytest.raises(ValueError, match="No square of 8 x 8 cells holds at least 60% water"):
        schema.cut_squares(flow.isel(x=slice(0, 8)), 8, min_water=0.6)


@pytest.mark.parametrize(
    ("size", "stride", "message"),
    [
        (0, None, "choose a size between 1 and 8"),
        (-3, None, "got size=-3"),
        (4, 0, "stride=0"),
        (9, None, "9 x 9 cells does not fit into a field of 8 x 10 cells"),
    ],
)
def test_impossible_squares_are_refused(size, stride, message):
    with pytest.raises(ValueError, match=message):
        schema.cut_squares(mock_flow(), size, stride)


def test_a_degree_has_the_length_it_has_on_a_sphere():
    # One degree of a great circle of radius 6371 km: 2 pi 6371 / 360 = 111.195 km; half at 60 N.
    assert sphere.metres_per_degree_north() == pytest.approx(111_194.93, abs=0.01)
    assert sphere.metres_per_degree_east(0.0) == pytest.approx(111_194.93, abs=0.01)
    assert sphere.metres_per_degree_east(60.0) == pytest.approx(55_597.46, abs=0.01)
    assert sphere.metres_per_degree_east(-60.0) == pytest.approx(55_597.46, abs=0.01)
    with pytest.raises(ValueError, match="strictly between"):
        sphere.metres_per_degree_east(90.0)
