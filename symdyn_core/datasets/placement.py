"""Where the frames of a training lie: in memory, in a mapped file, in the archive, on a device.

The choice decides how fast windows come and how much memory they take, never their numbers.

===========  ===================================================================================
``memory``   all frames in memory: the fastest
``mapped``   in a file that is written once, below ``frames`` in the data directory: as fast once
             the system has read it, of any size that fits on the disk, shared by all processes
``chunks``   in the archive as it is, through a cache of decoded blocks: takes no disk
``device``   all frames in the memory of the accelerator: nothing to be brought there
``auto``     ``memory`` for what fits into MEMORY_SHARE of it, else ``mapped``
===========  ===================================================================================
"""

import hashlib
import math
import os
import shutil
from pathlib import Path

import torch
import xarray as xr

from symdyn_core.datasets.catalogued import readable_bytes
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.frames import FrameSource, HeldFrames, shape_of
from symdyn_core.datasets.mapped_frames import MappedFrames, identity
from symdyn_core.paths import data_directory

PLACES = ("auto", "memory", "mapped", "chunks", "device")

MEMORY_SHARE = 0.5
"""Share of the machine's memory that the frames of a training may take."""

UNKNOWN_MEMORY = 2**33
"""Memory that is assumed where the system does not tell [bytes]."""

CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says how much memory a container may use."""


def frames_at(
    flow: xr.Dataset,
    place: str = "auto",
    *,
    dtype: torch.dtype = torch.float32,
    folder: str | Path | None = None,
) -> FrameSource:
    """The frames of a flow, ready for ``Windows(..., source=...)``.

    Args:
        flow: a valid flow, in memory or left on disk.
        place: one of PLACES.
        dtype: precision of the windows.
        folder: of mapped files; ``frames`` in the data directory by default. A file there is only
            a copy: it is found again by what is in it, and may be deleted at any time.

    Raises:
        ValueError: an unknown place, missing values on water, or no room in memory or on disk.
    """
    if place not in PLACES:
        raise ValueError(f"Unknown source {place!r}; choose from {', '.join(PLACES)}.")
    if place == "auto":
        place = "memory" if fits_in_memory(flow, dtype) else "mapped"
    if place == "chunks":
        return ChunkedFrames(flow, dtype=dtype)
    if place == "mapped":
        return _mapped(flow, dtype, data_directory() / "frames" if folder is None else Path(folder))
    device = accelerator() if place == "device" else torch.device("cpu")
    try:
        return HeldFrames.of(flow, dtype=dtype, device=device)
    except (MemoryError, torch.OutOfMemoryError):
        raise ValueError(
            f"Expected {size_of(flow, dtype) / 2**30:.1f} GiB of free memory for all frames on "
            f"'{device}', got less. Choose the source mapped or chunks."
        ) from None


def size_of(flow: xr.Dataset, dtype: torch.dtype) -> int:
    """Bytes of all frames."""
    return math.prod(shape_of(flow)) * dtype.itemsize


def fits_in_memory(flow: xr.Dataset, dtype: torch.dtype = torch.float32) -> bool:
    """Whether all frames take no more than MEMORY_SHARE of the memory."""
    return size_of(flow, dtype) <= MEMORY_SHARE * memory()


def memory() -> int:
    """Memory of this machine, or of the container this process runs in [bytes]."""
    try:
        installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN_MEMORY
    try:
        return min(installed, int(CONTROL_GROUP.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return installed


def accelerator() -> torch.device:
    """The accelerator that training uses, for this process of several; else the processor."""
    if not torch.accelerator.is_available():
        return torch.device("cpu")
    found = torch.accelerator.current_accelerator()
    number = int(os.environ.get("LOCAL_RANK", 0))
    return torch.device("cpu") if found is None else torch.device(found.type, number)


def _mapped(flow: xr.Dataset, dtype: torch.dtype, folder: Path) -> MappedFrames:
    path = folder / f"{_key(flow)}-{str(dtype).removeprefix('torch.')}.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted, free = size_of(flow, dtype), shutil.disk_usage(folder).free
        if free < wanted:
            raise ValueError(
                f"Expected {readable_bytes(wanted)} of free disk in '{folder}' for a mapped copy "
                f"of the frames, got {readable_bytes(free)}. Name another disk by SYMDYN_DATA, or "
                "choose the source chunks, which reads the archive as it is."
            )
    return MappedFrames.of(flow, path, dtype=dtype)


def _key(flow: xr.Dataset) -> str:
    """What tells a flow from all others: some frames, and when its archive was last written."""
    digest = hashlib.sha256(identity(flow).encode())
    archive = Path(str(flow.encoding.get("source", "")))
    if archive.exists():
        digest.update(f"{archive.resolve()} {archive.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:32]
