"""Training learns, repeats itself, and survives interruption without a trace."""

import csv
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from symdyn_core.datasets.sampling import sample_order
from symdyn_core.datasets.windows import Windows
from symdyn_core.models.baselines import Persistence
from symdyn_core.training import Record, Settings, train
from symdyn_core.training.checkpoints import load_state
from symdyn_core.training.objective import RolloutLoss, Sample
from tests.conftest import mock_flow

PAST = 2
SETTINGS = Settings(
    updates=12,
    updates_per_epoch=4,
    batch=2,
    rollout_steps=2,
    validation_windows=3,
    precision="32-true",
)


class Tiny(nn.Module):
    """The last frame plus a convolution, with dropout so that random numbers matter."""

    past = PAST

    def __init__(self, seed: int = 0, dropout: float = 0.0):
        super().__init__()
        torch.manual_seed(seed)
        self.first = nn.Conv2d(2 * PAST, 12, 3, padding=1)
        self.last = nn.Conv2d(12, 2, 3, padding=1)
        self.dropout = dropout

    def forward(self, window):
        hidden = torch.tanh(self.first(window.flatten(1, 2)))
        hidden = nn.functional.dropout(hidden, self.dropout, self.training)
        return window[:, -1] + self.last(hidden)


def windows(seed: int = 0, **kwargs) -> Windows:
    return Windows(mock_flow(seed=seed, **{"frames": 12, **kwargs}), past=PAST, future=2)


def fit(directory, settings=SETTINGS, forecaster=None, **kwargs):
    forecaster = Tiny(dropout=0.2) if forecaster is None else forecaster
    data = kwargs.pop("data", windows())
    return list(train(forecaster, data, windows(seed=1), settings, directory, **kwargs))


def timeless(records: list[Record]) -> list[Record]:
    return [replace(record, seconds=0.0, windows_per_second=0.0) for record in records]


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_two_samples_are_learnt_by_heart(tmp_path):
    data = windows(frames=5, ny=6, nx=6)
    assert len(data) == 2
    settings = replace(
        SETTINGS, updates=600, updates_per_epoch=200, rollout_steps=1, weight_decay=0.0,
        learning_rate=1e-2,
    )  # fmt: skip
    first, *_, last = fit(tmp_path, settings, _Wide(), data=data)
    assert last.train_loss < 0.02 * 2  # the increment of white noise has a variance of 2
    assert first.train_loss > 5 * last.train_loss


class _Wide(Tiny):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Conv2d(4, 96, 3, padding=1), nn.Conv2d(96, 2, 3, padding=1)


def test_same_seed_gives_same_losses_and_another_seed_does_not(tmp_path):
    once = fit(tmp_path / "once")
    torch.rand(7)  # what others draw between two runs does not matter
    again = fit(tmp_path / "again")
    other = fit(tmp_path / "other", replace(SETTINGS, seed=1))
    assert timeless(once) == timeless(again)
    assert once[-1].train_loss != other[-1].train_loss


def test_training_leaves_the_random_numbers_of_others_alone(tmp_path):
    torch.manual_seed(3)
    expected = torch.rand(4)
    forecaster = Tiny(dropout=0.2)
    torch.manual_seed(3)
    fit(tmp_path, forecaster=forecaster)
    assert torch.equal(torch.rand(4), expected)


def test_best_weights_are_a_copy(tmp_path):
    forecaster = Tiny()
    settings = replace(SETTINGS, learning_rate=1e-2)
    run = train(forecaster, windows(), windows(seed=1), settings, tmp_path)
    next(run)
    kept = load_file(tmp_path / "best.safetensors")
    assert same(kept, forecaster.state_dict())
    with torch.no_grad():
        forecaster.first.weight.add_(1.0)
    assert same(kept, load_file(tmp_path / "best.safetensors"))
    assert not same(kept, forecaster.state_dict())


def test_the_best_epoch_is_returned_not_the_last(tmp_path):
    forecaster = at_rest()
    run = train(forecaster, windows(), frozen(), SETTINGS, tmp_path)
    records, weights = [], None
    while weights is None:
        try:
            records.append(next(run))
        except StopIteration as end:
            weights = end.value
    assert [record.best for record in records] == [True, False, False]
    assert same(weights, forecaster.state_dict())
    assert not same(weights, load_state(tmp_path / "state.ckpt")["forecaster"])


def test_early_stopping_waits_for_patience(tmp_path):
    for patience, epochs in ((2, 3), (None, 10)):
        settings = replace(SETTINGS, updates=40, patience=patience)
        records = list(train(at_rest(), windows(), frozen(), settings, tmp_path / str(patience)))
        assert len(records) == epochs


def at_rest() -> Tiny:
    """A forecaster that starts as persistence."""
    forecaster = Tiny()
    nn.init.zeros_(forecaster.last.weight)
    nn.init.zeros_(forecaster.last.bias)
    return forecaster


def frozen() -> Windows:
    """A flow that stands still: what is learnt from white noise makes its forecasts worse."""
    flow = mock_flow(seed=1)
    still = flow.isel(time=0, drop=True)
    return Windows(flow.assign(u=flow.u * 0 + still.u, v=flow.v * 0 + still.v), past=PAST, future=2)


