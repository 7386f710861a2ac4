"""Wrappers make any forecaster equivariant, exactly; the bare network, biases included, is not."""

import pytest
import torch
from torch import nn

from symdyn_core.grid import Grid
from symdyn_core.layers import DihedralKit, PlainKit, SteerableKit
from symdyn_core.models import (
    ARCHITECTURES,
    Persistence,
    rollout,
)
from symdyn_core.models.wrappers import (
    DriftRate,
    InMeanFrame,
    InUnits,
    MeanFrame,
    Oriented,
    QuarterTurnMean,
    Units,
)
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Scaling,
    Translation,
    UniformMotion,
)
from tests.models.wrapped import BROKEN, EXACT, GRID, PAST, error, flow, network

CASES = [
    ((MeanFrame(),), UniformMotion(), (1.7, -0.6)),
    ((MeanFrame(drift=True),), Boost(), (0.37, -0.81)),
    ((Units(),), Magnitude(), 3.7),
    ((Units(),), Magnitude(), 1e-30),
    ((Units(),), Magnitude(), 1e30),
    ((QuarterTurnMean(),), Rotation(), 90.0),
    ((QuarterTurnMean(mirrored=True),), Reflection(), (270.0, 1.0)),
    ((Oriented(),), Rotation(), 180.0),
    ((Oriented(),), Rotation(), 270.0),
    ((Oriented(mirrored=True),), Reflection(), (90.0, 1.0)),
]
"""Wrappers, and an element that they, and no bare network, must commute with."""


@pytest.mark.parametrize("wrappers, symmetry, element", CASES)
def test_a_wrapper_is_exact_and_the_bare_network_is_not(wrappers, symmetry, element):
    assert error(network(wrappers), symmetry, element) < EXACT
    assert error(network(), symmetry, element) > BROKEN
    single = network(wrappers, dtype=torch.float32)
    assert error(single, symmetry, element, flow().float()) < 1e-5


@pytest.mark.parametrize("side", [11, 12])
def test_boosts_by_fractions_of_cells_are_exact_for_every_field(side):
    grid = GRID.with_(ny=side, nx=side + 1)
    for boost in ((0.37, -0.81), (25.0, 3.3)):
        assert error(network((MeanFrame(drift=True),)), Boost(), boost, grid=grid) < EXACT


def test_boost_and_bare_shift_are_two_symmetries():
    assert error(network((MeanFrame(drift=True),)), UniformMotion(), (0.6, 0.3)) > BROKEN
    assert error(network((MeanFrame(),)), Boost(), (0.6, 0.3)) > BROKEN


def test_on_open_axes_boosts_are_as_good_as_what_is_known_of_the_flow():
    """Inside, a smooth flow is interpolated; at the edge nobody knows what enters."""
    grid = Grid(24, 24, dt=0.5)
    y, x = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
    waves = [torch.sin(0.35 * x + 0.2 * y + t) for t in (0.0, 0.4, 0.8)]
    window = torch.stack([torch.stack((w, w.flip(0))) for w in waves])[None].double()
    persisting = InMeanFrame(Persistence(PAST), DriftRate.of(grid))
    moved, _ = Boost().act_on_field((0.9, 0.4), window, grid)
    both = torch.cat((window, persisting(window)[:, None]), 1)
    expected, _ = Boost().act_on_field((0.9, 0.4), both, grid, lead=1)
    difference = (persisting(moved) - expected[:, -1])[..., 6:-6, 6:-6].abs().max()
    assert difference < 1e-3
    assert (Persistence(PAST)(moved) - expected[:, -1]).abs().max() > 0.1


def test_all_symmetries_at_once():
    """Around a network of turns: boosts, turns, shifts and strength of one and the same network."""
    for architecture in ARCHITECTURES:
        kit = SteerableKit(periodic=(True, True))
        together = network((MeanFrame(drift=True), Units()), kit, architecture)
        bare = network((), kit, architecture)
        shift = (4.0, -8.0)  # whole coarse cells of the U-Net
        assert (
            error(together, Boost(), (0.37, -0.81))
            < EXACT
            < BROKEN
            < error(bare, Boost(), (0.37, -0.81))
        )
        assert error(together, Rotation(), 90.0) < EXACT
        assert error(together, Translation(), shift) < EXACT
        for factor in (1e-6, 3.0):
            moved = together.on(Scaling().co_scaled_grid(factor, GRID))
            ratio = moved(factor * flow()) / factor
            assert torch.allclose(ratio, together(flow()), atol=EXACT)
        plain = network((MeanFrame(drift=True), Units()), architecture=architecture)
        assert error(plain, Rotation(), 90.0) > BROKEN


