"""Frames in one file that is mapped into memory, written once from any flow.

The file is a safetensors file (https://github.com/huggingface/safetensors#format: the length of a
JSON header as eight bytes, little-endian, the header, the numbers) with the single tensor ``w``,
``member time component y x``, members outermost, so that a window is one piece of the file. It
holds every frame once. Any number of processes share its pages.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float, Int
from torch import Tensor

from symdyn_core.datasets.frames import HeldFrames, blocks_of, read_block, shape_of, water_of
from symdyn_core.datasets.read_ahead import read_ahead
from symdyn_core.whole_files import whole_file

PAGE = 4096
"""Bytes. Numbers start at a multiple of it, so that pages and frames line up."""

NAMES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.float64: "F64"}
"""What safetensors calls the precisions that a flow may be kept in."""


class MappedFrames:
    """Frames read through a memory map: nothing is read before it is used, nothing twice.

    Args:
        path: a file written by ``MappedFrames.of`` (or ``write_mapped``).

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: another file, or a part of one.
    """

    device = torch.device("cpu")

    def __init__(self, path: str | Path):
        self.path = Path(path)
        header, begin = _header(self.path)
        entry = header["w"]
        self.shape = tuple(entry["shape"])
        self.dtype = next(dtype for dtype, name in NAMES.items() if name == entry["dtype"])
        self.identity = str(header["__metadata__"]["identity"])
        # Copy on write: no writer can reach the file, and torch gets memory that it may own.
        size = math.prod(self.shape) * self.dtype.itemsize
        mapped = np.memmap(self.path, np.uint8, "c", begin, (size,))
        self._held = HeldFrames(torch.from_numpy(mapped).view(self.dtype).view(self.shape))
        read_ahead(self.path, mapped)

    @classmethod
    def of(
        cls, flow: xr.Dataset, path: str | Path, *, dtype: torch.dtype = torch.float32
    ) -> "MappedFrames":
        """Map the frames of a flow at ``path``; they are written there first if they are not yet.

        Raises:
            ValueError: ``path`` holds other frames or another file, or water holds missing values.
        """
        path = Path(path)
        if not path.exists():
            write_mapped(flow, path, dtype=dtype)
        mapped = cls(path)
        if mapped.identity != identity(flow) or mapped.dtype != dtype:
            raise ValueError(
                f"Expected the frames of this flow in '{path}', got those of another one, or in "
                "another precision. Delete the file, which is only a copy, or choose another name."
            )
        return mapped

    @property
    def w(self) -> Float[Tensor, "member time component=2 y x"]:
        """All frames; reading them reads the file."""
        return self._held.w

    def gather(
        self, member: Int[Tensor, " batch"], start: Int[Tensor, " batch"], length: int
    ) -> Float[Tensor, "batch time component=2 y x"]:
        """``length`` frames of each ``member``, from frame ``start`` on, as a new tensor."""
        return self._held.gather(member, start, length)


def write_mapped(flow: xr.Dataset, path: str | Path, *, dtype: torch.dtype = torch.float32) -> Path:
    """Write the frames of a flow for ``MappedFrames``, a block at a time.

    The file appears under its name once it is complete and on the disk; a file that is there
    already is replaced only then.

    Raises:
        ValueError: missing values on water, or a precision that is not a floating-point one.
    """
    path = Path(path)
    head = _encoded_header(shape_of(flow), dtype, identity(flow))
    with whole_file(path) as file:
        file.write(head)
        # Blocks come ordered by member and time: the order of the file.
        for _, _, block in blocks_of(flow):
            file.write(block.to(dtype).contiguous().view(torch.uint8).numpy().data)
    return path


def identity(flow: xr.Dataset) -> str:
    """What tells one flow from another without reading all of it.

    SHA-256 of the shape, the attributes, the coordinates, the land, and the first, middle and last
    frame of the first and the last member.
    """
    members, times, *_ = shape_of(flow)
    water = water_of(flow)
    attributes = {str(name): str(value) for name, value in sorted(flow.attrs.items())}
    digest = hashlib.sha256(json.dumps([list(shape_of(flow)), attributes]).encode())
    for name in ("time", "y", "x"):
        digest.update(np.ascontiguousarray(flow[name].values).astype("S32").tobytes())
    if water is not None:
        digest.update(water.numpy().tobytes())
    for member in sorted({0, members - 1}):
        land = None if water is None else water[member]
        for time in sorted({0, times // 2, times - 1}):
            frame = read_block(flow, member, slice(time, time + 1), land)
            digest.update(frame.numpy().tobytes())
    return digest.hexdigest()


def _encoded_header(shape: tuple[int, ...], dtype: torch.dtype, flow_identity: str) -> bytes:
    if dtype not in NAMES:
        raise ValueError(f"Expected one of the precisions {sorted(map(str, NAMES))}, got {dtype}.")
    size = math.prod(shape) * dtype.itemsize
    header = {
        "__metadata__": {"identity": flow_identity, "axes": "member time component y x"},
        "w": {"dtype": NAMES[dtype], "shape": list(shape), "data_offsets": [0, size]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % PAGE)
    return len(text).to_bytes(8, "little") + text


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """(header, where the numbers begin) of a file that is complete."""
    if not path.is_file():
        raise FileNotFoundError(f"No frames at '{path}'. Write them with write_mapped(flow, path).")
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, path.stat().st_size)))
        expected = 8 + length + header["w"]["data_offsets"][1]
        whole = path.stat().st_size == expected and "identity" in header["__metadata__"]
        if whole and header["w"]["dtype"] in NAMES.values():
            return header, 8 + length
    except (ValueError, KeyError, TypeError, MemoryError):
        pass
    raise ValueError(
        f"Expected complete frames written by write_mapped in '{path}', got another file. "
        "Delete it or choose another name."
    )
