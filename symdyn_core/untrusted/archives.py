"""ZIP files that unpack to what they say, inside one folder."""

import re
import stat
import zipfile
from pathlib import Path, PurePosixPath

from symdyn_core.untrusted.limits import MEGABYTE, Limits, readable

LARGEST_RATIO = 200
"""Of unpacked to packed size; stores of numbers reach a hundred where most of them are land."""

SMALL = 16 * MEGABYTE
"""Unpacked size below which the ratio does not matter."""

DEEPEST = 12
"""Folders within folders."""

IGNORED = ("__MACOSX", ".DS_Store", "Thumbs.db")
"""What systems add to archives."""

PACKED = (".zip", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".tar")

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

PIECE = 2**20


def unpack(archive: Path, folder: Path, limits: Limits) -> Path:
    """Unpack a ZIP file after a look at its list of contents; returns ``folder``.

    Raises:
        ValueError: one line: what about it is not accepted.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _checked(opened.infolist(), archive.stat().st_size, limits)
            folder.mkdir(parents=True)
            for entry, path in entries:
                _write(opened, entry, folder / path)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"The ZIP file is damaged or cut off ({text}). Pack it again.") from None
    return folder


def _checked(
    entries: list[zipfile.ZipInfo], packed: int, limits: Limits
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files to unpack and where to, none of them outside the folder."""
    if len(entries) > limits.entries:
        raise ValueError(
            f"The ZIP file holds {len(entries)} files, at most {limits.entries} are unpacked. "
            "Use larger chunks."
        )
    total = sum(entry.file_size for entry in entries)
    limits.check_claim(total, "The ZIP file")
    if total > SMALL and total > LARGEST_RATIO * packed:
        raise ValueError(
            f"The ZIP file of {readable(packed)} unpacks to {readable(total)}, which no recorded "
            "flow does. It is not unpacked."
        )
    found, seen = [], set()
    for entry in entries:
        path = _inside(entry.filename)
        if entry.is_dir() or any(part in IGNORED for part in path.parts):
            continue
        _check_entry(entry)
        if path in seen:
            raise ValueError(f"The ZIP file holds '{_shown(entry.filename)}' twice. Pack it again.")
        seen.add(path)
        found.append((entry, path))
    if not found:
        raise ValueError("The ZIP file holds no files. Pack the Zarr store itself.")
    return found


def _inside(name: str) -> PurePosixPath:
    """The path of an entry, below the folder it is unpacked to."""
    path = PurePosixPath(name)
    foreign = "\\" in name or "\0" in name or re.match(r"[A-Za-z]:", name)
    if foreign or path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(
            f"The ZIP file wants to write to '{_shown(name)}', outside its own folder. "
            "It is not unpacked."
        )
    if len(path.parts) > DEEPEST or any(len(part.encode()) > 200 for part in path.parts):
        raise ValueError("The ZIP file holds folders nested too deeply, or names too long.")
    return path


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name, mode = _shown(entry.filename), entry.external_attr >> 16
    if entry.flag_bits & 0x1:
        raise ValueError("The ZIP file is locked with a password. Pack it without one.")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "a special file"
        raise ValueError(f"The ZIP file holds {kind}, '{name}'. Pack the files themselves.")
    if entry.compress_type not in METHODS:
        raise ValueError("The ZIP file is packed by a method other than deflate. Pack it again.")
    if entry.filename.lower().endswith(PACKED):
        raise ValueError(f"The ZIP file holds another archive, '{name}'. Pack the store itself.")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one entry, never more than it claimed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with opened.open(entry) as source, target.open("xb") as file:
        while piece := source.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise zipfile.BadZipFile("an entry is larger than it claims")
            file.write(piece)


def _shown(name: str) -> str:
    """A name that can be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:80]
