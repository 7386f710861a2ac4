"""What is known about one training run: what it is, how far it is, and how it went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

from symdyn_core.experiments.run_progress import Progress
from symdyn_core.training import Record

Status = Literal["running", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class RunRecord:
    """One training run.

    Attributes:
        name: its folder, below the root that it was found in.
        folder: where it is.
        specification: which network; empty before it is known.
        facts: seed, parameters, data, settings, hardware, as far as they are known.
        epochs: one record for each.
        progress: as its process wrote it last.
        running: whether that process runs.
        trouble: the last line that a failed run printed.
    """

    name: str
    folder: Path
    specification: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    epochs: tuple[Record, ...] = ()
    progress: Progress | None = None
    running: bool = False
    trouble: str = ""

    @property
    def architecture(self) -> str:
        """ResNet or UNet."""
        return str(self.specification.get("architecture") or self.facts.get("architecture", ""))

    @property
    def symmetry(self) -> str:
        """What is built in: the name of a symmetry, "plain" or "all"."""
        if "symmetry" in self.facts:
            return str(self.facts["symmetry"])
        if self.specification.get("wrappers"):
            return "all"
        return str(self.specification.get("kit", {}).get("name", ""))

    @property
    def updates(self) -> int:
        """Optimiser steps done."""
        logged = self.epochs[-1].updates if self.epochs else 0
        return max(logged, self.progress.updates if self.progress else 0)

    @property
    def of(self) -> int:
        """Optimiser steps that were asked for; 0 where that is not known."""
        told = self.facts.get("settings", {}).get("updates", 0)
        return int(told or (self.progress.of if self.progress else 0))

    @property
    def best(self) -> float | None:
        """Smallest validation RMSE [velocity]."""
        return min((epoch.valid_rmse for epoch in self.epochs), default=None)

    @property
    def usable(self) -> bool:
        """Whether there are weights to forecast with."""
        return bool(self.epochs) and bool(self.specification)

    @property
    def status(self) -> Status:
        """Running, finished, stopped before its end, or failed."""
        if self.running:
            return "running"
        if self.trouble:
            return "failed"
        patient = self.facts.get("settings", {}).get("patience") is not None
        done = self.updates >= self.of if self.of else bool(self.epochs)
        return "finished" if done or (patient and self.epochs) else "stopped"

    @property
    def data_key(self) -> str:
        """What runs on the same data share: the unit of velocity, which is their RMS."""
        scale = self.specification.get("scale")
        return "" if scale is None else f"{float(scale):.12g}"

    @property
    def data(self) -> str:
        """Title of the data, "" where it is not known."""
        return str(self.facts.get("data", {}).get("title", ""))


def best_by_model(
    records: Iterable[RunRecord],
) -> dict[tuple[str, str], tuple[list[RunRecord], float]]:
    """Runs with any result by (architecture, symmetry), and the median of their best RMSE: runs of
    one model differ in their seed."""
    groups: dict[tuple[str, str], list[RunRecord]] = {}
    for record in records:
        if record.best is not None:
            groups.setdefault((record.architecture, record.symmetry), []).append(record)
    return {
        model: (runs, median(run.best for run in runs if run.best is not None))
        for model, runs in sorted(groups.items())
    }
