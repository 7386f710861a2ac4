"""The gauge of novelty: low for the flow it knows, high for what a symmetry moved far away."""

import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.novelty import FEATURES, gauge_of, window_features
from symdyn_core.grid import Grid

GRID = Grid(16, 16, dy=1.0, dx=1.0, dt=1.0, periodic_x=True, periodic_y=True)


@pytest.fixture(scope="module")
def windows():
    """A flow of a few modes whose phases and sizes wander."""
    generator = torch.Generator().manual_seed(1)
    y, x = torch.meshgrid(GRID.y(), GRID.x(), indexing="ij")
    frames = []
    for n in range(120):
        w = torch.zeros(2, 16, 16)
        for k in (1, 2, 3):
            size = 1 + 0.2 * torch.randn(2, generator=generator)
            phase = 0.05 * n * k + 0.1 * torch.randn((), generator=generator)
            w[0] += size[0] * torch.sin(2 * torch.pi * k * y / 16 + phase) / k
            w[1] += size[1] * torch.cos(2 * torch.pi * k * x / 16 - phase) / k
        frames.append(w)
    return Windows(schema.from_tensor(torch.stack(frames), GRID, title="m", source="drawn"), 3, 0)


def test_windows_of_the_reference_lie_inside(windows):
    gauge = gauge_of(windows)
    shares = [
        gauge.share_nearer(window_features(windows.batch([n]).w[0], GRID)) for n in range(0, 110, 5)
    ]
    inside = [gauge.excess(window_features(windows.batch([n]).w[0], GRID)) for n in (0, 50, 100)]
    assert max(inside) <= 1.0
    assert 0.2 < sum(shares) / len(shares) < 0.8
    assert torch.equal(gauge.distances, gauge.distances.sort().values)


@pytest.mark.parametrize(
    "move, feature",
    [
        (lambda w: 5 * w, "strength"),
        (lambda w: w + torch.tensor([4.0, 0.0])[:, None, None], "eastward mean flow"),
        (lambda w: w + torch.tensor([0.0, -4.0])[:, None, None], "northward mean flow"),
        (lambda w: w * torch.tensor([1.0, 0.01])[:, None, None], "stretching along an axis"),
    ],
)
def test_a_moved_window_lies_outside_and_is_named(windows, move, feature):
    gauge = gauge_of(windows)
    found = window_features(move(windows.batch([40]).w[0]), GRID)
    assert gauge.share_nearer(found) == 1.0
    assert gauge.excess(found) > 1.0
    assert gauge.strangest(found) == feature


def test_the_strength_alone_changes_with_a_magnitude(windows):
    w = windows.batch([7]).w[0]
    plain, stronger = window_features(w, GRID), window_features(3 * w, GRID)
    changed = (stronger - plain).abs() > 1e-5
    assert changed.tolist() == [name == "strength" for name in FEATURES]
    assert (stronger - plain)[0].item() == pytest.approx(torch.tensor(3.0).log().item())


def test_a_gauge_wants_enough_windows(windows):
    flow = schema.from_tensor(torch.randn(5, 2, 16, 16), GRID, title="m", source="drawn")
    with pytest.raises(ValueError, match="more than 7 windows"):
        gauge_of(Windows(flow, 2, 0))
    with pytest.raises(ValueError, match="at least 2 frames"):
        gauge_of(Windows(flow, 1, 0))
