"""Memory that was freed goes back to the system, where the C library lets it."""

import gc

import psutil
import pytest

from symdyn_core import freed_memory

MEGABYTE = 2**20


def resident() -> float:
    return psutil.Process().memory_info().rss / MEGABYTE


@pytest.mark.skipif(freed_memory.TRIM is None, reason="the C library is not GNU's")
def test_the_system_has_it_back():
    freed_memory.hand_back()
    pieces = [bytes(2**16 + n) for n in range(3200)]  # 200 MB, of sizes that are kept when freed
    full = resident()
    del pieces[:-1]  # the last one lies above the others and holds them down
    gc.collect()
    kept = resident()
    assert kept > full - 50, "control: what is freed stays with the process"
    freed_memory.hand_back()
    assert resident() < kept - 150 and len(pieces) == 1


def test_elsewhere_nothing_happens(monkeypatch):
    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(freed_memory.ctypes, "CDLL", missing)
    monkeypatch.setattr(freed_memory, "TRIM", freed_memory._trim())
    assert freed_memory.TRIM is None
    freed_memory.hand_back()
