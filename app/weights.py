"""Which weights a model has now: a run that is trained on writes better ones into their place."""

from pathlib import Path

Mark = tuple[int, ...] | None
"""What tells the weights in a file from those that were there before; None without a file."""

Marked = tuple[str, Mark]
"""Name of a model and the mark of its weights: what results that are kept go by."""


def mark_of(file: Path) -> Mark:
    """When weights were written, how long their file is, and which file of the disk it is."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
