"""Recorded steps: what is recorded when, and what happens where it cannot be.

A recorder that does its work anew at each replay stands in for the GPU, so that all but the
recording itself is tested on any machine.
"""

import warnings

import pytest
import torch

from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.solvers.graphed_steps import GraphedSteps
from symdyn_core.solvers.time_stepping import lawson_rk4, ssp_rk3, unconstrained


class Recorder:
    """Counts recordings; what it records is done by ``replayed``."""

    def __init__(self, replayed=lambda work: work()):
        self.recordings, self._replayed = 0, replayed

    def __call__(self, work, device):
        self.recordings += 1
        return lambda: self._replayed(work)


def decaying(q: torch.Tensor, dt: torch.Tensor) -> torch.Tensor:
    return q - dt * q


def graphed(recorder: Recorder, step=decaying) -> GraphedSteps:
    return GraphedSteps(step, recorder, device_type="cpu")


def test_one_recording_serves_steps_of_every_size_and_its_results_stay():
    recorder, q = Recorder(), torch.arange(6.0)
    steps = graphed(recorder)
    with torch.inference_mode():
        results = [steps(q, dt) for dt in (0.1, 0.5, 0.1)]
    assert recorder.recordings == 1
    for found, dt in zip(results, (0.1, 0.5, 0.1), strict=True):
        torch.testing.assert_close(found, (1 - dt) * q)
    assert torch.equal(q, torch.arange(6.0))


def test_every_shape_precision_and_mode_has_its_own():
    recorder = Recorder()
    steps = graphed(recorder)
    for mode in (torch.inference_mode, torch.no_grad):
        with mode():
            for q in (torch.ones(3), torch.ones(4), torch.ones(3).double(), torch.ones(3)):
                assert steps(q, 0.5) is not None
    assert recorder.recordings == 6


def test_nothing_is_recorded_elsewhere_or_where_derivatives_may_be_asked_for():
    recorder = Recorder()
    assert graphed(recorder)(torch.ones(3), 0.1) is None
    with torch.inference_mode():
        assert GraphedSteps(decaying, recorder)(torch.ones(3), 0.1) is None  # a CPU
    assert recorder.recordings == 0


def out_of_memory(work):
    raise RuntimeError("CUDA error: operation not permitted\nwhen stream is capturing")


@pytest.mark.parametrize(
    ("replayed", "reason"),
    [(out_of_memory, "operation not permitted"), (lambda work: None, "it differs by")],
)
def test_what_cannot_be_recorded_is_said_once_and_not_tried_again(replayed, reason):
    recorder = Recorder(replayed)
    steps = graphed(recorder)
    with torch.inference_mode():
        with pytest.warns(UserWarning, match=reason):
            assert steps(torch.ones(3), 0.1) is None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert steps(torch.ones(3), 0.1) is None
    assert recorder.recordings == 1


def test_a_recording_in_use_is_not_lent_twice():
    """A step that asks for another one of the same shape, as a second thread would."""
    recorder = Recorder()
    inner: list[torch.Tensor | None] = []

    def nested(work):
        if not inner:
            inner.append(None)
            inner[0] = steps(torch.full((3,), 2.0), 0.5)
        work()

    recorder._replayed = nested
    steps = graphed(recorder)
    with torch.inference_mode():
        outer = steps(torch.ones(3), 0.5)
    torch.testing.assert_close(outer, torch.full((3,), 0.5))
    torch.testing.assert_close(inner[0], torch.full((3,), 1.0))
    assert recorder.recordings == 2


@pytest.mark.parametrize("name", [name for name in SIMULATIONS if name != "heat_diffusion"])
def test_solvers_find_the_same_flow_by_recorded_steps(name):
    """To rounding: dt is multiplied as a number on the device."""
    simulation = SIMULATIONS[name][0]
    plain, recorded = simulation.solver(), simulation.solver()
    recorder = Recorder()
    recorded._graphs._record, recorded._graphs._device_type = recorder, "cpu"
    with torch.inference_mode():
        q = simulation.initial(plain, torch.Generator().manual_seed(0))
        duration = simulation.schedule.interval
        (expected, count), (found, same) = (s.advance(q, duration) for s in (plain, recorded))
    assert count == same > 1
    assert recorder.recordings == 1
    assert float((found - expected).norm()) < 1e-4 * float((expected - q).norm())


def test_dt_on_the_device_is_the_same_number():
    q = torch.linspace(0, 1, 5, dtype=torch.float64)
    dt = torch.tensor(0.3, dtype=torch.float64)
    for step in (
        lambda dt: ssp_rk3(torch.sin, unconstrained, dt),
        lambda dt: lawson_rk4(torch.sin, torch.tensor(-2.0).double(), dt),
    ):
        torch.testing.assert_close(step(dt)(q), step(0.3)(q), rtol=1e-14, atol=0)
        assert float((step(dt / 2)(q) - step(0.3)(q)).abs().max()) > 1e-2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", [name for name in SIMULATIONS if name != "heat_diffusion"])
def test_a_gpu_replays_the_steps_of_every_solver(name):
    simulation = SIMULATIONS[name][0]
    solver = simulation.solver("cuda")
    q = simulation.initial(solver, torch.Generator().manual_seed(0))
    duration = simulation.schedule.interval
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("error")  # recording must not fail
        found, _ = solver.advance(q, duration)
        assert solver._graphs._waiting
    expected, _ = solver.advance(q, duration)  # with gradients: operation by operation
    assert float((found - expected).norm()) < 1e-3 * float((expected - q).norm())
