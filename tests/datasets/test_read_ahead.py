"""A mapped file comes into memory by itself if there is room, and stays on the disk if not."""

import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from symdyn_core.datasets import read_ahead as module
from symdyn_core.datasets.read_ahead import PAGE, POPULATE, read_ahead

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
SIZE = 6 * 2**20 + 300


@pytest.fixture
def mapped(tmp_path):
    """(file, its numbers from the tenth byte on, mapped as frames are)."""
    path = tmp_path / "numbers"
    path.write_bytes(bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256))
    return path, np.memmap(path, np.uint8, "c", 10, (SIZE - 10,))


def resident(path: Path) -> int:
    """Bytes of a mapped file that are in the page table of this process."""
    entry = re.search(
        rf"{re.escape(str(path))}\n(?:.*\n)*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text()
    )
    return int(entry[1]) * 1024


def test_all_pages_are_entered_without_being_used(mapped):
    path, numbers = mapped
    assert resident(path) == 0
    thread = read_ahead(path, numbers)
    thread.join(20)
    if resident(path) == 0 and os.uname().release < "5.14":
        pytest.skip("this Linux fills no tables of pages ahead")
    assert resident(path) >= SIZE // PAGE * PAGE
    assert numbers[246] == 0 and numbers[245] == 255  # what is read is the file, from byte 10 on


def test_a_file_larger_than_half_of_the_free_memory_is_left_where_it_is(mapped, monkeypatch):
    path, numbers = mapped
    free = {"SC_AVPHYS_PAGES": 2 * SIZE // PAGE}
    monkeypatch.setattr(module.os, "sysconf", lambda name: free[name])
    assert read_ahead(path, numbers) is None
    time.sleep(0.1)
    assert resident(path) == 0


def test_numbers_that_nobody_else_holds_stay_mapped_until_all_is_read(mapped):
    path, _ = mapped
    view = np.memmap(path, np.uint8, "c")
    thread = read_ahead(path, view)
    del view
    thread.join(20)
    assert not thread.is_alive()


def test_an_older_system_reads_pages_when_they_are_used(mapped, monkeypatch):
    path, numbers = mapped
    monkeypatch.setattr(module, "POPULATE", 9999)  # unknown to every system
    thread = read_ahead(path, numbers)
    thread.join(20)
    assert resident(path) == 0 and POPULATE == 22
    assert numbers[-1] == 0
