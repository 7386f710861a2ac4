"""What a simulation will take here: time, memory and disk, from steps that are really made."""

import math
import os
import sys
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.datasets.ensemble import Ensemble
from symdyn_core.datasets.simulated_flow import Simulation
from symdyn_core.solvers.recording import one_thread

MEASURED_SECONDS = 1.0
"""Steps are timed for about that long."""

WRITTEN_TWICE = 2
"""Frames lie on disk twice while the store is written from them."""


@dataclass(frozen=True)
class Estimate:
    """What is to be expected.

    Attributes:
        seconds: from the beginning to the end.
        step_seconds: time of one step of one run.
        steps: of each run.
        memory_bytes: of all processes that step, together; 0 if it is not known.
        disk_bytes: of the finished store, before compression.
        peak_disk_bytes: while the store is written.
        side_by_side: runs at the same time.
    """

    seconds: float
    step_seconds: float
    steps: float
    memory_bytes: int
    disk_bytes: int
    peak_disk_bytes: int
    side_by_side: int

    def remaining(self, done: float) -> float:
        """Seconds that are left once a share ``done`` is recorded."""
        return self.seconds * (1 - done)


def estimated(
    ensemble: Ensemble, device: torch.device | str = "cpu", *, workers: int = 1
) -> Estimate:
    """Time a few steps of one run and extrapolate to all of them.

    The number of steps is that of the developed flow; the flow at its beginning is slower. Runs
    beyond the cores of this machine wait for each other; what a cluster does is not known here.
    """
    simulation = ensemble.simulations[0]
    runs = len(ensemble.simulations)
    side_by_side = min(workers, runs)
    solver = simulation.solver(device)
    with torch.inference_mode(), one_thread():
        state = simulation.initial(solver, torch.Generator().manual_seed(ensemble.seed))
        per_interval = simulation.steps_per_interval(solver, state)
        step_seconds = _step_seconds(simulation, solver, state, per_interval)
        frame_seconds, frame = _frame_seconds(simulation, solver, state)
    schedule = simulation.schedule
    steps = schedule.intervals * per_interval
    if solver.device.type == "cuda":
        memory = torch.cuda.max_memory_allocated(solver.device)
    else:
        memory = _largest_memory()
    disk = sum(
        simulation.schedule.frames * (frame.numel() // simulation.members) * one.members * 4
        for one in ensemble.simulations
    )
    # As many at once as there are cores; with fewer runs than that, each takes its own time.
    rounds = max(math.ceil(runs / side_by_side), runs / (os.cpu_count() or 1))
    return Estimate(
        seconds=(step_seconds * steps + frame_seconds * schedule.frames) * rounds,
        step_seconds=step_seconds,
        steps=steps,
        memory_bytes=memory * side_by_side,
        disk_bytes=disk,
        peak_disk_bytes=WRITTEN_TWICE * disk,
        side_by_side=side_by_side,
    )


def estimated_seconds(simulation: Simulation, device: torch.device | str = "cpu") -> float:
    """How long ``make_simulation`` will take here, from the time of a few steps."""
    return estimated(Ensemble.of(simulation), device).seconds


def _largest_memory() -> int:
    """What this process has needed so far [bytes], 0 where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:
        return 0
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else 1024 * largest


def _frame_seconds(simulation: Simulation, solver, state: Tensor) -> tuple[float, Tensor]:
    """Time of the second of two frames with what is measured on them, and the frame."""
    observe = simulation.observer(solver)
    for _ in range(2):
        start = time.perf_counter()
        frame = observe(state)
        float(frame.amax() + simulation.diagnose(solver, state).amax())
        seconds = time.perf_counter() - start
    return seconds, frame


def _step_seconds(simulation: Simulation, solver, state, per_interval: float) -> float:
    """Median time of a step, over a second of steps or ten of them."""
    dt = simulation.schedule.interval / per_interval
    seconds: list[float] = []
    # The first step also sets up the Fourier transform and the memory.
    float(solver.step(state, dt).amax())
    while len(seconds) < 3 or (sum(seconds) < MEASURED_SECONDS and len(seconds) < 100):
        start = time.perf_counter()
        state = solver.step(state, dt)
        float(state.amax())  # reading a number waits for the device
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[len(seconds) // 2]
