"""The memory of results is bounded, and what was used last stays."""

from dataclasses import dataclass

import pytest

pytest_plugins = ("dashboard_fixtures",)


@dataclass
class Block:
    nbytes: int


@pytest.fixture
def cache():
    from app.cache import BoundedCache

    return BoundedCache(100)


def test_the_oldest_result_goes_first(cache):
    a = cache.get("a", lambda: Block(40))
    cache.get("b", lambda: Block(40))
    assert cache.get("a", lambda: Block(40)) is a
    cache.get("c", lambda: Block(40))
    assert cache.used == 80 and len(cache) == 2
    assert cache.get("a", lambda: Block(40)) is a


def test_a_result_larger_than_the_memory_is_handed_out_but_not_kept(cache):
    assert cache.get("big", lambda: Block(1000)).nbytes == 1000
    assert cache.used == 0 and len(cache) == 0


def test_what_grows_while_it_is_kept_makes_others_go(cache):
    a, b = cache.get("a", lambda: Block(30)), cache.get("b", lambda: Block(40))
    b.nbytes = 80
    assert cache.get("b", lambda: Block(1)) is b
    assert cache.used == 80 and len(cache) == 1
    assert cache.get("a", lambda: Block(10)) is not a and cache.used == 90


def test_what_grows_is_counted_when_others_come(cache):
    a = cache.get("a", lambda: Block(30))
    a.nbytes = 90
    assert cache.used == 30, "control: nobody has looked yet"
    cache.get("b", lambda: Block(5))
    assert cache.used == 95 and len(cache) == 2
    cache.get("c", lambda: Block(20))
    assert cache.used == 25 and len(cache) == 2, "what was used longest ago makes room"


def test_what_is_touched_outlives_what_was_used_before_it(cache):
    cache.get("part", lambda: Block(40))
    whole = cache.get("whole", lambda: Block(40))
    assert cache.known("whole") is whole and cache.known("other") is None
    cache.touch(["part", "other"])
    cache.get("new", lambda: Block(40))
    assert cache.known("part") is not None and cache.known("whole") is None


def test_an_error_leaves_nothing_behind(cache):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("a", fail)
    assert cache.get("a", lambda: Block(1)).nbytes == 1
