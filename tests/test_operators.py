"""Derivatives and resampling: exact where representable, of the stated order elsewhere."""

import math
from itertools import pairwise

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.operators import derivative, divergence, streamfunction, vorticity
from symdyn_core.point_sampling import PointSampler
from symdyn_core.resampling import interpolation_matrix, sample_lines

PERIODIC = Grid(24, 32, dy=2 * math.pi / 24, dx=2 * math.pi / 32, periodic_y=True, periodic_x=True)


def mesh(grid):
    return torch.meshgrid(
        torch.arange(grid.ny).double() * grid.dy,
        torch.arange(grid.nx).double() * grid.dx,
        indexing="ij",
    )


def test_derivative_of_a_sine_is_exact_on_a_periodic_axis():
    y, x = mesh(PERIODIC)
    field = torch.sin(3 * x) * torch.cos(2 * y)
    assert torch.allclose(
        derivative(field, PERIODIC, "x"), 3 * torch.cos(3 * x) * torch.cos(2 * y), atol=1e-12
    )
    assert torch.allclose(
        derivative(field, PERIODIC, "y"), -2 * torch.sin(3 * x) * torch.sin(2 * y), atol=1e-12
    )


def test_open_derivative_converges_at_fourth_order():
    errors = []
    for cells in (20, 40, 80):
        grid = Grid(cells, cells, dy=2.0 / cells, dx=2.0 / cells)
        y, x = mesh(grid)
        difference = derivative(torch.sin(2 * x + y), grid, "x") - 2 * torch.cos(2 * x + y)
        errors.append(difference.abs().max().item())
    orders = [math.log2(a / b) for a, b in pairwise(errors)]
    assert all(order > 3.7 for order in orders), orders


def test_a_flow_from_a_streamfunction_has_no_divergence_and_returns_it():
    y, x = mesh(PERIODIC)
    psi = torch.sin(x) * torch.cos(2 * y) + 0.3 * torch.cos(3 * x - y)
    w = torch.stack((-derivative(psi, PERIODIC, "y"), derivative(psi, PERIODIC, "x")))
    assert divergence(w, PERIODIC).abs().max() < 1e-12
    assert torch.allclose(streamfunction(w, PERIODIC), psi, atol=1e-12)
    # Control: a source is seen.
    assert divergence(torch.stack((torch.sin(x), torch.sin(y))), PERIODIC).abs().max() > 1


def test_solid_rotation_has_positive_vorticity():
    grid = Grid(8, 8)
    y, x = mesh(grid)
    assert torch.allclose(vorticity(torch.stack((-y, x)), grid), torch.full((8, 8), 2.0).double())


def test_spectral_sampling_is_exact_and_polynomial_sampling_of_sixth_order():
    points = torch.linspace(0.3, 14.2, 40, dtype=torch.float64)
    errors = []
    for cells in (16, 32, 64):
        x = torch.arange(cells).double()
        field = torch.cos(2 * math.pi * x / 16)
        matrix, inside = interpolation_matrix(points, cells, periodic=False)
        errors.append((matrix @ field - torch.cos(2 * math.pi * points / 16)).abs().max().item())
        assert inside.all()
    matrix, _ = interpolation_matrix(points, 16, periodic=True)
    exact = matrix @ torch.cos(2 * math.pi * torch.arange(16).double() / 16)
    assert (exact - torch.cos(2 * math.pi * points / 16)).abs().max() < 1e-13
    refined = []
    for cells in (32, 64, 128):
        x = torch.arange(cells).double() * 16 / cells
        matrix, _ = interpolation_matrix(points * cells / 16 * 0.8, cells, periodic=False)
        values = matrix @ torch.cos(2 * math.pi * x / 16)
        refined.append((values - torch.cos(2 * math.pi * points * 0.8 / 16)).abs().max().item())
    orders = [math.log2(a / b) for a, b in pairwise(refined)]
    assert all(order > 5.5 for order in orders), orders


def test_scattered_and_separable_sampling_agree():
    torch.manual_seed(0)
    w = torch.randn(2, 3, 24, 32, dtype=torch.float64)
    rows, columns = torch.rand(7).double() * 22, torch.rand(9).double() * 30
    water = torch.rand(PERIODIC.shape) > 0.03
    one_way = PERIODIC.with_(periodic_y=False)
    closed = PERIODIC.with_(periodic_x=False, periodic_y=False)
    for grid in (PERIODIC, one_way, closed, PERIODIC.with_(water=water), closed.with_(water=water)):
        lines, valid_lines = sample_lines(w, rows, columns, grid)
        sampler = PointSampler(rows[:, None].expand(7, 9), columns[None].expand(7, 9), grid)
        assert torch.allclose(lines, sampler(w), atol=1e-12)
        assert torch.equal(valid_lines, sampler.valid)
        if grid.water is not None:
            assert 0 < sampler.valid.sum() < sampler.valid.numel()


def test_sampling_at_points_can_be_differentiated_and_keeps_half_precision():
    rows, columns = torch.rand(2, 3, 4).double() * 20
    w = torch.randn(2, 24, 32, dtype=torch.float64, requires_grad=True)
    sampler = PointSampler(rows, columns, PERIODIC.with_(periodic_x=False, periodic_y=False))
    assert torch.autograd.gradcheck(sampler, w)
    half = sampler(w.detach().half())
    assert half.dtype == torch.float16
    assert torch.allclose(half.double(), sampler(w.detach()), atol=5e-3)


def test_points_next_to_land_are_invalid():
    water = torch.ones(24, 32, dtype=torch.bool)
    water[:, 20:] = False
    grid = Grid(24, 32, water=water)
    columns = torch.tensor([10.0, 10.5, 17.5, 19.0, 19.5, 25.0]).double()
    _, valid = sample_lines(torch.zeros(24, 32), torch.tensor([5.0]).double(), columns, grid)
    assert valid[0].tolist() == [True, True, False, True, False, False]


def test_bad_derivatives_are_refused():
    with pytest.raises(ValueError, match="'x' or 'y', got 'z'"):
        derivative(torch.zeros(8, 8), Grid(8, 8), "z")
    with pytest.raises(ValueError, match="needs 5 cells, got 3"):
        derivative(torch.zeros(8, 3), Grid(8, 3), "x")
    with pytest.raises(ValueError, match="doubly periodic"):
        streamfunction(torch.zeros(2, 8, 8), Grid(8, 8))
