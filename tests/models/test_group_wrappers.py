"""Means over a group, poses, and wrapped forecasters read at another scale."""

import pytest
import torch
from torch import nn

from symdyn_core.models import (
    Persistence,
    parameter_count,
)
from symdyn_core.models.wrappers import (
    Averaged,
    Canonicalized,
    DriftRate,
    InMeanFrame,
    InUnits,
    Orientation,
)
from symdyn_core.symmetries import (
    Magnitude,
    Reflection,
    Rotation,
    Scaling,
    Translation,
)
from tests.models.wrapped import BROKEN, EXACT, GRID, PAST, Counting, Levels, error, flow, network


def test_a_mean_over_a_group_takes_one_batch_for_each_shape():
    forecaster = Counting()
    averaged = Averaged(forecaster, Rotation())
    assert error(averaged, Rotation(), 90.0) < EXACT < BROKEN < error(Counting(), Rotation(), 90.0)
    assert forecaster.calls == 2
    wide = GRID.with_(nx=10)
    assert error(averaged, Rotation(), 90.0, grid=wide) < EXACT
    assert error(averaged, Rotation(), 180.0, grid=wide) < EXACT
    assert forecaster.calls == 2 + 4 + 4


def test_a_mean_over_cyclic_shifts():
    elements = [(6.0 * i, 4.0 * j) for i in range(2) for j in range(3)]
    averaged = Averaged(Counting(), Translation(), elements, GRID)
    assert error(averaged, Translation(), (6.0, 8.0)) < EXACT
    assert error(averaged, Translation(), (3.0, 0.0)) > BROKEN
    assert error(Counting(), Translation(), (6.0, 8.0)) > BROKEN


@pytest.mark.parametrize(
    "symmetry, elements, grid, message",
    [
        (Rotation(), [0.0, 90.0], None, "form no group: 180.0 is missing"),
        (Rotation(), [90.0], None, "form no group"),
        (Rotation(), [], None, "not even the identity"),
        (Rotation(), [0.0, 45.0], None, "without interpolation, got 45.0"),
        (Reflection(), [(0.0, 0.0), (90.0, 1.0), (0.0, 1.0)], None, "form no group"),
        (Translation(), [(0.0, 0.0), (5.0, 0.0)], GRID, "form no group"),
        (Translation(), [(0.0, 0.0), (6.0, 0.0)], None, "without interpolation"),
        (Magnitude(), [1.0, 2.0], None, "form no group"),
        (Magnitude(), None, None, "Say over which elements of magnitude"),
    ],
)
def test_what_is_no_group_is_refused(symmetry, elements, grid, message):
    with pytest.raises(ValueError, match=message):
        Averaged(Counting(), symmetry, elements, grid)


def test_elements_listed_twice_count_once():
    assert Averaged(Counting(), Rotation(), Rotation().elements(5)).elements == [
        360.0, 90.0, 180.0, 270.0,
    ]  # fmt: skip


@pytest.mark.parametrize("mirrored", [False, True])
def test_every_pose_has_the_flux_in_the_canonical_sector(mirrored):
    orientation = Orientation(mirrored)
    for seed in range(4):
        window = flow(batch=16, mean=0.0, seed=seed)
        canonical, pose = orientation.canonical(window)
        now = canonical[:, -1]
        east, north = (now.square().sum(1, keepdim=True) * now).mean((-2, -1)).unbind(1)
        assert (east >= north.abs()).all()
        assert not mirrored or (north >= 0).all()
        assert torch.equal(orientation.restored(canonical[:, -1], pose), window[:, -1])


def test_a_pose_needs_squares_and_rest_has_the_identity():
    with pytest.raises(ValueError, match="square windows, got 12 x 10"):
        Orientation().canonical(flow(grid=GRID.with_(nx=10)))
    rest = torch.zeros_like(flow())
    for mask in Orientation(mirrored=True).canonical(rest)[1]:
        assert not mask.any()


class LearnedStrength(nn.Module):
    """A learned canonicalizer: the strength of the flow as a weighted mean over frames."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(PAST, dtype=torch.float64))

    def canonical(self, window):
        strength = window.square().mean((-3, -2, -1)).sqrt() @ self.logits.softmax(0)
        return window / strength[:, None, None, None, None], strength

    def restored(self, forecast, pose):
        return forecast * pose[:, None, None, None]


def test_a_learned_canonicalizer_is_an_object_with_two_methods():
    forecaster = Canonicalized(network(), LearnedStrength())
    assert error(forecaster, Magnitude(), 3.7) < EXACT
    forecaster(flow()).square().mean().backward()
    assert forecaster.canonicalizer.logits.grad.any()
    assert parameter_count(forecaster) == parameter_count(network()) + PAST
    assert forecaster.on(GRID.with_(dt=2.0)).at_scale(2.0) is None


@pytest.mark.parametrize("wrap", [
    lambda p: InUnits(p),
    lambda p: InUnits(p, GRID),
    lambda p: InMeanFrame(p),
    lambda p: InMeanFrame(InUnits(p), DriftRate.of(GRID)),
    lambda p: Averaged(p, Rotation()),
    lambda p: Canonicalized(p, Orientation()),
])  # fmt: skip
def test_a_wrapped_forecaster_is_read_at_another_scale(wrap):
    """f(T_2 w) = T_2 f_2(w), and f_2 is not f."""
    forecaster = wrap(Levels())
    other = forecaster.at_scale(2)
    assert other.past == 5
    waves = flow(5)
    hat = torch.fft.fft2(waves)
    low = torch.fft.fftfreq(12).mul(12).abs() <= 1
    window = torch.fft.ifft2(hat * low[:, None] * low).real
    scaled, _ = Scaling().act_on_field(2.0, window, GRID)
    forecast = other(window)
    expected, _ = Scaling().act_on_field(2.0, forecast[:, None], GRID)
    assert torch.allclose(forecaster(scaled[:, -2:]), expected[:, 0], atol=EXACT)
    wrong, _ = Scaling().act_on_field(2.0, forecaster(window[:, -2:])[:, None], GRID)
    assert not torch.allclose(forecaster(scaled[:, -2:]), wrong[:, 0], atol=BROKEN)


def test_what_has_no_levels_of_scale_stays_without():
    for wrapped in (InUnits(Persistence()), InMeanFrame(Counting())):
        assert wrapped.at_scale(2.0) is None
    shifts = Averaged(Levels(), Translation(), [(0.0, 0.0)], GRID)
    assert shifts.at_scale(2.0) is None
    assert InUnits(Levels()).at_scale(1.1) is None, "no whole number of steps"
