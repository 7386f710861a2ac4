"""What the benchmarks say is what was measured; nothing here depends on how fast a machine is."""

import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from typer.testing import CliRunner

from symdyn_core.benchmarking import agreement, models, peers
from symdyn_core.benchmarking.arithmetic import operations
from symdyn_core.benchmarking.conditions import MODES, Conditions, step
from symdyn_core.benchmarking.kits import PLAIN, measured_kits, plain_like, width
from symdyn_core.benchmarking.layers import LEVELS, LayerBench
from symdyn_core.benchmarking.memory import peak_bytes, saved_bytes
from symdyn_core.benchmarking.peer_layers import COMPARED, PeerBench
from symdyn_core.benchmarking.rows import TARGETS, row
from symdyn_core.benchmarking.running import Measurement, chosen
from symdyn_core.benchmarking.timing import CudaStopwatch, ProcessorStopwatch, compare
from symdyn_core.cli import app
from symdyn_core.experiments.budgets import Size
from symdyn_core.layers import KITS
from symdyn_core.layers.planar_groups import PlanarGroup

QUICK = Conditions(rounds=1)


class Clock:
    """Time that passes only when somebody works."""

    def __init__(self):
        self.now = 0.0
        self.slowness = 1.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float):
        """A piece of work that takes so long, if the machine is not slowed down."""

        def done():
            self.now += seconds * self.slowness

        return done


def test_the_ratio_is_that_of_the_work():
    clock = Clock()
    stopwatch = ProcessorStopwatch(processor=clock, wall=lambda: 2 * clock())
    found = compare(clock.work(3.0), clock.work(2.0), stopwatch, rounds=5)
    assert found.ratio == found.ratio_min == found.ratio_max == found.ratio_wall == 1.5
    assert (found.seconds, found.baseline_seconds, found.rounds) == (3.0, 2.0, 5)


def test_a_machine_that_slows_down_changes_no_ratio():
    clock = Clock()
    plain, candidate = clock.work(1.0), clock.work(1.2)

    def slowing(work):
        def done():
            work()
            clock.slowness *= 1.05

        return done

    stopwatch = ProcessorStopwatch(processor=clock, wall=clock)
    found = compare(slowing(candidate), slowing(plain), stopwatch, rounds=8)
    assert found.ratio == pytest.approx(1.2, rel=2e-3)
    # Control: one after the other, all of one and then all of the other, would be far off.
    assert 1.2 * 1.05**8 > 1.7
    assert found.ratio_min < found.ratio_low <= found.ratio <= found.ratio_high < found.ratio_max


def test_pairs_alternate_and_the_first_rounds_do_not_count():
    order, clock = [], Clock()
    works = {}
    for name, seconds in (("a", 4.0), ("b", 1.0)):
        work = clock.work(seconds)
        works[name] = lambda name=name, work=work: (order.append(name), work())
    stopwatch = ProcessorStopwatch(processor=clock, wall=clock)
    assert compare(works["a"], works["b"], stopwatch, rounds=2, warm_up=1).ratio == 4.0
    assert "".join(order) == "baabba"
    with pytest.raises(ValueError, match="at least one round"):
        compare(works["a"], works["b"], stopwatch, rounds=0)


def test_threads_that_wait_are_not_counted_as_work():
    processor, wall = Clock(), Clock()

    def work():
        processor.now += 7
        wall.now += 2

    one, two = (ProcessorStopwatch(n, processor=processor, wall=wall) for n in (1, 2))
    assert one.clock == "processor" and one.measure(work).seconds == 7
    assert two.clock == "wall" and two.measure(work).seconds == 2


class Event:
    """A mark on a stream that passes three milliseconds from one mark to the next."""

    marks = 0

    def __init__(self, enable_timing):
        assert enable_timing

    def record(self, stream):
        Event.marks += 1
        self.mark = Event.marks

    def elapsed_time(self, other):
        return 3.0 * (other.mark - self.mark)


