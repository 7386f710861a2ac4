"""A long run as frames at equal intervals on disk, which goes on where it was stopped."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from symdyn_core.solvers.checkpoint import load_checkpoint, save_checkpoint
from symdyn_core.solvers.convection import RayleighBenard, State
from symdyn_core.solvers.sampling import UniformSampler

Progress = Callable[[int, int], None]
"""Called with the intervals done and the intervals in all, spin-up included."""


@dataclass(frozen=True)
class Schedule:
    """When frames are taken.

    Attributes:
        interval: time between two frames [time unit of the solver].
        spin_up: intervals before the first frame, in which the flow forgets how it began.
        frames: number of frames.
        checkpoint_every: intervals between two checkpoints.
    """

    interval: float
    spin_up: int
    frames: int
    checkpoint_every: int = 10

    @property
    def intervals(self) -> int:
        """Intervals in all."""
        return self.spin_up + self.frames


@dataclass(frozen=True)
class Recording:
    """A finished run.

    Attributes:
        fields: ``[frame, (u, v, T), y, x]``, float32, mapped from disk.
        nusselt: ``[frame, (lower, upper, volume)]``.
        steps: steps of the solver, spin-up included.
        seconds: time that it took, over all its pieces.
    """

    fields: np.ndarray
    nusselt: np.ndarray
    steps: int
    seconds: float


class Recorder:
    """Runs a solver and keeps its frames and its last state in a folder.

    Killed at any moment, the next ``record`` with the same settings goes on from the last
    checkpoint and ends with bit-identical frames. Frames written after that checkpoint are
    written again.

    Args:
        folder: where frames and checkpoint are kept until ``discard``.
        schedule: when frames are taken.
        settings: everything that decides the numbers, as JSON values; a folder that was begun
            with others is refused.
    """

    def __init__(self, folder: str | Path, schedule: Schedule, settings: dict):
        self.folder, self.schedule, self.settings = Path(folder), schedule, settings
        self._checkpoint = self.folder / "checkpoint.safetensors"
        self._frames = self.folder / "frames.npy"

    def record(
        self,
        solver: RayleighBenard,
        sampler: UniformSampler,
        initial: Callable[[], State],
        progress: Progress | None = None,
    ) -> Recording:
        """Run to the end of the schedule and return its frames.

        Raises:
            ValueError: the folder holds a run with other settings, or the flow blew up.
        """
        schedule = self.schedule
        with torch.inference_mode(), one_thread():
            state, nusselt, record = self._resumed(solver) or self._begun(initial, sampler)
            fields = np.load(self._frames, mmap_mode="r+")
            if progress is not None:
                progress(record["done"], schedule.intervals)
            while record["done"] < schedule.intervals:
                start = time.perf_counter()
                state, steps = solver.advance(state, schedule.interval)
                record["done"] += 1
                record["steps"] += steps
                frame = record["done"] - schedule.spin_up - 1
                if frame >= 0:
                    fields[frame] = sampler(state)[0].float().cpu().numpy()
                    nusselt[frame] = torch.cat(solver.nusselt(state)).double().cpu()
                record["seconds"] += time.perf_counter() - start
                last = record["done"] == schedule.intervals
                if last or record["done"] % schedule.checkpoint_every == 0:
                    fields.flush()
                    self._save(state, nusselt, record)
                if progress is not None:
                    progress(record["done"], schedule.intervals)
        return Recording(fields, nusselt.numpy(), record["steps"], record["seconds"])

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begun(
        self, initial: Callable[[], State], sampler: UniformSampler
    ) -> tuple[State, torch.Tensor, dict]:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = initial()
        shape = (self.schedule.frames, *sampler(state).shape[1:])
        frames = np.lib.format.open_memmap(self._frames, "w+", dtype=np.float32, shape=shape)
        frames.flush()
        nusselt = torch.zeros(self.schedule.frames, 3, dtype=torch.float64)
        record = {"done": 0, "steps": 0, "seconds": 0.0}
        self._save(state, nusselt, record)
        return state, nusselt, record

    def _resumed(self, solver: RayleighBenard) -> tuple[State, torch.Tensor, dict] | None:
        if not self._checkpoint.exists():
            return None
        tensors, record = load_checkpoint(self._checkpoint)
        if record.pop("settings") != self.settings:
            raise ValueError(
                f"'{self.folder}' holds an unfinished run with other settings. Use the settings "
                "and the seed of that run to finish it, or delete the folder to give it up."
            )
        return tensors["state"].to(solver.device), tensors["nusselt"], record

    def _save(self, state: State, nusselt: torch.Tensor, record: dict) -> None:
        tensors = {"state": state, "nusselt": nusselt}
        save_checkpoint(self._checkpoint, tensors, {**record, "settings": self.settings})


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: on grids this small its own threading costs more than it gains."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
