"""The training runs on disk, read again when they change."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from symdyn_core.experiments.run_progress import FACTS, LOG, PROGRESS, Progress
from symdyn_core.experiments.run_records import RunRecord
from symdyn_core.models import zoo
from symdyn_core.models.opening import SPECIFICATION
from symdyn_core.training import Record

ERROR = "symdyn: "
"""How commands begin the line that says why they failed."""

DEPTH = 3
"""Folders below a root in which runs are looked for."""


def run_folders(root: Path) -> Iterator[Path]:
    """The folders of runs below a root, sorted."""
    for place, below, files in os.walk(root):
        if SPECIFICATION in files or PROGRESS in files:
            below.clear()
            yield Path(place)
        elif len(Path(place).relative_to(root).parts) >= DEPTH:
            below.clear()
        below.sort()


def read_run(folder: Path, root: Path, cards: Sequence[Mapping[str, Any]] = ()) -> RunRecord:
    """One run as it is on disk now.

    Args:
        root: what its name is told from.
        cards: of the zoo: facts about runs that models of the zoo came from.
    """
    specification, facts = _json(folder / SPECIFICATION), _json(folder / FACTS)
    epochs = _epochs(folder / "log.csv")
    progress = Progress.read(folder)
    running = progress is not None and progress.running
    card = _card_of(epochs, cards)
    return RunRecord(
        name=folder.relative_to(root).as_posix() if folder != root else folder.name,
        folder=folder,
        specification=specification,
        facts={**_facts_of_card(card), **facts},
        epochs=epochs,
        progress=progress,
        running=running,
        trouble="" if running else _trouble(folder / LOG),
    )


def zoo_cards() -> list[dict[str, Any]]:
    """The cards of the zoo that can be read."""
    found = []
    for name in zoo.names():
        try:
            found.append(zoo.card(name))
        except ValueError:
            continue
    return found


def _card_of(
    epochs: tuple[Record, ...], cards: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """The card of the model that came from a run: the very same validation RMSE tells it."""
    if not epochs:
        return None
    best = min(epoch.valid_rmse for epoch in epochs)
    return next((c for c in cards if c.get("training", {}).get("valid_rmse") == best), None)


def _facts_of_card(card: Mapping[str, Any] | None) -> dict[str, Any]:
    if card is None:
        return {}
    training, dataset = card["training"], card.get("dataset", {})
    title = dataset.get("title", "") if isinstance(dataset, Mapping) else str(dataset)
    found = {
        "model": card["name"],
        "symmetry": card.get("symmetry"),
        "parameters": card.get("parameters"),
        "data": {"title": title},
        "seed": training.get("seed"),
        "settings": training.get("settings", {}),
        "hardware": card.get("hardware"),
        "metrics": card.get("metrics"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _epochs(path: Path) -> tuple[Record, ...]:
    """The rows of a log; those of other programs are left out."""
    kinds = get_type_hints(Record)
    try:
        with path.open(newline="") as file:
            return tuple(
                Record(**{name: _value(row[name], kind) for name, kind in kinds.items()})
                for row in csv.DictReader(file)
            )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _value(text: str, kind: type) -> Any:
    return text == "True" if kind is bool else kind(text)


def _trouble(path: Path) -> str:
    """The error that a command ended with, if that is the last line it printed."""
    try:
        lines = path.read_text(errors="replace").splitlines()[-20:]
    except OSError:
        return ""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return last.removeprefix(ERROR)[:300] if last.startswith(ERROR) else ""


class RunBook:
    """The runs below some folders, of which only those are read again that have changed."""

    def __init__(self, roots: Sequence[Path]):
        self.roots = tuple(roots)
        self.records: dict[Path, RunRecord] = {}
        self._stamps: dict[Path, tuple] = {}

    def refresh(self) -> bool:
        """Look at the disk; True if anything is new, has changed or is gone."""
        found = {folder: root for root in self.roots for folder in run_folders(root)}
        stamps = {folder: _stamp(folder) for folder in found}
        if stamps == self._stamps:
            ended = [f for f, r in self.records.items() if r.running and not _runs(r)]
            if not ended:
                return False
            stamps |= dict.fromkeys(ended, ())
        changed = [folder for folder in found if stamps[folder] != self._stamps.get(folder)]
        cards = zoo_cards() if changed else []
        fresh = {folder: read_run(folder, found[folder], cards) for folder in changed}
        self.records = {folder: fresh.get(folder) or self.records[folder] for folder in found}
        self._stamps = {folder: _stamp(folder) for folder in found}
        return True


def _runs(record: RunRecord) -> bool:
    return record.progress is not None and record.progress.running


def _stamp(folder: Path) -> tuple:
    """What tells that a run has changed: when its small files were written."""
    times = []
    for name in (SPECIFICATION, FACTS, PROGRESS, "log.csv", LOG):
        try:
            times.append((folder / name).stat().st_mtime_ns)
        except OSError:
            times.append(0)
    return tuple(times)