def test_events_of_a_gpu_are_read_in_seconds_when_all_is_done(monkeypatch):
    done = []
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "stream")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append("waited"))
    found = CudaStopwatch(torch.device("cuda")).measure(lambda: done.append("worked"))
    assert found.seconds == pytest.approx(0.003) and found.wall > 0
    assert done == ["waited", "worked", "waited"]


X, W = 4 * 2 * 8 * 16 * 16, 4 * 8 * 8 * 3 * 3


def small_convolution():
    """An input and a kernel of X and W bytes; the output has X bytes as well."""
    x = torch.randn(2, 8, 16, 16, requires_grad=True)
    w = torch.randn(8, 8, 3, 3, requires_grad=True)
    return x, w


def test_peak_memory_of_a_convolution_by_hand():
    x, w = small_convolution()
    gradient = torch.ones_like(x)

    def training():
        return torch.autograd.grad(F.conv2d(x, w, padding=1), (x, w), gradient)

    # Held before: x, w and the gradient. Then: the output, whose gradients are x and w like.
    assert peak_bytes(training, [x, w]) == (X + W) + (X + X + W)

    def activated():
        return torch.autograd.grad(F.leaky_relu(F.conv2d(x, w, padding=1)), (x, w), gradient)

    # The convolution's output is saved until the activation's gradient is there.
    assert peak_bytes(activated, [x, w]) == (X + W) + (3 * X + W)
    assert peak_bytes(activated, [x, w]) == peak_bytes(activated, [x, w])


def test_memory_that_is_freed_or_viewed_does_not_add_up():
    x, _ = small_convolution()

    def chain():
        with torch.no_grad():
            h = x
            for _ in range(10):
                h = (2 * h).flatten(1).view_as(x)

    assert peak_bytes(chain, [x]) == X + 2 * X


def test_saved_memory_is_what_autograd_keeps():
    x, w = small_convolution()
    assert saved_bytes(lambda: F.conv2d(x, w, padding=1), [x, w]) == 0
    assert saved_bytes(lambda: F.leaky_relu(F.conv2d(x, w, padding=1)), [x, w]) == X
    assert saved_bytes(lambda: (2 * x).exp().sum(), [x]) == X


def test_operations_of_a_convolution_by_hand():
    x, w = small_convolution()
    forward = 2 * 2 * 16 * 16 * 8 * 8 * 9
    assert operations(lambda: F.conv2d(x, w, padding=1)) == forward
    module = nn.Conv2d(8, 8, 3, padding=1, bias=False)
    assert operations(step(module, x, "forward_backward", QUICK)) == 3 * forward


def test_the_modes_do_what_they_say():
    x, _ = small_convolution()
    module = nn.Conv2d(8, 8, 3)
    forward, training, evaluation = (step(module, x, mode, QUICK) for mode in MODES)
    assert forward().requires_grad and not evaluation().requires_grad
    assert not module.training
    assert [g.shape for g in training()] == [x.shape, module.weight.shape, module.bias.shape]
    assert module.weight.grad is None and x.grad is None


def test_bfloat16_and_channels_last_reach_the_convolution():
    conditions = Conditions(precision="bf16", channels_last=True)
    module = conditions.placed(nn.Conv2d(8, 8, 3))
    out = step(module, conditions.noise(1, 8, 9, 9), "forward", conditions)()
    assert out.dtype == torch.bfloat16 == conditions.hidden(2).dtype
    assert module.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"precision": "int8"}, "Unknown precision"),
        ({"rounds": 0}, "at least one"),
        ({"threads": 0}, "at least one"),
        ({"device": "cuda:9"}, "No device"),
    ],
)
def test_bad_conditions_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Conditions(**options)


def test_every_kit_is_measured_against_the_plain_one_of_equal_width():
    kits = measured_kits(5)
    assert {type(kit) for kit in kits.values()} == set(KITS)
    assert all(kit.kernel_size == 5 for kit in kits.values())
    x = torch.randn(1, 16, 8, 8)
    for kit in kits.values():
        fields = width(kit, 16)
        for part in ("convolve", "residual"):
            block, plain = (
                getattr(kit, part)(fields, fields),
                getattr(plain_like(kit), part)(16, 16),
            )
            assert block(x).shape == plain(x).shape
    with pytest.raises(ValueError, match="do not fill 20"):
        LayerBench(QUICK).measurements(channels=(20,))


