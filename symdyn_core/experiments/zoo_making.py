"""What the zoos of all flows have in common: a model is trained, tested, measured and written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xarray as xr

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.budgets import FORECAST_STEPS, FRACTIONS, Budget
from symdyn_core.experiments.candidates import Candidate
from symdyn_core.experiments.evaluation import evaluate_on_all
from symdyn_core.experiments.machine import hardware
from symdyn_core.experiments.runs import Split, TrainingRun, split_windows
from symdyn_core.experiments.zoo_cards import (
    SYMMETRIES,
    exactness,
    identity_of,
    metrics_of,
    training_of,
)
from symdyn_core.models import ResNet, UNet, zoo
from symdyn_core.models.forecaster import parameter_count
from symdyn_core.paths import data_directory

TEST_WINDOWS = 56
"""Windows of each test set, spread evenly over the test part and its squares."""

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


@dataclass(frozen=True)
class ZooModel:
    """One model of a zoo: an architecture over the layers of one symmetry.

    Attributes:
        flow: first word of the names of the zoo: "rbc" (convection), "ocean".
        architecture: ``ResNet`` or ``UNet``.
        candidate: building blocks and wrappers.
    """

    flow: str
    architecture: type[ResNet] | type[UNet]
    candidate: Candidate

    @property
    def name(self) -> str:
        """rbc-resnet-rotation, ocean-resnet-plain."""
        return f"{self.flow}-{self.architecture.__name__.lower()}-{self.candidate.name}"


@dataclass(frozen=True)
class Zoo:
    """What the models of one zoo share, and with it their chances.

    Attributes:
        flow: what the models are trained and tested on: squares as members.
        budget: sizes, updates, past frames.
        seed: of weights, sample order and transformed test sets.
        runs: folder of the training runs, one each.
        folder: where weights and cards are written; None for the zoo that everything opens.
        elsewhere: flows that no model was trained on, by the name of the test set that they make.
    """

    flow: xr.Dataset
    budget: Budget
    seed: int
    runs: Path
    folder: Path | None = None
    elsewhere: Mapping[str, xr.Dataset] = field(default_factory=dict)

    def build(self, models: Sequence[ZooModel], progress: Progress | None = None) -> list[dict]:
        """Train, test and write models; finished and interrupted runs are used. Returns cards."""
        split = split_windows(self.flow, self.budget.past, self.budget.settings.loss_steps)
        return [self._build(model, split, progress) for model in models]

    def _build(self, model: ZooModel, split: Split, progress: Progress | None) -> dict:
        candidate = model.candidate
        spec = self.budget.specification(
            candidate.kit, architecture=model.architecture, wrappers=candidate.wrappers
        )
        about = {"symmetry": candidate.name, "data": identity_of(self.flow)}
        settings, place = self.budget.seeded(self.seed), self.runs / model.name
        run = TrainingRun(spec, split, settings, place, about)
        records = list(run.records(part(progress, f"training {model.name}")))
        tested = evaluate_on_all(
            {model.name: run.forecaster},
            split.test,
            SYMMETRIES,
            seed=self.seed,
            velocity_unit=split.scale,
            further=self._windows_elsewhere(),
            samples=TEST_WINDOWS,
            progress=part(progress, f"testing {model.name}"),
        )
        card = {
            "architecture": model.architecture.__name__,
            "symmetry": candidate.name,
            "parameters": parameter_count(run.forecaster),
            "dataset": self._dataset(split),
            "training": training_of(self.budget, self.seed, records),
            "hardware": hardware(),
            "metrics": metrics_of(tested, model.name),
            "equivariance_errors": exactness(run.forecaster, split.test, split.scale, self.seed),
        }
        return zoo.save_model(model.name, run.forecaster, run.spec, card, self.folder)

    def _windows_elsewhere(self) -> dict[str, WindowSource]:
        past = self.budget.past
        return {name: Windows(flow, past, FORECAST_STEPS) for name, flow in self.elsewhere.items()}

    def _dataset(self, split: Split) -> dict:
        parts = {"train": split.train, "valid": split.valid, "test": split.test}
        found = {
            **identity_of(self.flow),
            "fractions": list(FRACTIONS),
            "windows": {name: len(windows) for name, windows in parts.items()},
            "rms": split.scale,
        }
        if self.elsewhere:
            found["further"] = {name: identity_of(flow) for name, flow in self.elsewhere.items()}
        return found


def chosen_among(members: Sequence[ZooModel], only: Sequence[str] | None) -> list[ZooModel]:
    """The models of those names, in the order they were asked for; all by default.

    Raises:
        ValueError: a name that the zoo does not hold.
    """
    available = {model.name: model for model in members}
    unknown = [name for name in only or () if name not in available]
    if unknown:
        raise ValueError(f"Unknown model {unknown[0]!r}; the zoo holds {', '.join(available)}.")
    return [available[name] for name in only or available]


def runs_directory(zoo_name: str, preset: str, seed: int) -> Path:
    """Where the training runs of a zoo are kept."""
    suffix = f"-seed-{seed}" if seed else ""
    return data_directory() / "runs" / f"{zoo_name}-{preset}{suffix}"


def written_to(folder: Path | None, preset: str, runs: Path) -> Path | None:
    """Where a zoo is written: the folder asked for; None for the zoo that everything opens.

    That is the one of the small preset; others stay with their runs, so that a trial never
    replaces the zoo in use.
    """
    return folder if folder is not None or preset == "small" else runs / "zoo"


def part(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    """The share of a progress bar that one job reports to."""
    if progress is None:
        return None
    return lambda done, total: progress(what, done, total)
