"""Evaluation agrees with the metrics, and obeys the oracles of equivariance."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from symdyn_core import metrics
from symdyn_core.datasets.windows import Transformed, Windows
from symdyn_core.experiments.evaluation import evaluate, evaluate_on_all
from symdyn_core.models.baselines import Persistence
from symdyn_core.models.forecaster import rollout
from symdyn_core.symmetries import Magnitude, Rotation, UniformMotion
from tests.conftest import mock_flow

STEPS = 3


class Trend:
    """The change of the last step goes on by half: linear, pointwise, equivariant to all."""

    past = 2

    def __call__(self, window):
        return window[:, -1] + 0.5 * (window[:, -1] - window[:, -2])


class Decay:
    """Everything comes to rest and turns clockwise: equivariant to magnitude only."""

    past = 2

    def __call__(self, window):
        u, v = window[:, -1].unbind(1)
        return torch.stack((0.9 * u + 0.2, 0.5 * v), dim=1)


def windows(**kwargs) -> Windows:
    flow = mock_flow(**{"ny": 16, "nx": 16, "frames": 10, "dtype": torch.float64, **kwargs})
    return Windows(flow, past=2, future=STEPS, dtype=torch.float64)


def test_a_table_says_what_the_metrics_say():
    data = windows(members=2, land=True)
    table = evaluate(Trend(), data, batch_size=5)
    w, water, _ = data.batch(range(len(data)))
    forecast = rollout(Trend(), w[:, :2], STEPS)
    assert table.rmse.item() == pytest.approx(metrics.rmse(forecast, w[:, 2:], water))
    by_lead = metrics.rmse_by_lead(forecast, w[:, 2:], water)
    assert np.allclose(table.rmse_by_lead, by_lead)
    assert not np.allclose(table.rmse_by_lead, metrics.rmse_by_lead(forecast, w[:, 2:]))
    assert np.allclose(table.correlation, metrics.correlation(forecast, w[:, 2:], water))
    ratio = metrics.normalised_rmse(forecast, w[:, 2:], w[:, 1], water)
    assert np.allclose(table.rmse_by_lead / table.persistence_rmse_by_lead, ratio)
    assert table.numbers.values.tolist() == [len(data) * 2 * 192] * STEPS
    assert table.attrs["windows"] == len(data)


def test_the_batch_size_does_not_matter_and_the_steps_do():
    data = windows()
    one, all_at_once = evaluate(Trend(), data, batch_size=1), evaluate(Trend(), data)
    for name in one:
        assert np.allclose(one[name], all_at_once[name], rtol=1e-12)
    assert evaluate(Trend(), data, 2).rmse < one.rmse
    assert evaluate(Trend(), data, samples=3).attrs["windows"] == 3


def test_persistence_is_as_good_as_persistence():
    table = evaluate(Persistence(), windows())
    assert table.rmse == table.persistence_rmse
    assert math.isinf(table.ese.item())  # a forecast at rest has no fluctuations at all
    assert evaluate(Trend(), windows()).rmse != table.persistence_rmse


def test_labels_follow_the_flow():
    flow = mock_flow(dt=0.5)
    data = Windows(flow, past=2, future=STEPS)
    table = evaluate(Trend(), data, units={"velocity_unit": "m s-1", "time_unit": "s"})
    assert table.rmse.attrs["units"] == "m s-1"
    assert table.energy_spectrum.attrs["units"] == "(m s-1)2"
    assert table.lead_time.values.tolist() == [0.5, 1.0, 1.5]
    assert table.lead_time.attrs["units"] == "s"
    assert all("long_name" in table[name].attrs for name in table.variables)
    assert evaluate(Trend(), data).rmse.attrs["units"] == "1"


@pytest.mark.parametrize("land", [False, True])
def test_oracles_of_an_equivariant_forecaster(land):
    data = windows(land=land)
    table = evaluate_on_all(
        {"trend": Trend(), "decay": Decay()}, data, [UniformMotion(), Magnitude(), Rotation()],
        seed=3, velocity_unit=2.0,
    )  # fmt: skip
    trend, decay = table.sel(model="trend"), table.sel(model="decay")
    for name in ("uniform_motion", "rotation"):
        for metric in ("rmse", "ese", "ese_of_mean_spectra"):
            moved, original = (
                trend[metric].sel(test_set=name),
                trend[metric].sel(test_set="original"),
            )
            assert moved.item() == pytest.approx(original.item(), rel=1e-9)
    moved, original = decay.rmse.sel(test_set="uniform_motion"), decay.rmse.sel(test_set="original")
    assert moved > 1.05 * original
    turned = trend.energy_spectrum.sel(test_set=["rotation", "original"])
    assert np.allclose(turned[0], turned[1], rtol=1e-9)


def test_oracle_of_magnitude():
    data = windows()
    table = evaluate_on_all({"trend": Trend()}, data, [Magnitude()], seed=3).squeeze("model")
    w = data.batch(range(len(data))).w
    error = rollout(Trend(), w[:, :2], STEPS) - w[:, 2:]
    transformed = Transformed(data, Magnitude(), seed=3)
    factors = torch.tensor([transformed.element(n) for n in range(len(data))]).double()
    expected = (factors.square() * error.square().mean((1, 2, 3, 4))).mean().sqrt()
    assert table.rmse.sel(test_set="magnitude").item() == pytest.approx(expected.item())
    ese = table.ese
    assert ese.sel(test_set="magnitude").item() == pytest.approx(
        ese.sel(test_set="original").item()
    )


def test_axes_of_a_table_of_many():
    table = evaluate_on_all({"a": Trend(), "b": Decay()}, windows(), [Rotation()], samples=2)
    assert table.rmse.dims == ("test_set", "model")
    assert table.persistence_rmse.dims == ("test_set",)
    assert table.test_set.values.tolist() == ["original", "rotation"]
    assert table.rmse.attrs["long_name"]


def test_networks_are_evaluated_without_dropout_and_left_as_they_were():
    class Dropping(nn.Module):
        past = 1

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, window):
            return self.weight * nn.functional.dropout(window[:, -1], 0.5, self.training)

    network = Dropping()
    assert evaluate(network, windows()).rmse == evaluate(network, windows()).rmse
    assert network.training
    network.eval()
    evaluate(network, windows())
    assert not network.training


def test_progress_counts_windows():
    seen = []
    evaluate(Trend(), windows(), batch_size=4, progress=lambda *step: seen.append(step))
    assert seen == [(4, 6), (6, 6)]


def test_windows_that_are_too_short_are_refused():
    with pytest.raises(ValueError, match="2 past and 4 future"):
        evaluate(Trend(), windows(), steps=4)
    with pytest.raises(ValueError, match="5 past"):
        evaluate(Persistence(5), windows())