def test_targets_are_for_what_is_measured():
    known = {*measured_kits(3), f"scaling {LEVELS} levels"}
    assert {what for _, what, _ in TARGETS} <= known
    assert {mode for _, _, mode in TARGETS} <= {*MODES, "memory"}
    assert set(COMPARED) <= known


def test_a_target_is_met_or_missed():
    assert row("layers", "magnitude", "eval", PLAIN, 1.2)["met"] is True
    assert row("layers", "magnitude", "eval", PLAIN, 1.3)["met"] is False
    assert row("layers", "magnitude", "eval", "e2cnn C_8", 1.3)["met"] is None
    assert row("models", "any", "build", PLAIN, 9.0, target=1.0, judged=0.5)["met"] is True


def test_measurements_are_chosen_by_whole_words():
    names = ("magnitude", "magnitude per component", "magnitudes")
    measurements = [Measurement(name, "", list) for name in names]
    assert [m.what for m in chosen(measurements, "magnitude")] == list(names[:2])
    assert chosen(measurements, None) == measurements
    with pytest.raises(ValueError, match="magnitude per component"):
        chosen(measurements, "rotation")


def test_the_levels_of_scale_have_a_fair_baseline():
    rows = LayerBench(QUICK, batch=1, cells=16).level_rows(16)
    modes = {row["mode"]: row for row in rows}
    assert {*MODES, "memory", "kernel_build"} == set(modes)
    assert modes["eval"]["target"] == 1.1 and modes["eval"]["baseline"] == "the sum of its levels"


def test_networks_and_their_build():
    size = models.NetworkSize(past=2, channels=16, blocks=(1,), levels=(1, 2))
    kit = measured_kits(3)["rotation C_8"]
    rows = models.ModelBench(QUICK, size, cells=16).cost_rows("rotation C_8", kit, "UNet")
    assert {row["mode"]: row["target"] for row in rows}["eval"] == 1.15
    build, fit = models.build_rows("rotation C_8", kit, "UNet", Size(100_000, (1, 2)))
    assert build["target"] == 1.0 and build["met"] == (build["seconds"] <= 1.0)
    assert fit["seconds"] > 0 and build["ratio"] > 0


def run(*arguments):
    """(exit code, standard output, standard error) of the command line."""
    result = CliRunner().invoke(app, ["bench", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


SMALL = ("layers", "--rounds", 1, "--channels", 16, "--cells", 16, "--batch", 1)


def test_the_json_is_the_public_contract(tmp_path):
    path = tmp_path / "results" / "layers.json"
    code, out, err = run(*SMALL, "--only", "rotation", "--json", "--out", path)
    report = json.loads(out)
    assert code == 0, err
    assert {"hardware", "versions", "rows"} <= report.keys()
    assert report["versions"]["torch"] == torch.__version__
    keys = {"group", "what", "mode", "baseline", "ratio", "ratio_min", "ratio_max"}
    assert all(keys <= row.keys() and row["group"] == "layers" for row in report["rows"])
    assert {row["what"] for row in report["rows"]} == {"rotation C_8", "rotation C_16"}
    modes = {row["mode"] for row in report["rows"] if row["part"] == "convolve"}
    assert modes == {*MODES, "memory", "kernel_build"}
    training = next(r for r in report["rows"] if r["mode"] == "forward_backward")
    assert training["operations"] > 0 and training["share_of_peak"] > 0
    assert json.loads(path.read_text())["rows"][0]["what"] == "rotation C_8"


def test_the_table_is_for_people_and_a_part_is_not_filed(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "symdyn_core.benchmarking.reports.default_path", lambda *_: tmp_path / "filed.json"
    )
    code, out, _ = run(*SMALL, "--only", "magnitude")
    assert code == 0 and "magnitude per component" in out and "training" in out
    assert not (tmp_path / "filed.json").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("solver",), "No such command"),
        (("layers", "--device", "cuda:9"), "No device"),
        (("layers", "--precision", "half"), "Unknown precision"),
        (("layers", "--only", "nobody"), "Nothing named 'nobody'"),
        (("layers", "--channels", 24), "multiple of 16"),
        (("layers", "--rounds", 0), "at least one"),
        (("models", "--size", "huge"), "Unknown size"),
        (("models", "--architecture", "MLP"), "Unknown architecture"),
    ],
)
def test_bad_requests_are_refused(arguments, message):
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and message in err


