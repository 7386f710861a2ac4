"""Many files are opened side by side, and the answers do not depend on it."""

import random
import threading
import time

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from symdyn_core.datasets import many_files
from symdyn_core.datasets.many_files import AT_ONCE, of_each
from symdyn_core.datasets.ocean_currents import open_ocean_currents, recordings_of
from symdyn_core.datasets.ocean_files import Request
from symdyn_core.datasets.opening import open_any
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import currents, written


class Slow(MemoryFileSystem):
    """Files in memory whose opening takes a while, as that of files at an address does."""

    protocol = "slow"
    store: dict = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    delay = 0.0
    waiting, most = 0, 0
    counted = threading.Lock()

    @classmethod
    def _strip_protocol(cls, path):
        return "/" + path.removeprefix("slow://").strip("/")

    def _open(self, *arguments, **options):
        with Slow.counted:
            Slow.waiting += 1
            Slow.most = max(Slow.most, Slow.waiting)
        time.sleep(Slow.delay)
        with Slow.counted:
            Slow.waiting -= 1
        return super()._open(*arguments, **options)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Twelve days in a file each, on disk and at an address; names do not follow the time."""
    fsspec.register_implementation("slow", Slow, clobber=True)
    monkeypatch.setattr(Slow, "store", {})
    monkeypatch.setattr(Slow, "most", 0)
    monkeypatch.setattr(Slow, "delay", 0.01)
    for number, day in enumerate((3, 11, 0, 7, 1, 9, 5, 2, 10, 8, 4, 6)):
        path = written(currents(days=[day]), tmp_path / f"{number:02d}.nc")
        name = f"/archive/{path.name}"
        Slow.store[name] = MemoryFile(None, name, path.read_bytes())
    return tmp_path


def told(recordings):
    """What recordings say, in their order."""
    return [(one.name, one.times.tolist(), one.chunks, one.notes, one.shape) for one in recordings]


@pytest.mark.parametrize("address", [False, True])
def test_recordings_come_in_the_order_of_the_files(archive, monkeypatch, address):
    place = "slow://archive/*.nc" if address else archive
    together = recordings_of(place, Request())
    flow = open_ocean_currents(place)
    if address:
        assert 1 < Slow.most <= AT_ONCE
    monkeypatch.setattr(many_files, "AT_ONCE", 1)
    Slow.most = 0
    assert told(together) == told(recordings_of(place, Request()))
    assert [one.name for one in together] == [f"{n:02d}.nc" for n in range(12)]
    assert flow.identical(open_ocean_currents(place))
    assert not np.isnan(flow["u"]).all() and flow.sizes["time"] == 12
    assert Slow.most == int(address)


def test_the_first_file_that_is_damaged_is_the_one_named(archive):
    for name in ("04.nc", "09.nc"):
        (archive / name).write_bytes((archive / name).read_bytes()[:3000])
    for _ in range(5):
        with pytest.raises(ValueError, match=r"04\.nc"):
            open_ocean_currents(archive)


def test_simulations_in_many_files_are_members_in_their_order(tmp_path, monkeypatch):
    for name in "dbeac":
        files.pdearena(tmp_path / f"{name}.h5")
    together = open_any(tmp_path)
    monkeypatch.setattr(many_files, "AT_ONCE", 1)
    assert together.identical(open_any(tmp_path))


def test_answers_keep_the_order_and_the_first_error_stops_the_rest():
    def late(name):
        time.sleep(random.random() / 200)
        return name * 2

    names = [str(n) for n in range(40)]
    assert of_each(late, names) == [name * 2 for name in names]
    assert of_each(late, []) == [] and of_each(late, ["a"]) == ["aa"]
    begun = []

    def failing(name):
        begun.append(name)
        if int(name) in (1, 5):
            raise ValueError(name)
        time.sleep(0.02)

    with pytest.raises(ValueError, match=r"^1$"):
        of_each(failing, [str(n) for n in range(500)])
    assert len(begun) < 100
