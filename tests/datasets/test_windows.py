"""Windows, splits and transformed test sets: every frame where it belongs, and nowhere else."""

from itertools import pairwise

import jaxtyping
import numpy as np
import pytest
import torch

from symdyn_core import symmetries
from symdyn_core.datasets import schema
from symdyn_core.datasets.windows import Transformed, Windows, WindowSource, split_in_time
from symdyn_core.metrics import rmse_by_lead
from tests.conftest import mock_flow

PAST, FUTURE = 3, 2


def slow_window(flow, member: int, start: int, length: int) -> torch.Tensor:
    """A window collected frame by frame, as one would by hand."""
    frames = []
    for time in range(start, start + length):
        frame = (
            flow.isel(time=time, member=member) if "member" in flow.dims else flow.isel(time=time)
        )
        frame = frame.fillna(0.0)
        frames.append(torch.stack([torch.tensor(frame[name].values) for name in ("u", "v")]))
    return torch.stack(frames)


@pytest.mark.parametrize("members", [None, 3])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("land", [False, True])
def test_batches_equal_a_naive_slow_loop(members, stride, land):
    flow = mock_flow(members=members, land=land)
    windows = Windows(flow, PAST, FUTURE, stride)
    starts = [(m, t) for m in range(members or 1) for t in range(0, 12 - PAST - FUTURE + 1, stride)]
    assert len(windows) == len(starts)
    assert [windows.start_of(index) for index in range(len(windows))] == starts
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(0))
    batch = windows.batch(order)
    expected = [slow_window(flow, *starts[index], PAST + FUTURE) for index in order.tolist()]
    assert torch.equal(batch.w, torch.stack(expected))
    assert torch.equal(batch.w, windows.batch(order.tolist()).w)


def test_windows_never_run_from_one_member_into_the_next():
    flow = mock_flow(members=2)
    flow["u"] = flow["u"] * 0 + flow["member"].astype("float32")
    w = Windows(flow, PAST, FUTURE).batch(range(16)).w
    assert bool((w[:, :, 0] == w[:, :1, 0]).all())


def test_windows_are_held_once_in_memory():
    windows = Windows(mock_flow(frames=50), PAST, FUTURE)
    assert windows.frames.is_contiguous()
    assert windows.frames.numel() == 50 * 2 * 8 * 10
    assert windows.frames.dtype == torch.float32
    assert Windows(mock_flow(), 1, 1, dtype=torch.float64).batch([0]).w.dtype == torch.float64


def test_a_batch_is_a_copy():
    windows = Windows(mock_flow(), PAST, FUTURE)
    windows.batch([0]).w.zero_()
    assert bool((windows.batch([0]).w != 0).any())


def test_land_is_zero_in_windows_and_never_scored_as_water():
    flow = mock_flow(land=True, members=2)
    batch = Windows(flow, PAST, FUTURE).batch([0, 9])
    assert batch.water.shape == (2, 1, 1, 8, 10)
    assert bool((batch.w.masked_select(~batch.water) == 0).all())
    _, target, water = batch.split(PAST)
    assert target.shape[1] == FUTURE
    forecast = torch.zeros_like(target)
    error = rmse_by_lead(forecast, target, water)
    wet = target[..., batch.water[0, 0, 0]]
    torch.testing.assert_close(error[0].item(), wet[:, 0].square().mean().sqrt().item())
    # Scored as water, the zeros on a quarter of the cells would flatter the forecast.
    assert rmse_by_lead(forecast, target, None)[0] < 0.9 * error[0]


def test_each_member_keeps_its_own_land():
    flow = mock_flow(members=2, land=True)
    water = flow["water"].expand_dims(member=2).copy()
    water[1] = True
    flow["water"] = water
    for name in ("u", "v"):
        flow[name][1] = 1.0
    windows = Windows(flow, PAST, FUTURE)
    batch = windows.batch([0, 8])
    assert not bool(batch.water[0].all()) and bool(batch.water[1].all())
    assert bool((batch.w[1] == 1).all())
    assert windows.grid.water is None and windows.grids[0].water is not None


def test_without_land_there_is_no_mask():
    assert Windows(mock_flow(), PAST, FUTURE).batch([0]).water is None
    everywhere = mock_flow().assign(water=mock_flow(land=True)["water"] | True)
    assert Windows(everywhere, PAST, FUTURE).batch([0]).water is None


