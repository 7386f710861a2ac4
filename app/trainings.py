"""Training runs of this machine: where they are, and small ones that visitors may start."""

import sys
from functools import lru_cache
from pathlib import Path

from symdyn_core.datasets.opening import open_any
from symdyn_core.experiments.file_locks import Hold
from symdyn_core.experiments.run_records import RunRecord
from symdyn_core.experiments.training_wish import Wish, check_long_enough
from symdyn_core.experiments.trainings import Trainings, hold, resumable, starter_is_here
from symdyn_core.paths import data_directory

from .catalogue import RUN
from .flows import SIDE, Source, sources
from .operator import operator

OWN = "dashboard"
"""Folder below ``data/runs`` of what visitors have started."""

NOT_YOURS = (
    "Another visitor started this training and is still here: until they leave, only they may "
    "cancel or continue it."
)


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
    """Whether a run was started by a visitor."""
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
    _check_allowed(source.path)
    flow = open_any(source.path)
    check_long_enough(flow)
    ny, nx = flow.sizes["y"], flow.sizes["x"]
    side = min(SIDE, ny, nx)
    return trainings().start(Wish(source.path, patch=None if ny == nx == side else side, **wanted))


def _check_allowed(path: str) -> None:
    if not operator().allow_training:
        raise ValueError("Visitors of this server may not start trainings.")
    if path not in [source.path for source in offered()]:
        raise ValueError("Only flows of this server can be trained on.")


def continuable(record: RunRecord) -> bool:
    """Whether a visitor may continue a run: one of theirs that was stopped with a checkpoint."""
    return operator().allow_training and own(record) and resumable(record.folder) is not None


class Starter:
    """One visitor and the trainings that he has started or continued.

    Nobody else may cancel them as long as he is here, in any process of the server; once he has
    left anybody may, so that no training holds the server's only place for ever. The operator can
    always end its process, whose number is in ``progress.json``.
    """

    def __init__(self) -> None:
        self._holds: dict[Path, Hold] = {}

    def started(self, folder: Path) -> None:
        """A training is his from now on."""
        if folder not in self._holds:
            held = hold(folder)
            if held.got:
                self._holds[folder] = held

    def may_act_on(self, folder: Path) -> bool:
        """Whether he may cancel or continue a training."""
        return folder in self._holds or not starter_is_here(folder)

    def cancel(self, record: RunRecord) -> None:
        """Ask a training to stop; it saves its state first.

        Raises:
            ValueError: not his to stop, or it does not run; in one line.
        """
        self._check(record.folder)
        trainings().cancel(record.folder)

    def resume(self, record: RunRecord) -> None:
        """Continue a training that was stopped; it is his then.

        Raises:
            ValueError: not his, nothing to continue, or another one runs; in one line.
        """
        self._check(record.folder)
        wish = resumable(record.folder)
        if wish is None:
            raise ValueError(f"{record.name} left nothing that could be continued.")
        _check_allowed(wish.data)
        trainings().resume(record.folder)
        self.started(record.folder)

    def leave(self) -> None:
        """He has gone: what he has started is anybody's."""
        for held in self._holds.values():
            held.give_up()
        self._holds.clear()

    def _check(self, folder: Path) -> None:
        if not operator().allow_training:
            raise ValueError("Visitors of this server may not start, cancel or continue trainings.")
        if not self.may_act_on(folder):
            raise ValueError(NOT_YOURS)
