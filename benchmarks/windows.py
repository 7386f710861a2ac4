"""Windows per second and bytes on disk, against one pickled file for each window.

The released code of Wang et al. (2021) stores every window of 50 frames as a file of its own, so
that each frame is on disk up to 50 times, and loads a file twice for each sample. That path is
re-created here with its own sizes and read through ``torch.utils.data.DataLoader`` in this
process. Both paths draw the same windows in random order; their numbers are compared first.

With one thread the time of the processor is compared; with more, the time on the wall, which is
what a training waits for. The released path stays at one thread, with which it is fastest: it
shares no work worth sharing. How fast it is with as many worker processes is told besides.

Warm: everything was read before. Cold: all files are dropped from the page cache before each
epoch (``posix_fadvise``, Linux), and opening them counts. ``memcpy``: as many bytes, batch by
batch, from one array to another. Every row has the spread of its ratio over the rounds.

``simple map``: a memory map of the same file, read through the loader window by window, as anybody
would write it first; it needs no code of this package.

What memory alone allows is the row ``memcpy, cold``: no path that hands out windows can be more
times as fast as a plain memcpy of their bytes, even if the disk cost nothing. Where the disk is
fast, the released path loses little by a cold cache and this bound lies below the target of 35
(released 0.81 s, memcpy 0.029 s for 700 windows: 28 times). No cold path can then meet the target,
and its share of the bound (``share_of_bound``) tells how good it is. Writes
``benchmarks/results/windows-cpu.json``.

    python benchmarks/windows.py [--regions 7] [--frames 150] [--batch 16] [--rounds 5]
                                 [--threads 1 2]
"""

import argparse
import math
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.reports import default_path, report, write_report
from symdyn_core.benchmarking.rows import row, timed_row
from symdyn_core.benchmarking.timing import Comparison, Elapsed, Stopwatch, Work, compare
from symdyn_core.datasets import schema
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.frames import FrameSource, HeldFrames
from symdyn_core.datasets.mapped_frames import MappedFrames, write_mapped
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.datasets.windows import Windows
from symdyn_core.grid import Grid

CELLS, STORED, MIDDLE, PAST, FUTURE = 64, 50, 30, 24, 4
"""Of the released code: cells along a side, frames in a file, the first frame that is forecast,
input frames, forecast frames while training (3 for its ResNets, 4 for its U-Nets)."""

SIMPLE = "simple map"

FASTER_WARM, FASTER_COLD, OF_MEMCPY, DISK = 20, 35, 0.6, 1.05
"""Targets: times as fast as the released path, share of a memcpy, bytes on disk per byte."""


class ReleasedWindows(torch.utils.data.Dataset):
    """One file for each window, loaded once for its input and once for its target."""

    def __init__(self, folder: Path, count: int):
        self.folder, self.count = folder, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        file = self.folder / f"sample_{index}.pt"
        target = torch.load(file)[MIDDLE : MIDDLE + FUTURE]
        window = torch.load(file)[MIDDLE - PAST : MIDDLE]
        return window.reshape(-1, CELLS, CELLS).float(), target.float()


class SimplyMapped(torch.utils.data.Dataset):
    """What anybody would write first: a memory map of all frames, a window copied out of it."""

    def __init__(self, file: Path, order: Tensor, shape: tuple[int, ...], begin: int):
        self.w = np.memmap(file, np.float32, "r", begin, shape)
        self.order, self.per_region = order, shape[1] - PAST - FUTURE + 1

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        region, start = divmod(int(self.order[index]), self.per_region)
        window = torch.from_numpy(self.w[region, start : start + PAST + FUTURE].copy())
        return window[:PAST].reshape(-1, CELLS, CELLS), window[PAST:]


class ColdStopwatch(Stopwatch):
    """Drops files from the page cache before it starts another stopwatch."""

    def __init__(self, stopwatch: Stopwatch, folder: Path):
        self.clock, self._stopwatch, self._folder = stopwatch.clock, stopwatch, folder

    def measure(self, work: Work) -> Elapsed:
        evict(self._folder)
        return self._stopwatch.measure(work)


def evict(folder: Path) -> None:
    """Drop all files of a folder from the page cache."""
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)  # only pages that are on the disk can go
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def write_released(w: Tensor, folder: Path) -> int:
    """Write every window of every region to a file; returns how many."""
    folder.mkdir()
    regions, starts = len(w), w.shape[1] - STORED
    for start in range(starts):
        for region in range(regions):
            window = w[region, start : start + STORED].clone()
            torch.save(window, folder / f"sample_{start * regions + region}.pt")
    return starts * regions


