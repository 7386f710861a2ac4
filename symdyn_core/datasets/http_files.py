"""Files at http addresses, brought home whole: a transfer that is cut off goes on where it was.

What arrived is kept beside the file (``.part``) with what the server said of it. The rest is asked
for as a range of the same version (RFC 9110, sections 13.1.5 and 14.2): a file that has changed in
the meantime is fetched anew instead of being pieced together from two.
"""

import errno
import hashlib
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from symdyn_core.datasets.retrying import Incomplete, is_passing, retried
from symdyn_core.datasets.store import first_line
from symdyn_core.whole_files import write_whole

BLOCK = 2**20
TIMEOUT = 60.0
"""Seconds without a byte after which a connection counts as lost."""

Progress = Callable[[int, int], None]
"""Called with the bytes at home and in all (0 while unknown)."""


@dataclass(frozen=True)
class _Version:
    """What a server says of a file, to recognise it later: its mark and its size."""

    mark: str
    size: int | None


def download_file(
    address: str,
    path: str | Path,
    *,
    sha256: str | None = None,
    progress: Progress | None = None,
    pause: float | int | None = None,
) -> Path:
    """Fetch a file; it appears under its name only once it is whole.

    Args:
        address: ``http://`` or ``https://``.
        path: where to put it. An older file there stays until the new one is complete.
        sha256: checksum that the content must have, if it is known.
        progress: called as bytes arrive.
        pause: seconds before a failed request is repeated; see ``retrying.retried``.

    Raises:
        FileNotFoundError: the server has no such file.
        ValueError: no such address, a refusal, or content of another checksum.
        ConnectionError: the connection failed repeatedly; what arrived is kept.
        OSError: a full disk; what arrived is kept.
    """
    path = Path(path)
    if not re.match(r"https?://[^/]+/", address):
        raise ValueError(f"Expected an address such as https://host/file.nc, got '{address}'.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        retried(lambda: _advance(address, part, progress), pause=pause)
    except Exception as error:
        raise _explained(error, address, part) from None
    found = _digest(part)
    if sha256 is not None and found != sha256.lower():
        _forget(part)
        raise ValueError(
            f"Expected '{address}' to have the SHA-256 {sha256}, got {found}. It was not kept: "
            "check the address and the checksum, and download it again."
        )
    os.replace(part, path)
    _forget(part)
    return path


def _advance(address: str, part: Path, progress: Progress | None) -> None:
    """Fetch what is missing; what arrives is kept even if the connection is lost."""
    have, known = _at_home(part)
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    if have and known is not None:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", known.mark)
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 416 or known is None:
            raise
        # Nothing is left to ask for, or the file has become shorter.
        if known.size == have:
            return
        _forget(part)
        raise Incomplete("the file has changed on the server") from None
    with answer:
        resumed = answer.status == 206 and _starts_at(answer, have)
        version = known if resumed and known is not None else _version(answer)
        have = have if resumed else 0
        write_whole(_label(part), json.dumps({"mark": version.mark, "size": version.size}).encode())
        with open(part, "ab" if resumed else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
                have += len(block)
                if progress is not None:
                    progress(have, version.size or 0)
            file.flush()
            os.fsync(file.fileno())
    if version.size is not None and have != version.size:
        if have > version.size:
            _forget(part)
        raise Incomplete(f"the connection was cut after {have} of {version.size} bytes")


def _at_home(part: Path) -> tuple[int, _Version | None]:
    """(bytes at home, of which version), nothing where that cannot be said for sure."""
    try:
        label = json.loads(_label(part).read_text())
        version = _Version(str(label["mark"]), label["size"])
        size = part.stat().st_size
    except (OSError, ValueError, KeyError):
        return 0, None
    usable = version.mark and size and (version.size is None or size <= version.size)
    return (size, version) if usable else (0, None)


def _version(answer: HTTPResponse) -> _Version:
    mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    if mark.startswith("W/"):  # such marks promise no equal bytes
        mark = answer.headers.get("Last-Modified") or ""
    length = answer.headers.get("Content-Length")
    return _Version(mark, int(length) if length and length.isdigit() else None)


def _starts_at(answer: HTTPResponse, have: int) -> bool:
    """Whether a partial answer is the rest of what is at home."""
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != have:
        raise ValueError("the server answers with another part of the file than asked for")
    return True


def _label(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _label(part).unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _explained(error: Exception, address: str, part: Path) -> Exception:
    """The error in words for people; what arrived is kept where it can be of use."""
    kept = (
        f"What arrived is kept in '{part}': repeat the command to go on." if part.exists() else ""
    )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OSError(f"The disk is full. {kept}")
    if isinstance(error, urllib.error.HTTPError) and error.code in (404, 410):
        return FileNotFoundError(f"No file at '{address}' ({error.code}). Check the address.")
    if is_passing(error):
        reason = f"{type(error).__name__}: {first_line(error)}"
        return ConnectionError(
            f"The connection to '{address}' failed repeatedly ({reason}). {kept}".strip()
        )
    return ValueError(f"Cannot download '{address}': {first_line(error)}. {kept}".strip())
