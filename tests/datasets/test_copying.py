"""The faster way of copying is found on the first copies, and every copy is right meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from symdyn_core.datasets.copying import WORTH_TIMING, FastestWay, by_memcpy, by_vectors

LARGE = WORTH_TIMING // 4


def held_up(source, target):
    """A copy that takes longer than any other here."""
    time.sleep(0.005)
    by_memcpy(source, target)


@pytest.mark.parametrize("way", [by_memcpy, by_vectors])
@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
def test_each_way_copies_every_pattern_of_bits(way, kind):
    size = np.iinfo(kind)
    source = np.random.default_rng(0).integers(size.min, size.max, 4097, kind, endpoint=True)
    target = np.zeros_like(source)
    way(source[1:], target[1:])
    assert np.array_equal(source[1:], target[1:]) and target[0] == 0


@pytest.mark.parametrize("ways", [(by_memcpy, held_up), (held_up, by_memcpy)])
def test_the_faster_way_is_taken_wherever_it_stands(ways):
    copy = FastestWay(ways, trials=3)
    for number in range(6):
        assert copy.chosen is None
        target = np.zeros(LARGE, np.int32)
        copy(np.full(LARGE, number + 1, np.int32), target)
        assert (target == number + 1).all()
    assert copy.chosen is by_memcpy


def test_what_is_too_short_to_be_timed_decides_nothing():
    copy = FastestWay((held_up, by_memcpy), trials=1)
    for _ in range(4):
        target = np.zeros(3, np.int32)
        copy(np.arange(3, dtype=np.int32), target)
        assert target.tolist() == [0, 1, 2]
    assert copy.chosen is None


def test_threads_may_try_at_the_same_time():
    copy = FastestWay((by_vectors, held_up), trials=4)
    sources = np.arange(40, dtype=np.int32)[:, None] + np.zeros(LARGE, np.int32)
    targets = np.zeros_like(sources)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(copy, sources, targets))
    assert np.array_equal(sources, targets)
    assert copy.chosen is by_vectors
