"""The zoo of Rayleigh-Benard convection: a ResNet and a U-Net for each symmetry, equal budgets.

data/raw/rayleigh_benard_<preset>.zarr     the simulation (made if missing)
data/runs/zoo-<preset>/<model>             the training runs (resumed if interrupted)
data/zoo/<model>.safetensors, .json        weights and cards
data/demo/rayleigh_benard.zarr             the last frames of the test part
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.convection_presets import preset_named
from symdyn_core.datasets.demo import demo_slice
from symdyn_core.datasets.rayleigh_benard import make_rayleigh_benard, open_rayleigh_benard
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.experiments.budgets import FORECAST_STEPS, FRACTIONS, Budget, budget_named
from symdyn_core.experiments.candidates import Candidate, candidates
from symdyn_core.experiments.evaluation import evaluate_on_all
from symdyn_core.experiments.machine import hardware
from symdyn_core.experiments.runs import Split, TrainingRun, split_windows
from symdyn_core.models import ResNet, UNet, zoo
from symdyn_core.models.forecaster import parameter_count
from symdyn_core.paths import data_directory
from symdyn_core.symmetries import ALL, Translation
from symdyn_core.training import Record

SYMMETRIES = tuple(symmetry for symmetry in ALL if not isinstance(symmetry, Translation))
"""Symmetries that each make a transformed test set. Shifts are what a test set holds anyway."""

DEMO_FRAMES = 120
"""Frames of the demo flow, all from the test part."""

TEST_WINDOWS = 56
"""Windows of each test set, spread evenly over the test part (8 for each of seven squares)."""

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


@dataclass(frozen=True)
class ZooModel:
    """One model of the zoo: an architecture over the layers of one symmetry."""

    architecture: type[ResNet] | type[UNet]
    candidate: Candidate

    @property
    def name(self) -> str:
        """rbc-resnet-rotation, rbc-unet-plain."""
        return f"rbc-{self.architecture.__name__.lower()}-{self.candidate.name}"


def members() -> list[ZooModel]:
    """The models of the zoo: both architectures over every candidate."""
    return [ZooModel(architecture, one) for architecture in (ResNet, UNet) for one in candidates()]


def build_zoo(
    preset: str = "small",
    *,
    seed: int = 0,
    only: Sequence[str] | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[dict]:
    """Simulate, train, test and write the zoo and its demo flow; returns the cards.

    Whatever is there already is used: the simulation, finished and interrupted runs.

    Args:
        preset: "smoke", "small" or "paper": the sizes of simulation and training alike.
        seed: of weights, sample order and transformed test sets.
        only: names of models to build; all by default.
        folder: where the zoo is written; by default ``data/zoo`` for the preset "small", and beside
            the runs for the others, so that a trial never replaces the zoo in use.

    Raises:
        ValueError: an unknown preset or model.
    """
    chosen = _chosen(only)
    # The zoo that everything opens is that of the small preset; others stay with their runs.
    committed = folder is None and preset == "small"
    if folder is None and not committed:
        folder = _runs(preset, seed) / "zoo"
    budget, simulation = budget_named(preset), preset_named(preset)
    path = data_directory() / "raw" / f"rayleigh_benard_{preset}.zarr"
    if not path.exists():
        make_rayleigh_benard(path, simulation, seed=seed, progress=_part(progress, "simulation"))
    flow = open_rayleigh_benard(path)
    split = split_windows(flow, budget.past, budget.settings.loss_steps)
    cards = [
        _build(model, budget, seed, split, flow, _runs(preset, seed), folder, progress)
        for model in chosen
    ]
    if committed and only is None:
        write_demo(path, budget.past)
    return cards


def write_demo(path: Path, past: int) -> Path:
    """Cut the demo flow from the test part of a simulation."""
    target = data_directory() / "demo" / "rayleigh_benard.zarr"
    flow = open_flow(path)
    gap = past + FORECAST_STEPS - 1
    frames = min(DEMO_FRAMES, split_in_time(flow, FRACTIONS, gap=gap)[-1].sizes["time"])
    return write_flow(demo_slice(flow, frames, gap=gap), target, chunks={"time": -(-frames // 2)})


def _chosen(only: Sequence[str] | None) -> list[ZooModel]:
    available = {model.name: model for model in members()}
    unknown = [name for name in only or () if name not in available]
    if unknown:
        raise ValueError(f"Unknown model {unknown[0]!r}; the zoo holds {', '.join(available)}.")
    return [available[name] for name in only or available]


def _runs(preset: str, seed: int) -> Path:
    suffix = f"-seed-{seed}" if seed else ""
    return data_directory() / "runs" / f"zoo-{preset}{suffix}"


def _build(
    model: ZooModel,
    budget: Budget,
    seed: int,
    split: Split,
    flow: xr.Dataset,
    runs: Path,
    folder: Path | None,
    progress: Progress | None,
) -> dict:
    candidate = model.candidate
    spec = budget.specification(
        candidate.kit, architecture=model.architecture, wrappers=candidate.wrappers
    )
    run = TrainingRun(spec, split, budget.seeded(seed), runs / model.name)
    records = list(run.records(_part(progress, f"training {model.name}")))
    tested = evaluate_on_all(
        {model.name: run.forecaster},
        split.test,
        SYMMETRIES,
        seed=seed,
        velocity_unit=split.scale,
        samples=TEST_WINDOWS,
    )
    about = {
        "architecture": model.architecture.__name__,
        "symmetry": model.candidate.name,
        "parameters": parameter_count(run.forecaster),
        "dataset": _dataset(flow, split),
        "training": _training(budget, seed, records),
        "hardware": hardware(),
        "metrics": _metrics(tested, model.name),
    }
    return zoo.save_model(model.name, run.forecaster, run.spec, about, folder)


def _dataset(flow: xr.Dataset, split: Split) -> dict:
    return {
        "title": flow.attrs.get("title", ""),
        "fingerprint": schema.fingerprint(flow),
        "fractions": list(FRACTIONS),
        "windows": {
            "train": len(split.train),
            "valid": len(split.valid),
            "test": len(split.test),
        },
        "rms": split.scale,
    }


def _training(budget: Budget, seed: int, records: list[Record]) -> dict:
    return {
        "seed": seed,
        "settings": asdict(budget.seeded(seed)),
        "updates": records[-1].updates,
        "epochs": len(records),
        "seconds": round(sum(record.seconds for record in records), 1),
        "valid_rmse": min(record.valid_rmse for record in records),
    }


def _metrics(tested: xr.Dataset, name: str) -> dict:
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


def _part(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(what, done, total)