def released_epoch(folder: Path, count: int, batch: int, workers: int = 0) -> None:
    """All windows once, in random order, through the loader, by one thread of each process."""
    files = ReleasedWindows(folder, count)
    loader = torch.utils.data.DataLoader(files, batch, shuffle=True, num_workers=workers)
    with Conditions().threaded():
        for _ in loader:
            pass


def simply_mapped_epoch(paths: "Paths", batch: int) -> None:
    """All windows once, in random order, through the loader, out of a simple map."""
    shape = tuple(paths.flow.sizes[axis] for axis in ("member", "time", "y", "x"))
    shape = (*shape[:2], 2, *shape[2:])
    begin = paths.mapped.stat().st_size - 4 * math.prod(shape)
    windows = SimplyMapped(paths.mapped, paths.order, shape, begin)
    for _ in torch.utils.data.DataLoader(windows, batch, shuffle=True):
        pass


def epoch(windows: Windows, order: Tensor, batch: int) -> None:
    """The same windows in random order, gathered batch by batch."""
    for indices in order[torch.randperm(len(order))].split(batch):
        windows.batch(indices)


def opened_epoch(
    flow: xr.Dataset, source: Callable[[], FrameSource], order: Tensor, batch: int
) -> None:
    """The same, the files opened first."""
    epoch(Windows(flow, PAST, FUTURE, source=source()), order, batch)


def memcpy_epoch(source: np.ndarray, target: np.ndarray, count: int) -> None:
    """As many bytes as ``count`` windows, a batch at a time."""
    for left in range(count, 0, -len(source)):
        np.copyto(target[:left], source[:left])


def copying(count: int, batch: int) -> Work:
    """A plain memcpy, by one thread, of the bytes of ``count`` windows in batches."""
    one = np.ones((batch, PAST + FUTURE, 2, CELLS, CELLS), np.float32)
    return partial(memcpy_epoch, one, one.copy(), count)


def same_windows(w: Tensor) -> Tensor:
    """Index in ``Windows`` of each released window: its input starts 6 frames into its file."""
    regions, frames = w.shape[:2]
    per_region = frames - PAST - FUTURE + 1
    starts = torch.arange(frames - STORED) + MIDDLE - PAST
    return (torch.arange(regions) * per_region + starts[:, None]).flatten()


