"""Wrapped forecasters on cards, in training, and through everything that bare ones go."""

import copy
import json
from dataclasses import replace

import pytest
import torch

from symdyn_core.experiments.runs import TrainingRun, split_windows
from symdyn_core.layers import PlainKit, SteerableKit
from symdyn_core.models import (
    ForecasterSpec,
    Persistence,
    ResNet,
    parameter_count,
    zoo,
)
from symdyn_core.models.opening import open_run
from symdyn_core.models.wrappers import (
    DriftRate,
    InMeanFrame,
    InUnits,
    MeanFrame,
    Oriented,
    Units,
)
from symdyn_core.training import Settings
from tests.conftest import mock_flow
from tests.models.wrapped import BROKEN, GRID, PAST, flow, network


def test_a_wrapper_shows_what_it_wraps():
    bare, wrapped = network(), network((MeanFrame(drift=True), Units()))
    assert wrapped.past == bare.past and isinstance(wrapped.network, ResNet)
    assert parameter_count(wrapped) == parameter_count(bare)
    assert wrapped.receptive_radius == bare.network.receptive_radius
    assert wrapped.scale == bare.scale == pytest.approx(0.7)
    assert not hasattr(InMeanFrame(Persistence()), "scale")
    assert InMeanFrame(Persistence()).receptive_radius == 0
    copied = copy.deepcopy(wrapped).float()
    assert copied(flow().float()).dtype == torch.float32


def test_the_scale_of_the_data_matters_to_bare_networks_only():
    """A network in units sees flows of order one, and its unit is that of the loss alone."""
    for wrappers in ((Units(),), (MeanFrame(), Units(of="grid"))):
        forecaster = network(wrappers)
        before = forecaster(flow())
        forecaster.scale.fill_(5.0)
        assert torch.equal(forecaster(flow()), before) and forecaster.scale == 5
    for wrappers in ((), (MeanFrame(),)):
        forecaster = network(wrappers)
        before = forecaster(flow())
        forecaster.scale.fill_(5.0)
        assert not torch.allclose(forecaster(flow()), before, atol=BROKEN)


def test_networks_in_grid_units_see_flows_of_order_one():
    inside = network((Units(of="grid"),)).forecaster.scale
    assert inside == pytest.approx(0.7 * GRID.dt / GRID.dx)


WRAPPED = ForecasterSpec(
    ResNet,
    SteerableKit(order=4),
    PAST,
    1,
    (1,),
    scale=0.4,
    wrappers=(MeanFrame(drift=True), Units(), Oriented(mirrored=True)),
).on(GRID)


def test_specifications_with_wrappers_survive_json():
    values = json.loads(json.dumps(WRAPPED.to_json()))
    assert ForecasterSpec.from_json(values) == WRAPPED
    assert values["spacing"] == {"dx": 0.5, "dy": 0.5, "dt": 0.3}
    bare = ForecasterSpec(ResNet, PlainKit(), PAST, 1, (1,)).on(GRID).to_json()
    assert "wrappers" not in bare and "spacing" not in bare, "older cards say the same"
    assert ForecasterSpec.from_json(bare).wrappers == ()


@pytest.mark.parametrize(
    "entry, message",
    [
        ({"name": "lorentz_frame"}, "Unknown wrapper 'lorentz_frame'; known are mean_frame"),
        ({"name": "units", "of": "flow", "viscosity": 0.1}, "Units are those of the 'flow'"),
        ({"name": "units", "colour": 3}, "Not the specification"),
        ({"name": "mean_frame", "measured": True}, "none to measure"),
    ],
)
def test_unknown_wrappers_are_refused(entry, message):
    with pytest.raises(ValueError, match=message):
        ForecasterSpec.from_json(WRAPPED.to_json() | {"wrappers": [entry]})


def test_a_drift_needs_a_grid():
    spec = ForecasterSpec(ResNet, PlainKit(), PAST, 1, (1,), wrappers=(MeanFrame(drift=True),))
    with pytest.raises(ValueError, match=r"Give it one with `spec.on\(grid\)`"):
        spec.build()
    assert spec.fitted_to(20_000).width > 1, "a budget needs none"


def test_a_measured_drift_needs_no_grid():
    measured = (MeanFrame(drift=True, measured=True),)
    spec = ForecasterSpec(ResNet, PlainKit(), PAST, 1, (1,), wrappers=measured)
    assert spec.on(GRID) == spec
    assert spec.build().canonicalizer.drift.periodic == (False, False)
    wrapped = spec.with_periodic((True, True)).build()
    assert wrapped.canonicalizer.drift.periodic == (True, True)
    assert wrapped.at_scale(2.0) is None, "a plain network has no levels of scale"


def test_zoo_round_trip_on_another_grid(tmp_path):
    forecaster = WRAPPED.build(seed=2).eval()
    zoo.save_model("all", forecaster, WRAPPED, {}, tmp_path)
    window = flow().float()
    with torch.no_grad():
        again = zoo.load("all", folder=tmp_path, scale=9.0)
        assert torch.equal(again(window), forecaster(window))
        grid = GRID.with_(dx=0.25, dy=0.25, periodic_x=False, periodic_y=False)
        finer = zoo.load("all", folder=tmp_path, grid=grid)
        assert torch.equal(finer(window), forecaster.on(grid)(window))
        assert not torch.allclose(finer(window), forecaster(window), atol=BROKEN)


def test_mixed_precision_rounds_inside_the_network_only():
    forecaster = InMeanFrame(InUnits(Persistence(PAST)), DriftRate.of(GRID))
    window = flow().float()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(forecaster(window), forecaster(window.clone()))
        rounded = forecaster(window)
    assert rounded.dtype == torch.float32
    assert torch.equal(rounded, forecaster(window))


def test_wrapped_networks_train_and_are_found_again(tmp_path):
    spec = replace(WRAPPED, spacing=None, wrappers=(MeanFrame(drift=True), Units()))
    parts = mock_flow(frames=120, ny=12, nx=12, dx=0.5, dy=0.5, dt=0.3, periodic=True)
    split = split_windows(parts, PAST, 2)
    settings = Settings(updates=4, updates_per_epoch=2, batch=4, rollout_steps=2)
    run = TrainingRun(spec, split, settings, tmp_path)
    assert run.spec.spacing == WRAPPED.spacing, "taken from the data"
    before = copy.deepcopy(run.forecaster.state_dict())
    assert len(list(run.records())) == 2
    weights = run.forecaster.state_dict()
    assert any(not torch.equal(before[key], weights[key]) for key in weights)
    again = open_run(tmp_path)
    window = flow().float()
    with torch.no_grad():
        assert torch.allclose(again(window), run.forecaster.eval()(window), atol=1e-5)
    assert isinstance(again, InMeanFrame) and again.canonicalizer.drift.x == pytest.approx(0.6)
    other = open_run(tmp_path, grid=GRID.with_(dt=0.6), periodic=(True, True))
    assert other.canonicalizer.drift == DriftRate.of(GRID.with_(dt=0.6))