def test_all_symmetries_of_the_paper_at_once():
    together = network((MeanFrame(), Units()), SteerableKit(periodic=(True, True)))
    for symmetry, element in (
        (UniformMotion(), (1.7, -0.6)),
        (Magnitude(), 3.7),
        (Rotation(), 90.0),
        (Translation(), (5.0, 2.0)),
    ):
        assert error(together, symmetry, element) < EXACT


def test_on_one_grid_magnitude_and_a_drift_by_the_mean_velocity_exclude_each_other():
    """Together they would be the symmetry under any drift with any uniform velocity. Without mean
    motion they are compatible, and so they are if the grid is read anew (above)."""
    together = network((MeanFrame(drift=True), Units()))
    still = flow() - flow().mean((-2, -1), keepdim=True)
    assert error(together, Magnitude(), 2.0, still) < EXACT
    assert error(together, Magnitude(), 2.0) > BROKEN


def test_with_a_measured_drift_all_of_them_hold_on_one_grid():
    for architecture in ARCHITECTURES:
        kit = DihedralKit(periodic=(True, True), order=4)
        together = network((MeanFrame(drift=True, measured=True), Units()), kit, architecture)
        bare = network((), kit, architecture)
        for symmetry, element in (
            (Boost(), (0.37, -0.81)),
            (UniformMotion(), (1.7, -0.6)),
            (Magnitude(), 1e-6),
        ):
            assert error(together, symmetry, element) < EXACT
            assert error(bare, symmetry, element) > BROKEN
        for symmetry, element in (
            (Rotation(), 270.0),
            (Reflection(), (90.0, 1.0)),
            (Translation(), (4.0, -8.0)),
        ):
            assert error(together, symmetry, element) < EXACT


@pytest.mark.parametrize("viscosity", [None, 0.02])
def test_grid_units_make_scaling_exact_for_every_factor(viscosity):
    forecaster = network((Units(of="grid", viscosity=viscosity),))
    wrapped = InMeanFrame(forecaster, DriftRate.of(GRID))
    for f in (forecaster, wrapped):
        for factor in (1e-30, 0.3, 2.0**0.5, 7.0, 1e30):
            grid = Scaling().co_scaled_grid(factor, GRID)
            assert torch.allclose(f.on(grid)(factor * flow()) / factor, f(flow()), atol=EXACT)
        # Controls: on the old grid, and without units.
        assert (f(2 * flow()) / 2 - f(flow())).abs().max() > BROKEN
    bare = network()
    assert (bare(2 * flow()) / 2 - bare(flow())).abs().max() > BROKEN


def test_reading_another_grid_leaves_the_original_alone():
    forecaster = network((MeanFrame(drift=True), Units(of="grid")))
    before = forecaster(flow())
    other = forecaster.on(GRID.with_(dt=0.9))
    assert not torch.allclose(other(flow()), before, atol=BROKEN)
    assert torch.equal(forecaster(flow()), before)


def test_rest_stays_at_rest_and_has_a_gradient():
    for wrappers in ((Units(),), (MeanFrame(drift=True), Units())):
        forecaster = network(wrappers)
        rest = torch.zeros_like(flow()).requires_grad_()
        forecast = forecaster(rest)
        assert not forecast.any()
        (gradient,) = torch.autograd.grad(forecast.sum(), rest)
        assert gradient.isfinite().all()
    assert network()(torch.zeros_like(flow())).any()


