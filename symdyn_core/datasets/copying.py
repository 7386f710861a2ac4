"""One array copied into another, in the way that is the faster one on this processor.

``memcpy`` is a third faster than vector instructions on some processors, and takes three times as
long on others where the two ends lie unluckily apart. Nothing but the clock tells which is which.
"""

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

WORTH_TIMING = 2**16
"""Bytes; shorter copies are over before the clock has told the time."""

Way = Callable[[np.ndarray, np.ndarray], None]
"""Copies a source into a target of the same kind of integers and the same shape."""


def by_memcpy(source: np.ndarray, target: np.ndarray) -> None:
    """Copy as the library of the system does."""
    np.copyto(target, source)


def by_vectors(source: np.ndarray, target: np.ndarray) -> None:
    """Copy by vector instructions, at the same speed whatever the alignment: bits "or" 0."""
    np.bitwise_or(source, 0, out=target)


class FastestWay:
    """Copies; the first copies take turns between several ways, the others take the fastest.

    Args:
        ways: what to choose from; the first one is taken for what is not worth timing.
        trials: timed copies of each way before one is chosen, by the median of their speeds.
    """

    def __init__(self, ways: Sequence[Way] = (by_memcpy, by_vectors), trials: int = 16):
        self.ways, self.trials = tuple(ways), trials
        self.chosen: Way | None = None
        self._found: list[list[float]] = [[] for _ in self.ways]

    def __call__(self, source: np.ndarray, target: np.ndarray) -> None:
        """Copy ``source`` into ``target``; several threads may do so at a time."""
        if self.chosen is not None:
            self.chosen(source, target)
        elif source.nbytes < WORTH_TIMING:
            self.ways[0](source, target)
        else:
            self._try(source, target)

    def _try(self, source: np.ndarray, target: np.ndarray) -> None:
        """Copy in the way that was tried least, and choose once all were tried enough."""
        number = min(range(len(self.ways)), key=lambda one: len(self._found[one]))
        began = time.perf_counter()
        self.ways[number](source, target)
        self._found[number].append((time.perf_counter() - began) / source.nbytes)
        if all(len(found) >= self.trials for found in self._found):
            medians = [statistics.median(found) for found in self._found]
            self.chosen = self.ways[medians.index(min(medians))]


copy = FastestWay()
"""The way that this process has chosen, or is about to choose."""
