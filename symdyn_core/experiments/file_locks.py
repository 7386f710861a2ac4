"""Locks of the system on files: gone with the process that holds them, however it ends."""

import os
import time
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # a system without locks that are handed on
    fcntl = None  # type: ignore[assignment]

AVAILABLE = fcntl is not None

ATTEMPTS, PAUSE = 5, 0.05
"""Times that a held lock is tried, and seconds between them: others look whether it is held."""


def taken(lock: int, attempts: int = ATTEMPTS) -> bool:
    """Take the lock of an open file; False where somebody else holds it."""
    for attempt in range(attempts):
        time.sleep(PAUSE if attempt else 0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock of a file."""
    if not AVAILABLE or not path.is_file():
        return False
    with path.open() as file:
        try:
            # Shared with others who look.
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Hold:
    """The lock of a file, held from now on until it is given up or this process ends.

    Attributes:
        got: whether it was free.
    """

    def __init__(self, path: Path):
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.got = AVAILABLE and taken(self._file)
        if not self.got:
            self.give_up()

    def give_up(self) -> None:
        """Let others have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
