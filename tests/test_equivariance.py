"""The equivariance error: zero for perfect models, right for a known asymmetry, honest at edges."""

import math

import pytest
import torch
from torch import nn

from symdyn_core.equivariance import NothingToMeasure, audit, equivariance_error, in_dtype
from symdyn_core.grid import Grid
from symdyn_core.layers import PlainKit, SteerableKit
from symdyn_core.models import ForecasterSpec, Persistence, ResNet
from symdyn_core.symmetries import ALL, Boost, Magnitude, Rotation, Scaling, Translation
from tests.equivariance.flows import Held

GRID = Grid(48, 48)


def smooth_windows(batch=3, past=2, cells=48, seed=0):
    """Gaussian-filtered noise: structures about six cells wide, not periodic."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(batch * past * 2, 1, cells + 24, cells + 24, generator=generator).double()
    taps = torch.arange(-12, 13).double()
    kernel = torch.exp(-(taps**2) / (2 * 3.0**2))
    kernel = kernel / kernel.sum()
    smooth = nn.functional.conv2d(noise, kernel.view(1, 1, 1, -1))
    smooth = nn.functional.conv2d(smooth, kernel.view(1, 1, -1, 1))
    return smooth.view(batch, past, 2, cells, cells) / smooth.std()


class Damped(nn.Module):
    """Damps u more than v: a forecaster whose asymmetry is known by hand."""

    past = 2
    receptive_radius = 0

    def forward(self, window):
        return window[:, -1] * window.new_tensor((1.0, 0.5))[:, None, None]


def test_known_asymmetry_is_measured():
    # f(u, v) = (u, v / 2). Turned by 90 degrees, f(R w) = (-v, u / 2) and R f(w) = (-v / 2, u).
    w = smooth_windows()
    errors, share = equivariance_error(Damped(), Rotation(), 90.0, w, GRID)
    u, v = w[:, -1].flatten(2).norm(dim=2).unbind(1)
    expected = (v**2 / 4 + u**2 / 4).sqrt() / (v**2 / 4 + u**2).sqrt()
    assert torch.allclose(errors, expected, atol=1e-12) and share == 1.0
    errors, _ = equivariance_error(Damped(), Magnitude(), 3.0, w, GRID)
    assert errors.max() < 1e-15


def test_persistence_respects_everything_but_the_boost():
    w = smooth_windows(past=8)
    for row in audit(Persistence(8), Held(w, GRID), elements=5, dtype=torch.float64):
        if row.symmetry not in ("boost", "scaling"):
            assert row.error_max < 1e-12, row
    boosted, _ = equivariance_error(Persistence(8), Boost(), (0.5, 0.0), w, GRID)
    assert boosted.min() > 1e-2


def test_extrapolation_in_time_commutes_with_boosts_to_first_order():
    class Advected(nn.Module):
        """Moves the last frame by a velocity read off the window's mean: knows about boosts."""

        past = 2
        receptive_radius = 0

        def forward(self, window):
            grid = Grid(48, 48, periodic_x=True, periodic_y=True)
            c = window[:, -1].mean(dim=(-1, -2))
            moved = [
                Translation().act_on_field((c[n, 0].item(), c[n, 1].item()), window[n, -1:], grid)
                for n in range(len(window))
            ]
            return torch.stack([frame[0][0] for frame in moved])

    periodic = Grid(48, 48, periodic_x=True, periodic_y=True)
    x = torch.arange(48).double() * 2 * math.pi / 48
    w = torch.stack((torch.sin(x).expand(48, 48), torch.cos(2 * x)[:, None].expand(48, 48)))
    window = w.expand(1, 2, 2, 48, 48)
    errors, _ = equivariance_error(Advected(), Boost(), (0.3, -0.2), window, periodic)
    assert errors.max() < 1e-10


def test_translation_is_exact_away_from_open_edges():
    forecaster = ForecasterSpec(ResNet, PlainKit(), 2, 4, (1,)).build().double()
    w = smooth_windows()
    errors, share = equivariance_error(forecaster, Translation(), (5.0, -3.0), w, GRID)
    assert errors.max() < 1e-12 and 0.3 < share < 0.9
    # Control: with no margin the edges are counted, where the two sides saw different flows.
    errors, _ = equivariance_error(forecaster, Translation(), (5.0, -3.0), w, GRID, margin=0)
    assert errors.max() > 1e-4


def test_off_lattice_rotation_is_far_better_for_the_steerable_kit():
    w = smooth_windows(past=2)
    steerable = ForecasterSpec(ResNet, SteerableKit(), 2, 3, (1, 1), "velocity").build().double()
    plain = ForecasterSpec(ResNet, PlainKit(), 2, 12, (1, 1), "velocity").build().double()
    ours, _ = equivariance_error(steerable, Rotation(), 45.0, w, GRID)
    control, _ = equivariance_error(plain, Rotation(), 45.0, w, GRID)
    assert ours.median() < 0.1 < 0.5 < control.median()


def test_scaling_reads_the_forecast_at_the_rescaled_time():
    class Linear(nn.Module):
        """Extrapolates linearly in time: exact for flows linear in time, scaled ones included."""

        past = 6
        receptive_radius = 0

        def forward(self, window):
            return 2 * window[:, -1] - window[:, -2]

    pattern = smooth_windows(batch=1, past=2)[:, :1]
    t = torch.arange(6).double().view(1, 6, 1, 1, 1)
    window = pattern * (1 + 0.1 * t)
    errors, _ = equivariance_error(Linear(), Scaling(), 0.7, window, GRID)
    assert errors.max() < 1e-10
    errors, _ = equivariance_error(Persistence(6), Scaling(), 0.7, window, GRID)
    assert errors.min() > 1e-3


def test_audit_covers_every_symmetry_and_skips_the_identity():
    rows = audit(Damped(), Held(smooth_windows(past=6), GRID), elements=3, dtype=torch.float64)
    assert {row.symmetry for row in rows} == {symmetry.name for symmetry in ALL}
    assert all(row.samples == 3 and row.error_median <= row.error_max for row in rows)
    assert not any(row.symmetry == "rotation" and row.element % 360 == 0 for row in rows)
    json = rows[0].to_json()
    assert {"symmetry", "element", "error_median", "error_max", "samples"} <= json.keys()


def test_nothing_to_measure_is_said():
    with pytest.raises(NothingToMeasure, match="No cell is left"):
        equivariance_error(Damped(), Translation(), (60.0, 0.0), smooth_windows(), GRID)


def test_precision_of_a_copy_leaves_the_original():
    forecaster = ForecasterSpec(ResNet, PlainKit(), 2, 4, (1,)).build()
    double = in_dtype(forecaster, torch.float64)
    assert next(double.parameters()).dtype == torch.float64
    assert next(forecaster.parameters()).dtype == torch.float32