def test_missing_values_on_water_are_refused():
    flow = mock_flow()
    flow["v"][3, 2, 1] = float("nan")
    with pytest.raises(ValueError, match=r"finite velocities on water"):
        Windows(flow, PAST, FUTURE)


@pytest.mark.parametrize("frames", [1, PAST + FUTURE - 1])
def test_a_flow_that_is_too_short_is_refused(frames):
    with pytest.raises(ValueError, match=f"at least 5 frames, got {frames}"):
        Windows(mock_flow(frames=12).isel(time=slice(0, frames)), PAST, FUTURE)
    assert len(Windows(mock_flow(frames=PAST + FUTURE), PAST, FUTURE)) == 1


@pytest.mark.parametrize(("past", "future", "stride"), [(0, 1, 1), (1, -1, 1), (1, 1, 0)])
def test_impossible_windows_are_refused(past, future, stride):
    with pytest.raises(ValueError, match="Expected at least one past frame"):
        Windows(mock_flow(), past, future, stride)


@pytest.fixture
def as_users_run():
    """Without the checks of annotations that only tests have."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("lengths", [(3.7, 2, 1), (3, 2.0, 1), (3, 2, "1"), (True, 2, 1)])
def test_lengths_that_are_not_whole_are_refused_and_not_cut(lengths):
    with pytest.raises(ValueError, match="whole numbers of past and future frames"):
        Windows(mock_flow(), *lengths)
    assert len(Windows(mock_flow(), *(np.int64(number) for number in (PAST, FUTURE, 1)))) == 8


@pytest.mark.usefixtures("as_users_run")
@pytest.mark.parametrize("indices", [[0.5], torch.tensor([1.0]), np.array([True, False]), [1j]])
def test_windows_that_are_not_whole_numbers_are_refused(indices):
    with pytest.raises(ValueError, match="whole numbers as windows"):
        Windows(mock_flow(), PAST, FUTURE).batch(indices)


@pytest.mark.parametrize("indices", [[], range(0), torch.empty(0, dtype=torch.long)])
def test_a_batch_without_windows_is_refused(indices):
    with pytest.raises(ValueError, match="at least one window for a batch, got none"):
        Windows(mock_flow(), PAST, FUTURE).batch(indices)


@pytest.mark.parametrize("indices", [[8], [-1], [0, 9]])
def test_windows_outside_the_flow_are_refused(indices):
    with pytest.raises(IndexError, match="between 0 and 7"):
        Windows(mock_flow(), PAST, FUTURE).batch(indices)


def numbered_flow(frames: int):
    """Every velocity is the number of its frame."""
    flow = mock_flow(frames=frames)
    for name in ("u", "v"):
        flow[name] = flow[name] * 0 + flow["time"].astype("float32")
    return flow


def frames_of(windows: Windows, indices) -> set[int]:
    return set(windows.batch(indices).w.flatten().long().tolist())


def test_windows_of_different_parts_share_no_frame_and_are_a_window_apart():
    flow, gap = numbered_flow(100), PAST + FUTURE - 1
    parts = [Windows(part, PAST, FUTURE) for part in split_in_time(flow, gap=gap)]
    frames = [frames_of(part, range(len(part))) for part in parts]
    for earlier, later in pairwise(frames):
        assert not earlier & later
        assert min(later) - max(earlier) == gap + 1
    assert min(frames[0]) == 0 and max(frames[2]) == 99
    assert [len(part) for part in frames] == [55, 18, 19]


def test_splitting_the_list_of_windows_instead_would_share_frames():
    windows = Windows(numbered_flow(100), PAST, FUTURE)
    train = frames_of(windows, range(60))
    valid = frames_of(windows, range(60, 80))
    assert len(train & valid) == PAST + FUTURE - 1
    # With the gap between them in starts, the same two parts are apart.
    assert not train & frames_of(windows, range(60 + PAST + FUTURE - 1, 80))


def test_a_split_without_gap_uses_every_frame_once():
    parts = split_in_time(mock_flow(frames=10), (0.6, 0.2, 0.2), gap=0)
    assert [part.sizes["time"] for part in parts] == [6, 2, 2]
    whole = torch.cat([schema.to_tensor(part) for part in parts], 1)
    assert torch.equal(whole, schema.to_tensor(mock_flow(frames=10)))


@pytest.mark.parametrize(
    ("fractions", "gap", "message"),
    [
        ((0.6, 0.6), 0, "sum to 1"),
        ((1.5, -0.5), 0, "positive fractions"),
        ((0.6, 0.2, 0.2), 5, "a flow of 12 frames and a gap of 5"),
        ((0.5, 0.5), -1, "gap of 0 or more"),
        ((0.05, 0.95), 0, "at least one"),
    ],
)
def test_impossible_splits_are_refused(fractions, gap, message):
    with pytest.raises(ValueError, match=message):
        split_in_time(mock_flow(), fractions, gap=gap)


@pytest.mark.parametrize("symmetry", symmetries.ALL, ids=lambda symmetry: symmetry.name)
@pytest.mark.parametrize("land", [False, True])
def test_transformed_sets_depend_on_seed_and_index_only(symmetry, land):
    windows = Windows(mock_flow(nx=8, frames=20, land=land), PAST, FUTURE)
    moved = Transformed(windows, symmetry, seed=5)
    assert isinstance(moved, WindowSource) and len(moved) == len(windows)
    together = moved.batch([4, 0, 7])
    again = Transformed(Windows(mock_flow(nx=8, frames=20, land=land), PAST, FUTURE), symmetry, 5)
    alone = again.batch([7])
    assert torch.equal(together.w[2:], alone.w)
    assert moved.element(7) == again.element(7)
    others = [Transformed(windows, symmetry, seed=6).element(index) for index in range(12)]
    assert others != [moved.element(index) for index in range(12)]
    assert len(set(others)) > 1


@pytest.mark.parametrize("symmetry", symmetries.ALL, ids=lambda symmetry: symmetry.name)
def test_transformed_windows_are_the_action_on_the_plain_ones(symmetry):
    windows = Windows(mock_flow(nx=8, frames=20), PAST, FUTURE)
    moved = Transformed(windows, symmetry, seed=1)
    batch, plain = moved.batch(range(6)), windows.batch(range(6)).w
    for index in range(6):
        grid = windows.grids[0]
        expected, valid = symmetry.act_on_field(moved.element(index), plain[index], grid, FUTURE)
        torch.testing.assert_close(batch.w[index], expected)
        water = torch.ones_like(valid) if batch.water is None else batch.water[index]
        assert bool((water == valid).all())
    assert not torch.equal(batch.w, plain)


def test_input_and_target_move_by_the_same_element():
    symmetry = symmetries.Magnitude()
    windows = Windows(mock_flow(), PAST, FUTURE)
    moved = Transformed(windows, symmetry, seed=0)
    ratio = moved.batch([3]).w / windows.batch([3]).w
    torch.testing.assert_close(ratio, torch.full_like(ratio, moved.element(3)))


def test_land_stays_zero_and_unscored_when_a_velocity_is_added():
    symmetry = symmetries.UniformMotion().in_units_of(2.0)
    windows = Windows(mock_flow(land=True), PAST, FUTURE)
    batch, plain = Transformed(windows, symmetry).batch([0, 1]), windows.batch([0, 1])
    assert torch.equal(batch.water, plain.water)
    assert bool((batch.w.masked_select(~batch.water) == 0).all())
    element, _ = symmetry.act_on_field(
        Transformed(windows, symmetry).element(0), plain.w[0], windows.grids[0]
    )
    assert bool((element[..., 0, 0] != 0).all())  # the bare action does move land


def test_land_turns_with_the_flow():
    windows = Windows(mock_flow(ny=8, nx=8, land=True), PAST, FUTURE)
    moved = Transformed(windows, symmetries.Rotation())
    batch = moved.batch(range(len(windows)))
    for index in range(len(windows)):
        turns = round(moved.element(index) / 90)
        expected = torch.rot90(windows.water[0], -turns, (-2, -1))
        assert torch.equal(batch.water[index, 0, 0], expected)
        assert bool((batch.w[index][..., ~expected] == 0).all())
        assert bool((batch.w[index][..., expected] != 0).all())


def test_oblong_windows_that_turn_are_refused():
    moved = Transformed(Windows(mock_flow(ny=8, nx=10), PAST, FUTURE), symmetries.Rotation())
    with pytest.raises(ValueError, match="Cut the flow into squares first"):
        moved.batch(range(8))
