"""Training gives the same weights wherever frames lie, and weights are drawn by all processes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from symdyn_core.datasets import store
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.frames import HeldFrames
from symdyn_core.datasets.mapped_frames import MappedFrames
from symdyn_core.datasets.prefetch import prefetched
from symdyn_core.datasets.sampling import WindowSampler, epoch_order, reading_order, sample_order
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.datasets.windows import Windows
from symdyn_core.symmetries import Magnitude
from tests.conftest import mock_flow
from tests.test_training import PAST, SETTINGS, Tiny, fit, same, timeless, windows

FRAME = 2 * 8 * 10 * 4
"""Bytes of one frame of ``mock_flow``."""


def archive(folder, frames: int = 12):
    path = store.write_flow(mock_flow(frames=frames), folder / "flow.zarr", chunks={"time": 4})
    return store.open_flow(path, lazy=True)


def trained(folder, name: str, data: Windows, **options):
    forecaster = Tiny(dropout=0.2)
    records = fit(folder / name, forecaster=forecaster, data=data, **options)
    return timeless(records), forecaster.state_dict()


def test_training_from_any_source_gives_the_same_bits(tmp_path):
    lazy = archive(tmp_path)
    expected, weights = trained(tmp_path, "memory", windows())
    for name, source in {
        "mapped": MappedFrames.of(lazy, tmp_path / "frames.safetensors"),
        "chunks": ChunkedFrames(lazy),
        "device": HeldFrames.of(lazy, device="cpu"),
    }.items():
        data = Windows(lazy, PAST, 2, source=source)
        records, found = trained(tmp_path, name, data)
        assert records == expected and same(found, weights), name
    # Another order of the same windows is another training.
    other, _ = trained(tmp_path, "other", windows(), settings=replace(SETTINGS, seed=1))
    assert other != expected


def test_an_archive_larger_than_its_cache_is_trained_on_run_by_run(tmp_path):
    lazy = archive(tmp_path, frames=60)
    source = ChunkedFrames(lazy, cache_bytes=8 * 4 * FRAME)
    near = Windows(lazy, PAST, 2, source=source)
    assert source.block == 4 and not source.holds_all
    assert reading_order(near) == (4, 2) == reading_order(Transformed(near, Magnitude()))
    order = epoch_order(near, 0, 3, len(near))
    assert sorted(order.tolist()) == list(range(len(near)))
    assert not torch.equal(order, epoch_order(near, 0, 4, len(near)))
    twice = epoch_order(near, 0, 3, 2 * len(near))
    assert torch.equal(twice[: len(near)], order)
    assert sorted(twice[len(near) :].tolist()) == list(range(len(near)))
    assert not torch.equal(twice[len(near) :], order)
    for indices in order.split(4):
        near.batch(indices)
    assert source.blocks_read <= 3 * 15
    # A weighted draw, and frames that are at hand anyway, come in the usual order.
    weights = torch.ones(len(near))
    assert torch.equal(epoch_order(near, 0, 3, 20, weights), sample_order(0, 3, 57, 20, weights))
    held = Windows(lazy, PAST, 2)
    assert reading_order(held) is None
    assert torch.equal(epoch_order(held, 0, 3, 57), sample_order(0, 3, 57, 57))


def test_a_run_does_not_go_on_in_another_order(tmp_path):
    lazy = archive(tmp_path, frames=60)
    small = Windows(lazy, PAST, 2, source=ChunkedFrames(lazy, cache_bytes=8 * 4 * FRAME))
    fit(tmp_path / "run", data=small)
    fit(tmp_path / "run", data=small)
    with pytest.raises(ValueError, match="started on other windows"):
        fit(tmp_path / "run", data=Windows(lazy, PAST, 2))


def drawn(folder, settings, weights) -> list[int]:
    """The windows that a training asks for, in order."""
    asked: list[int] = []

    class Noted(Windows):
        def batch(self, indices):
            asked.extend(torch.as_tensor(indices).tolist())
            return super().batch(indices)

    data = Noted(mock_flow(frames=12), PAST, 2)
    fit(folder, settings, data=data, weights=weights)
    return asked[3:]  # the first three tell the data from others


def test_training_draws_windows_by_their_weights(tmp_path):
    weights = torch.tensor([4.0, 0, 1, 1, 0, 0, 2, 0, 0])
    settings = replace(SETTINGS, updates=8, updates_per_epoch=4, batch=2)
    found = drawn(tmp_path / "weighted", settings, weights)
    expected = [sample_order(0, epoch, 9, 8, weights).tolist() for epoch in range(2)]
    assert found == [*expected[0], *expected[1]]
    for epoch in (found[:8], found[8:]):
        assert [epoch.count(window) for window in range(9)] == weights.tolist()
    plain = drawn(tmp_path / "plain", settings, None)
    assert len(set(plain[:8])) == len(set(plain[8:])) == 8  # of nine


def test_a_weighted_run_goes_on_with_its_own_weights_only(tmp_path):
    weights = torch.arange(9.0)
    fit(tmp_path, weights=weights)
    fit(tmp_path, weights=weights)
    for other in (None, weights + 1):
        with pytest.raises(ValueError, match="started on other windows"):
            fit(tmp_path, weights=other)


def test_weights_of_another_number_of_windows_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected 9 finite weights"):
        fit(tmp_path, weights=torch.ones(8))


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_processes_share_a_weighted_draw(processes):
    weights = torch.tensor([3.0, 0, 1, 2, 0, 2])
    samplers = [
        WindowSampler(6, 4, weights=weights, length=16, process=n, processes=processes)
        for n in range(processes)
    ]
    for epoch in range(3):
        for sampler in samplers:
            sampler.set_epoch(epoch)
        shares = [list(sampler) for sampler in samplers]
        assert {len(batch) for share in shares for batch in share} == {4 // processes}
        drawn = [window for share in shares for batch in share for window in batch]
        assert [drawn.count(window) for window in range(6)] == [6, 0, 2, 4, 0, 4]
        whole = sample_order(0, epoch, 6, 16, weights).split(4)
        for batches, expected in zip(zip(*shares, strict=True), whole, strict=True):
            assert sorted(window for batch in batches for window in batch) == sorted(
                expected.tolist()
            )


WEIGHTED = """
import sys, torch
from tests.test_training import SETTINGS, Tiny, fit
fit(sys.argv[1], SETTINGS, Tiny(), weights=torch.tensor([4.0, 0, 1, 1, 0, 0, 2, 0, 0]))
"""


@pytest.mark.slow
def test_two_processes_learn_from_weighted_windows_what_one_does(tmp_path):
    weights = torch.tensor([4.0, 0, 1, 1, 0, 0, 2, 0, 0])
    fit(tmp_path / "one", SETTINGS, Tiny(), weights=weights)
    fit(tmp_path / "plain", SETTINGS, Tiny())
    script = tmp_path / "weighted.py"
    script.write_text(WEIGHTED)
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
         str(script), str(tmp_path / "two")],
        capture_output=True, text=True, timeout=240, cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, two, plain = (
        load_file(tmp_path / name / "best.safetensors") for name in ("one", "two", "plain")
    )
    for name in one:
        assert torch.allclose(one[name], two[name], rtol=1e-3, atol=1e-5)
    assert not all(torch.allclose(one[name], plain[name], rtol=1e-3, atol=1e-5) for name in one)


def test_frames_on_any_device_stay_there():
    # The meta device has shapes and no numbers: whatever fetched some would fail.
    source = HeldFrames.of(mock_flow(members=2, land=True), device="meta")
    data = Windows(mock_flow(members=2, land=True), PAST, 2, source=source)
    batch = data.batch([0, 9, 3])
    assert batch.w.device.type == batch.water.device.type == "meta"
    assert batch.w.shape == (3, 4, 2, 8, 10)
    for found in prefetched(data, [[0, 1], [5]], device="meta"):
        assert found.w.device.type == "meta"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_frames_on_a_gpu_give_the_same_windows():
    held = Windows(mock_flow(land=True), PAST, 2)
    on_gpu = Windows(mock_flow(land=True), PAST, 2, device="cuda")
    expected, found = held.batch([4, 0]), on_gpu.batch([4, 0])
    assert found.w.device.type == found.water.device.type == "cuda"
    assert torch.equal(found.w.cpu(), expected.w) and torch.equal(found.water.cpu(), expected.water)
