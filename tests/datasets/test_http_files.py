"""Files at http addresses: whole or not there, and a transfer that was cut goes on."""

import errno
import hashlib
import json

import pytest

from symdyn_core.datasets import http_files
from symdyn_core.datasets.http_files import download_file
from tests.command_line import run
from tests.http_server import serving

CONTENT = bytes(range(256)) * 4000  # a megabyte in which every shift shows


@pytest.fixture
def site():
    with serving(a_nc=CONTENT) as found:
        yield found


def fetched(site, tmp_path, **options):
    """The content of the file that was downloaded; nothing else is left in the folder."""
    path = download_file(f"{site.address}/a.nc", tmp_path / "a.nc", pause=0, **options)
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]
    return path.read_bytes()


def test_a_file_comes_whole(site, tmp_path):
    seen = []
    checksum = hashlib.sha256(CONTENT).hexdigest()
    told = {"sha256": checksum.upper(), "progress": lambda *now: seen.append(now)}
    assert fetched(site, tmp_path, **told) == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT)) and len(site.asked) == 1


def test_a_transfer_that_is_cut_goes_on_where_it_was(site, tmp_path):
    site.cuts = [300_000, 200_001, 0]
    assert fetched(site, tmp_path) == CONTENT
    assert [first for _, first, _ in site.asked] == [0, 300_000, 500_001, 500_001]
    assert site.sent == len(CONTENT)  # not a byte twice


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(site, tmp_path):
    site.cuts = [400_000] + [0] * 5
    with pytest.raises(ConnectionError, match=r"cut after 400000 of 1024000 bytes.*to go on"):
        fetched(site, tmp_path)
    assert not (tmp_path / "a.nc").exists() and (tmp_path / "a.nc.part").stat().st_size == 400_000
    site.asked.clear()
    assert fetched(site, tmp_path) == CONTENT
    assert site.asked == [("/a.nc", 400_000, 206)]


def test_a_server_that_gives_no_parts_is_asked_for_the_whole(site, tmp_path):
    site.ranges, site.cuts = False, [300_000]
    assert fetched(site, tmp_path) == CONTENT
    assert site.sent == 300_000 + len(CONTENT)


@pytest.mark.parametrize("mark", ['"second"', None])
def test_a_file_that_changed_is_not_pieced_together_from_two(site, tmp_path, mark):
    site.cuts = [300_000] * 6
    site.ranges = False
    with pytest.raises(ConnectionError):
        fetched(site, tmp_path)
    site.ranges, site.cuts, site.mark = True, [], mark
    site.files["/a.nc"] = CONTENT[::-1]
    assert fetched(site, tmp_path) == CONTENT[::-1]


def test_a_busy_server_is_asked_again_and_a_refusal_is_final(site, tmp_path):
    site.refusals = [503, 429, 500]
    assert fetched(site, tmp_path) == CONTENT
    site.refusals, site.asked = [403], []
    with pytest.raises(ValueError, match=r"Cannot download .*403"):
        download_file(f"{site.address}/a.nc", tmp_path / "b.nc", pause=0)
    with pytest.raises(FileNotFoundError, match=r"No file at .*b\.nc' \(404\)"):
        download_file(f"{site.address}/b.nc", tmp_path / "b.nc", pause=0)
    assert len(site.asked) == 2 and not (tmp_path / "b.nc").exists()


def test_a_file_that_was_complete_when_the_program_stopped_is_taken(site, tmp_path):
    site.cuts = [0] * 6
    with pytest.raises(ConnectionError):
        fetched(site, tmp_path)
    (tmp_path / "a.nc.part").write_bytes(CONTENT)
    assert fetched(site, tmp_path) == CONTENT
    assert site.asked[-1] == ("/a.nc", len(CONTENT), 416)


def test_another_checksum_is_not_kept(site, tmp_path):
    (tmp_path / "a.nc").write_bytes(b"older")
    with pytest.raises(ValueError, match="to have the SHA-256 00, got"):
        fetched(site, tmp_path, sha256="00")
    assert (tmp_path / "a.nc").read_bytes() == b"older"
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]


def test_a_full_disk_keeps_what_was_there(site, tmp_path, monkeypatch):
    (tmp_path / "a.nc").write_bytes(b"older")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(http_files.os, "fsync", full)
        with pytest.raises(OSError, match="The disk is full"):
            fetched(site, tmp_path)
    assert (tmp_path / "a.nc").read_bytes() == b"older"
    assert fetched(site, tmp_path) == CONTENT


def test_the_command_fetches_a_file(site, tmp_path):
    site.cuts = [1000]
    arguments = ("data", "download", f"{site.address}/a.nc?key=1", "--out", tmp_path, "--json")
    site.files["/a.nc?key=1"] = CONTENT
    code, out, err = run(*arguments)
    assert code == 0, err
    assert json.loads(out)["path"] == str(tmp_path / "a.nc")
    assert (tmp_path / "a.nc").read_bytes() == CONTENT
    code, out, err = run("data", "download", f"{site.address}/b.nc", "--out", tmp_path)
    assert code == 2 and "No file at" in err and err.count("\n") == 1
    assert run("data", "download", "ftp://host/a.nc", "--out", tmp_path)[0] == 2
