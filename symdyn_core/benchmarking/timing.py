"""Two pieces of work timed side by side, so that a loaded machine slows both alike.

A time of its own says little on a shared processor: clocks change, neighbours come and go. So each
round times the baseline and the candidate one after the other, the order swapping from round to
round, and the figure is the median of the rounds' ratios, with their range and quartiles.
"""

import gc
import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

Work = Callable[[], object]
"""Something to be timed; what it returns is thrown away."""

WARM_UP_ROUNDS = 2
"""Rounds that are not counted: the first calls choose algorithms and fill caches."""


@dataclass(frozen=True)
class Elapsed:
    """Time spent on one piece of work.

    Attributes:
        seconds: what ratios are formed of, by the stopwatch's own clock.
        wall: seconds on the clock on the wall.
    """

    seconds: float
    wall: float


class Stopwatch(ABC):
    """Times one piece of work; ``clock`` says by what."""

    clock: str

    @abstractmethod
    def measure(self, work: Work) -> Elapsed:
        """Run the work once and tell how long it took."""


class ProcessorStopwatch(Stopwatch):
    """Seconds that this process computed: what other programs take does not count.

    With several threads the time that they wait for each other counts too, so the wall is used.

    Args:
        threads: number of threads that compute.
        processor, wall: clocks in seconds; the machine's own by default.
    """

    def __init__(
        self,
        threads: int = 1,
        processor: Callable[[], float] = time.process_time,
        wall: Callable[[], float] = time.perf_counter,
    ):
        self.clock = "processor" if threads == 1 else "wall"
        self._processor, self._wall = processor, wall

    def measure(self, work: Work) -> Elapsed:
        wall, processor = self._wall(), self._processor()
        work()
        processor, wall = self._processor() - processor, self._wall() - wall
        return Elapsed(processor if self.clock == "processor" else wall, wall)


class CudaStopwatch(Stopwatch):
    """Seconds between two events on a GPU's stream, waiting for the last kernel to end."""

    clock = "cuda events"

    def __init__(self, device: torch.device):
        self._device = device

    def measure(self, work: Work) -> Elapsed:
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        stream = torch.cuda.current_stream(self._device)
        torch.cuda.synchronize(self._device)
        wall = time.perf_counter()
        start.record(stream)
        work()
        end.record(stream)
        torch.cuda.synchronize(self._device)
        return Elapsed(start.elapsed_time(end) / 1000, time.perf_counter() - wall)


@dataclass(frozen=True)
class Comparison:
    """A candidate against a baseline: ratios of times, round by round.

    Attributes:
        ratio: median over the rounds.
        ratio_low, ratio_high: quartiles.
        ratio_min, ratio_max: range.
        ratio_wall: median of the ratios of wall times.
        seconds, baseline_seconds: medians of the two times.
        rounds: number of rounds.
    """

    ratio: float
    ratio_low: float
    ratio_high: float
    ratio_min: float
    ratio_max: float
    ratio_wall: float
    seconds: float
    baseline_seconds: float
    rounds: int


def compare(
    candidate: Work,
    baseline: Work,
    stopwatch: Stopwatch,
    rounds: int,
    warm_up: int = WARM_UP_ROUNDS,
) -> Comparison:
    """Time two pieces of work in alternation.

    Args:
        candidate, baseline: the work; each is called ``warm_up + rounds`` times.
        stopwatch: by which clock.
        rounds: ratios that the median is taken of.

    Raises:
        ValueError: no rounds.
    """
    if rounds < 1:
        raise ValueError(f"A comparison needs at least one round, got rounds={rounds}.")
    pairs = []
    with _no_garbage_collection():
        for number in range(warm_up + rounds):
            order = (candidate, baseline) if number % 2 else (baseline, candidate)
            first, second = (stopwatch.measure(work) for work in order)
            if number >= warm_up:
                pairs.append((first, second) if number % 2 else (second, first))
    return _summary(pairs)


def _summary(pairs: list[tuple[Elapsed, Elapsed]]) -> Comparison:
    ratios = [mine.seconds / theirs.seconds for mine, theirs in pairs]
    low, median, high = (
        statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    )
    return Comparison(
        ratio=median,
        ratio_low=low,
        ratio_high=high,
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        ratio_wall=statistics.median(mine.wall / theirs.wall for mine, theirs in pairs),
        seconds=statistics.median(mine.seconds for mine, _ in pairs),
        baseline_seconds=statistics.median(theirs.seconds for _, theirs in pairs),
        rounds=len(pairs),
    )


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep Python from tidying up in the middle of a measurement."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
