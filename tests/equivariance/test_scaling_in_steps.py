"""Scaling where one step becomes a^2 steps: exact where it is a symmetry, else known by hand."""

import math

import pytest
import torch
from torch import nn

from symdyn_core.equivariance import NothingToMeasure, equivariance_error, sides
from symdyn_core.equivariance.curves import audit
from symdyn_core.equivariance.time_rescaling import frames_for, steps_of
from symdyn_core.grid import Grid
from symdyn_core.layers import PlainKit, ScaledKit
from symdyn_core.models import ForecasterSpec, Persistence, ResNet
from symdyn_core.symmetries import Rotation, Scaling
from tests.equivariance.flows import PERIODIC, Heat, Held, waves

ROOT = math.sqrt


class Damped(nn.Module):
    """Loses a tenth of its strength at each step."""

    past = 2
    receptive_radius = 0

    def forward(self, window):
        return 0.9 * window[:, -1]


class Linear(nn.Module):
    """Extrapolates linearly in time."""

    past = 3
    receptive_radius = 0

    def forward(self, window):
        return 2 * window[:, -1] - window[:, -2]


def test_elements_are_roots_of_whole_numbers_on_both_sides_of_one():
    assert Scaling().elements(3) == [1 / ROOT(2), 1.0, ROOT(2)]
    assert [round(a**2, 9) for a in Scaling().elements(9)] == [
        0.25, round(1 / 3, 9), 0.5, 1.0, 2.0, 3.0, 4.0
    ]  # fmt: skip
    assert [steps_of(Scaling(), a) for a in Scaling().elements(7)] == [4, 3, 2, None, 2, 3, 4]
    assert steps_of(Scaling(), 0.7) is None and steps_of(Rotation(), 2.0) is None


def test_frames_needed_grow_with_the_square_of_the_factor():
    needed = {a: frames_for(Linear(), Scaling(), a) for a in (0.5, ROOT(2), ROOT(3), 2.0, 1.1)}
    assert list(needed.values()) == [3, 5, 7, 9, 3]
    with pytest.raises(NothingToMeasure, match="needs 9 past frames, got 8"):
        equivariance_error(Linear(), Scaling(), 2.0, waves(frames=8), PERIODIC)


@pytest.mark.parametrize("factor", [2.0, ROOT(2), ROOT(3), 0.5, 1 / ROOT(2)])
def test_the_heat_equation_scales(factor):
    """exp(-k^2) for every step: (2 k)^2 in one step is k^2 in four."""
    errors, share = equivariance_error(
        Heat(), Scaling(), factor, waves(frames=1 + 4), PERIODIC, margin=8
    )
    # A box that does not repeat after scaling leaves Gaussian tails at its edges.
    assert errors.max() < (1e-10 if factor == 2 else 3e-2) and share > 0


def test_diffusion_that_does_not_scale_is_found():
    class TooFast(Heat):
        """Decays like k instead of k^2."""

        def forward(self, window):
            w_hat = torch.fft.rfft2(window[:, -1])
            k = torch.fft.rfftfreq(w_hat.shape[-2], 1 / w_hat.shape[-2])
            return torch.fft.irfft2(w_hat * torch.exp(-0.1 * k), s=window.shape[-2:])

    errors, _ = equivariance_error(TooFast(), Scaling(), 2.0, waves(frames=4), PERIODIC)
    assert errors.min() > 0.05


@pytest.mark.parametrize(
    "factor, steps", [(ROOT(2), 2), (ROOT(3), 3), (2.0, 4), (1 / ROOT(2), 2), (0.5, 4)]
)
def test_damping_errs_by_the_steps_that_are_missing(factor, steps):
    """a > 1: |0.9 - 0.9^n| / 0.9^n; a < 1: |0.9^n - 0.9| / 0.9."""
    errors, _ = equivariance_error(Damped(), Scaling(), factor, waves(frames=5), PERIODIC, margin=0)
    ratio = 0.9**steps / 0.9
    expected = abs(1 - 1 / ratio) if factor > 1 else abs(ratio - 1)
    assert torch.allclose(errors, torch.full_like(errors, expected), atol=1e-9)


