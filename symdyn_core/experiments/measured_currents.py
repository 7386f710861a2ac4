"""Forecasts of measured currents by models that learnt from simulated ones, beside persistence.

Every model is tested twice on the same windows: as it comes from the zoo, told nothing but the root
mean square of the new currents, and fine-tuned on an earlier part of the same record, all models
with the same number of updates, the same order of windows and the same seed. Land counts neither in
the loss nor in an error.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from symdyn_core import metrics
from symdyn_core.datasets.rollouts import evenly_spread, forecasts
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.current_records import CurrentRecord
from symdyn_core.experiments.ocean_zoo import members
from symdyn_core.experiments.runs import TrainingRun
from symdyn_core.models import Forecaster, ForecasterSpec, Persistence, zoo
from symdyn_core.training import Settings

FINE_TUNING = Settings(
    updates=200,
    updates_per_epoch=40,
    batch=8,
    rollout_steps=3,
    learning_rate=2e-3,
    decay=0.8,
    validation_windows=12,
    precision="bf16-mixed",
    checkpoint_every=20,
)
"""What every model gets; the learning rate was chosen on validation windows, for the plain one."""

STAGES = ("as trained", "fine-tuned")

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


def ocean_models() -> list[str]:
    """Names of the models of the ocean zoo."""
    return [model.name for model in members()]


def compare_on(
    record: CurrentRecord,
    directory: Path,
    *,
    models: Sequence[str] | None = None,
    settings: Settings = FINE_TUNING,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Errors of models on the test period, as they come and fine-tuned, beside persistence.

    Args:
        record: from ``open_record``.
        directory: of the fine-tuning runs, one folder each; finished and interrupted ones are used.
        models: names in the zoo; those of the ocean zoo by default.
        settings: of the fine-tuning.
        folder: of the zoo.

    Returns:
        ``rmse`` (stage, model, lead): pooled over the test windows; ``spread``: the standard
        deviation of the windows' own RMSE; ``better``: the share of windows in which the model errs
        less than persistence; and ``persistence_rmse``, ``persistence_spread`` (lead).

    Raises:
        ValueError: a model that the zoo lacks, or whose past frames the record was not cut for.
    """
    names = ocean_models() if models is None else list(models)
    test = record.split.test
    still = errors_by_window(Persistence(test.past), test)
    tables = []
    for name in names:
        if progress is not None:
            progress(f"testing {name}", 0, 1)
        stages = (
            zoo.load(name, scale=record.split.scale, grid=test.grid, folder=folder),
            fine_tuned(name, record, directory, settings, folder=folder, progress=progress),
        )
        tables.append([errors_by_window(forecaster, test) for forecaster in stages])
    squared = torch.stack([torch.stack(stage) for stage in zip(*tables, strict=True)])
    return _table(squared, still, names, record, settings)


def fine_tuned(
    name: str,
    record: CurrentRecord,
    directory: Path,
    settings: Settings = FINE_TUNING,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Forecaster:
    """A model of the zoo, trained further on a record, with its best weights."""
    card = zoo.card(name, folder)
    spec = ForecasterSpec.from_json(card["specification"])
    # Other weights in the zoo are the start of another run.
    place = directory / f"{name}-{card['weights_sha256'][:8]}"
    run = TrainingRun(spec, record.split, settings, place)
    start = zoo.load(name, scale=record.split.scale, grid=record.split.train.grid, folder=folder)
    run.forecaster.load_state_dict(start.state_dict())
    report = None if progress is None else (lambda done, total: progress(name, done, total))
    for _ in run.records(report):
        pass
    return run.forecaster


def errors_by_window(forecaster: Forecaster, windows: Windows) -> Float[Tensor, "window lead"]:
    """Mean squared error of every window's forecast over water and both components, per lead."""
    weights = getattr(forecaster, "parameters", lambda: iter(()))()
    like = next(weights, windows.batch([0]).w)
    rows = [
        metrics.squared_error_sums(forecast, truth, water)
        for forecast, truth, _, water in forecasts(
            forecaster,
            windows,
            evenly_spread(windows, None),
            steps=windows.future,
            batch_size=1,
            like=like,
        )
    ]
    return torch.stack([(row.squared / row.count).cpu() for row in rows])


def _table(
    squared: Float[Tensor, "stage model window lead"],
    still: Float[Tensor, "window lead"],
    names: list[str],
    record: CurrentRecord,
    settings: Settings,
) -> xr.Dataset:
    axes, test = ("stage", "model", "lead_time"), record.split.test
    return xr.Dataset(
        {
            "rmse": (axes, squared.mean(2).sqrt().numpy()),
            "spread": (axes, squared.sqrt().std(2).numpy()),
            "better": (axes, (squared < still).double().mean(2).numpy()),
            "persistence_rmse": ("lead_time", still.mean(0).sqrt().numpy()),
            "persistence_spread": ("lead_time", still.sqrt().std(0).numpy()),
        },
        coords={
            "stage": list(STAGES),
            "model": names,
            "lead_time": test.grid.dt * torch.arange(1, test.future + 1).numpy(),
        },
        attrs={
            "title": record.title,
            "train": list(record.train),
            "test": list(record.test),
            "windows": len(test),
            "land": record.land,
            "rms": record.split.scale,
            "updates": settings.updates,
            "batch": settings.batch,
            "rollout_steps": settings.rollout_steps,
            "seed": settings.seed,
        },
    )
