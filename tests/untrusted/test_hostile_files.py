"""Files of strangers: sound ones become flows, all others one line, and nothing is executed."""

import json
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import h5py
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets.schema import to_tensor
from symdyn_core.datasets.store import open_flow
from symdyn_core.untrusted.guard import taken_in
from symdyn_core.untrusted.intake import Request, answer
from symdyn_core.untrusted.limits import Limits, readable
from symdyn_core.untrusted.links import check_self_contained
from tests.conftest import mock_flow
from tests.untrusted import hostile_files as hostile

LIMITS = Limits(file_mb=100, claim_mb=100)


@pytest.fixture
def private(tmp_path, monkeypatch):
    """The folder that a file is put into, which is the current one."""
    folder = tmp_path / "private"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def asked(file, private, limits=LIMITS):
    """What the reader makes of a file; here in the process of the test."""
    own = private / "sent"
    file.rename(own)
    return answer(Request(str(own), file.name, str(private / "out.zarr"), limits))


@pytest.mark.parametrize("make", hostile.HOSTILE, ids=lambda make: make.__name__)
def test_a_bad_file_is_one_clear_line(make, tmp_path, private):
    found = asked(make(tmp_path), private)
    assert list(found) == ["error"]
    assert hostile.HOSTILE[make] in found["error"] and "\n" not in found["error"]
    assert 20 < len(found["error"]) < 600, found["error"]
    assert str(tmp_path) not in found["error"], "where things lie is nobody's business"
    assert not (private / "out.zarr").exists()
    assert not (private / "executed").exists(), "its code ran"
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize("make", hostile.SOUND)
def test_a_sound_file_becomes_a_flow(make, tmp_path, private):
    (tmp_path / "inner").mkdir()
    found = asked(make(tmp_path), private)
    assert "found" in found, found
    flow = open_flow(private / "out.zarr")
    assert dict(flow.sizes) == found["found"]["sizes"] and flow["u"].dtype == np.float32


def test_the_numbers_arrive_unchanged(tmp_path, private):
    flow = mock_flow(frames=24, ny=16, nx=16, land=True)
    asked(hostile.netcdf(tmp_path / "flow.nc", flow), private)
    taken = open_flow(private / "out.zarr")
    assert np.array_equal(to_tensor(flow), to_tensor(taken), equal_nan=True)
    assert np.array_equal(flow["water"], taken["water"]) and taken.attrs["dx"] == flow.attrs["dx"]


def test_attributes_cannot_become_part_of_a_page(tmp_path, private):
    flow = mock_flow(frames=24, ny=16, nx=16)
    flow.attrs |= {"title": "<script>alert(1)</script>&\x00", "provenance": "no JSON"}
    flow["u"].attrs["units"] = "<img src=x onerror=alert(1)>" + 10_000 * "x"
    asked(hostile.netcdf(tmp_path / "flow.nc", flow), private)
    taken = open_flow(private / "out.zarr")
    words = json.dumps([taken.attrs, taken["u"].attrs])
    assert "<" not in words and "&" not in words and "\\u0000" not in words and len(words) < 2000
    assert json.loads(taken.attrs["provenance"]) == {}
    assert "script" in taken.attrs["title"], "control: the rest of it is kept"


def test_the_trap_of_these_tests_works(private):
    hostile.pickle.loads(hostile.pickle.dumps(hostile.Trap()))
    assert (private / "executed").exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, private):
    file = hostile.netcdf(tmp_path / "large.nc")
    with file.open("ab") as opened:
        opened.truncate(3 * 2**20)
    assert "at most 2 MB" in asked(file, private, replace(LIMITS, file_mb=2))["error"]


def test_links_inside_a_file_are_no_links_outside(tmp_path):
    path = hostile.netcdf(tmp_path / "inner.nc")
    with h5py.File(path, "a") as file:
        file["again"] = file["uo"]
        file["soft"] = h5py.SoftLink("/vo")
        file.require_group("a")["up"] = file["/"]
    with h5py.File(path) as file:
        check_self_contained(file, LIMITS)
        with pytest.raises(ValueError, match="claims"):
            check_self_contained(file, replace(LIMITS, claim_mb=0))


