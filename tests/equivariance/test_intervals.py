"""Intervals of medians: they cover what they claim; overlapping windows fake no certainty."""

import math

import torch

from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.bootstrap import median_interval
from symdyn_core.equivariance.curves import audit
from symdyn_core.equivariance.samples import SampleGroup, blocks_in_time, fewer, sample_groups
from symdyn_core.symmetries import Magnitude
from tests.conftest import mock_flow
from tests.equivariance.flows import PERIODIC, Held, Offset, chain_with, waves


def test_intervals_cover_the_true_median_about_as_often_as_they_say():
    generator = torch.Generator().manual_seed(0)
    hits = 0
    for _ in range(100):
        low, high = median_interval(torch.randn(40, generator=generator), list(range(40)))
        hits += low <= 0 <= high
    assert 85 <= hits <= 100


def test_repeated_samples_do_not_narrow_the_interval():
    values = torch.randn(12, generator=torch.Generator().manual_seed(1))
    once = median_interval(values, list(range(12)))
    repeated = values.repeat_interleave(8)
    blocks = [n // 8 for n in range(96)]
    in_blocks = median_interval(repeated, blocks)
    one_by_one = median_interval(repeated, list(range(96)))
    width = [high - low for low, high in (once, in_blocks, one_by_one)]
    assert abs(width[1] - width[0]) < 0.25 * width[0]
    assert width[2] < 0.7 * width[1]  # what drawing overlapping windows one by one would claim


def test_intervals_are_the_same_at_each_call_and_empty_for_one_block():
    values = torch.rand(9, generator=torch.Generator().manual_seed(2))
    assert median_interval(values, [0, 0, 1, 1, 2, 2, 3, 3, 3]) == median_interval(
        values, [0, 0, 1, 1, 2, 2, 3, 3, 3]
    )
    assert all(map(math.isnan, median_interval(values, [0] * 9)))
    assert median_interval(torch.full((4,), 0.5), [0, 1, 2, 3]) == (0.5, 0.5)


def test_blocks_are_as_long_as_a_window():
    assert blocks_in_time([0, 2, 4, 6, 8, 10], 4) == [0, 0, 1, 1, 2, 2]
    assert blocks_in_time([0, 10, 20], 4) == [0, 1, 2]


def test_members_and_distant_times_are_blocks_of_their_own():
    windows = Windows(mock_flow(frames=12, members=2), 4, 0)
    groups = sample_groups(windows, 18, torch.float32)
    assert [len(group.window) for group in groups] == [9, 9]
    assert groups[0].blocks == (0, 0, 0, 0, 1, 1, 1, 1, 2)
    assert groups[1].blocks == (3, 3, 3, 3, 4, 4, 4, 4, 5)


def test_fewer_samples_are_spread_over_all_groups():
    groups = [SampleGroup(waves(batch=6), PERIODIC, (0, 0, 1, 1, 2, 2)) for _ in range(3)]
    chosen = fewer(groups, 4)
    assert sum(len(group.window) for group in chosen) == 4 and len(chosen) == 3
    assert all(len(group.blocks) == len(group.window) for group in chosen)
    assert sum(len(group.window) for group in fewer(groups, 99)) == 18


def test_the_median_lies_in_its_interval():
    rows = audit(
        chain_with(Offset()), Held(waves(batch=8)), symmetries=[Magnitude()], elements=5,
        dtype=torch.float64,
    )  # fmt: skip
    for row in rows:
        assert row.error_median_low <= row.error_median <= row.error_median_high
        assert row.error_median_high <= row.error_max and row.blocks == 8
