"""Where derivatives look at known cells only."""

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.operators import derivative, differentiable

GRIDS = [(False, False), (True, False), (False, True)]


def grid_of(periodic_y: bool, periodic_x: bool) -> Grid:
    return Grid(13, 15, dy=0.5, dx=0.25, dt=1.0, periodic_y=periodic_y, periodic_x=periodic_x)


def some_unknown() -> torch.Tensor:
    known = torch.ones(13, 15, dtype=torch.bool)
    known[0, 3] = known[7, 9] = known[12, 14] = False
    return known


@pytest.mark.parametrize("periodic", GRIDS)
def test_what_is_unknown_changes_no_derivative_where_it_can_be_taken(periodic):
    grid, known = grid_of(*periodic), some_unknown()
    there = differentiable(known, grid)
    field = torch.randn(13, 15, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    other = torch.where(known, field, field + 1e3)
    changed = torch.zeros(13, 15, dtype=torch.bool)
    for axis in ("x", "y"):
        change = (derivative(other, grid, axis) - derivative(field, grid, axis)).abs()
        assert there.any() and change[there].max() < 1e-9
        changed |= change > 1e-6
    # Nothing is left out in vain: elsewhere the change is seen, or the value itself is unknown.
    assert (changed | ~known)[~there].all()


def test_a_spectral_derivative_needs_its_whole_line():
    there = differentiable(some_unknown(), grid_of(True, False))
    assert not there[:, [3, 9, 14]].any()
    assert there[4, 0] and there[4, 1]


def test_where_all_is_known_derivatives_are_known_to_the_edge():
    assert differentiable(torch.ones(2, 13, 15, dtype=torch.bool), grid_of(False, False)).all()


def test_masks_of_a_batch_are_told_apart():
    known = torch.stack((some_unknown(), torch.ones(13, 15, dtype=torch.bool)))
    there = differentiable(known, grid_of(False, False))
    assert torch.equal(there[0], differentiable(known[0], grid_of(False, False)))
    assert there[1].all() and not there[0].all()
