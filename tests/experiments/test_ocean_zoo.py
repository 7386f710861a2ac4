"""The trained ocean zoo on its demo flow: exact as deployed, the oracles hold, cards say so.

The oracles are those of ``test_trained_zoo``.
"""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.demo import open_demo
from symdyn_core.datasets.quasi_geostrophic import preset_named
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance import equivariance_error
from symdyn_core.experiments import ocean_zoo
from symdyn_core.experiments.budgets import SMOKE
from symdyn_core.experiments.evaluation import evaluate
from symdyn_core.experiments.zoo_cards import exactness
from symdyn_core.experiments.zoo_making import Zoo
from symdyn_core.experiments.zoos import build_zoos
from symdyn_core.models import zoo
from symdyn_core.symmetries import Boost, Magnitude, Rotation, UniformMotion
from tests.conftest import mock_flow

PAST, STEPS, SAMPLES = 8, 10, 6
ELEMENTS = {UniformMotion(): (1.3, -0.7), Magnitude(): 2.7, Rotation(): 90.0}
NAMES = [model.name for model in ocean_zoo.members()]


@pytest.fixture(scope="module")
def flow():
    return open_demo("quasi_geostrophic")


@pytest.fixture(scope="module")
def windows(flow):
    return Windows(flow, PAST, STEPS, stride=15)


@pytest.mark.parametrize("symmetry", ELEMENTS, ids=lambda s: s.name)
@pytest.mark.parametrize("built_for", ["its own", "all"])
def test_trained_models_are_exact_in_float64_and_the_plain_one_is_not(
    flow, windows, symmetry, built_for
):
    window = windows.batch([0, 5]).w[:, :PAST].double()
    element, name = ELEMENTS[symmetry], symmetry.name if built_for == "its own" else "all"
    symmetry = symmetry.in_units_of(schema.rms(flow))
    for model, bound in ((name, 1e-10), ("plain", None)):
        forecaster = zoo.load(f"ocean-resnet-{model}").double()
        errors, _ = equivariance_error(forecaster, symmetry, element, window, windows.grid)
        assert errors.max() < bound if bound else errors.median() > 1e-3


@pytest.mark.parametrize("symmetry", [UniformMotion(), Rotation()], ids=lambda s: s.name)
def test_oracle_errors_on_the_moved_set_equal_the_originals(flow, windows, symmetry):
    moved = Transformed(windows, symmetry.in_units_of(schema.rms(flow)), seed=7)
    forecaster = zoo.load(f"ocean-resnet-{symmetry.name}")
    original = evaluate(forecaster, windows, samples=SAMPLES)
    transformed = evaluate(forecaster, moved, samples=SAMPLES)
    for metric in ("rmse", "ese"):
        assert float(transformed[metric]) == pytest.approx(float(original[metric]), rel=1e-4)
    plain = zoo.load("ocean-resnet-plain")
    control = float(evaluate(plain, moved, samples=SAMPLES)["rmse"])
    assert control > 1.02 * float(evaluate(plain, windows, samples=SAMPLES)["rmse"])


def test_oracle_errors_scale_with_the_magnitude(windows):
    """The pooled error is made of each window's own, times its factor."""
    moved = Transformed(windows, Magnitude(), seed=7)

    def errors(name, source):
        model = zoo.load(f"ocean-resnet-{name}")
        chosen = (Only(source, index) for index in range(SAMPLES))
        return np.array([float(evaluate(model, one)["rmse"]) for one in chosen])

    factors = np.array([moved.element(index) for index in range(SAMPLES)])
    assert factors.min() < 0.7 and factors.max() > 1.2, "factors near 1 would prove nothing"
    own = errors("magnitude", windows)
    assert np.allclose(errors("magnitude", moved), factors * own, rtol=1e-4)
    plain = errors("plain", windows)
    assert not np.allclose(errors("plain", moved), factors * plain, rtol=1e-2)


class Only:
    """One window of a source."""

    def __init__(self, source, index):
        self.source, self.index = source, index
        self.past, self.future, self.members = source.past, source.future, source.members
        self.grid, self.grids = source.grid, source.grids

    def __len__(self):
        return 1

    def start_of(self, index):
        return self.source.start_of(self.index)

    def batch(self, indices):
        return self.source.batch([self.index] * len(indices))


