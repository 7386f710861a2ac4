"""Shifts by fractions of cells: real, composing, differentiable, and exact where they can be."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.models.wrappers import DriftRate, MeasuredDrift, Spacing
from symdyn_core.models.wrappers.drift import carried, shift_matrix
from symdyn_core.resampling import interpolation_matrix


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9])
def test_periodic_shifts_represent_the_real_numbers(size):
    a, b = numbers(0.3), numbers(-17.85)
    composed = shift_matrix(a, size, True) @ shift_matrix(b, size, True)
    assert torch.allclose(composed, shift_matrix(a + b, size, True), atol=1e-13)
    # The identity on an odd line; on an even one without its Nyquist wave, which has no half.
    zero = shift_matrix(numbers(0.0), size, True)[0]
    nyquist = torch.tensor([(-1.0) ** i for i in range(size)], dtype=torch.float64)
    without = torch.outer(nyquist, nyquist) / size if size % 2 == 0 else 0
    assert torch.allclose(zero, torch.eye(size, dtype=torch.float64) - without, atol=1e-13)


def test_a_wave_moves_to_the_right():
    x = torch.arange(12, dtype=torch.float64)
    for k in range(6):
        wave = torch.cos(2 * math.pi * k * x / 12 + 0.4)
        moved = torch.cos(2 * math.pi * k * (x - 2.6) / 12 + 0.4)
        assert torch.allclose(shift_matrix(numbers(2.6), 12, True)[0] @ wave, moved, atol=1e-13)


@pytest.mark.parametrize("cells", [0.0, 1.0, -2.0, 0.5, 1.3, -2.7])
def test_open_shifts_interpolate_inside_and_repeat_the_edge(cells):
    size = 20
    matrix = shift_matrix(numbers(cells), size, False)[0]
    assert torch.allclose(matrix.sum(-1), torch.ones(size, dtype=torch.float64))
    positions = torch.arange(size, dtype=torch.float64) - cells
    expected, _ = interpolation_matrix(positions, size, periodic=False)
    inside = slice(6, 14)
    assert torch.allclose(matrix[inside], expected[inside], atol=1e-13)
    first = torch.zeros(size, dtype=torch.float64)
    first[0] = 1
    far = shift_matrix(numbers(cells + 50.0), size, False)[0]
    assert torch.equal(far, first.expand(size, size))


def test_open_shifts_beyond_all_bounds_are_edges():
    matrix = shift_matrix(numbers(1e30, -1e30), 5, False)
    assert (matrix[0, :, 0] == 1).all() and (matrix[1, :, -1] == 1).all()


@pytest.mark.parametrize("periodic", [True, False])
def test_shifts_are_differentiable_in_the_displacement(periodic):
    cells = numbers(0.31, -1.7, 0.0 if periodic else 0.5).requires_grad_()
    assert torch.autograd.gradcheck(lambda s: shift_matrix(s, 7, periodic), cells)


def test_samples_and_frames_move_by_their_own_displacement():
    grid = Grid(6, 8, dx=0.5, dy=2.0, dt=0.25, periodic_x=True)
    rate = DriftRate.of(grid)
    assert (rate.x, rate.y, rate.periodic) == (0.5, 0.125, (False, True))
    w = torch.randn(2, 3, 2, 6, 8, dtype=torch.float64)
    w = w - w.mean(-1, keepdim=True)
    velocity = torch.tensor([[2.0, 0.0], [-4.0, 8.0]])
    steps = numbers(-2.0, 0.0, 1.0)
    displacement = rate.displacement(w, velocity.double())
    moved = carried(w, displacement, steps, rate.periodic)
    nyquist = torch.tensor([1.0, -1.0]).repeat(4).double()
    smooth = w - (w * nyquist).mean(-1, keepdim=True) * nyquist
    # Sample 0: one cell east each step. Sample 1: two west, one north.
    assert torch.allclose(moved[0, 0], smooth[0, 0].roll(-2, -1), atol=1e-12)
    assert torch.allclose(moved[0, 2], smooth[0, 2].roll(1, -1), atol=1e-12)
    assert torch.allclose(moved[1, 2, :, 1:], smooth[1, 2].roll(-2, -1)[:, :-1], atol=1e-12)
    assert torch.allclose(moved[1, 2, :, 0], moved[1, 2, :, 1], atol=1e-12), "the edge repeats"


def test_mixed_precision_does_not_round_the_flow():
    w = torch.randn(1, 2, 2, 6, 7)
    moves = (torch.tensor([[0.3, 0.4]]), torch.tensor([-1.0, 1.0]), (True, False))
    plain = carried(w, *moves)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(carried(w, *moves), plain)


@pytest.mark.parametrize(("strength", "motion"), [(1.0, 0.0), (1e-150, 0.0), (1.0, 5.0)])
def test_a_drift_is_measured_to_rounding(strength, motion):
    first = torch.randn(2, 1, 2, 8, 9, dtype=torch.float64)
    drift = torch.tensor([[1.3, -2.6], [-3.4, 3.9]], dtype=torch.float64)
    window = carried(first.expand(2, 4, 2, 8, 9), drift, numbers(0, 1, 2, 3), (True, True))
    velocity = torch.zeros(2, 2, dtype=torch.float64)
    measured = MeasuredDrift((True, True)).displacement(strength * window + motion, velocity)
    assert torch.allclose(measured, drift, atol=1e-10)
    # Two steps at once tell the same, as far as they stay within half the domain.
    small = carried(first.expand(2, 4, 2, 8, 9), drift / 2, numbers(0, 1, 2, 3), (True, True))
    twice = MeasuredDrift((True, True), steps=2).displacement(small, velocity)
    assert torch.allclose(twice, drift / 2, atol=1e-10)


def test_at_rest_and_along_the_waves_nothing_is_seen_to_move():
    velocity, drift = torch.zeros(1, 2, dtype=torch.float64), MeasuredDrift((True, True))
    assert not drift.displacement(torch.zeros(1, 2, 2, 8, 8).double(), velocity).any()
    place = torch.arange(8, dtype=torch.float64) * (2 * math.pi / 8)
    frames = [torch.cos(place - step * 0.4).expand(2, 8, 8) for step in (0, 1)]
    found = drift.displacement(torch.stack(frames)[None], velocity)
    expected = torch.tensor([[0.4 * 8 / (2 * math.pi), 0.0]], dtype=torch.float64)
    assert torch.allclose(found, expected, atol=1e-10)


def test_a_drift_across_open_edges_is_measured_approximately():
    """A smooth pattern on a patch of a larger flow; the mean velocity says nothing about it."""
    y, x = torch.meshgrid(torch.arange(48.0), torch.arange(48.0), indexing="ij")

    def frame(step):
        u = torch.sin(0.3 * (x - 1.7 * step)) * torch.cos(0.2 * (y + 0.6 * step))
        v = torch.cos(0.17 * (x - 1.7 * step) + 0.23 * (y + 0.6 * step))
        return torch.stack((u, v))

    window = torch.stack([frame(-1.0), frame(0.0)])[None].double()
    found = MeasuredDrift().displacement(window, torch.zeros(1, 2, dtype=torch.float64))
    assert torch.allclose(found, torch.tensor([[1.7, -0.6]]).double(), atol=0.05)


def test_a_single_frame_shows_no_drift():
    with pytest.raises(ValueError, match="between frames"):
        MeasuredDrift().displacement(torch.zeros(1, 1, 2, 8, 8), torch.zeros(1, 2))
    grid = Grid(8, 9, periodic_y=True, periodic_x=False)
    assert MeasuredDrift().on(grid) == MeasuredDrift((True, False))


def test_rates_and_spacings_must_be_positive():
    with pytest.raises(ValueError, match="must be positive, got x=0"):
        DriftRate(0.0, 1.0)
    with pytest.raises(ValueError, match="Spacings must be positive"):
        Spacing(1.0, 1.0, -1.0)
