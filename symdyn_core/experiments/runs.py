"""One training run on a flow: split, windows, specification on disk, training."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.placement import fits_in_memory, frames_at
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.budgets import FORECAST_STEPS, FRACTIONS
from symdyn_core.models import ForecasterSpec
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

    The directory holds ``specification.json`` (which network), ``best.safetensors``, the state of
    the training and its log.

    Raises:
        ValueError: the directory holds a run of another network or on other data.
    """

    def __init__(self, spec: ForecasterSpec, split: Split, settings: Settings, directory: Path):
        self.spec = replace(spec, scale=split.scale).on(split.train.grid)
        self.split, self.settings, self.directory = split, settings, directory
        self.forecaster = self.spec.build(seed=settings.seed)
        self._claim()

    def records(self, progress: Callable[[int, int], None] | None = None) -> Iterator[Record]:
        """Train; yields a record per epoch and leaves ``forecaster`` with its best weights."""
        yield from train(
            self.forecaster,
            self.split.train,
            self.split.valid,
            self.settings,
            self.directory,
            progress=progress,
        )

    def _claim(self) -> None:
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
        write_whole(path, (json.dumps(wanted, indent=2) + "\n").encode())


def _holds_something(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))