def test_every_trained_model_beats_persistence_on_data_like_its_training(windows):
    for name in NAMES:
        table = evaluate(zoo.load(name), windows, samples=3)
        assert float(table["rmse"]) < float(table["persistence_rmse"]), name


def test_cards_tell_the_oracles_another_ocean_and_what_is_exact():
    for name in NAMES:
        card = zoo.card(name)
        found, errors = card["metrics"], card["equivariance_errors"]
        own = {"all": ["uniform_motion", "magnitude", "rotation"]}.get(
            card["symmetry"], [card["symmetry"]]
        )
        for symmetry in ("uniform_motion", "magnitude", "rotation"):
            assert errors[symmetry] < 1e-12 if symmetry in own else errors[symmetry] > 1e-3
            if symmetry in own and symmetry != "magnitude":
                error = found[symmetry]["rmse"]
                assert error == pytest.approx(found["original"]["rmse"], rel=1e-4)
        assert "scaling" not in errors, "it interpolates"
        assert found["elsewhere"]["rmse"] < found["elsewhere"]["persistence_rmse"]
        other = card["dataset"]["further"]["elsewhere"]["fingerprint"]
        assert len(other) == 64 and other != card["dataset"]["fingerprint"]
        assert math.isfinite(found["original"]["ese"])


def test_the_other_ocean_differs_in_its_column_only():
    ocean = preset_named("small")
    other = ocean_zoo.elsewhere(ocean)
    assert other.column != ocean.column and other.members == 1
    assert replace(
        other, name=ocean.name, members=ocean.members, frames=ocean.frames, column=ocean.column
    ) == ocean  # fmt: skip
    # Both are unstable, as an ocean with eddies must be: the lower layer's gradient turns over.
    assert other.column.vorticity_gradient[1] < 0 and ocean.column.vorticity_gradient[1] < 0


def test_a_zoo_is_trained_tested_and_written_with_flows_from_elsewhere(tmp_path):
    """The road from a flow to a card, in seconds: two models, the same data for both."""
    flow = mock_flow(frames=100, ny=16, nx=16, members=2)
    other = mock_flow(frames=20, ny=16, nx=16, members=1, seed=3)
    settings = replace(SMOKE.settings, updates=2, updates_per_epoch=2, validation_windows=1)
    budget = replace(SMOKE, settings=settings)
    chosen = [m for m in ocean_zoo.members() if m.candidate.name in ("plain", "uniform_motion")]
    made = Zoo(flow, budget, 0, tmp_path / "runs", tmp_path / "zoo", {"elsewhere": other})
    plain, uniform = made.build(chosen)
    assert zoo.names(tmp_path / "zoo") == ["ocean-resnet-plain", "ocean-resnet-uniform_motion"]
    assert plain["dataset"] == uniform["dataset"]
    assert plain["training"]["settings"] == uniform["training"]["settings"]
    assert "elsewhere" in plain["metrics"]
    errors = [card["equivariance_errors"]["uniform_motion"] for card in (plain, uniform)]
    assert errors[1] < 1e-12 < 1e-3 < errors[0]
    # Weights and card belong together.
    stored = json.loads((tmp_path / "zoo" / "ocean-resnet-plain.json").read_text())
    assert stored == json.loads(json.dumps(plain))


def test_exactness_measures_what_acts_without_interpolation(windows):
    forecaster = zoo.load("ocean-resnet-uniform_motion")
    before = {name: value.clone() for name, value in forecaster.state_dict().items()}
    errors = exactness(forecaster, windows, 0.15)
    assert set(errors) == {"uniform_motion", "magnitude", "rotation", "reflection"}
    assert Boost().name not in errors
    # The model itself stays as it was, in its own precision.
    assert all(torch.equal(before[k], v) for k, v in forecaster.state_dict().items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"flow": "lava"}, "convection, ocean"),
        ({"only": ["ocean-unet-plain"]}, "Unknown model 'ocean-unet-plain'"),
        ({"flow": "convection", "only": ["ocean-resnet-plain"]}, "Unknown model"),
        ({"preset": "huge"}, "Unknown preset"),
    ],
)
def test_what_no_zoo_holds_is_refused_before_anything_is_made(
    tmp_path, monkeypatch, options, message
):
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=message):
        build_zoos(**options)
    assert not list(tmp_path.iterdir())
