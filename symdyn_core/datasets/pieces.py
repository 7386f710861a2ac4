"""A lazy archive brought home piece by piece, each piece verified and whole, to go on after a stop.

A piece is some frames in a NetCDF file of its own. Its name holds the frames and the checksum of
its content, so that a later run keeps what is sound and fetches the rest.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import xarray as xr

from symdyn_core.datasets.retrying import Incomplete, is_passing, retried
from symdyn_core.datasets.store import first_line
from symdyn_core.whole_files import write_whole

BYTES_PER_PIECE = 2**24
"""Frames are fetched in pieces of about this size (16 MiB), or of one stored chunk if larger."""

LARGEST_PIECE = 2**28
"""Chunks that hold more than this (256 MiB) of the subset are fetched in parts."""

ATTEMPTS = 4
"""How often a piece is read at most, over some 7 seconds; the client repeats requests itself."""

HOLE = 0.01
"""A frame that lacks this share of the cells that others have is read again: stores answer with
missing values where a chunk could not be had."""

PIECE = re.compile(r"frames-(\d+)-(\d+)-([0-9a-f]{64})\.nc")

Progress = Callable[[int, int], None]
"""Called with the frames at home and the frames in all."""

Span = tuple[int, int]
"""First frame, and one past the last."""


def spans_of(dataset: xr.Dataset) -> list[Span]:
    """Frames to fetch together: whole stored chunks where the archive tells them."""
    frames = dataset.sizes["time"]
    per_frame = max(1, bytes_of(dataset) // frames)
    stored = dataset.chunksizes.get("time")
    chunks = stored if stored else (1,) * frames
    longest = max(1, LARGEST_PIECE // per_frame)
    ends: list[int] = []
    start = end = 0
    for chunk in chunks:
        for part in [longest] * (chunk // longest) + [chunk % longest]:
            if end > start and (end + part - start) * per_frame > BYTES_PER_PIECE:
                ends.append(end)
                start = end
            end += part
    ends.append(end)
    return [span for span in zip([0, *ends[:-1]], ends, strict=True) if span[1] > span[0]]


def bytes_of(dataset: xr.Dataset) -> int:
    """Size of all values as they are kept, in single precision."""
    return sum(4 * variable.size for variable in dataset.data_vars.values())


def transferred_bytes(dataset: xr.Dataset) -> int:
    """Estimate of what is transferred: chunks are read whole, edges of the subset cut them.

    n cells meet (n + c - 1) / c chunks of c cells on average.
    """
    total = 0.0
    for variable in dataset.data_vars.values():
        chunks = variable.encoding.get("preferred_chunks", {})
        cells = 1.0
        for dim, size in variable.sizes.items():
            chunk = int(chunks.get(dim, 1))
            cells *= size + chunk - 1 if chunk > 1 else size
        total += cells * np.dtype(variable.encoding.get("dtype", np.float32)).itemsize
    return int(total)


class Pieces:
    """The pieces of one archive in a folder.

    Args:
        folder: where pieces are kept until ``discard``.
        settings: what decides their content, as JSON values; a folder that was begun with others
            is refused.

    Raises:
        ValueError: the folder holds pieces of something else.
    """

    def __init__(self, folder: Path, settings: dict):
        self.folder = folder
        request = folder / "request.json"
        if request.exists():
            if json.loads(request.read_text()) != settings:
                raise ValueError(
                    f"'{folder}' holds an unfinished download of other data, or the archive has "
                    "changed since. Delete the folder to begin anew, or choose another --out."
                )
        else:
            write_whole(request, json.dumps(settings, indent=1).encode())

    def sound(self) -> dict[Span, Path]:
        """The pieces at home; damaged ones are removed."""
        found = {}
        for file in sorted(self.folder.glob("frames-*")):
            match = PIECE.fullmatch(file.name)
            if match and _digest(file) == match[3]:
                found[int(match[1]), int(match[2])] = file
            else:
                file.unlink()
        return found

    def keep(self, span: Span, piece: xr.Dataset) -> Path:
        """Write a piece; it is there as a whole or not at all.

        Raises:
            OSError: such as a full disk; pieces from before stay.
        """
        temporary = self.folder / f"unfinished-{os.getpid()}.tmp"
        try:
            plain = piece.drop_encoding()
            packing = {"dtype": "float32", "zlib": True, "complevel": 1, "shuffle": True}
            encoding = {str(name): packing for name in plain.data_vars}
            plain.to_netcdf(temporary, engine="h5netcdf", encoding=encoding)
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            start = f"frames-{span[0]:07d}-{span[1]:07d}-"
            kept = self.folder / f"{start}{_digest(temporary)}.nc"
            os.replace(temporary, kept)
        finally:
            temporary.unlink(missing_ok=True)
        for older in set(self.folder.glob(f"{start}*")) - {kept}:
            older.unlink()
        return kept

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def fetch(
    pieces: Pieces,
    dataset: xr.Dataset,
    progress: Progress | None = None,
    *,
    pause: float | int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Bring home all pieces that are not there yet.

    Args:
        pieces: where they are kept.
        dataset: the archive, lazy, ``time ... y x``.
        progress: called after every piece.
        pause, sleep: see ``retrying.retried``.

    Returns:
        What is missing in the archive itself, in words.

    Raises:
        ValueError: a frame without any value.
        OSError: a full disk; what was brought home stays.
    """
    spans, notes = spans_of(dataset), list[str]()
    at_home = {span: _wet(_content(file)) for span, file in _fitting(pieces, spans).items()}
    known = np.any([*at_home.values(), _wet_nowhere(dataset)], axis=0)
    for _ in range(2):
        for span in spans:
            _report(progress, at_home, dataset.sizes["time"])
            if span not in at_home:
                with _explained(pieces.folder):
                    piece, note = _read(dataset, span, known, pause, sleep)
                    pieces.keep(span, piece)
                notes += note
                at_home[span] = _wet(piece)
                known |= at_home[span]
        _report(progress, at_home, dataset.sizes["time"])
        # A hole through a whole first piece shows only beside later ones.
        lacking = [s for s, wet in at_home.items() if wet.sum() < (1 - HOLE) * known.sum()]
        if not lacking or notes:
            break
        for span in lacking:
            del at_home[span]
    return notes


