"""Batches read ahead while a network computes, brought to its device and moved there."""

import queue
import threading
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import NamedTuple

import torch
from torch import Tensor

from symdyn_core.datasets.batches import Batch, Indices, WindowSource
from symdyn_core.datasets.frames import HeldFrames
from symdyn_core.datasets.transformed import Transformed

Loading = Generator[tuple[Indices, Batch], None, None]
"""Batches as recorded, with the indices they belong to."""


class _Loaded(NamedTuple):
    """What the reading thread hands over: a batch, what went wrong, or neither at the end."""

    indices: Indices | None = None
    batch: Batch | None = None
    error: BaseException | None = None


def prefetched(
    windows: WindowSource,
    batches: Iterable[Indices],
    *,
    device: torch.device | str = "cpu",
    ahead: int = 2,
) -> Generator[Batch, None, None]:
    """The batches of windows, in order, on ``device``; the next ones are read meanwhile.

    Frames that are held on ``device`` already are gathered when they are asked for: there is
    nothing to wait for. Otherwise a thread reads up to ``ahead`` batches into page-locked memory,
    from where a GPU fetches them without waiting for its work to finish. ``Transformed`` windows
    are fetched as recorded and moved on the device. The numbers do not depend on any of this.

    Close the iterator (``contextlib.closing``) if it is left early, so that its thread ends.

    Args:
        windows: what to read from.
        batches: indices of the windows of each batch; consumed as batches are read.
        device: where batches are wanted.
        ahead: batches that wait in memory; 0 reads without a thread.

    Raises:
        ValueError: a negative ``ahead``; whatever reading raises, at the batch that raised it.
    """
    if ahead < 0:
        raise ValueError(f"Expected 0 or more batches to read ahead, got {ahead}.")
    device = torch.device(device)
    recorded, moves = _unwrapped(windows)
    if ahead == 0 or _is_held_on(recorded, device):
        loaded = _read(recorded, batches)
    else:
        loaded = _read_ahead(recorded, batches, ahead, pin=device.type == "cuda")
    with closing(loaded):
        for indices, batch in loaded:
            brought = _to(batch, device)
            for move in moves:
                brought = move.moved(brought, indices)
            yield brought


def _unwrapped(windows: WindowSource) -> tuple[WindowSource, list[Transformed]]:
    """(windows as recorded, the transformations on top of them, innermost first)."""
    moves: list[Transformed] = []
    while isinstance(windows, Transformed):
        moves.insert(0, windows)
        windows = windows.windows
    return windows, moves


def _is_held_on(windows: WindowSource, device: torch.device) -> bool:
    source = getattr(windows, "source", None)
    return isinstance(source, HeldFrames) and source.device.type == device.type


def _to(batch: Batch, device: torch.device) -> Batch:
    return batch.each(lambda tensor: tensor.to(device, non_blocking=True))


def _read(windows: WindowSource, batches: Iterable[Indices]) -> Loading:
    for indices in batches:
        yield indices, windows.batch(indices)


def _read_ahead(
    windows: WindowSource, batches: Iterable[Indices], ahead: int, pin: bool
) -> Loading:
    waiting: queue.Queue[_Loaded] = queue.Queue(maxsize=ahead)
    stop = threading.Event()

    def put(loaded: _Loaded) -> None:
        while not stop.is_set():
            try:
                return waiting.put(loaded, timeout=0.1)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for indices in batches:
                batch = windows.batch(indices)
                put(_Loaded(indices, _pinned(batch) if pin else batch))
                if stop.is_set():
                    return
            put(_Loaded())
        except BaseException as error:  # raised again where the batch is asked for
            put(_Loaded(error=error))

    reader = threading.Thread(target=read, name="window-reader", daemon=True)
    reader.start()
    try:
        while True:
            loaded = waiting.get()
            if loaded.error is not None:
                raise loaded.error
            if loaded.batch is None or loaded.indices is None:
                return
            yield loaded.indices, loaded.batch
    finally:
        stop.set()
        reader.join()


def _pinned(batch: Batch) -> Batch:
    """The same batch in page-locked memory."""
    return batch.each(Tensor.pin_memory)
