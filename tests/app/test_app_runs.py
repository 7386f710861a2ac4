"""Small trainings of the dashboard: who may start them, on what, and under which name they open."""

import time
from functools import lru_cache

import pytest

from symdyn_core.datasets import store
from symdyn_core.experiments.process_mark import ProcessMark
from symdyn_core.experiments.run_book import RunBook
from symdyn_core.experiments.run_progress import Progress
from symdyn_core.experiments.run_records import RunRecord
from symdyn_core.experiments.training_wish import Wish
from symdyn_core.experiments.trainings import Trainings
from symdyn_core.training.run import STATE

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def allowed(data, monkeypatch):
    monkeypatch.setenv("SYMDYN_ALLOW_TRAINING", "1")
    return data


def test_nobody_trains_where_it_is_not_allowed(data):
    from app import trainings

    with pytest.raises(ValueError, match="may not start"):
        trainings.start(trainings.offered()[0])


def test_only_flows_of_the_server_that_are_long_enough_are_trained_on(allowed):
    from app import trainings
    from app.flows import Source

    with pytest.raises(ValueError, match="Only flows of this server"):
        trainings.start(Source("mine", "/etc"))
    with pytest.raises(ValueError, match="Choose a longer flow"):
        trainings.start(trainings.offered()[0])
    assert not trainings.runs_directory().joinpath("dashboard").exists()


def test_a_run_opens_as_a_model_of_this_machine_or_of_the_operator(data, monkeypatch, tmp_path):
    from app import trainings

    own = trainings.runs_directory() / "dashboard" / "one"
    assert trainings.model_name(RunRecord("dashboard/one", own)) == "run:dashboard/one"
    monkeypatch.setenv("SYMDYN_MODELS", str(tmp_path))
    assert trainings.roots()[-1] == tmp_path
    assert trainings.model_name(RunRecord(tmp_path.name, tmp_path)) == str(tmp_path)
    assert trainings.own(RunRecord("dashboard/one", own))
    assert not trainings.own(RunRecord("zoo/one", trainings.runs_directory() / "zoo" / "one"))


@pytest.fixture
def long(allowed, monkeypatch, tmp_path):
    """A flow of the server that is long enough; trainings on it are ended with the test."""
    from dashboard_fixtures import smooth_flow

    from app import trainings

    path = tmp_path / "long.zarr"
    store.write_flow(smooth_flow(100, 16, 16), path)
    monkeypatch.setenv("SYMDYN_FLOWS", str(path))
    monkeypatch.setattr(trainings, "_trainings", lru_cache(Trainings))
    monkeypatch.setattr(trainings, "runs_directory", lambda: tmp_path / "runs")
    yield next(source for source in trainings.offered() if source.path == str(path))
    for process in trainings.trainings()._started:
        process.kill()
        process.wait()


def record_of(folder):
    book = RunBook([folder.parent])
    book.refresh()
    return book.records[folder]


def wait_until(holds):
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def test_only_its_starter_cancels_and_continues_a_training_while_he_is_here(long, monkeypatch):
    from app import trainings

    one, other = trainings.Starter(), trainings.Starter()
    folder = trainings.start(long, parameters=2000, updates=2000)
    one.started(folder)
    wait_until(lambda: (folder / STATE).is_file())
    running = record_of(folder)
    assert not trainings.continuable(running)
    with pytest.raises(ValueError, match="Another visitor started"):
        other.cancel(running)
    assert running.progress.running and one.may_act_on(folder)
    one.cancel(running)
    wait_until(lambda: not trainings.trainings().busy)

    stopped = record_of(folder)
    assert trainings.continuable(stopped)
    with pytest.raises(ValueError, match="Another visitor started"):
        other.resume(stopped)
    one.leave()
    other.resume(stopped)
    assert record_of(folder).status == "running"
    with pytest.raises(ValueError, match="Another visitor started"):
        one.cancel(record_of(folder))
    other.leave()
    one.cancel(record_of(folder))
    wait_until(lambda: not trainings.trainings().busy)
    assert record_of(folder).updates > stopped.updates - 10, "it went on from its checkpoint"

    monkeypatch.delenv("SYMDYN_ALLOW_TRAINING")
    assert not trainings.continuable(record_of(folder))
    with pytest.raises(ValueError, match="may not start"):
        one.resume(record_of(folder))


def test_a_training_on_a_flow_that_is_no_longer_offered_is_not_continued(long, monkeypatch):
    from app import trainings

    folder = trainings.trainings().root / "one"
    folder.mkdir(parents=True)
    Wish(long.path, updates=60).write(folder)
    Progress(ProcessMark(1, "some other time", "here"), 10, 60).write(folder)
    (folder / STATE).write_bytes(b"state")
    assert trainings.continuable(record_of(folder))
    monkeypatch.delenv("SYMDYN_FLOWS")
    with pytest.raises(ValueError, match="Only flows of this server"):
        trainings.Starter().resume(record_of(folder))


def test_what_the_page_offers_follows_who_is_here(long):
    from app import trainings
    from app.panels.runs_control import RunControl

    folder = trainings.trainings().root / "one"
    folder.mkdir(parents=True)
    record = RunRecord("dashboard/one", folder, running=True)
    controls = [RunControl(trainings.Starter(), print, print, None) for _ in range(2)]
    mine, theirs = controls
    mine.starter.started(folder)

    def offered(control):
        control.update([record], control.barred([record]), None)
        return control.cancel.visible, control.why.visible, control.go_on.visible

    assert offered(mine) == (True, False, False)
    assert offered(theirs) == (False, True, False)
    mine.starter.leave()
    assert offered(theirs) == (True, False, False)
    theirs.update([], [], None)
    assert not theirs.cancel.visible and not theirs.why.visible