def test_a_finished_run_is_read_not_repeated(tmp_path):
    records = fit(tmp_path)
    steps = []
    assert fit(tmp_path, progress=lambda *step: steps.append(step)) == records
    assert steps == []


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_run_broken_off_between_epochs_continues_exactly(tmp_path, precision):
    settings = replace(SETTINGS, precision=precision)
    unbroken = fit(tmp_path / "unbroken", settings)
    next(train(Tiny(dropout=0.2), windows(), windows(seed=1), settings, tmp_path / "broken"))
    continued = fit(tmp_path / "broken", settings, Tiny(seed=9, dropout=0.2))
    assert timeless(continued) == timeless(unbroken)
    assert same_state(tmp_path / "unbroken", tmp_path / "broken")


def same_state(one: Path, other: Path) -> bool:
    """Whether two runs ended with the same weights and optimiser, to the last bit."""
    a, b = load_state(one / "state.ckpt"), load_state(other / "state.ckpt")
    moments_a, moments_b = a["optimiser"]["state"], b["optimiser"]["state"]
    return (
        same(a["forecaster"], b["forecaster"])
        and all(same(moments_a[n], moments_b[n]) for n in moments_a)
        and same(load_file(one / "best.safetensors"), load_file(other / "best.safetensors"))
    )


RUN = """
import sys, time
import torch
torch.set_num_threads(1)
from tests.test_training import SETTINGS, Tiny, fit
from dataclasses import replace
def slowly(done, total):
    print(done, flush=True)
    time.sleep(0.05)
settings = replace(SETTINGS, checkpoint_every=3)
fit(sys.argv[1], settings, Tiny(dropout=0.2), progress=slowly)
"""


def start(directory: Path) -> subprocess.Popen:
    """A training run in a process of its own, which prints the step that it has done."""
    root = Path(__file__).resolve().parent.parent
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=root,
    )  # fmt: skip


def kill_in_mid_epoch(process: subprocess.Popen) -> None:
    for line in process.stdout:
        if int(line) == 7:  # epochs have 4 steps, checkpoints come every 3
            break
    process.kill()
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("unbroken")
    continue_run(directory)
    return directory


def continue_run(directory: Path, **kwargs) -> None:
    """Train as the process does, in one thread; from the start in an empty directory."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        fit(directory, replace(SETTINGS, checkpoint_every=3), **kwargs)
    finally:
        torch.set_num_threads(threads)


def test_a_killed_run_continues_to_identical_weights(tmp_path, unbroken):
    process = start(tmp_path)
    kill_in_mid_epoch(process)
    assert process.returncode == -signal.SIGKILL
    state = load_state(tmp_path / "state.ckpt")
    assert state["here"]["updates"] > 0  # it was in mid-epoch
    continue_run(tmp_path)
    assert same_state(tmp_path, unbroken)
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    fit(tmp_path / "other", replace(SETTINGS, checkpoint_every=3, seed=1))
    assert not same_state(tmp_path / "other", unbroken)


@pytest.fixture
def heard():
    """Ctrl-C raises: programs that were started in the background may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_saves_the_step_it_was_in(tmp_path, unbroken, heard):
    def press(done: int, total: int) -> None:
        if done == 7:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        continue_run(tmp_path, progress=press)
    assert signal.getsignal(signal.SIGINT) is heard
    state = load_state(tmp_path / "state.ckpt")
    assert (len(state["records"]), state["here"]["updates"]) == (1, 3)
    continue_run(tmp_path)
    assert same_state(tmp_path, unbroken)


def test_land_does_not_count_in_the_loss():
    forecaster = Tiny()
    loss = RolloutLoss(forecaster, SETTINGS)
    w, water, _ = windows(land=True).batch([0, 3])
    truth = w[:, PAST:]
    expected = loss(Sample(w[:, :PAST], truth, water))
    dirty = torch.where(water, truth, torch.full_like(truth, float("nan")))
    assert torch.equal(loss(Sample(w[:, :PAST], dirty, water)), expected)
    loss(Sample(w[:, :PAST], dirty, water)).backward()
    assert all(torch.isfinite(p.grad).all() for p in forecaster.parameters())
    assert not torch.equal(
        loss(Sample(w[:, :PAST], truth, None)), expected
    )  # zeros scored as water


def test_the_loss_has_no_unit_and_sums_over_the_rollout():
    class Off(nn.Module):
        """Persistence, off by (6, -8) [velocity] at each step."""

        past, scale = PAST, 2.0

        def forward(self, window):
            return window[:, -1] + torch.tensor([6.0, -8.0])[:, None, None]

    still = torch.zeros(1, PAST + 2, 2, 3, 3)
    loss = RolloutLoss(Off(), SETTINGS)(Sample(still[:, :PAST], still[:, PAST:], None))
    # Errors after 1 and 2 steps: (36 + 64)/2 = 50 and 4 * 50, in units of 2² = 4.
    assert loss.item() == pytest.approx((50 + 200) / 4)


