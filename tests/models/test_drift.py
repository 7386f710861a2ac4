"""Shifts by fractions of cells: real, composing, differentiable, and exact where they can be."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.models.wrappers import DriftRate, PhaseDrift, Spacing
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


def test_the_longest_waves_tell_the_drift():
    grid = Grid(8, 9, periodic_y=True, periodic_x=True)
    first = torch.randn(2, 1, 2, 8, 9, dtype=torch.float64)
    drift = torch.tensor([[1.3, -2.6], [-4.4, 3.9]], dtype=torch.float64)
    window = carried(first.expand(2, 4, 2, 8, 9), drift, numbers(0, 1, 2, 3), (True, True))
    velocity = torch.zeros(2, 2, dtype=torch.float64)
    for strength, motion in ((1.0, 0.0), (1e-150, 0.0), (1.0, 5.0)):
        measured = PhaseDrift().displacement(strength * window + motion, velocity)
        assert torch.allclose(measured, drift, atol=1e-10)
    rest = torch.zeros_like(window).requires_grad_()
    nothing = PhaseDrift().displacement(rest, velocity)
    assert not nothing.any()
    assert torch.autograd.grad(nothing.sum(), rest)[0].isfinite().all()
    assert PhaseDrift().on(grid) == PhaseDrift()
    with pytest.raises(ValueError, match="only on axes that repeat"):
        PhaseDrift().on(grid.with_(periodic_x=False))
    with pytest.raises(ValueError, match="between frames"):
        PhaseDrift().displacement(window[:, :1], velocity)


def test_rates_and_spacings_must_be_positive():
    with pytest.raises(ValueError, match="must be positive, got x=0"):
        DriftRate(0.0, 1.0)
    with pytest.raises(ValueError, match="Spacings must be positive"):
        Spacing(1.0, 1.0, -1.0)
