"""Orders are functions of (seed, epoch), weights are kept, processes share what one would see."""

import pytest
import torch

from symdyn_core.datasets import store
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.sampling import (
    WindowSampler,
    nearby_order,
    sample_order,
    water_weights,
)
from symdyn_core.datasets.windows import Windows
from tests.conftest import mock_flow


def test_weights_are_kept_to_within_one_sample():
    weights = torch.tensor([0.0, 1.0, 2.5, 0.5, 4.0, 0.0])
    order = sample_order(0, 0, 6, 1000, weights)
    counts = torch.bincount(order, minlength=6)
    assert bool(((counts - 1000 * weights / weights.sum()).abs() < 1).all())
    assert counts[0] == 0 and counts[5] == 0
    # Independent draws of as many samples are off by tens.
    drawn = torch.multinomial(weights, 1000, replacement=True)
    assert int((torch.bincount(drawn, minlength=6) - counts).abs().max()) > 2


def test_weighted_orders_are_shuffled_and_repeat():
    weights = torch.rand(50)
    order = sample_order(3, 1, 50, 200, weights)
    assert torch.equal(order, sample_order(3, 1, 50, 200, weights))
    assert not torch.equal(order, sample_order(3, 2, 50, 200, weights))
    assert not torch.equal(order, order.sort().values)


def test_equal_weights_are_passes():
    counts = torch.bincount(sample_order(0, 0, 10, 30, torch.full((10,), 7.0)), minlength=10)
    assert counts.tolist() == [3] * 10


@pytest.mark.parametrize(
    "weights",
    [
        torch.ones(3),
        torch.zeros(4),
        torch.tensor([1.0, -1.0, 1.0, 1.0]),
        torch.tensor([1.0, torch.nan, 1.0, 1.0]),
    ],
)
def test_what_is_no_weight_is_refused(weights):
    with pytest.raises(ValueError, match="4 finite weights"):
        sample_order(0, 0, 4, 8, weights)
    with pytest.raises(ValueError, match="4 finite weights"):
        WindowSampler(4, 2, weights=weights)


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("weighted", [False, True])
def test_processes_share_the_batches_of_one(processes, weighted):
    weights = torch.rand(30) if weighted else None
    alone = WindowSampler(30, 8, seed=5, weights=weights)
    shares = [
        WindowSampler(30, 8, seed=5, weights=weights, process=rank, processes=processes)
        for rank in range(processes)
    ]
    for sampler in (alone, *shares):
        sampler.set_epoch(2)
    assert len(alone) == len(list(alone)) == 4
    for whole, *parts in zip(alone, *shares, strict=True):
        assert {len(part) for part in parts} == {8 // processes}
        assert [part[n] for n in range(8 // processes) for part in parts] == whole
    alone.set_epoch(3)
    assert next(iter(alone)) != next(zip(*shares, strict=True))[0]


@pytest.mark.parametrize("options", [{"processes": 3}, {"process": 1}, {"process": -1}])
def test_impossible_shares_are_refused(options):
    with pytest.raises(ValueError, match="splits evenly"):
        WindowSampler(30, 8, **options)


def test_windows_count_by_their_water():
    flow = mock_flow(members=2, land=True)
    water = flow["water"].expand_dims(member=2).copy()
    water[1] = True
    flow["water"] = water
    flow = flow.fillna(0.0)
    weights = water_weights(Windows(flow, 3, 2))
    assert weights.tolist() == [0.75] * 8 + [1.0] * 8


def test_nearby_orders_are_passes_that_decode_an_archive_about_once(tmp_path):
    flow = mock_flow(frames=165)
    path = store.write_flow(flow, tmp_path / "flow.zarr", chunks={"time": 8})
    lazy = store.open_flow(path, lazy=True)
    frame = 2 * 8 * 10 * 4

    def blocks_read(order) -> int:
        source = ChunkedFrames(lazy, cache_bytes=8 * 8 * frame)
        windows = Windows(lazy, 4, 2, source=source)
        assert source.block == 8
        for indices in order.split(8):
            windows.batch(indices)
        return source.blocks_read

    order = nearby_order(0, 1, 160, run=8, together=4)
    assert sorted(order.tolist()) == list(range(160))
    assert not torch.equal(order, nearby_order(0, 2, 160, run=8, together=4))
    near, far = blocks_read(order), blocks_read(sample_order(0, 1, 160, 160))
    assert near <= 2 * 21 and far > 2 * near


@pytest.mark.parametrize("lengths", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_impossible_runs_are_refused(lengths):
    samples, run, together = lengths
    with pytest.raises(ValueError, match="at least one window"):
        nearby_order(0, 0, samples, run=run, together=together)
    with pytest.raises(ValueError, match="at least one window"):
        sample_order(0, 0, 0, 5)
