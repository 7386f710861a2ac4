"""Files that are whole or not there at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once; see ``whole_file``."""
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write under a temporary name beside ``path``, forced to the disk, then renamed.

    Readers see the older file or the new one, never a part, whenever the writer is killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def check_writable(path: Path, option: str) -> None:
    """Find out before the work begins whether its result can be written to ``path``.

    Raises:
        ValueError: a folder, or a place where nothing can be written; names ``option``.
    """
    if path.is_dir():
        raise ValueError(f"{option} takes the name of a file, got the folder {path}.")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir():
        raise ValueError(f"{option} cannot be written below {above}, which is a file.")
    try:
        # Permissions do not tell: a disk may be read-only, and some folders take no files.
        tempfile.TemporaryFile(dir=above).close()
    except OSError as error:
        raise ValueError(
            f"{option} cannot be written to {above}: {error.strerror}. Choose another folder."
        ) from None
