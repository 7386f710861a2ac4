"""Forecasters, flows and errors that the tests of wrappers share."""

import torch
from torch import nn

from symdyn_core.equivariance import equivariance_error
from symdyn_core.grid import Grid
from symdyn_core.layers import PlainKit
from symdyn_core.models import ForecasterSpec, ResNet
from tests.biases import with_random_biases

GRID = Grid(12, 12, dx=0.5, dy=0.5, dt=0.3, periodic_y=True, periodic_x=True)
EXACT, BROKEN = 1e-10, 1e-3
PAST = 3


def network(wrappers=(), kit=None, architecture=ResNet, dtype=torch.float64):
    """A forecaster with random weights and biases that matter."""
    kit = PlainKit(periodic=(True, True)) if kit is None else kit
    width = 4 if isinstance(kit, PlainKit) else 1
    spec = ForecasterSpec(architecture, kit, PAST, width, (1, 2), scale=0.7, wrappers=wrappers)
    return with_random_biases(spec.on(GRID).build(seed=3).double(), gain=2).to(dtype)


def flow(frames=PAST, grid=GRID, batch=2, mean=0.4, seed=5):
    """White noise and a mean velocity."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, frames, 2, *grid.shape)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + mean


def error(forecaster, symmetry, element, window=None, grid=GRID):
    window = flow(grid=grid) if window is None else window
    return equivariance_error(forecaster, symmetry, element, window, grid)[0].max().item()


class Counting(nn.Module):
    """A forecaster that is equivariant to nothing, and counts how often it is asked."""

    past = PAST
    calls = 0

    def forward(self, window):
        self.calls += 1
        ramp = torch.linspace(0, 1, window.shape[-1], dtype=window.dtype)
        return window[:, -1] * ramp + window[:, 0].roll(1, -2) + ramp


class Levels(nn.Module):
    """p(v) = v_now + k v_now² + (v_now - v_earlier), for which p(T_a v) = T_a p_a(v) is simple."""

    def __init__(self, past=2, factor=1.0):
        super().__init__()
        self.past, self.factor = past, factor

    def forward(self, window):
        now = window[:, -1]
        return now + 0.2 * self.factor * now.square() + now - window[:, 0]

    def at_scale(self, factor):
        return Levels(round(factor**2) * (self.past - 1) + 1, self.factor * factor)
