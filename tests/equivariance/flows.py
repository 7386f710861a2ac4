"""Flows with known statistics and forecasters with known defects, for the tests of the audit."""

import math

import torch
from torch import nn

from symdyn_core.datasets.batches import Batch
from symdyn_core.grid import Grid

PERIODIC = Grid(32, 32, periodic_x=True, periodic_y=True)


def waves(batch=4, frames=2, cells=32, highest=4, seed=0, stretch=1.0):
    """Random band-limited periodic flows without divergence, statistically isotropic.

    ``stretch`` multiplies the wavenumbers along y before the spectrum is cut: structures then are
    that much longer along y.
    """
    generator = torch.Generator().manual_seed(seed)
    k = torch.fft.fftfreq(cells, 1 / cells).double()
    k_y, k_x = torch.meshgrid(k, k, indexing="ij")
    inside = (k_x**2 + (stretch * k_y) ** 2 <= highest**2) & (k_x**2 + k_y**2 > 0)
    noise = torch.randn(batch, frames, cells, cells, generator=generator, dtype=torch.float64)
    psi_hat = torch.fft.fft2(noise) * inside
    u = torch.fft.ifft2(-1j * k_y * psi_hat).real
    v = torch.fft.ifft2(1j * k_x * psi_hat).real
    w = torch.stack((u, v), dim=2)
    return w / w.square().sum(dim=2).mean().sqrt()


class Held:
    """Given windows as a source of windows, one member each."""

    future = 0

    def __init__(self, w, grid=PERIODIC):
        self.w, self.grid = w, grid
        self.past, self.members = w.shape[1], len(w)
        self.grids = (grid,) * len(w)

    def __len__(self):
        return len(self.w)

    def start_of(self, index):
        return index, 0

    def batch(self, indices):
        return Batch(self.w[list(indices)], None)


class Heat(nn.Module):
    """One exact step of the heat equation on a periodic box."""

    past = 1
    receptive_radius = 0

    def __init__(self, diffusivity=0.004):
        super().__init__()
        self.diffusivity = diffusivity

    def forward(self, window):
        w = window[:, -1]
        k_y = torch.fft.fftfreq(w.shape[-2], 1 / w.shape[-2]).to(w)[:, None]
        k_x = torch.fft.rfftfreq(w.shape[-1], 1 / w.shape[-1]).to(w)
        decay = torch.exp(-self.diffusivity * (k_x**2 + k_y**2))
        return torch.fft.irfft2(torch.fft.rfft2(w) * decay, s=w.shape[-2:])


class Blur(nn.Module):
    """Every channel averaged over its neighbours: respects shifts, turns and linear actions."""

    taps = ((0.0, 0.1, 0.0), (0.1, 0.6, 0.1), (0.0, 0.1, 0.0))
    padding = "circular"

    def forward(self, h):
        kernel = h.new_tensor(self.taps).expand(h.shape[1], 1, 3, 3)
        padded = nn.functional.pad(h, (1, 1, 1, 1), mode=self.padding)
        return nn.functional.conv2d(padded, kernel, groups=h.shape[1])


class Upwind(Blur):
    """The same with a preferred direction: breaks rotations and reflections, nothing else."""

    taps = ((0.0, 0.1, 0.0), (0.4, 0.5, 0.0), (0.0, 0.0, 0.0))


class ZeroPadded(Blur):
    """The same with zeros outside the box: breaks shifts at the edge."""

    padding = "constant"


class Offset(nn.Module):
    """Adds 1: breaks magnitude and turns of vectors."""

    def forward(self, h):
        return h + 1


class Saturating(nn.Module):
    """tanh: breaks every action on values, and none on pixels."""

    def forward(self, h):
        return torch.tanh(h)


class Chain(nn.Module):
    """Layers after one another on the last frame, two channels all the way."""

    past = 1
    receptive_radius = 4

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, window):
        return self.layers(window[:, -1])


def chain_with(layer, place=2):
    """Five layers of which one, ``layers.<place>``, is ``layer`` and the others are blurs."""
    return Chain(*(layer if n == place else Blur() for n in range(5)))


def plane_wave(cells=32):
    """Wavenumber 2 pi along x of one period a box."""
    return 2 * math.pi * torch.arange(cells).double() / cells
