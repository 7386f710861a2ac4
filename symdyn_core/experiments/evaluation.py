"""Forecasts compared with what happened: one labelled table per forecaster and test set."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import xarray as xr
from torch import Tensor, nn

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.rollouts import evenly_spread, forecasts
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.experiments.tally import Tally
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.symmetries import Symmetry

Progress = Callable[[int, int], None]
"""Called with (windows done, windows in all)."""

OF_THE_TEST_SET = (
    "numbers",
    "persistence_rmse",
    "persistence_rmse_by_lead",
    "truth_energy_spectrum",
)
"""Results that no forecaster changes."""


def evaluate(
    forecaster: Forecaster,
    windows: WindowSource,
    steps: int | None = None,
    *,
    batch_size: int = 16,
    samples: int | None = None,
    units: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Roll a forecaster out over windows and compare it with the truth and with persistence.

    Args:
        forecaster: in its own precision and on its own device.
        windows: ``Windows``, or ``Transformed`` ones.
        steps: length of the rollouts; all future frames of the windows by default.
        batch_size: windows at a time; results do not depend on it beyond rounding.
        samples: how many windows, evenly spread; all by default.
        units: the attributes of the flow, for ``velocity_unit``, ``length_unit`` and ``time_unit``.
        progress: called after each batch.

    Returns:
        ``rmse``, ``rmse_by_lead``, ``correlation``, ``ese`` (per sample), ``ese_of_mean_spectra``,
        ``energy_spectrum`` (of the last forecast frame), the same of persistence and truth, and
        ``numbers`` (how many valid velocity components there were at each lead time).

    Raises:
        ValueError: windows that are too short for the forecaster or for ``steps``.
    """
    steps = windows.future if steps is None else steps
    _check(forecaster, windows, steps)
    indices = evenly_spread(windows, samples)
    tally = Tally(windows.grid, steps)
    with _in_eval_mode(forecaster):
        like = _like(forecaster, windows)
        for batch in forecasts(
            forecaster, windows, indices, steps=steps, batch_size=batch_size, like=like
        ):
            tally.add(batch)
            if progress is not None:
                progress(tally.windows, len(indices))
    return tally.dataset(units or {})


def evaluate_on_all(
    forecasters: Mapping[str, Forecaster],
    windows: WindowSource,
    symmetries: Sequence[Symmetry],
    seed: int = 0,
    *,
    velocity_unit: float = 1.0,
    further: Mapping[str, WindowSource] | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> xr.Dataset:
    """Evaluate forecasters on the original windows and on transformed ones.

    Args:
        forecasters: by name.
        windows: the original test set; "original" among the test sets.
        symmetries: each makes a test set of its name.
        seed: of the transformations.
        velocity_unit: root mean square velocity of the data, the unit of uniform motions.
        further: test sets of other flows, by name, with windows on the same number of cells.
        progress: called with (tables done, tables in all).
        **options: of ``evaluate``.

    Returns:
        the results of ``evaluate`` with the axes ``model`` and ``test_set``; those of persistence
        and truth have no axis ``model``.
    """
    test_sets: dict[str, WindowSource] = {"original": windows, **(further or {})}
    for symmetry in symmetries:
        moved = Transformed(windows, symmetry.in_units_of(velocity_unit), seed)
        test_sets[symmetry.name] = moved
    total = len(test_sets) * len(forecasters)
    rows: list[xr.Dataset] = []
    for test_set in test_sets.values():
        tables = []
        for forecaster in forecasters.values():
            tables.append(evaluate(forecaster, test_set, **options))
            if progress is not None:
                progress(len(rows) * len(forecasters) + len(tables), total)
        rows.append(_joined(tables, list(forecasters)))
    return _stacked(rows, "test_set", "test set", list(test_sets))


def _joined(tables: list[xr.Dataset], names: list[str]) -> xr.Dataset:
    """Results of several forecasters on one test set."""
    own = [table.drop_vars(OF_THE_TEST_SET) for table in tables]
    joined = _stacked(own, "model", "model", names)
    return joined.assign({name: tables[0][name] for name in OF_THE_TEST_SET})


def _stacked(tables: list[xr.Dataset], dim: str, title: str, names: list[str]) -> xr.Dataset:
    axis = xr.DataArray(names, dims=dim, name=dim, attrs={"long_name": title})
    return xr.concat(
        tables, dim=axis, data_vars="all", coords="minimal", compat="override", join="exact",
        combine_attrs="override",
    )  # fmt: skip


@contextmanager
def _in_eval_mode(forecaster: Forecaster) -> Iterator[None]:
    """Evaluate a network without dropout and batch statistics, and leave it as it was."""
    if not isinstance(forecaster, nn.Module):
        yield
        return
    training = forecaster.training
    forecaster.eval()
    try:
        yield
    finally:
        forecaster.train(training)


def _like(forecaster: Forecaster, windows: WindowSource) -> Tensor:
    """A tensor on the device and in the precision that the forecaster computes with."""
    weights = forecaster.parameters() if isinstance(forecaster, nn.Module) else iter(())
    weight = next(weights, None)
    return windows.batch([0]).w if weight is None else weight


def _check(forecaster: Forecaster, windows: WindowSource, steps: int) -> None:
    if not 1 <= steps <= windows.future or windows.past < forecaster.past or len(windows) == 0:
        raise ValueError(
            f"Expected windows of at least {forecaster.past} past and {max(steps, 1)} future "
            f"frames, got {len(windows)} windows of {windows.past} and {windows.future}. "
            "Cut longer windows, or forecast fewer steps."
        )