@pytest.mark.parametrize("factor", Scaling().elements(7))
def test_flows_linear_in_time_are_extrapolated_alike(factor):
    if factor == 1:
        return
    t = torch.arange(9).double().view(1, 9, 1, 1, 1)
    window = waves(batch=2, frames=1) * (1 + 0.1 * t)
    errors, _ = equivariance_error(Linear(), Scaling(), factor, window, PERIODIC, margin=0)
    assert errors.max() < 1e-10
    errors, _ = equivariance_error(Persistence(3), Scaling(), factor, window, PERIODIC, margin=0)
    assert errors.max() < 1e-10


def test_frames_between_stored_ones_are_interpolated_and_that_shows_in_coarse_data():
    t = torch.arange(9).double()

    def middle(frequency, factor):
        """Ratio of the last frame but one of T_a w to its last, and what it should be."""
        strength = 2 + torch.sin(frequency * t)
        window = waves(batch=1, frames=1) * strength.view(1, 9, 1, 1, 1)
        both = sides(Persistence(3), Scaling(), factor, window, PERIODIC, margin=0)
        ratio = both.transformed[0, -2].norm() / both.transformed[0, -1].norm()
        true = 2 + math.sin(frequency * (8 - factor**2))
        return abs(ratio.item() - true / strength[-1].item())

    assert middle(0.1, 1 / ROOT(2)) < 1e-8
    assert middle(2.5, 1 / ROOT(2)) > 1e-2
    assert middle(2.5, ROOT(2)) < 1e-12  # made of stored frames


def test_windows_of_an_audit_may_be_longer_than_the_forecaster_sees():
    rows = audit(
        Linear(), Held(waves(frames=5)), symmetries=[Scaling(), Rotation()], elements=9,
        dtype=torch.float64,
    )  # fmt: skip
    factors = [row.element for row in rows if row.symmetry == "scaling"]
    # Factors of more than sqrt(2) need seven frames and more: they have no row.
    assert max(factors) == ROOT(2) and min(factors) == 0.5
    assert any(row.symmetry == "rotation" for row in rows)


def test_networks_with_levels_of_scale_are_read_at_another_scale():
    class TwoSpeeds(nn.Module):
        """0.9 at one step; read at the scale sqrt(n) it pretends to lose 0.9 once, too."""

        receptive_radius = 0

        def __init__(self, past=2):
            super().__init__()
            self.past = past

        def at_scale(self, factor):
            return TwoSpeeds(round(factor**2) * (self.past - 1) + 1)

        def forward(self, window):
            return 0.9 * window[:, -1]

    errors, _ = equivariance_error(
        TwoSpeeds(), Scaling(), ROOT(2), waves(frames=5), PERIODIC, margin=0
    )
    assert errors.max() < 1e-12
    assert frames_for(TwoSpeeds(), Scaling(), ROOT(3)) == 4
    assert frames_for(TwoSpeeds(), Scaling(), 0.5) == 2


@pytest.mark.parametrize("factor", [1 / ROOT(2), ROOT(2), 2.0])
def test_the_scaling_kit_is_far_below_the_plain_one_on_both_sides_of_one(factor):
    t = 0.1 * torch.arange(13).double().view(1, 13, 1, 1, 1)
    a, b = waves(batch=2, frames=2, cells=48, highest=3).split(1, dim=1)
    grid = Grid(48, 48, periodic_x=True, periodic_y=True)

    def error(kit):
        forecaster = ForecasterSpec(ResNet, kit, 4, 2, (1,), "velocity").build().double()
        window = a * torch.cos(t) + b * torch.sin(t)
        return equivariance_error(forecaster, Scaling(), factor, window, grid)[0].max()

    assert error(ScaledKit((True, True))) < 0.05 * error(PlainKit((True, True)))


def test_open_patches_keep_a_middle_to_measure():
    grid = Grid(32, 32)
    for factor in (2.0, ROOT(2), 0.5):
        _, share = equivariance_error(Damped(), Scaling(), factor, waves(frames=5), grid)
        assert share > 0
