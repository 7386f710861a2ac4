"""Train one forecaster on any flow: what ``symdyn train`` does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from symdyn_core.datasets.opening import open_any
from symdyn_core.experiments.budgets import budget_named
from symdyn_core.experiments.candidates import candidate_named
from symdyn_core.experiments.runs import TrainingRun, split_windows
from symdyn_core.models import ARCHITECTURES
from symdyn_core.models.forecaster import parameter_count


def architecture_named(name: str):
    """The architecture of that name, capitals or not.

    Raises:
        ValueError: no such architecture.
    """
    for architecture in ARCHITECTURES:
        if architecture.__name__.lower() == name.lower():
            return architecture
    known = ", ".join(a.__name__ for a in ARCHITECTURES)
    raise ValueError(f"Unknown architecture {name!r}; choose from {known}.")


def train_on(
    data: str,
    directory: Path,
    *,
    symmetry: str = "plain",
    architecture: str = "ResNet",
    preset: str = "small",
    predicts: str = "increment",
    seed: int = 0,
    updates: int | None = None,
    parameters: int | None = None,
    source: str = "auto",
    opening: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Train in ``directory`` and report; a run found there goes on.

    Args:
        parameters: size of the network; its width is solved for it. By default that of the preset.
        source: one of ``placement.PLACES``: where the frames of the training lie.

    Raises:
        ValueError: names that are unknown, a flow too short to split, a directory of another run.
    """
    budget = budget_named(preset)
    if parameters is not None:
        budget = budget.sized(parameters)
    chosen = candidate_named(symmetry)
    spec = budget.specification(
        chosen.kit,
        architecture=architecture_named(architecture),
        predicts=predicts,
        wrappers=chosen.wrappers,
    )
    flow = open_any(data, scalars=False, **(opening or {}))
    split = split_windows(flow, budget.past, budget.settings.loss_steps, source=source)
    settings = budget.seeded(seed)
    if updates is not None:
        settings = replace(settings, updates=updates)
    about = {"symmetry": chosen.name, "data": {"title": str(flow.attrs.get("title", ""))}}
    run = TrainingRun(spec, split, settings, directory, about)
    records = list(run.records(progress))
    return {
        "directory": str(directory),
        "symmetry": symmetry,
        "architecture": architecture,
        "parameters": parameter_count(run.forecaster),
        "updates": records[-1].updates,
        "epochs": len(records),
        "valid_rmse": min(record.valid_rmse for record in records),
        "seconds": round(sum(record.seconds for record in records), 1),
        "seed": seed,
    }
