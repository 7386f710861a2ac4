"""What a training tells others while it runs: a small file in its folder, written whole."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from symdyn_core.experiments.process_mark import ProcessMark
from symdyn_core.whole_files import write_whole

FACTS = "run.json"
"""What a run was started with, beside its specification."""

PROGRESS = "progress.json"
LOG = "training.log"
"""What a training in a process of its own prints."""

WISH = "wish.json"
"""What somebody asked for who started a training in a process of its own."""

STARTER = ".starter.lock"
"""Held as long as whoever started that training is there."""

EVERY = 1.0
"""Seconds between two writings, at least."""


@dataclass(frozen=True)
class Progress:
    """How far a training is, as its process wrote it.

    Attributes:
        process: that process.
        updates, of: optimiser steps done, and of how many.
    """

    process: ProcessMark
    updates: int = 0
    of: int = 0

    @property
    def running(self) -> bool:
        """Whether its process still runs."""
        return self.process.alive

    def write(self, folder: Path) -> None:
        """Put it into the folder of a run."""
        write_whole(folder / PROGRESS, json.dumps(asdict(self)).encode())

    @classmethod
    def read(cls, folder: Path) -> "Progress | None":
        """That of a run; None without one, or where the file is not one."""
        try:
            found = json.loads((folder / PROGRESS).read_text())
            process = ProcessMark(
                int(found["process"]["pid"]),
                str(found["process"]["born"]),
                str(found["process"]["host"]),
            )
            return cls(process, int(found["updates"]), int(found["of"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


class Reporter:
    """Writes the progress of this process into the folder of a run, now and then.

    Args:
        further: called with every step as well.
    """

    def __init__(self, folder: Path, further: Callable[[int, int], None] | None = None):
        self.folder, self.further = folder, further
        self.process = ProcessMark.of(os.getpid())
        self._written = -EVERY
        self._last: tuple[int, int] | None = None

    def __call__(self, done: int, of: int) -> None:
        now, self._last = time.monotonic(), (done, of)
        if now - self._written >= EVERY or done >= of:
            self._written = now
            Progress(self.process, done, of).write(self.folder)
        if self.further is not None:
            self.further(done, of)

    def close(self) -> None:
        """Say that nobody trains here any more, though this process may live on."""
        if self._last is not None:
            Progress(replace(self.process, born=""), *self._last).write(self.folder)
