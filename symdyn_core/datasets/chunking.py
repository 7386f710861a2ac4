"""How a flow is laid out in a Zarr store: in chunks sized for windows, many to a file.

A chunk is some frames of a tile of one member, what is read and decoded at once. The chunks of
whole fields share a file, a shard, so that archives of any size are few files and a window is
still read alone.
"""

import math

import numpy as np
import xarray as xr
from zarr.codecs import ZstdCodec

FRAMES_PER_CHUNK = 32
"""Frames in one chunk: 32 frames of 64 x 64 cells are 512 KiB, a good size to read at once."""

CELLS_PER_CHUNK = 128
"""Cells along one side of a chunk, at most: a window of 64 x 64 cells of an ocean lies in four
chunks of 2 MiB or fewer, and does not touch the rest of the field."""

SHARD_BYTES = 2**27
"""Bytes of one shard, at most, before compression. Chunks are what is read, shards are files: an
archive of a terabyte is ten thousand files instead of a million."""


def encoding_of(flow: xr.Dataset, chunks: dict[str, int] | None) -> dict:
    """Chunks, shards and a checksummed compressor for every variable on the grid."""
    compressor = ZstdCodec(level=3, checksum=True)
    encoding: dict = {}
    for name in flow.data_vars:
        chunk = _chunk(flow[name], chunks or {})
        encoding[name] = {"chunks": chunk, "compressors": (compressor,)}
        if np.issubdtype(flow[name].dtype, np.floating):
            # A chunk that is lost reads as NaN. Said by Zarr alone: an attribute besides would
            # make xarray look for NaN to replace by NaN, four times the work of reading.
            encoding[name] |= {"fill_value": np.nan, "_FillValue": None}
        if "time" in flow[name].dims:
            # The index of a shard has a checksum of its own.
            encoding[name]["shards"] = _shard(flow[name], chunk)
    return encoding


def _chunk(variable: xr.DataArray, chunks: dict[str, int]) -> tuple[int, ...]:
    """One member, some frames, a tile of the field. A chunk never spans members: they are read
    one at a time."""
    usual = {"member": 1, "time": FRAMES_PER_CHUNK, "y": CELLS_PER_CHUNK, "x": CELLS_PER_CHUNK}
    sizes = usual | chunks
    shape = variable.sizes
    return tuple(max(1, min(sizes.get(str(dim), size), size)) for dim, size in shape.items())


def _shard(variable: xr.DataArray, chunk: tuple[int, ...]) -> tuple[int, ...]:
    """Whole fields of one member, as many chunks in time as fit into a shard."""
    shard = [
        -(-size // part) * part if dim in ("y", "x") else part
        for (dim, size), part in zip(variable.sizes.items(), chunk, strict=True)
    ]
    axis = variable.dims.index("time")
    available = -(-variable.shape[axis] // chunk[axis])
    fitting = SHARD_BYTES // (math.prod(shard) * variable.dtype.itemsize)
    shard[axis] *= max(1, min(available, fitting))
    return tuple(shard)


def in_shards(flow: xr.Dataset, encoding: dict) -> xr.Dataset:
    """A flow backed by Dask in blocks of whole shards: two workers never write the same file."""
    for name, entry in encoding.items():
        if flow[name].chunks is not None:
            blocks = dict(zip(flow[name].dims, entry.get("shards", entry["chunks"]), strict=True))
            flow = flow.assign({name: flow[name].chunk(blocks)})
    return flow
