"""What ``symdyn zoo currents`` tells: models beside persistence on measured currents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from symdyn_core.experiments.current_records import open_record
from symdyn_core.experiments.machine import hardware
from symdyn_core.experiments.measured_currents import (
    FINE_TUNING,
    Progress,
    compare_on,
    ocean_models,
)
from symdyn_core.models import zoo
from symdyn_core.paths import data_directory


def currents_report(
    data: str,
    train: tuple[str, str],
    test: tuple[str, str],
    *,
    models: Sequence[str] | None = None,
    updates: int | None = None,
    directory: Path | None = None,
    opening: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Errors of models on measured currents in plain numbers, one row a model and stage.

    Args:
        updates: optimiser steps of the fine-tuning, for all models; ``FINE_TUNING`` by default.
        directory: of the runs; by default one of their own in ``data/runs``.
        opening: options of ``open_ocean_currents``, but for the period.

    Raises:
        ValueError: see ``open_record`` and ``compare_on``.
    """
    options = dict(opening or {})
    if options.pop("period", None) is not None:
        raise ValueError("--period says too little here: give two of them, --train and --test.")
    names = ocean_models() if models is None else list(models)
    pasts = {zoo.card(name)["specification"]["past"] for name in names}
    if len(pasts) != 1:
        raise ValueError(
            f"Expected models that see equally many past frames, got {sorted(pasts)}. "
            "Compare them one by one."
        )
    record = open_record(data, train, test, pasts.pop(), **options)
    settings = FINE_TUNING if updates is None else replace(FINE_TUNING, updates=updates)
    directory = directory or data_directory() / "runs" / f"currents-{record.key}"
    table = compare_on(record, directory, models=names, settings=settings, progress=progress)
    return {**table.attrs, "hardware": hardware(), "lead_days": _days(table), "rows": _rows(table)}


def _rows(table: xr.Dataset) -> list[dict[str, Any]]:
    """Persistence, then every model as it comes, then fine-tuned."""
    still = {"model": "persistence", "stage": "", "better": [0.0] * table.sizes["lead_time"]}
    for name in ("rmse", "spread"):
        still[name] = table[f"persistence_{name}"].values.tolist()
    rows = [still]
    for stage in table["stage"].values:
        for model in table["model"].values:
            cells = table.sel(stage=stage, model=model)
            numbers = {name: cells[name].values.tolist() for name in ("rmse", "spread", "better")}
            rows.append({"model": str(model), "stage": str(stage), **numbers})
    return rows


def _days(table: xr.Dataset) -> list[float]:
    return [round(seconds / 86400, 6) for seconds in table["lead_time"].values.tolist()]