def check_equal(folder: Path, windows: Windows, order: Tensor) -> None:
    """Raise a RuntimeError unless both paths give the same numbers."""
    released = ReleasedWindows(folder, len(order))
    for number in (0, len(order) // 2, len(order) - 1):
        past, truth, _ = windows.batch(order[number : number + 1]).split(PAST)
        window, target = released[number]
        if not (torch.equal(past.flatten(1, 2)[0], window) and torch.equal(truth[0], target)):
            raise RuntimeError(f"Window {number} differs between the two paths.")


def disk_bytes(path: Path) -> int:
    """Bytes of a file or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


@dataclass(frozen=True)
class Paths:
    """The same windows on disk, once for each way of reading them."""

    flow: xr.Dataset
    order: Tensor
    released: Path
    store: Path
    mapped: Path

    @classmethod
    def write(cls, regions: int, frames: int, folder: Path) -> "Paths":
        """Write noise, which nothing compresses, below ``folder``."""
        w = torch.randn(regions, frames, 2, CELLS, CELLS)
        flow = schema.from_tensor(w, Grid(CELLS, CELLS))
        released, store = folder / "released", folder / "flow.zarr"
        write_released(w, released)
        write_flow(flow, store)
        mapped = write_mapped(flow, folder / "frames.safetensors")
        order = same_windows(w)
        check_equal(released, Windows(flow, PAST, FUTURE), order)
        return cls(flow, order, released, store, mapped)

    def disk_rows(self) -> list[dict]:
        """Bytes on disk of each way."""
        unique = self.flow["u"].nbytes + self.flow["v"].nbytes
        ways = {"released": self.released, "store": self.store, "mapped": self.mapped}
        return [disk_row(what, disk_bytes(path) / unique) for what, path in ways.items()]


def speed_rows(paths: Paths, options: argparse.Namespace, threads: int) -> list[dict]:
    """Every source warm and cold, by so many threads, against the released path."""
    count = len(paths.order)
    theirs = partial(released_epoch, paths.released, count, options.batch)
    stopwatch, rows = Conditions(threads=threads).stopwatch(), []
    held, lazy = HeldFrames.of(paths.flow), open_flow(paths.store, lazy=True)
    sources: dict[str, Callable[[], FrameSource]] = {
        "in memory": lambda: held,
        "mapped": lambda: MappedFrames(paths.mapped),
        "chunk-cached": lambda: ChunkedFrames(lazy),
    }
    for what, source in sources.items():
        windows = Windows(paths.flow, PAST, FUTURE, source=source())
        ours = partial(epoch, windows, paths.order, options.batch)
        rows.append(speed_row(what, "warm", compare(ours, theirs, stopwatch, options.rounds)))
        if what == "in memory":
            rows.append(memcpy_row(ours, count, options, stopwatch))
        del windows, ours  # pages that are mapped stay in the page cache
    simple = partial(simply_mapped_epoch, paths, options.batch)
    found = compare(simple, theirs, stopwatch, options.rounds)
    rows.append(speed_row(SIMPLE, "warm", found, judged=False))
    cold = ColdStopwatch(stopwatch, paths.released.parent)
    sources["in memory"] = lambda: HeldFrames.of(open_flow(paths.store, lazy=True))
    sources["chunk-cached"] = lambda: ChunkedFrames(open_flow(paths.store, lazy=True))
    plain = copying(count, options.batch)
    bound = speed_row("memcpy", "cold", compare(plain, theirs, cold, options.rounds), judged=False)
    rows.append(bound)
    found = compare(simple, theirs, cold, options.rounds, warm_up=1)
    rows.append(speed_row(SIMPLE, "cold", found, judged=False))
    for what, source in sources.items():
        ours = partial(opened_epoch, paths.flow, source, paths.order, options.batch)
        found = speed_row(what, "cold", compare(ours, theirs, cold, options.rounds, warm_up=1))
        share = found["times_as_fast_wall"] / bound["times_as_fast_wall"]
        rows.append(found | {"share_of_bound": share})
    if threads > 1:
        workers = partial(released_epoch, paths.released, count, options.batch, threads)
        found = compare(workers, theirs, stopwatch, options.rounds, warm_up=1)
        rows.append(speed_row(f"released, {threads} workers", "warm", found, judged=False))
    return [entry | {"windows": count, "threads": threads} for entry in rows]


def speed_row(what: str, mode: str, found: Comparison, *, judged: bool = True) -> dict:
    """How many times as many windows per second as the released path."""
    target = FASTER_WARM if mode == "warm" else FASTER_COLD
    faster, wall = 1 / found.ratio, 1 / found.ratio_wall
    print(f"{what:20} {mode:5} {faster:6.1f} x released (wall {wall:.1f} x)", flush=True)
    return timed_row(
        "windows", what, mode, "released", found,
        target=1 / target if judged else None, times_as_fast=faster, times_as_fast_wall=wall,
    )  # fmt: skip


def memcpy_row(
    in_memory: Work, count: int, options: argparse.Namespace, stopwatch: Stopwatch
) -> dict:
    """In-memory windows per second as a share of a plain memcpy, by one thread, of their bytes."""
    found = compare(copying(count, options.batch), in_memory, stopwatch, options.rounds)
    print(f"in memory                  {found.ratio:6.0%} of memcpy", flush=True)
    return timed_row(
        "windows", "memcpy", "warm", "in memory", found, target=-OF_MEMCPY, judged=-found.ratio
    )


def disk_row(what: str, ratio: float) -> dict:
    """Bytes on disk per byte of unique data."""
    print(f"{what:20} disk  {ratio:6.3f} bytes per unique byte")
    target = None if what == "released" else DISK
    return row("windows", what, "disk", "unique bytes", ratio, target=target)


def main() -> None:
    """Write both paths, time them side by side, print and write down the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--regions", type=int, default=7)
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where files are written, on the disk to test")
    parser.add_argument("--threads", type=int, nargs="+", help="one, then all cores, by default")
    options = parser.parse_args()
    conditions = Conditions(rounds=options.rounds)
    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        paths = Paths.write(options.regions, options.frames, Path(folder))
        for threads in options.threads or sorted({1, os.cpu_count() or 1}):
            print(f"{threads} thread{'s' if threads > 1 else ''}")
            with replace(conditions, threads=threads).threaded():
                rows += speed_rows(paths, options, threads)
        rows += paths.disk_rows()
    write_report(default_path("windows", conditions), report(rows, conditions, []))


if __name__ == "__main__":
    main()