def test_mixed_precision_does_not_round_velocities(tmp_path):
    # A flow that stands still at 1.001: rounded to bfloat16 it would be 1.0.
    flow = mock_flow(frames=6)
    flow["u"][:] = 1.001
    flow["v"][:] = 1.001
    still = Windows(flow, past=PAST, future=2)
    settings = replace(SETTINGS, precision="bf16-mixed", updates=1)
    (record,) = train(at_rest(), still, still, settings, tmp_path)
    assert record.train_loss == 0
    assert torch.tensor(1.001).bfloat16().item() == 1.0


def gradient_of(mode: str, steps: int = 2) -> torch.Tensor:
    forecaster = Tiny()
    w = windows().batch([0, 1]).w
    loss = RolloutLoss(forecaster, replace(SETTINGS, mode=mode, rollout_steps=steps))
    loss(Sample(w[:, :PAST], w[:, PAST:][:, : loss.steps], None)).backward()
    return forecaster.first.weight.grad


def test_modes_differ_in_the_gradient_only_where_they_should():
    through, cut, one = (gradient_of(mode) for mode in ("with_gradient", "detached", "one"))
    assert not torch.allclose(through, cut)
    assert not torch.allclose(cut, one)
    assert torch.equal(gradient_of("with_gradient", 1), gradient_of("detached", 1))
    assert torch.equal(gradient_of("with_gradient", 1), one)


def test_a_loss_that_is_lost_says_what_to_do(tmp_path):
    class Explodes(Tiny):
        def forward(self, window):
            return super().forward(window) / 0.0

    with pytest.raises(ValueError, match="third of the learning_rate"):
        fit(tmp_path, forecaster=Explodes())
    assert not (tmp_path / "best.safetensors").exists()


def test_another_run_in_the_same_directory_is_refused(tmp_path):
    fit(tmp_path)
    with pytest.raises(ValueError, match=r"learning_rate \(was 0.001, now 0.01\)"):
        fit(tmp_path, replace(SETTINGS, learning_rate=1e-2))
    with pytest.raises(ValueError, match="other windows"):
        fit(tmp_path, data=windows(seed=5))
    with pytest.raises(ValueError, match="do not fit this forecaster"):
        fit(tmp_path, forecaster=_Wide())
    assert len(fit(tmp_path, replace(SETTINGS, updates=16))) == 4  # but it may go on


def test_a_damaged_state_is_one_clear_error(tmp_path):
    fit(tmp_path)
    state = tmp_path / "state.ckpt"
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(ValueError, match="Expected a training state"):
        fit(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"updates": 0}, "updates must be at least 1"),
        ({"decay": 1.5}, "decay must be above 0"),
        ({"rollout_steps": 5}, "at least 2 past and 5 future"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        fit(tmp_path, replace(SETTINGS, **change))
    assert not any(tmp_path.iterdir())


def test_nothing_to_train_is_refused(tmp_path):
    with pytest.raises(ValueError, match="forecaster with weights"):
        fit(tmp_path, forecaster=Persistence(PAST))


def test_the_order_of_samples_depends_on_seed_and_epoch_only():
    order = sample_order(seed=0, epoch=3, samples=10, length=25)
    assert torch.equal(order, sample_order(seed=0, epoch=3, samples=10, length=25))
    assert not torch.equal(order, sample_order(seed=0, epoch=4, samples=10, length=25))
    assert not torch.equal(order, sample_order(seed=1, epoch=3, samples=10, length=25))
    assert sorted(order[:10].tolist()) == list(range(10))  # every window once before any twice


def test_learning_rate_falls_by_epoch(tmp_path):
    rates = [record.learning_rate for record in fit(tmp_path, replace(SETTINGS, decay=0.5))]
    assert rates == [1e-3, 5e-4, 2.5e-4]


def test_channels_last_and_compiling_change_no_result(tmp_path):
    reference = fit(tmp_path / "plain", replace(SETTINGS, channels_last=False), Tiny())
    other = fit(tmp_path / "last", SETTINGS, Tiny())
    assert other[-1].valid_rmse == pytest.approx(reference[-1].valid_rmse, rel=1e-4)
    assert all(
        weight.is_contiguous() for weight in load_file(tmp_path / "last/best.safetensors").values()
    )


PARALLEL = """
import sys
from dataclasses import replace
from tests.test_training import SETTINGS, Tiny, fit
fit(sys.argv[1], SETTINGS, Tiny())
"""


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path):
    fit(tmp_path / "one", SETTINGS, Tiny())
    root = Path(__file__).resolve().parent.parent
    script = tmp_path / "parallel.py"
    script.write_text(PARALLEL)
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
         str(script), str(tmp_path / "two")],
        capture_output=True, text=True, timeout=240, cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, two = (load_file(tmp_path / name / "best.safetensors") for name in ("one", "two"))
    for name in one:
        assert torch.allclose(one[name], two[name], rtol=1e-3, atol=1e-5)
    assert len((tmp_path / "two" / "log.csv").read_text().splitlines()) == 4
