"""Trainings in processes of their own: found, followed, cancelled, continued; one at a time."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import load_file

from symdyn_core.datasets import schema, store
from symdyn_core.experiments.process_mark import ProcessMark
from symdyn_core.experiments.run_book import RunBook
from symdyn_core.experiments.run_progress import LOG, Progress, Reporter
from symdyn_core.experiments.run_records import best_by_model
from symdyn_core.experiments.training_command import train_on
from symdyn_core.experiments.training_wish import Wish, check_long_enough
from symdyn_core.experiments.trainings import LOCK, Trainings, hold, resumable, starter_is_here
from symdyn_core.grid import Grid
from symdyn_core.training.checkpoints import load_state
from symdyn_core.training.run import STATE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs locks handed on")

GRID = Grid(16, 16, dy=1.0, dx=1.0, dt=1.0, periodic_y=True, periodic_x=True)
PATIENCE = 120
"""Seconds: a slow machine is no error."""


def flow_of(frames):
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(frames, 2, *GRID.shape, generator=generator).cumsum(0)
    return schema.from_tensor(w, GRID, title="walk", source="drawn")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("flow") / "walk.zarr"
    store.write_flow(flow_of(100), path)
    return str(path)


@pytest.fixture
def trainings(tmp_path):
    """Trainings that are ended with the test, whatever it found."""
    made = Trainings(tmp_path / "runs")
    yield made
    for process in made._started:
        process.kill()
        process.wait()


def wait_until(holds):
    for _ in range(10 * PATIENCE):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def record_of(folder):
    book = RunBook([folder.parent])
    book.refresh()
    return book.records[folder]


def test_a_training_is_found_by_others_cancelled_and_continued(trainings, data):
    wish = Wish(data, parameters=2000, updates=2000, seed=3)
    folder = trainings.start(wish)
    assert record_of(folder).status == "running"
    with pytest.raises(ValueError, match="one at a time"):
        trainings.start(wish)
    wait_until(lambda: record_of(folder).updates >= 1)

    # A server that was started anew knows nothing but the disk.
    later = Trainings(trainings.root)
    assert later.busy
    with pytest.raises(ValueError, match="one at a time"):
        later.start(wish)
    found = record_of(folder)
    assert (found.status, found.of, found.facts["seed"]) == ("running", 2000, 3)
    assert (found.symmetry, found.data, found.architecture) == ("plain", "walk", "ResNet")
    assert found.facts["parameters"] == pytest.approx(2000, rel=0.05)
    later.cancel(folder)
    wait_until(lambda: not trainings.busy)

    assert record_of(folder).status == "stopped"
    with pytest.raises(ValueError, match="does not run"):
        later.cancel(folder)
    state = load_state(folder / "state.ckpt")
    done = state["here"]["updates"] + (state["records"][-1]["updates"] if state["records"] else 0)
    assert 1 <= done < 2000
    report = train_on(data, folder, preset="trial", parameters=2000, updates=done + 3, seed=3)
    assert report["updates"] == done + 3


def weights(folder):
    return load_file(folder / "best.safetensors")


def test_a_stopped_training_goes_on_as_if_it_had_never_stopped(trainings, data):
    wish = Wish(data, parameters=2000, updates=60, seed=3)
    folder = trainings.start(wish)
    wait_until(lambda: (folder / STATE).is_file())
    os.kill(Progress.read(folder).process.pid, signal.SIGKILL)  # as a power cut would
    wait_until(lambda: not trainings.busy)
    assert record_of(folder).status == "stopped" and resumable(folder) == wish

    # By a server that was started anew, one at a time.
    later = Trainings(trainings.root)
    other = later.start(Wish(data, parameters=2000, updates=2000))
    with pytest.raises(ValueError, match="one at a time"):
        later.resume(folder)
    later.cancel(other)
    wait_until(lambda: not later.busy)
    later.resume(folder)
    assert record_of(folder).status == "running" and resumable(folder) is None
    wait_until(lambda: not later.busy)
    found = record_of(folder)
    assert (found.status, found.updates) == ("finished", 60)
    assert [epoch.updates for epoch in found.epochs] == [20, 40, 60]

    unbroken = trainings.start(wish)
    assert unbroken != folder
    wait_until(lambda: not trainings.busy)
    for name, value in weights(unbroken).items():
        torch.testing.assert_close(weights(folder)[name], value, rtol=0, atol=0)


def test_what_cannot_be_continued_is_refused(trainings, data, tmp_path):
    folder = trainings.root / "one"
    folder.mkdir(parents=True)
    wish = Wish(data, updates=60)
    ended = ProcessMark(1, "some other time", "here")

    def refused():
        with pytest.raises(ValueError, match="nothing that could be continued"):
            trainings.resume(folder)
        return resumable(folder) is None

    assert refused(), "an empty folder"
    wish.write(folder)
    Progress(ended, 10, 60).write(folder)
    assert refused(), "no checkpoint"
    (folder / STATE).write_bytes(b"state")
    assert resumable(folder) == wish, "the control"
    Progress(ended, 60, 60).write(folder)
    assert refused(), "finished"
    Progress(ended, 10, 60).write(folder)
    (folder / "wish.json").write_text(json.dumps({"data": data, "symmetry": "; rm -r /"}))
    assert refused(), "a wish that nobody may have"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(ValueError, match="not started here"):
        trainings.resume(elsewhere)


def test_a_starter_is_here_until_he_lets_go_or_his_server_ends(tmp_path):
    assert not starter_is_here(tmp_path)
    held = hold(tmp_path)
    assert held.got and starter_is_here(tmp_path) and starter_is_here(tmp_path)
    assert not hold(tmp_path).got, "one at a time"
    assert starter_is_here(tmp_path), "one who did not get it gives up nothing"
    held.give_up()
    held.give_up()
    assert not starter_is_here(tmp_path)
    code = (
        "import pathlib, sys; from symdyn_core.experiments.trainings import hold; "
        "kept = hold(pathlib.Path(sys.argv[1])); print(kept.got, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as server:
        assert server.stdout.readline().strip() == b"True"
        assert starter_is_here(tmp_path), "in another process"
        server.kill()
    wait_until(lambda: not starter_is_here(tmp_path))


def test_a_killed_training_leaves_no_lock(trainings, data):
    (trainings.root).mkdir()
    (trainings.root / LOCK).write_text("left by somebody")
    assert not trainings.busy
    folder = trainings.start(Wish(data, parameters=2000))
    assert trainings.busy
    os.kill(Progress.read(folder).process.pid, signal.SIGKILL)
    wait_until(lambda: not trainings.busy)
    assert record_of(folder).status == "stopped"
    again = trainings.start(Wish(data, parameters=2000))
    assert again != folder


def test_a_training_that_fails_says_why(trainings, tmp_path):
    folder = trainings.start(Wish(str(tmp_path / "nowhere.zarr")))
    wait_until(lambda: not trainings.busy)
    found = record_of(folder)
    assert found.status == "failed" and "nowhere.zarr" in found.trouble


def test_only_trainings_of_ones_own_are_cancelled(trainings, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        Progress(ProcessMark.of(process.pid)).write(other)
        with pytest.raises(ValueError, match="not started here"):
            trainings.cancel(other)
        # Another process with the number of one that has ended.
        folder = trainings.root / "old"
        folder.mkdir(parents=True)
        mark = ProcessMark(process.pid, "some other time", ProcessMark.of(process.pid).host)
        Progress(mark).write(folder)
        with pytest.raises(ValueError, match="does not run"):
            trainings.cancel(folder)
        assert process.poll() is None
        Progress(ProcessMark.of(process.pid)).write(folder)
        trainings.cancel(folder)  # the control: its mark is right
        assert process.wait(timeout=PATIENCE) == -signal.SIGTERM


@pytest.mark.parametrize(
    "asked, told",
    [
        ({"updates": 5}, "updates between 10"),
        ({"updates": 10**6}, "updates between 10"),
        ({"parameters": 10**7}, "parameters between"),
        ({"seed": -1}, "seed between"),
        ({"symmetry": "boost; rm -r /"}, "Unknown symmetry"),
        ({"architecture": "MLP"}, "Unknown architecture"),
    ],
)
def test_wishes_stay_within_their_limits(asked, told):
    with pytest.raises(ValueError, match=told):
        Wish("flow.zarr", **asked)


def test_flows_that_are_too_short_are_refused():
    check_long_enough(flow_of(100))
    for frames in (20, 80):
        with pytest.raises(ValueError, match=f"has {frames} frames"):
            check_long_enough(flow_of(frames))


def test_progress_is_written_now_and_then_and_at_the_end(tmp_path):
    seen = []
    report = Reporter(tmp_path, lambda *step: seen.append(step))
    for done in range(1, 101):
        report(done, 100)
        if done == 1:
            assert Progress.read(tmp_path).updates == 1
        elif done == 2:
            assert Progress.read(tmp_path).updates == 1  # not with every step
    found = Progress.read(tmp_path)
    assert (found.updates, found.of) == (100, 100) and len(seen) == 100
    assert found.running and found.process.pid == os.getpid()
    report.close()
    found = Progress.read(tmp_path)
    assert not found.running and found.updates == 100
    (tmp_path / "progress.json").write_text("{")
    assert Progress.read(tmp_path) is None


def test_a_book_reads_only_what_has_changed(tmp_path, data):
    for name in ("one", "two"):
        train_on(data, tmp_path / name, preset="smoke", updates=4, seed=1)
    book = RunBook([tmp_path])
    assert book.refresh() and not book.refresh()
    assert [record.name for record in book.records.values()] == ["one", "two"]
    one, two = book.records.values()
    assert one.status == "finished" and one.usable and one.updates == 4
    assert one.best == min(epoch.valid_rmse for epoch in one.epochs)
    assert one.data_key == two.data_key != ""
    ((model, (runs, middle)),) = best_by_model([one, two]).items()
    assert model == ("ResNet", "plain") and runs == [one, two]
    assert middle == (one.best + two.best) / 2
    (tmp_path / "two" / LOG).write_text("symdyn: The disk is full.\n")
    assert book.refresh()
    first, second = book.records.values()
    assert first is one
    assert (second.status, second.trouble) == ("failed", "The disk is full.")
    (tmp_path / "two" / "log.csv").write_text("nonsense")
    (tmp_path / "two" / "specification.json").write_text(json.dumps([1]))
    assert book.refresh()
    assert not [*book.records.values()][1].usable


def test_runs_of_the_zoo_take_their_facts_from_its_cards(tmp_path, data, monkeypatch):
    train_on(data, tmp_path / "one", preset="smoke", updates=4)
    (tmp_path / "one" / "run.json").unlink()
    book = RunBook([tmp_path])
    book.refresh()
    (plain,) = book.records.values()
    assert "parameters" not in plain.facts
    card = {"name": "m", "parameters": 7, "training": {"valid_rmse": plain.best, "seed": 5}}
    other = {"name": "n", "parameters": 8, "training": {"valid_rmse": plain.best * 1.1}}
    monkeypatch.setattr("symdyn_core.experiments.run_book.zoo_cards", lambda: [other, card])
    again = RunBook([tmp_path])
    again.refresh()
    (known,) = again.records.values()
    assert (known.facts["parameters"], known.facts["seed"]) == (7, 5)
