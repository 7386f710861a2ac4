"""Small trainings in processes of their own, one at a time, that outlive whoever started them.

A training is ``symdyn train`` in a session of its own: closing a browser or stopping the server
does not end it. It holds a lock on a file below its root as long as it lives. The lock is the
system's, handed on to the process, so that none is left over however the process ends.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from symdyn_core.experiments import file_locks
from symdyn_core.experiments.process_mark import ProcessMark
from symdyn_core.experiments.run_progress import LOG, STARTER, Progress
from symdyn_core.experiments.training_wish import Wish
from symdyn_core.training.run import STATE

LOCK = ".training.lock"


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
        return file_locks.is_held(self.root / LOCK)

    def start(self, wish: Wish) -> Path:
        """Start a training; returns its folder, which tells how far it is.

        Raises:
            ValueError: another one runs, or this system cannot do it.
        """
        self._forget_ended()
        with self._locked() as lock:
            folder = self._new_folder(wish.name)
            wish.write(folder)
            self._launch(wish, folder, lock)
        return folder

    def resume(self, folder: Path) -> None:
        """Continue a training that was stopped, from its last checkpoint and as it was wanted.

        Raises:
            ValueError: not one of these trainings, nothing to continue, or another one runs.
        """
        self._check_own(folder)
        self._forget_ended()
        with self._locked() as lock:
            wish = resumable(folder)
            if wish is None:
                raise ValueError(f"{folder.name} left nothing that could be continued.")
            self._launch(wish, folder, lock)

    def _launch(self, wish: Wish, folder: Path, lock: int) -> None:
        """Begin or go on with a training, which takes over the lock."""
        earlier = Progress.read(folder)
        done = earlier.updates if earlier is not None else 0
        threads = str(max(1, (os.cpu_count() or 1) // 2))
        with (folder / LOG).open("ab") as log:
            # What it printed last may say why it failed, which is over now.
            log.write(f"From update {done} on.\n".encode())
            log.flush()
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
        Progress(ProcessMark.of(process.pid), done, wish.updates).write(folder)

    def cancel(self, folder: Path) -> None:
        """Ask a training to stop; it saves its state first and can be continued.

        Raises:
            ValueError: not one of these trainings, or it does not run.
        """
        self._check_own(folder)
        progress = Progress.read(folder)
        if progress is None or not progress.process.terminate():
            raise ValueError(f"{folder.name} does not run any more.")

    def _check_own(self, folder: Path) -> None:
        if folder.resolve().parent != self.root.resolve():
            raise ValueError(f"{folder.name} was not started here; that is up to its owner.")

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
        if not file_locks.AVAILABLE:
            raise ValueError("Trainings cannot be started from here on this system.")
        self.root.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not file_locks.taken(lock):
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


def resumable(folder: Path) -> Wish | None:
    """What a training was asked for that was stopped before its end and left a checkpoint, else
    None."""
    wish, progress = Wish.read(folder), Progress.read(folder)
    if wish is None or progress is None or progress.running or not (folder / STATE).is_file():
        return None
    return wish if progress.updates < wish.updates else None


def starter_is_here(folder: Path) -> bool:
    """Whether whoever started or continued a training, in any process, holds on to it still."""
    return file_locks.is_held(folder / STARTER)


def hold(folder: Path) -> file_locks.Hold:
    """Hold on to a training, as the one who started it."""
    return file_locks.Hold(folder / STARTER)
