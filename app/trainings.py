"""Training runs of this machine: where they are, and small ones that visitors may start."""

import sys
from functools import lru_cache
from pathlib import Path

from symdyn_core.datasets.opening import open_any
from symdyn_core.experiments.run_records import RunRecord
from symdyn_core.experiments.training_wish import Wish, check_long_enough
from symdyn_core.experiments.trainings import Trainings
from symdyn_core.paths import data_directory

from .catalogue import RUN
from .flows import SIDE, Source, sources
from .operator import operator

OWN = "dashboard"
"""Folder below ``data/runs`` of what visitors have started."""


def runs_directory() -> Path:
    """Where training runs are looked for."""
    return data_directory() / "runs"


def roots() -> list[Path]:
    """Folders that runs are looked for in: that of this machine, and runs of the operator."""
    named = [Path(name).expanduser() for name in operator().models]
    return [runs_directory(), *(folder for folder in named if folder.is_dir())]


def trainings() -> Trainings:
    """Those that visitors may start."""
    return _trainings(runs_directory() / OWN)


@lru_cache(maxsize=4)
def _trainings(root: Path) -> Trainings:
    return Trainings(root)


def own(record: RunRecord) -> bool:
    """Whether a run was started by a visitor, who may cancel it."""
    return record.folder.parent == trainings().root


def model_name(record: RunRecord) -> str:
    """The name under which a run is chosen as a model."""
    if record.folder.is_relative_to(runs_directory()):
        return RUN + record.folder.relative_to(runs_directory()).as_posix()
    return next(
        (name for name in operator().models if Path(name).expanduser() == record.folder),
        str(record.folder),
    )


def offered() -> tuple[Source, ...]:
    """Flows that can be trained on: those of the server. A visitor's own vanish with the session,
    a training would outlive them."""
    return sources(sys.argv[1:])


def start(source: Source, **wanted) -> Path:
    """Start a small training; returns its folder.

    Args:
        wanted: what ``Wish`` takes beside the data.

    Raises:
        ValueError, FileNotFoundError: not allowed, another one runs, or a flow that does not
            serve; in one line.
    """
    if not operator().allow_training:
        raise ValueError("Visitors of this server may not start trainings.")
    if source not in offered():
        raise ValueError("Only flows of this server can be trained on.")
    flow = open_any(source.path)
    check_long_enough(flow)
    ny, nx = flow.sizes["y"], flow.sizes["x"]
    side = min(SIDE, ny, nx)
    return trainings().start(Wish(source.path, patch=None if ny == nx == side else side, **wanted))