def _report(progress: Progress | None, at_home: dict, frames: int) -> None:
    if progress is not None:
        progress(sum(last - first for first, last in at_home), frames)


def _fitting(pieces: Pieces, spans: list[Span]) -> dict[Span, Path]:
    """Sound pieces at home that are some of ``spans``; others, of other chunks, are removed."""
    found = pieces.sound()
    for span in set(found) - set(spans):
        found.pop(span).unlink()
    return found


def _read(
    dataset: xr.Dataset,
    span: Span,
    known: np.ndarray,
    pause: float | int | None,
    sleep: Callable[[float], None],
) -> tuple[xr.Dataset, list[str]]:
    """(the values, what is missing), read again where there are holes."""
    latest: list[xr.Dataset] = []

    def ask() -> xr.Dataset:
        # Selected anew each time: values that were read once are kept by a selection.
        latest[:] = [dataset.isel(time=slice(*span)).load()]
        if _holes(latest[0], known).any():
            raise Incomplete("frames with holes")
        return latest[0]

    try:
        return retried(ask, attempts=ATTEMPTS, pause=pause, sleep=sleep), []
    except Incomplete:
        # The archive itself is like that, such as sea under ice; an empty frame is of no use.
        piece = latest[0]
    days = [str(t.astype("datetime64[D]")) for t in piece["time"].values[_holes(piece, known)]]
    if not _finite(piece).any(axis=1).all():
        raise ValueError(
            f"Expected data in every frame, got an empty one among {days[0]} to {days[-1]}. Check "
            "that the region has water, repeat the command later, or choose another period."
        )
    return piece, [f"{len(days)} frames from {days[0]} to {days[-1]} lack cells that others have"]


def _finite(piece: xr.Dataset) -> np.ndarray:
    """``time cell``: where there are numbers, all variables one after the other."""
    fields = [np.isfinite(variable.values) for variable in piece.data_vars.values()]
    return np.concatenate([field.reshape(len(field), -1) for field in fields], axis=1)


def _wet(piece: xr.Dataset) -> np.ndarray:
    """``cell``: where there is a number in any frame."""
    return np.asarray(_finite(piece).any(axis=0))


def _wet_nowhere(dataset: xr.Dataset) -> np.ndarray:
    return np.zeros(sum(v[0].size for v in dataset.data_vars.values()), bool)


def _holes(piece: xr.Dataset, known: np.ndarray) -> np.ndarray:
    """``time``: which frames lack more cells than they should, or have none."""
    finite = _finite(piece)
    wet = known | finite.any(axis=0)
    lacking = (wet & ~finite).sum(axis=1) > HOLE * wet.sum()
    return np.asarray(lacking | ~finite.any(axis=1))


def _content(piece: Path) -> xr.Dataset:
    with xr.open_dataset(piece, engine="h5netcdf") as content:
        return content.load()


def _digest(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Say of a full disk or a lost connection that nothing is lost."""
    try:
        yield
    except Exception as error:
        kept = f"What was fetched is kept in '{folder}'"
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(
                f"The disk is full. {kept}: free some space and repeat the command to go on."
            ) from None
        if is_passing(error):
            raise ConnectionError(
                f"The connection failed repeatedly ({type(error).__name__}: {first_line(error)}). "
                f"{kept}: repeat the command to go on."
            ) from None
        raise
