"""Steps on a GPU that are recorded once and replayed: one launch instead of hundreds.

A step of these solvers is some hundred small operations, and on grids of a few ten thousand cells a
GPU waits for each to be launched. A CUDA graph launches them together.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Step = Callable[[Tensor, Tensor], Tensor]
"""From a state and dt, a number on the device, to the state dt later."""

Replay = Callable[[], None]
Record = Callable[[Callable[[], None], torch.device], Replay]
"""From work on fixed memory to a function that does it again."""

WARM_UP_RUNS = 3
"""Runs before the recording, in which libraries set themselves up."""


def cuda_graph(work: Callable[[], None], device: torch.device) -> Replay:
    """Work on fixed memory of a GPU as one graph; it is run a few times beforehand."""
    with torch.cuda.device(device):
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP_RUNS):
                work()
        here.wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
    return graph.replay


@dataclass(frozen=True)
class Recording:
    """A recorded step and the memory that it works on.

    Attributes:
        q: the state, before a replay and after it.
        dt: length of the step.
        replay: takes it.
    """

    q: Tensor
    dt: Tensor
    replay: Replay

    def __call__(self, q: Tensor, dt: float) -> Tensor:
        """The state dt later, in memory of its own."""
        self.q.copy_(q)
        self.dt.fill_(dt)
        self.replay()
        return self.q.clone()


class GraphedSteps:
    """A solver's step, recorded for each shape of states on first use.

    dt is a number in the GPU's memory, so that steps of any size are one recording. What is
    recorded is checked against the plain step; where recording fails or differs, that is said once
    and the plain step is taken from then on. A recording is lent to one caller at a time.

    Args:
        step: what is recorded.
        record: how.
        device_type: where it pays.
    """

    def __init__(self, step: Step, record: Record = cuda_graph, *, device_type: str = "cuda"):
        self._step, self._record, self._device_type = step, record, device_type
        self._waiting: dict[tuple, list[Recording]] = {}
        self._refused: set[tuple] = set()

    def __call__(self, q: Tensor, dt: float) -> Tensor | None:
        """The state dt later; None where the plain step is to be taken: elsewhere than on a GPU,
        where derivatives may be asked for, and where recording failed."""
        if q.device.type != self._device_type or torch.is_grad_enabled():
            return None
        if self._device_type == "cuda" and torch.cuda.is_current_stream_capturing():
            return None
        key = (tuple(q.shape), q.dtype, q.device, torch.is_inference_mode_enabled())
        if key in self._refused:
            return None
        waiting = self._waiting.setdefault(key, [])
        recording = waiting.pop() if waiting else self._recorded(q, dt)
        if recording is None:
            self._refused.add(key)
            return None
        later = recording(q, dt)
        waiting.append(recording)
        return later

    def _recorded(self, q: Tensor, dt: float) -> Recording | None:
        """A recording that does what the step does, or None."""
        state = q.clone()
        size = torch.zeros((), dtype=q.real.dtype, device=q.device).fill_(dt)

        def work() -> None:
            state.copy_(self._step(state, size))

        try:
            recording = Recording(state, size, self._record(work, q.device))
            found, expected = recording(q, dt), self._step(q, size)
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
        else:
            change = float((expected - q).abs().amax())
            difference = float((found - expected).abs().amax())
            if difference <= 1e-3 * change or found.equal(expected):
                return recording
            reason = f"it differs by {difference:.2g} where the step changes {change:.2g}"
        warnings.warn(
            f"This solver's step was not recorded as a graph ({reason}); steps are taken one "
            "operation at a time, which is slower and otherwise the same.",
            stacklevel=4,
        )
        return None
