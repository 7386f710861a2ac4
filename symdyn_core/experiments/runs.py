"""One training run on a flow: split, windows, specification on disk, training."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.placement import fits_in_memory, frames_at
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.budgets import FORECAST_STEPS, FRACTIONS
from symdyn_core.experiments.machine import hardware
from symdyn_core.experiments.run_progress import FACTS, LOG, PROGRESS, STARTER, WISH, Reporter
from symdyn_core.models import ForecasterSpec
from symdyn_core.models.forecaster import parameter_count
from symdyn_core.models.opening import SPECIFICATION
from symdyn_core.training import Record, Settings, train
from symdyn_core.whole_files import write_whole


@dataclass(frozen=True)
class Split:
    """The windows of a comparison: to train on, to validate and to test 10-step forecasts."""

    train: Windows
    valid: Windows
    test: Windows
    scale: float


def split_windows(
    flow: xr.Dataset, past: int, rollout_steps: int, *, source: str = "auto"
) -> Split:
    """Windows of the three parts of a flow that share no frame; the unit is the training RMS.

    Args:
        source: where the frames lie, one of ``placement.PLACES``; their numbers are the same.

    Raises:
        ValueError: a flow too short for its parts, or no such source or no room for it.
    """
    gap = past + FORECAST_STEPS - 1
    parts = split_in_time(flow, FRACTIONS, gap=gap)
    if source == "auto":  # all parts are held at once
        source = "memory" if fits_in_memory(flow) else "mapped"
    train, valid, test = (
        Windows(part, past, steps, source=frames_at(part, source))
        for part, steps in zip(parts, (rollout_steps, FORECAST_STEPS, FORECAST_STEPS), strict=True)
    )
    return Split(train, valid, test, scale=schema.rms(parts[0]))


class TrainingRun:
    """A forecaster trained on a split in a directory of its own, resumable at any point.

    The directory holds ``specification.json`` (which network), ``run.json`` (what it was started
    with), ``progress.json`` (how far it is, while it runs), ``best.safetensors``, the state of the
    training and its log.

    Args:
        about: further facts for ``run.json``.

    Raises:
        ValueError: the directory holds a run of another network or on other data.
    """

    def __init__(
        self,
        spec: ForecasterSpec,
        split: Split,
        settings: Settings,
        directory: Path,
        about: Mapping[str, Any] | None = None,
    ):
        self.spec = replace(spec, scale=split.scale).on(split.train.grid)
        self.split, self.settings, self.directory = split, settings, directory
        self.forecaster = self.spec.build(seed=settings.seed)
        self._claim(about or {})

    def records(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Record]:
        """Train; yields a record per epoch and leaves ``forecaster`` with its best weights."""
        reporter = Reporter(self.directory, progress)
        parts = self.split.train, self.split.valid
        try:
            yield from train(
                self.forecaster, *parts, self.settings, self.directory, progress=reporter
            )
        finally:
            reporter.close()

    def _claim(self, about: Mapping[str, Any]) -> None:
        path = self.directory / SPECIFICATION
        wanted = self.spec.to_json()
        if not path.is_file() and _holds_something(self.directory):
            raise ValueError(
                f"{self.directory} is there already and holds no run. "
                "Train in a new or an empty directory."
            )
        if path.is_file():
            if json.loads(path.read_text()) != wanted:
                raise ValueError(
                    f"{self.directory} holds the run of another network or of other data. "
                    "Train in another directory."
                )
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        facts = {**self._facts(), **about}
        write_whole(self.directory / FACTS, (json.dumps(facts, indent=2) + "\n").encode())
        write_whole(path, (json.dumps(wanted, indent=2) + "\n").encode())

    def _facts(self) -> dict[str, Any]:
        return {
            "parameters": parameter_count(self.forecaster),
            "seed": self.settings.seed,
            "settings": asdict(self.settings),
            "hardware": hardware(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def _holds_something(path: Path) -> bool:
    """Anything but what the one who starts a training in another process leaves there."""
    left = PROGRESS, LOG, FACTS, WISH, STARTER
    if not path.is_dir():
        return path.is_file()
    return any(entry.name not in left for entry in path.iterdir())
