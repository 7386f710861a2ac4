"""Simulated flows as datasets: what all of them share, from the estimate to the finished store."""

import json
import platform
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import xarray as xr
import zarr
from torch import Tensor

from symdyn_core import __version__
from symdyn_core.datasets.store import refuse_foreign, write_flow
from symdyn_core.solvers.recording import Progress, Recorder, Recording, Schedule, one_thread


class Simulation(ABC):
    """A flow to be made: its solver, where it starts, and which frames of it are kept.

    Subclasses are frozen dataclasses; their fields decide every number and are kept with the data.
    """

    name: str
    """What people call this size: smoke, small or paper."""

    @property
    @abstractmethod
    def schedule(self) -> Schedule:
        """When frames are taken."""

    @abstractmethod
    def solver(self, device: torch.device | str = "cpu") -> Any:
        """What moves states on: ``advance``, ``step``, ``device``."""

    @abstractmethod
    def initial(self, solver: Any, generator: torch.Generator) -> Tensor:
        """The state that the run starts from."""

    @abstractmethod
    def observer(self, solver: Any) -> Callable[[Tensor], Tensor]:
        """The function from a state to the frame that is kept of it."""

    @abstractmethod
    def diagnose(self, solver: Any, state: Tensor) -> Tensor:
        """Numbers that are measured on every frame, one axis."""

    @abstractmethod
    def statistics(self, diagnostics: np.ndarray) -> dict:
        """What the numbers of all frames, ``[frame, number]``, say, for the provenance."""

    @abstractmethod
    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """The frames as a flow, without history and provenance."""

    def steps_per_interval(self, solver: Any, state: Tensor) -> float:
        """Steps between two frames once the flow is developed, for estimates."""
        return self.schedule.interval / solver.stable_dt(state)


Preset = TypeVar("Preset", bound=Simulation)


def make_simulation(
    path: str | Path,
    simulation: Simulation,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> Path:
    """Simulate a flow and write its frames.

    While it runs, frames and state are kept in ``<path>.unfinished``; a run that was killed goes
    on from there when it is asked for again, and ends with the same numbers. The store appears
    under its name only once it is complete.

    Args:
        path: the Zarr store to write, by custom ``*.zarr``.
        simulation: what to simulate.
        seed: of the random numbers that the flow starts from.
        device: where to simulate; the same seed gives the same flow up to rounding, which chaos
            makes another flow of the same statistics.
        progress: called with the intervals done and in all.

    Raises:
        ValueError: ``path`` holds something else, or an unfinished run with other settings.
    """
    path = Path(path)
    refuse_foreign(path)
    solver = simulation.solver(device)
    settings = {"preset": _plain(simulation), "seed": seed, "device": solver.device.type}
    recorder = Recorder(path.with_name(f"{path.name}.unfinished"), simulation.schedule, settings)
    recording = recorder.record(
        solver,
        lambda: simulation.initial(solver, torch.Generator().manual_seed(seed)),
        simulation.observer(solver),
        lambda state: simulation.diagnose(solver, state),
        progress,
    )
    flow = simulation.labelled(recording.fields)
    flow.attrs["history"] = (
        f"{time.strftime('%Y-%m-%d', time.gmtime())} simulated, preset {simulation.name}"
    )
    provenance = settings | _circumstances(solver) | _outcome(simulation, recording)
    flow.attrs["provenance"] = json.dumps(provenance)
    write_flow(flow, path)
    recorder.discard()
    return path


def estimated_seconds(simulation: Simulation, device: torch.device | str = "cpu") -> float:
    """How long ``make_simulation`` will take here, from the time of a few steps."""
    solver = simulation.solver(device)
    with torch.inference_mode(), one_thread():
        state = simulation.initial(solver, torch.Generator().manual_seed(0))
        steps = simulation.steps_per_interval(solver, state)
        dt = simulation.schedule.interval / steps
        state = solver.step(state, dt)  # the first step also sets up the Fourier transform
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            float(solver.step(state, dt).amax())  # reading a number waits for the device
            seconds.append(time.perf_counter() - start)
    return sorted(seconds)[1] * simulation.schedule.intervals * steps


def preset_among(presets: tuple[Preset, ...], name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: no such preset; the message lists those there are.
    """
    for preset in presets:
        if preset.name == name:
            return preset
    raise ValueError(f"Unknown preset {name!r}; choose from {', '.join(p.name for p in presets)}.")


def _plain(simulation: Simulation) -> dict:
    """The fields of a preset as they come back from JSON: lists for tuples."""
    return json.loads(json.dumps(asdict(simulation)))  # type: ignore[call-overload]


def _outcome(simulation: Simulation, recording: Recording) -> dict:
    """What was measured, and what the run cost."""
    cost = {"steps": recording.steps, "seconds": round(recording.seconds, 1)}
    return simulation.statistics(recording.diagnostics) | cost


def _circumstances(solver: Any) -> dict:
    device = solver.device
    if device.type == "cuda":
        hardware = torch.cuda.get_device_name(device)
    else:
        hardware = f"{platform.machine()} CPU, one thread"
    versions = {
        "symdyn": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "zarr": zarr.__version__,
    }
    symmetries = [symmetry.name for symmetry in solver.symmetries]
    return {"symmetries": symmetries, "hardware": hardware, "versions": versions}
