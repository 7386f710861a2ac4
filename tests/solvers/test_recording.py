"""Checkpoints: whole or not there, and a restart that changes nothing."""

import pytest
import torch

from symdyn_core.solvers import Channel, RayleighBenard, UniformSampler
from symdyn_core.solvers.checkpoint import load_checkpoint, save_checkpoint
from symdyn_core.solvers.recording import Recorder, Schedule, one_thread

CHANNEL = Channel(16, 32, 2.0, 1.0)
SETTINGS = {"rayleigh": 1e6, "seed": 0}


@pytest.fixture
def solver() -> RayleighBenard:
    return RayleighBenard(CHANNEL, 1e6)


def record(folder, solver, schedule=None, settings=SETTINGS, progress=None):
    schedule = schedule or Schedule(0.3, spin_up=5, frames=12, checkpoint_every=4)
    sampler = UniformSampler(CHANNEL, 8, 16)
    return Recorder(folder, schedule, settings).record(
        solver,
        lambda: solver.conduction(generator=torch.Generator().manual_seed(0)),
        lambda state: sampler(state)[0],
        lambda state: torch.cat(solver.nusselt(state)),
        progress,
    )


def test_a_checkpoint_gives_back_bits(tmp_path):
    tensors = {"state": torch.randn(1, 3, 4, 5), "count": torch.arange(3)}
    save_checkpoint(tmp_path / "c", tensors, {"done": 7, "note": "a ° b"})
    loaded, record = load_checkpoint(tmp_path / "c")
    assert record == {"done": 7, "note": "a ° b"}
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    assert [file.name for file in tmp_path.iterdir()] == ["c"]


def test_a_failed_checkpoint_leaves_the_older_one(tmp_path):
    save_checkpoint(tmp_path / "c", {"state": torch.ones(2)}, 1)
    with pytest.raises(TypeError):
        save_checkpoint(tmp_path / "c", {"state": torch.zeros(2)}, object())
    assert load_checkpoint(tmp_path / "c")[1] == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_damaged_and_missing_checkpoints_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="No checkpoint"):
        load_checkpoint(tmp_path / "c")
    save_checkpoint(tmp_path / "c", {"state": torch.ones(100)}, 1)
    (tmp_path / "c").write_bytes((tmp_path / "c").read_bytes()[:-50])
    with pytest.raises(ValueError, match="Delete the file"):
        load_checkpoint(tmp_path / "c")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_restarting_from_a_checkpoint_changes_no_bit(tmp_path, dtype):
    solver = RayleighBenard(CHANNEL, 1e6, dtype=dtype)
    with torch.inference_mode():
        q = solver.conduction(generator=torch.Generator().manual_seed(0))
        half, _ = solver.advance(q, 6.0)
        unbroken, _ = solver.advance(half, 6.0)
        save_checkpoint(tmp_path / "c", {"state": half}, None)
        stored = load_checkpoint(tmp_path / "c")[0]["state"]
        restarted, _ = RayleighBenard(CHANNEL, 1e6, dtype=dtype).advance(stored, 6.0)
        assert torch.equal(restarted, unbroken)
        # One bit in one number is enough to be seen: the flow is unsteady.
        stored[0, 2, 5, 7] = torch.nextafter(stored[0, 2, 5, 7], torch.ones((), dtype=dtype))
        assert not torch.equal(solver.advance(stored, 6.0)[0], unbroken)


class Interruption(Exception):
    """What stops a run in these tests."""


@pytest.mark.parametrize("stop_after", [2, 5, 9, 16])
def test_an_interrupted_recording_goes_on_where_it_was(tmp_path, solver, stop_after):
    """Stopped in the spin-up, at its end, between two checkpoints, one frame before the end."""
    unbroken = record(tmp_path / "unbroken", solver)

    def interrupt(done, total):
        if done == stop_after:
            raise Interruption

    with pytest.raises(Interruption):
        record(tmp_path / "broken", solver, progress=interrupt)
    reports = []
    resumed = record(
        tmp_path / "broken", solver, progress=lambda done, total: reports.append((done, total))
    )
    assert reports[0] == (stop_after // 4 * 4, 17)
    assert reports[-1] == (17, 17)
    assert resumed.fields.tobytes() == unbroken.fields.tobytes()
    assert resumed.diagnostics.tobytes() == unbroken.diagnostics.tobytes()
    assert resumed.steps == unbroken.steps
    assert not (unbroken.fields[-1] == unbroken.fields[-2]).all()


def test_a_finished_recording_is_not_run_again(tmp_path, solver):
    first = record(tmp_path, solver)
    reports = []
    second = record(tmp_path, solver, progress=lambda *report: reports.append(report))
    assert reports == [(17, 17)]
    assert second.fields.tobytes() == first.fields.tobytes()


def test_a_folder_of_another_run_is_refused(tmp_path, solver):
    record(tmp_path, solver)
    with pytest.raises(ValueError, match="unfinished run with other settings"):
        record(tmp_path, solver, settings={**SETTINGS, "seed": 1})


def test_the_number_of_threads_is_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
