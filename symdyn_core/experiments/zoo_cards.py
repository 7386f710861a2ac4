"""What the card of a model tells: the flow, the training, errors on test sets, equivariance."""

import copy
from dataclasses import asdict

import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.rollouts import evenly_spread
from symdyn_core.equivariance import equivariance_error
from symdyn_core.experiments.budgets import FORECAST_STEPS, Budget
from symdyn_core.models.forecaster import NetworkForecaster
from symdyn_core.models.wrappers import Wrapper
from symdyn_core.symmetries import ALL, Translation
from symdyn_core.training import Record

SYMMETRIES = tuple(symmetry for symmetry in ALL if not isinstance(symmetry, Translation))
"""Symmetries that each make a transformed test set. Shifts are what a test set holds anyway."""

EXACTNESS_WINDOWS = 4
"""Windows on which the equivariance error of a finished model is measured, each with an element."""


def exactness(
    forecaster: NetworkForecaster | Wrapper,
    windows: WindowSource,
    velocity_unit: float,
    seed: int = 0,
) -> dict[str, float]:
    """Largest equivariance error of a forecaster, in float64, by the name of the symmetry.

    Symmetries that act on squares without interpolation are measured, each with a random element
    for every one of a few windows.
    """
    in_double = copy.deepcopy(forecaster).double().eval()
    past = windows.batch(evenly_spread(windows, EXACTNESS_WINDOWS)).split(windows.past)[0].double()
    errors: dict[str, float] = {}
    for symmetry in SYMMETRIES:
        symmetry = symmetry.in_units_of(velocity_unit)
        generator = torch.Generator().manual_seed(seed)
        elements = [symmetry.random_element(generator) for _ in past]
        if not all(symmetry.is_exact(element, windows.grid) for element in elements):
            continue
        with torch.no_grad():
            errors[symmetry.name] = max(
                equivariance_error(in_double, symmetry, element, window[None], windows.grid)[0]
                .max()
                .item()
                for element, window in zip(elements, past, strict=True)
            )
    return errors


def identity_of(flow: xr.Dataset) -> dict:
    return {"title": flow.attrs.get("title", ""), "fingerprint": schema.fingerprint(flow)}


def training_of(budget: Budget, seed: int, records: list[Record]) -> dict:
    return {
        "seed": seed,
        "settings": asdict(budget.seeded(seed)),
        "updates": records[-1].updates,
        "epochs": len(records),
        "seconds": round(sum(record.seconds for record in records), 1),
        "valid_rmse": min(record.valid_rmse for record in records),
    }


def metrics_of(tested: xr.Dataset, name: str) -> dict:
    """Pooled RMSE and spectral error on every test set, plain numbers for the card."""
    return {
        str(test_set): {
            "rmse": float(tested["rmse"].sel(model=name, test_set=test_set)),
            "ese": float(tested["ese"].sel(model=name, test_set=test_set)),
            "persistence_rmse": float(tested["persistence_rmse"].sel(test_set=test_set)),
            "steps": FORECAST_STEPS,
        }
        for test_set in tested["test_set"].values
    }
