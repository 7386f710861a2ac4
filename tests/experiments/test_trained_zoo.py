"""The trained zoo on the demo flow: exactly equivariant as deployed, and the oracles hold.

The oracles need no published number (methods: an exactly equivariant model, the target
transformed like the input): on the uniform-motion and quarter-turn sets errors equal those of the
original set, on the magnitude set each sample's error is its factor times the original.
"""

import math

import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.demo import open_demo
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance import equivariance_error
from symdyn_core.experiments.evaluation import evaluate
from symdyn_core.models import rollout, zoo
from symdyn_core.symmetries import Magnitude, Rotation, Translation, UniformMotion

PAST, STEPS, SAMPLES = 8, 10, 6
SYMMETRIES = (UniformMotion(), Magnitude(), Rotation())
ELEMENTS = {"uniform_motion": (1.3, -0.7), "magnitude": 2.7, "rotation": 90.0}


@pytest.fixture(scope="module")
def flow():
    return open_demo()


@pytest.fixture(scope="module")
def windows(flow):
    return Windows(flow, PAST, STEPS, stride=29)


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=lambda s: s.name)
def test_trained_models_are_exact_in_float64_and_the_plain_one_is_not(flow, windows, symmetry):
    window = windows.batch([0, 5, 9]).w[:, :PAST].double()
    symmetry = symmetry.in_units_of(schema.rms(flow))
    for name, bound in ((symmetry.name, 1e-10), ("plain", None)):
        forecaster = zoo.load(f"rbc-resnet-{name}").double()
        element = ELEMENTS[symmetry.name]
        errors, _ = equivariance_error(forecaster, symmetry, element, window, windows.grid)
        assert errors.max() < bound if bound else errors.median() > 1e-3


@pytest.mark.parametrize("kit", ["plain", "uniform_motion", "magnitude", "rotation"])
def test_trained_models_commute_with_cyclic_shifts_on_periodic_grids(windows, kit):
    grid = windows.grid.with_(periodic_x=True, periodic_y=True)
    window = windows.batch([3]).w[:, :PAST].double()
    periodic = zoo.load(f"rbc-resnet-{kit}", periodic=(True, True)).double()
    errors, _ = equivariance_error(periodic, Translation(), (11.0, -5.0), window, grid)
    assert errors.max() < 1e-10
    replicating = zoo.load(f"rbc-resnet-{kit}").double()
    errors, _ = equivariance_error(replicating, Translation(), (11.0, -5.0), window, grid)
    assert errors.max() > 1e-3


@pytest.mark.parametrize("symmetry", [UniformMotion(), Rotation()], ids=lambda s: s.name)
def test_oracle_errors_on_the_transformed_set_equal_the_originals(flow, windows, symmetry):
    moved = Transformed(windows, symmetry.in_units_of(schema.rms(flow)), seed=7)
    forecaster = zoo.load(f"rbc-resnet-{symmetry.name}")
    original = evaluate(forecaster, windows, samples=SAMPLES)
    transformed = evaluate(forecaster, moved, samples=SAMPLES)
    for metric in ("rmse", "ese"):
        assert float(transformed[metric]) == pytest.approx(float(original[metric]), rel=1e-4)
    plain = zoo.load("rbc-resnet-plain")
    control = float(evaluate(plain, moved, samples=SAMPLES)["rmse"])
    assert control > 1.05 * float(evaluate(plain, windows, samples=SAMPLES)["rmse"])


def test_oracle_errors_scale_with_the_magnitude(windows):
    moved = Transformed(windows, Magnitude(), seed=7)
    forecaster = zoo.load("rbc-resnet-magnitude")

    def squared_errors(source):
        window, truth, _ = source.batch(range(SAMPLES)).split(PAST)
        with torch.no_grad():
            forecast = rollout(forecaster, window, STEPS)
        return (forecast - truth).double().square().mean(dim=(1, 2, 3, 4))

    factors = torch.tensor([moved.element(index) for index in range(SAMPLES)]).double()
    original, transformed = squared_errors(windows), squared_errors(moved)
    assert torch.allclose(transformed.sqrt(), factors * original.sqrt(), rtol=1e-4)
    assert factors.min() < 0.7 and factors.max() > 1.2, "factors near 1 would prove nothing"
    # The spectral error compares logarithms, so a factor cancels.
    first = float(evaluate(forecaster, windows, samples=SAMPLES)["ese"])
    assert float(evaluate(forecaster, moved, samples=SAMPLES)["ese"]) == pytest.approx(
        first, rel=1e-4
    )


def test_random_magnitudes_raise_the_pooled_error_by_the_root_of_four_thirds():
    generator = torch.Generator().manual_seed(0)
    factors = [Magnitude().random_element(generator) for _ in range(20_000)]
    pooled = math.sqrt(sum(a * a for a in factors) / len(factors))
    assert pooled == pytest.approx(math.sqrt(4 / 3), rel=0.01)


def test_every_trained_model_beats_persistence_on_data_like_its_training(windows):
    assert len(zoo.names()) >= 4
    for name in zoo.names():
        table = evaluate(zoo.load(name), windows, samples=SAMPLES)
        assert float(table["rmse"]) < float(table["persistence_rmse"]), name


def test_cards_say_how_the_models_were_made(flow):
    assert len(zoo.names()) >= 4
    for name in zoo.names():
        card = zoo.card(name)
        assert card["training"]["updates"] > 0 and card["training"]["seconds"] > 0
        assert card["hardware"]["processor"] and len(card["dataset"]["fingerprint"]) == 64
        sets = {"original", "uniform_motion", "magnitude", "rotation"}
        assert sets <= card["metrics"].keys()
    counts = [zoo.card(name)["parameters"] for name in zoo.names()]
    assert max(counts) / min(counts) < 1.1, "budgets differ"
