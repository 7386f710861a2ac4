"""Flows of any shape as squares: whole ones stay, others are tiled or overlap by half."""

import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.squares import in_squares
from symdyn_core.grid import Grid


def flow(ny: int, nx: int):
    w = torch.arange(3 * 2 * ny * nx, dtype=torch.float32).reshape(3, 2, ny, nx)
    return schema.from_tensor(w, Grid(ny, nx, dy=1.0, dx=1.0, dt=1.0), title="numbers")


def test_a_small_square_stays_as_it_is():
    whole = flow(8, 8)
    assert in_squares(whole, 16) is whole


@pytest.mark.parametrize(
    "shape, side, members", [((16, 16), 8, 4), ((8, 24), 16, 3), ((8, 20), 16, 4), ((12, 12), 8, 4)]
)
def test_sides_are_tiled_or_overlap_by_half(shape, side, members):
    found = in_squares(flow(*shape), side)
    assert found.sizes["member"] == members
    assert found.sizes["y"] == found.sizes["x"] == min(side, *shape)
