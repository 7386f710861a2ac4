"""Small trainings in processes of their own, one at a time, that outlive whoever started them.

A training is ``symdyn train`` in a session of its own: closing a browser or stopping the server
does not end it. It holds a lock on a file below its root as long as it lives. The lock is the
system's, handed on to the process, so that none is left over however the process ends.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symdyn_core.experiments.process_mark import ProcessMark
from symdyn_core.experiments.run_progress import LOG, Progress
from symdyn_core.experiments.training_wish import Wish

try:
    import fcntl
except ModuleNotFoundError:  # a system without locks that are handed on
    fcntl = None  # type: ignore[assignment]

LOCK = ".training.lock"

ATTEMPTS, PAUSE = 5, 0.05
"""Times that a held lock is tried, and seconds between them: others look whether it is held."""


class Trainings:
    """The small trainings below a folder, one at a time for all processes that share it.

    Args:
        root: where their folders are made.
    """

    def __init__(self, root: Path):
        self.root = root
        self._started: list[subprocess.Popen] = []

    @property
    def busy(self) -> bool:
        """Whether a training runs now, whoever started it."""
        self._forget_ended()
        if fcntl is None or not (self.root / LOCK).is_file():
            return False
        with (self.root / LOCK).open() as lock:
            return not _taken(lock.fileno(), attempt=0)

    def start(self, wish: Wish) -> Path:
        """Start a training; returns its folder, which tells how far it is.

        Raises:
            ValueError: another one runs, or this system cannot do it.
        """
        self._forget_ended()
        with self._locked() as lock:
            folder = self._new_folder(wish.name)
            threads = str(max(1, (os.cpu_count() or 1) // 2))
            with (folder / LOG).open("ab") as log:
                process = subprocess.Popen(
                    wish.command(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=[lock],
                    env={"OMP_NUM_THREADS": threads, **os.environ},
                )
            self._started.append(process)
            Progress(ProcessMark.of(process.pid), 0, wish.updates).write(folder)
        return folder

    def cancel(self, folder: Path) -> None:
        """Ask a training to stop; it saves its state first and can be continued.

        Raises:
            ValueError: not one of these trainings, or it does not run.
        """
        if folder.resolve().parent != self.root.resolve():
            raise ValueError(f"{folder.name} was not started here; its owner has to stop it.")
        progress = Progress.read(folder)
        if progress is None or not progress.process.terminate():
            raise ValueError(f"{folder.name} does not run any more.")

    def _new_folder(self, name: str) -> Path:
        names = [name, *(f"{name}-{n}" for n in range(2, 100))]
        for candidate in names:
            try:
                (self.root / candidate).mkdir(parents=True)
            except FileExistsError:
                continue
            return self.root / candidate
        raise ValueError(f"There are too many runs called {name}; choose another seed.")

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The lock, to be handed on; given up here when left, kept by whoever has got it.

        Raises:
            ValueError: a training holds it.
        """
        if fcntl is None:
            raise ValueError("Trainings cannot be started from here on this system.")
        self.root.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not any(_taken(lock, attempt) for attempt in range(ATTEMPTS)):
                raise ValueError(
                    "Another training runs on this server, one at a time. Wait for it, or cancel "
                    "it."
                )
            yield lock
        finally:
            os.close(lock)

    def _forget_ended(self) -> None:
        """Let the system forget ended processes that were started here."""
        self._started = [process for process in self._started if process.poll() is None]


def _taken(lock: int, attempt: int) -> bool:
    """Take a lock; a pause before every attempt but the first."""
    time.sleep(PAUSE if attempt else 0)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