def test_a_reader_apart_answers_like_one_here(tmp_path, private):
    good = hostile.netcdf(private / "sent.nc")
    found = taken_in(good, "my currents.nc", private / "out.zarr", LIMITS)
    assert found["sizes"] == {"time": 20, "y": 16, "x": 24}
    assert open_flow(private / "out.zarr").sizes["time"] == 20
    with pytest.raises(ValueError, match="pickled"):
        taken_in(hostile.pickled(private), "x.nc", private / "other.zarr", LIMITS)
    assert not (private / "executed").exists()


BEHAVIOURS = {
    "memory": ("b = [bytearray(2**26) for _ in range(64)]", "memory"),
    "processor": ("while True: pass", "longer than 2 seconds"),
    "clock": ("import time; time.sleep(60)", "longer than 2 seconds"),
    "crash": ("import os; os.abort()", "reader crash"),
    "network": ("import socket; socket.create_connection(('127.0.0.1', 9))", "socket"),
    "program": ("import subprocess; subprocess.run(['true'])", "subprocess"),
    "pickle": ("import pickle; pickle.loads(b'cos\\nmkdir\\n.')", "pickle.find_class"),
    "secrets": ("import os; raise ValueError(sorted(os.environ))", "PATH"),
}


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_reader_that_misbehaves_is_stopped(behaviour, private, monkeypatch):
    """Whatever a damaged file makes its reader do, acted out by the reader itself."""
    code, words = BEHAVIOURS[behaviour]
    start = (
        "import sys; from symdyn_core.untrusted import intake\n"
        f"def act(request):\n    {code}\n"
        "intake.take_in = act; intake.main()"
    )
    popen = subprocess.Popen
    monkeypatch.setattr(
        "symdyn_core.untrusted.guard.subprocess.Popen",
        lambda command, **options: popen([sys.executable, "-c", start], **options),
    )
    monkeypatch.setenv("SECRET_KEY", "hush")
    # Only where time is the limit: whatever else is wrong may take a busy machine longer.
    seconds = 2 if "seconds" in words else 40
    began, limits = time.monotonic(), Limits(seconds=seconds, memory_mb=512)
    # The clock of the guard runs while the reader is loaded: give a slow machine time for that.
    monkeypatch.setattr("symdyn_core.untrusted.guard.STARTING", 60 if behaviour != "clock" else 8)
    with pytest.raises(ValueError, match=words) as error:
        taken_in(private / "sent", "sent", private / "out.zarr", limits)
    assert "hush" not in str(error.value) and "SECRET_KEY" not in str(error.value)
    assert time.monotonic() - began < 70


def test_a_reader_can_be_stopped_by_the_visitor(private):
    with pytest.raises(ValueError, match="Stopped"):
        taken_in(private / "sent", "sent", private / "out.zarr", LIMITS, lambda: True)


def test_sizes_for_people():
    sizes = [readable(size) for size in (0, 1, 1023, 1024, 1536, 3 * 2**30, 2**70)]
    assert sizes == [
        "0 bytes",
        "1 bytes",
        "1.02e+03 bytes",
        "1 kB",
        "1.5 kB",
        "3 GB",
        "1.05e+06 PB",
    ]


def test_the_makers_of_bad_files_do_what_they_say(tmp_path):
    """Controls: without what is wrong with them, these files are in order."""
    with zipfile.ZipFile(hostile.many_files(tmp_path)) as archive:
        assert len(archive.infolist()) == 10**6
    with h5py.File(hostile.external_storage(tmp_path)) as file:
        assert b"root" in file["mine"][:].tobytes() or not os.path.exists("/etc/passwd")
    assert xr.open_dataset(hostile.netcdf(tmp_path / "control.nc")).sizes["time"] == 20
