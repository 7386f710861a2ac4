"""Files that a visitor sends: received bit by bit, kept in a private folder, gone with the session.

Nothing here looks into a file; ``symdyn_core.untrusted`` does, in a process of its own.
"""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from symdyn_core.untrusted.limits import MEGABYTE, Limits, readable

from .operator import operator

SMALLEST_ROOM = 256
"""Room for patches that are cut on the server, where uploads may be smaller or none [MB]."""


class Incoming:
    """One file on its way.

    Args:
        path: where it is written, alone in a folder.
        name: what the visitor calls it.
        size: how long the browser says it is; it cannot become longer [bytes].
    """

    def __init__(self, path: Path, name: str, size: int):
        self.path, self.name, self.size = path, name, size
        path.parent.mkdir(mode=0o700)
        self._file = path.open("xb")
        self.received = 0

    @property
    def complete(self) -> bool:
        """Whether all of it is here."""
        return self.received == self.size

    def write(self, at: int, piece: bytes) -> None:
        """Add the next piece.

        Raises:
            ValueError: not the next one, or more than was announced.
        """
        if at != self.received or at + len(piece) > self.size:
            raise ValueError("The file did not arrive in order. Send it again.")
        self._file.write(piece)
        self.received += len(piece)
        if self.complete:
            self._file.close()

    def discard(self) -> None:
        """Forget it."""
        self._file.close()
        shutil.rmtree(self.path.parent, ignore_errors=True)


class Uploads:
    """The private folder of a session; it vanishes with the session and with the server."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="symdyn-session-"))
        self.close = weakref.finalize(self, shutil.rmtree, self.folder, True)
        self._count = self._held = 0

    def hold(self, size: int) -> None:
        """Count a flow that is held in memory until the session ends.

        Raises:
            ValueError: more than one session may hold; says what to do.
        """
        most = operator().session_mb * MEGABYTE
        if self._held + size > most:
            raise ValueError(
                f"This flow takes {readable(size)} of memory, and this session has room for "
                f"{readable(most - self._held)} more. Cut a patch, or reload the page to begin "
                "anew."
            )
        self._held += size

    @property
    def room(self) -> int:
        """Bytes that may still be kept."""
        most = max(operator().upload_mb, SMALLEST_ROOM) * MEGABYTE
        return max(0, most - _size(self.folder))

    def expect(self, name: str, size: int) -> Incoming:
        """Get ready for a file.

        Raises:
            ValueError: uploads are off, or the file is too large.
        """
        most = operator().upload_mb * MEGABYTE
        if most == 0:
            raise ValueError("This server takes no uploads.")
        if size <= 0:
            raise ValueError("The file is empty. Was it written completely?")
        if size > most:
            raise ValueError(
                f"The file has {readable(size)}; at most {readable(most)} are accepted here. "
                "Cut out a region or a period first."
            )
        self.check_room(size)
        return Incoming(self.new_place() / "sent", name, size)

    def check_room(self, size: int) -> None:
        """Refuse what would fill the folder.

        Raises:
            ValueError: too little room; says what to do.
        """
        if size > self.room:
            raise ValueError(
                f"{readable(size)} do not fit: this session has room for {readable(self.room)} "
                "more. Reload the page to begin anew, or choose less."
            )

    def new_place(self) -> Path:
        """A name below the folder that is not taken."""
        self._count += 1
        return self.folder / str(self._count)

    @staticmethod
    def limits() -> Limits:
        """What a file may claim, and its reader may take."""
        return Limits(file_mb=operator().upload_mb)


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.path.getsize(os.path.join(place, name))
            except OSError:  # just removed
                continue
    return total