@pytest.mark.parametrize(
    "wrappers, strength",
    [
        ((MeanFrame(drift=True), Units()), 1e-30),
        ((MeanFrame(drift=True), Units()), 1.0),
        # A drift of more cells a step than the domain has has no gradient worth the name.
        ((MeanFrame(), Units()), 1e30),
        ((Oriented(), Units()), 1e-30),
        ((Oriented(), Units()), 1e30),
    ],
)
def test_gradients_are_finite_in_single_precision(wrappers, strength):
    forecaster = network(wrappers, dtype=torch.float32)
    window = (strength * flow()).float().requires_grad_()
    rollout(forecaster, window, 3).div(strength).square().mean().backward()
    gradients = [window.grad, *(p.grad for p in forecaster.parameters())]
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)


def test_gradients_are_those_of_the_function():
    class Square(nn.Module):
        past = 2

        def forward(self, window):
            return window[:, 1] + 0.3 * window[:, 0].square()

    window = flow(2, GRID.with_(ny=3, nx=4), batch=1).requires_grad_()
    mixed = [DriftRate(0.7, 0.4, (True, False)), DriftRate(0.7, 0.4, (False, True))]
    for drift in mixed:
        assert torch.autograd.gradcheck(InMeanFrame(InUnits(Square()), drift), window)


def test_rollouts_stay_equivariant():
    """Ten steps; a boost by whole cells a step, for a network sees only whole cells alike."""
    kit = SteerableKit(periodic=(True, True))
    forecaster = network((MeanFrame(drift=True), Units()), kit)
    cells = GRID.dx / GRID.dt
    for symmetry, element in ((Boost(), (2 * cells, -cells)), (Rotation(), 90.0)):
        assert rollout_error(forecaster, symmetry, element) < EXACT
        assert rollout_error(network(kit=PlainKit()), symmetry, element) > BROKEN
    persisting = InMeanFrame(Persistence(PAST), DriftRate.of(GRID))
    assert rollout_error(persisting, Boost(), (0.37, -0.81)) < EXACT
    paper = network((MeanFrame(), Units()), kit)
    for symmetry, element in ((UniformMotion(), (1.7, -0.6)), (Magnitude(), 1e-6)):
        assert rollout_error(paper, symmetry, element) < EXACT


def rollout_error(forecaster, symmetry, element, steps=10):
    with torch.no_grad():
        moved, _ = symmetry.act_on_field(element, flow(), GRID)
        forecasts = rollout(forecaster, moved, steps)
        joined = torch.cat((flow(), rollout(forecaster, flow(), steps)), 1)
        expected, _ = symmetry.act_on_field(element, joined, GRID, lead=steps)
    expected = expected[:, -steps:]
    return ((forecasts - expected).norm() / expected.norm()).item()


def test_persistence_in_the_mean_frame_advects_the_frozen_flow():
    x = torch.arange(12.0, dtype=torch.float64)
    wave = torch.sin(2 * torch.pi * x / 12).expand(12, 12)
    window = torch.stack((0 * wave + 0.8, wave + 0.3))[None, None]
    forecast = InMeanFrame(Persistence(), DriftRate.of(GRID))(window)
    carried = torch.sin(2 * torch.pi * (x - 0.8 * GRID.dt / GRID.dx) / 12)
    assert torch.allclose(forecast[0, 1], carried.expand(12, 12) + 0.3, atol=EXACT)
    assert error(InMeanFrame(Persistence(), DriftRate.of(GRID)), Boost(), (0.3, 0.2)) < EXACT
    assert error(Persistence(), Boost(), (0.3, 0.2)) > BROKEN


def test_numbers_that_are_none_are_no_flow_at_rest():
    window = flow(batch=2)
    window[0, 0, 0, 3, 4] = float("nan")
    unit = InUnits(Persistence(PAST))  # looks at the last frame only
    assert unit(window)[0].isnan().all()
    assert torch.equal(unit(window)[1], unit(window[1:])[0])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_units_keep_the_precision_of_the_window(dtype):
    low, full = network((Units(),), dtype=dtype), network((Units(),))
    forecast = low(flow().to(dtype))
    assert forecast.dtype == dtype
    assert (forecast.double() - full(flow())).norm() < 0.02 * full(flow()).norm()


@pytest.mark.parametrize("wrappers", [(MeanFrame(drift=True),), (Units(),), (Oriented(),)])
def test_windows_of_another_shape_are_refused(wrappers):
    with pytest.raises(ValueError, match=r"Expected a window \(batch, past=3, component=2, y, x\)"):
        network(wrappers)(flow()[:, :, :1])