def test_a_library_that_is_absent_is_skipped_with_a_reason(monkeypatch):
    monkeypatch.setattr(peers, "LIBRARIES", ("no_such_library",))
    bench = PeerBench(QUICK)
    assert bench.measurements() == []
    assert bench.skipped[0]["what"] == "no_such_library"
    assert "No module named" in bench.skipped[0]["reason"]


def test_what_is_outside_a_space():
    space = torch.eye(4, dtype=torch.float64)[:2].view(2, 1, 1, 2, 2)
    inside = torch.tensor([[3.0, 4.0, 0.0, 0.0]], dtype=torch.float64).view(1, 1, 1, 2, 2)
    half = torch.tensor([[3.0, 0.0, 4.0, 0.0]], dtype=torch.float64).view(1, 1, 1, 2, 2)
    assert agreement.outside(inside, space) < 1e-12
    assert agreement.outside(half, space) == pytest.approx(0.8)


def test_a_quarter_turn_of_the_lattice():
    kernel = torch.zeros(1, 1, 1, 3, 3, dtype=torch.float64)
    kernel[..., 2, 1] = 1  # at (x, y) = (0, 1)
    quarter = torch.tensor([[0, -1], [1, 0]])  # takes (1, 0) to (0, 1)
    assert agreement.moved(kernel, quarter)[..., 1, 2] == 1


GROUPS = {"C_8": PlanarGroup(8), "C_16": PlanarGroup(16), "D_8": PlanarGroup(8, mirrored=True)}


@pytest.fixture(scope="module")
def e2cnn():
    """The peer of the extra ``bench``."""
    found, skipped = peers.peers()
    by_name = {peer.name: peer for peer in found}
    if "e2cnn" not in by_name:
        pytest.skip(next(entry["reason"] for entry in skipped if entry["what"] == "e2cnn"))
    return by_name["e2cnn"]


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("kind", agreement.MAPS)
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_our_kernels_span_the_space_of_e2cnn(e2cnn, group, kernel_size, kind):
    found = agreement.disagreement(e2cnn, group, kernel_size, kind)
    assert found["ours_outside_theirs"] < 1e-5 and found["theirs_outside_ours"] < 1e-5
    assert found["dimension"] == found["peer_dimension"]
    assert found["constraint"] < 1e-10


@pytest.mark.parametrize("kind", agreement.MAPS)
def test_another_radial_profile_or_orientation_is_seen(e2cnn, kind, monkeypatch):
    group = GROUPS["D_8"]
    ours = agreement.our_kernels(group, 3, kind)
    assert agreement.constraint(e2cnn, group, kind, ours.transpose(3, 4)) > 0.1
    assert (
        agreement.outside(ours.transpose(3, 4), agreement.peer_kernels(e2cnn, group, 3, kind)) > 0.1
    )
    monkeypatch.setattr(agreement, "RING_WIDTH", 0.4)
    assert agreement.disagreement(e2cnn, group, 3, kind)["ours_outside_theirs"] > 0.01


def test_a_layer_of_e2cnn_is_timed(e2cnn):
    bench = PeerBench(QUICK, batch=1, cells=16)
    rows = bench.rows(e2cnn, "reflection D_8", "e2cnn D_8", 16, 3)
    pairs = {(row["what"], row["baseline"]) for row in rows}
    assert pairs == {("e2cnn D_8", "plain"), ("reflection D_8", "e2cnn D_8")}
