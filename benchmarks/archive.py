"""An archive larger than the memory: reported on and cut into windows, with the peak memory.

Writes a Zarr store in the package's own layout, sharded but not compressed, whose files are sparse:
they have their full length and take no room on the disk, but for the first shard, which holds a
flow of noise. Every byte is then read as from a full archive, by what ``symdyn data info`` does.
The peak is that of the resident memory of this process (pages of files that the system may drop
at any time included). Writes ``benchmarks/results/archive-cpu.json``.

    python benchmarks/archive.py [--gigabytes 50] [--folder FOLDER] [--windows 64]
"""

import argparse
import json
import math
import resource
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import numpy as np
import torch
import xarray as xr
import zarr

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.reports import default_path, report, write_report
from symdyn_core.benchmarking.rows import row
from symdyn_core.datasets import schema
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.sampling import epoch_order
from symdyn_core.datasets.store import open_flow
from symdyn_core.datasets.windows import Windows
from symdyn_core.grid import Grid
from symdyn_core.inspection.report import inspect_path

NY, NX, SHARD_FRAMES, CHUNK = 512, 1024, 32, (32, 128, 128)
PAST, FUTURE, BATCH = 4, 2, 2
LIMIT = 2e9
"""Bytes of memory that the archive may need."""


def write_sparse(path: Path, shards: int) -> int:
    """Write an archive of ``shards`` shards for each component; returns the bytes of velocities."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(SHARD_FRAMES, 2, NY, NX, generator=generator)
    flow = schema.from_tensor(noise, Grid(NY, NX), title="sparse archive")
    encoding = {
        name: {"chunks": CHUNK, "shards": (SHARD_FRAMES, NY, NX), "compressors": None,
               "fill_value": np.nan, "_FillValue": None}
        for name in ("u", "v")
    }  # fmt: skip
    with zarr.config.set({"array.write_empty_chunks": True}):
        flow.to_zarr(path, zarr_format=3, consolidated=False, encoding=encoding)
    frames = shards * SHARD_FRAMES
    for name in ("u", "v"):
        first = path / name / "c" / "0" / "0" / "0"
        for number in range(1, shards):
            copy_hollow(first, path / name / "c" / str(number) / "0" / "0")
        lengthen(path / name / "zarr.json", frames)
    attributes = {"units": "1", "long_name": "time"}
    zarr.open_group(path).create_array(
        "time",
        data=np.arange(frames, dtype=float),
        dimension_names=("time",),
        attributes=attributes,
        overwrite=True,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(path)
    return frames * 2 * NY * NX * 4


def copy_hollow(shard: Path, target: Path) -> None:
    """A shard as long as another and with its index, the numbers all zero and on no disk."""
    size = shard.stat().st_size
    index = size - SHARD_FRAMES * NY * NX * 4
    with shard.open("rb") as file:
        file.seek(size - index)
        tail = file.read()
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        file.truncate(size)
        file.seek(size - index)
        file.write(tail)


def lengthen(metadata: Path, frames: int) -> None:
    """Tell an array that it has more frames."""
    content = json.loads(metadata.read_text())
    content["shape"][0] = frames
    metadata.write_text(json.dumps(content))


def peak() -> int:
    """Largest resident memory of this process so far [bytes]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check(found: dict[str, Any], shards: int) -> None:
    """Raise a RuntimeError unless the report is that of noise in the first shard.

    Noise differs from itself √2 root mean squares later, and from the zeros that follow it by one.
    """
    expected = math.sqrt(1 / shards)
    errors = [(found["rms"], expected)]
    for entry in found["persistence"]:
        lead, frames = entry["lead"], shards * SHARD_FRAMES
        errors += [(entry["rmse"], math.sqrt((2 * SHARD_FRAMES - lead) / (frames - lead)))]
    for got, wanted in errors:
        if abs(got / wanted - 1) > 1e-3:
            raise RuntimeError(f"Expected {wanted} in the report, got {got}.")


def read_windows(flow: xr.Dataset, count: int) -> None:
    """Windows from all over the archive, through a cache of decoded blocks."""
    source = ChunkedFrames(flow)
    windows = Windows(flow, PAST, FUTURE, source=source)
    order = epoch_order(windows, 0, 0, count)
    for indices in order.split(BATCH):
        windows.batch(indices)


@contextmanager
def timed(rows: list[dict], size: int, what: str, **more: int) -> Iterator[None]:
    """Print and note how long something took, and the peak of the memory so far."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"{what}: {wall:.0f} s ({processor:.0f} s of processor), peak {peak() / 1e9:.2f} GB",
        flush=True,
    )
    found = row("archive", what, "peak memory", "archive", peak() / size, target=LIMIT,
                judged=peak(), peak_bytes=peak(), archive_bytes=size, seconds=processor,
                seconds_wall=wall, **more)  # fmt: skip
    rows.append(found)


def main() -> None:
    """Write the archive, report on it, cut windows; print and write down times and the peak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=50)
    parser.add_argument("--windows", type=int, default=64)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    shards = max(2, round(options.gigabytes * 1e9 / (SHARD_FRAMES * 2 * NY * NX * 4)))
    rows: list[dict] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "archive.zarr"
        size = write_sparse(path, shards)
        print(f"archive: {size / 1e9:.1f} GB in {2 * shards} shards, peak {peak() / 1e9:.2f} GB")
        with (
            timed(rows, size, "report", shards=2 * shards),
            dask.config.set(scheduler="threads", num_workers=2),
        ):
            check(inspect_path(path).report, shards)
        with timed(rows, size, "windows", windows=options.windows, frames=PAST + FUTURE):
            read_windows(open_flow(path, lazy=True), options.windows)
    conditions = Conditions(rounds=1)
    write_report(default_path("archive", conditions), report(rows, conditions, []))
    met = peak() < LIMIT
    print(
        f"peak memory {peak() / 1e9:.2f} GB: {'under' if met else 'NOT UNDER'} {LIMIT / 1e9:g} GB"
    )
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
