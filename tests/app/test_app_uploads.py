"""What arrives from visitors: taken or refused in one line, and nothing left behind."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.untrusted import hostile_files as hostile

pytest_plugins = ("dashboard_fixtures",)

PIECE = 50_000


class Heard:
    """A page of data without a browser: what its box says, and the flows that it took."""

    def __init__(self, uploads, upload_box, intake):
        self.said, self.taken, self.intake = [], [], intake
        self.uploads = uploads.Uploads()
        self.box = upload_box.UploadBox(self.uploads, self.take, limit_mb=100)
        self.box._send_msg = self.said.append

    async def take(self, incoming):
        target = self.uploads.new_place().with_suffix(".zarr")
        self.intake.taken(incoming, target, lambda: self.box.wanted)
        self.taken.append(target)
        return "it is open"

    def say(self, **message):
        asyncio.run(self.box._heard(SimpleNamespace(data=message)))

    def send(self, file):
        """As the browser does: piece by piece; returns the last that the box says."""
        content = file.read_bytes()
        self.say(kind="offer", name=file.name, size=len(content))
        while self.said[-1]["kind"] == "send":
            at = self.said[-1]["at"]
            self.say(kind="piece", at=at, data=content[at : at + PIECE])
        return self.said[-1]

    def left(self):
        """Files in the folder of the session."""
        return [path for path in self.uploads.folder.rglob("*") if path.is_file()]


@pytest.fixture
def heard(data, monkeypatch):
    from app import intake, upload_box, uploads
    from symdyn_core.untrusted.intake import Request, answer

    def here(file, name, target, limits, cancelled):
        """The reader in this process: others are started by the tests of untrusted files."""
        monkeypatch.chdir(file.parent)
        found = answer(Request(str(file), name, str(target), limits))
        if "error" in found:
            raise ValueError(found["error"])
        return found["found"]

    monkeypatch.setattr(intake, "taken_in", here)
    monkeypatch.setenv("SYMDYN_UPLOAD_MB", "100")
    found = Heard(uploads, upload_box, intake)
    yield found
    found.uploads.close()
    assert not found.uploads.folder.exists()


@pytest.mark.parametrize("make", hostile.HOSTILE, ids=lambda make: make.__name__)
def test_a_bad_file_is_one_line_and_leaves_nothing(make, heard, tmp_path, monkeypatch):
    file = make(tmp_path)
    end = heard.send(file)
    assert end["kind"] == "end" and 20 < len(end["text"]) < 600 and "\n" not in end["text"]
    assert heard.left() == [] and heard.taken == [], "nothing is left of it"
    assert str(heard.uploads.folder) not in end["text"]
    # The box is ready for the next one, which is sound.
    monkeypatch.chdir(tmp_path)
    assert heard.send(hostile.netcdf(tmp_path / "good.nc"))["text"] == "it is open"
    assert len(heard.taken) == 1 and heard.left(), "control: a sound one stays"


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([("offer", {"size": 10**9})], "at most 100 MB are accepted"),
        ([("offer", {"size": 0})], "is empty"),
        ([("offer", {"size": -5})], "is empty"),
        ([("offer", {"size": "many"})], "invalid literal"),
        ([("offer", {"size": 10}), ("piece", {"at": 5, "data": b"12345"})], "in order"),
        ([("offer", {"size": 10}), ("piece", {"at": 0, "data": b"x" * 11})], "in order"),
    ],
)
def test_a_browser_that_lies_is_refused(messages, words, heard):
    for kind, more in messages:
        heard.say(kind=kind, name="../../etc/passwd", **more)
    assert heard.said[-1]["kind"] == "end" and words in heard.said[-1]["text"]
    assert heard.left() == [] and not heard.box.wanted


def test_pieces_without_an_offer_are_not_heard(heard):
    heard.say(kind="piece", at=0, data=b"x")
    heard.say(kind="dance")
    asyncio.run(heard.box._heard(SimpleNamespace(data="no message at all")))
    assert heard.said == [] and heard.left() == []


def test_a_cancelled_file_is_gone(heard):
    heard.say(kind="offer", name="a.nc", size=10)
    heard.say(kind="piece", at=0, data=b"12345")
    assert heard.left()
    heard.say(kind="cancel")
    assert heard.left() == [] and not heard.box.wanted


def test_a_session_holds_only_so_much(heard, monkeypatch):
    monkeypatch.setenv("SYMDYN_SESSION_MB", "3")
    heard.uploads.hold(2 * 2**20)
    with pytest.raises(ValueError, match="room for 1 MB more"):
        heard.uploads.hold(2 * 2**20)
    heard.uploads.hold(2**20)


def test_what_is_known_of_a_visitors_flow_is_forgotten(heard, tmp_path):
    from app.flows import Source, open_source
    from app.jobs import JOBS

    heard.send(hostile.netcdf(tmp_path / "good.nc"))
    source = Source("mine", str(heard.taken[0]))
    known = heard.intake.looked_at(source), open_source(source)
    key = heard.intake.report_key(source.path)
    job = JOBS.get(key, lambda: iter([(1.0, "mine")]))
    other = JOBS.get(("report", "/srv/other"), lambda: iter([(1.0, "other")]))
    heard.intake.forget(heard.uploads.folder)
    assert heard.intake.looked_at(source) is not known[0]
    assert open_source(source) is not known[1]
    assert JOBS.get(key, lambda: iter([(1.0, "again")])) is not job
    assert JOBS.get(("report", "/srv/other"), lambda: iter(())) is other
