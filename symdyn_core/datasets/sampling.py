"""Which windows an epoch sees, in which order, and which of them belong to which process.

All orders are functions of (seed, epoch) only, so that a run finds its place again after any
interruption, and every process knows the order of all.
"""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.transformed import Transformed


def sample_order(
    seed: int, epoch: int, samples: int, length: int, weights: Tensor | None = None
) -> Int[Tensor, " sample"]:
    """A shuffled pass over all windows, or as many as it takes; or a weighted draw.

    With weights p (which need not sum to 1), window i comes ⌊n p_i⌋ or ⌈n p_i⌉ times among n
    samples: systematic sampling, without the luck of independent draws. Source: Kitagawa (1996),
    J. Comput. Graph. Stat. 5, 1, appendix.

    Args:
        seed, epoch: what the order is a function of.
        samples: number of windows.
        length: number of samples wanted.
        weights: ``Float[window]``, not negative; None gives every window the same number of times.

    Raises:
        ValueError: nothing to draw from, or weights that are no weights.
    """
    if samples < 1:
        raise ValueError(f"Expected at least one window to draw from, got {samples}.")
    generator = _generator(seed, epoch)
    if weights is None:
        passes = -(-length // samples)
        order = torch.cat([torch.randperm(samples, generator=generator) for _ in range(passes)])
        return order[:length]
    ends = _checked(weights, samples).cumsum(0)
    offset = torch.rand((), generator=generator, dtype=torch.float64)
    marks = (torch.arange(length, dtype=torch.float64) + offset) * (ends[-1] / length)
    # Rounding may put the last mark on the very end; it belongs to the last window with a weight.
    last = int(torch.nonzero(weights)[-1])
    drawn = torch.searchsorted(ends, marks, right=True).clamp_max(last)
    return drawn[torch.randperm(length, generator=generator)]


def nearby_order(
    seed: int, epoch: int, samples: int, *, run: int, together: int
) -> Int[Tensor, " sample"]:
    """One shuffled pass in which samples close in the order are close in the archive.

    Windows are cut into runs of ``run`` consecutive ones; the runs are shuffled, and windows are
    shuffled among ``together`` runs at a time. Read through ``ChunkedFrames`` that keep three times
    as many blocks of that length, each block is decoded two or three times per epoch, instead of
    once per window: a run begins in the middle of a block, and its last windows end in a third.

    Raises:
        ValueError: no windows, or lengths below 1.
    """
    if min(samples, run, together) < 1:
        raise ValueError(
            "Expected at least one window, one window in a run and one run at a time, got "
            f"samples={samples}, run={run}, together={together}."
        )
    generator = _generator(seed, epoch)
    runs = torch.arange(samples).split(run)
    shuffled = [runs[n] for n in torch.randperm(len(runs), generator=generator).tolist()]
    mixed = []
    for first in range(0, len(runs), together):
        pool = torch.cat(shuffled[first : first + together])
        mixed.append(pool[torch.randperm(len(pool), generator=generator)])
    return torch.cat(mixed)


def reading_order(windows: WindowSource) -> tuple[int, int] | None:
    """(run, together) for ``nearby_order`` where windows in random order would be slow.

    That is where frames are decoded from an archive of which the cache holds a part only; None
    where any order is as good. Both numbers follow from the cache, not from what is in it.
    """
    while isinstance(windows, Transformed):
        windows = windows.windows
    source, stride = getattr(windows, "source", None), getattr(windows, "stride", 1)
    if not isinstance(source, ChunkedFrames) or source.holds_all:
        return None
    return max(1, source.block // stride), max(1, source.kept // 3)


def epoch_order(
    windows: WindowSource, seed: int, epoch: int, length: int, weights: Tensor | None = None
) -> Int[Tensor, " sample"]:
    """The order in which an epoch sees windows: ``sample_order``, or what ``reading_order`` asks.

    A weighted draw is always that of ``sample_order``.

    Raises:
        ValueError: see ``sample_order``.
    """
    near = reading_order(windows) if weights is None else None
    if near is None:
        return sample_order(seed, epoch, len(windows), length, weights)
    run, together = near
    passes = [  # each pass has an order of its own, which is that of no other epoch
        nearby_order(seed, epoch + number * 2**32, len(windows), run=run, together=together)
        for number in range(-(-length // len(windows)))
    ]
    return torch.cat(passes)[:length]


def water_weights(windows: WindowSource) -> Float[Tensor, " window"]:
    """Weights in proportion to the water of each window.

    Drawn so, a cell of the sea counts the same in a square that is half land as in open water.
    """
    shares = [
        1.0 if grid.water is None else float(grid.water.double().mean()) for grid in windows.grids
    ]
    members = [windows.start_of(index)[0] for index in range(len(windows))]
    return torch.tensor(shares, dtype=torch.float64)[members]


class WindowSampler:
    """The batches of an epoch for one of several processes, as indices for ``windows.batch``.

    Sample k of a batch belongs to process k mod ``processes``, as in ``training.train``: together
    the processes see the batches of a single one, and each gets equally many.

    Args:
        windows: number of windows.
        batch: windows of a batch, over all processes.
        seed: of the order.
        weights: see ``sample_order``.
        length: samples of an epoch over all processes; by default as many as there are windows.
        process, processes: which process this is, of how many.

    Raises:
        ValueError: a batch that does not split evenly, or a process that there is not.
    """

    def __init__(
        self,
        windows: int,
        batch: int,
        *,
        seed: int = 0,
        weights: Tensor | None = None,
        length: int | None = None,
        process: int = 0,
        processes: int = 1,
    ):
        if not 0 <= process < processes or batch < 1 or batch % processes:
            raise ValueError(
                "Expected a batch that splits evenly over the processes, and one of these, got "
                f"batch={batch}, process={process}, processes={processes}."
            )
        if weights is not None:
            _checked(weights, windows)
        self.windows, self.batch, self.seed, self.weights = windows, batch, seed, weights
        # Whole batches only: every process takes part in every one.
        self.length = -(-(windows if length is None else length) // batch) * batch
        self.process, self.processes = process, processes
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.length // self.batch

    def __iter__(self) -> Iterator[list[int]]:
        order = sample_order(self.seed, self.epoch, self.windows, self.length, self.weights)
        for indices in order.split(self.batch):
            yield indices[self.process :: self.processes].tolist()


def _generator(seed: int, epoch: int) -> torch.Generator:
    state = np.random.SeedSequence((seed, epoch)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state >> np.uint64(1)))


def _checked(weights: Tensor, samples: int) -> Float[Tensor, " window"]:
    w = weights.double()
    if w.shape != (samples,) or not bool(torch.isfinite(w).all() and (w >= 0).all() and w.any()):
        raise ValueError(
            f"Expected {samples} finite weights, none negative and one of them positive, got "
            f"{tuple(weights.shape)} from {float(w.min()) if w.numel() else '-'}."
        )
    return w
