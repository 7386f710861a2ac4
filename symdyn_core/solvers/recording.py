"""A long run as frames at equal intervals on disk, which goes on where it was stopped."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from symdyn_core.solvers.checkpoint import load_checkpoint, load_record, save_checkpoint
from symdyn_core.whole_files import write_whole

Progress = Callable[[int, int], None]
"""Called with the intervals done and the intervals in all, spin-up included."""


CHECKPOINT = "checkpoint.safetensors"
"""File of the last state of a run."""


@runtime_checkable
class Solver(Protocol):
    """What a recorder needs of a solver."""

    device: torch.device

    def advance(self, state: Tensor, duration: float) -> tuple[Tensor, int]:
        """The state a ``duration`` later, and the number of steps that it took."""


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
        fields: the frames ``[frame, ...]``, float32, mapped from disk.
        diagnostics: the numbers that were measured on each frame, ``[frame, number]``, float64.
        steps: steps of the solver, spin-up included.
        seconds: time that it took, over all its pieces.
    """

    fields: np.ndarray
    diagnostics: np.ndarray
    steps: int
    seconds: float


class TakenOver(RuntimeError):
    """A run stops because another process has begun to go on with it, or it was given up."""


class Recorder:
    """Runs a solver and keeps its frames and its last state in a folder.

    Killed at any moment, the next ``record`` with the same settings goes on from the last
    checkpoint and ends with bit-identical frames. Frames written after that checkpoint are
    written again. A folder has one owner: where a second process takes a run over, say because
    the first is out of reach, the first stops before it would write its next checkpoint.

    Args:
        folder: where frames and checkpoint are kept until ``discard``.
        schedule: when frames are taken.
        settings: everything that decides the numbers, as JSON values; a folder that was begun
            with others is refused.
    """

    def __init__(self, folder: str | Path, schedule: Schedule, settings: dict):
        self.folder, self.schedule, self.settings = Path(folder), schedule, settings
        self._checkpoint = self.folder / CHECKPOINT
        self._frames = self.folder / "frames.npy"
        self._owner = self.folder / "owner"

    def record(
        self,
        solver: Solver,
        initial: Callable[[], Tensor],
        frame: Callable[[Tensor], Tensor],
        diagnose: Callable[[Tensor], Tensor],
        progress: Progress | None = None,
    ) -> Recording:
        """Run to the end of the schedule and return its frames.

        Args:
            solver: what moves states on.
            initial: gives the first state.
            frame: what is kept of a state, any shape.
            diagnose: numbers of a state that are kept beside, one axis.
            progress: called after every interval.

        Raises:
            ValueError: the folder holds a run with other settings, or the flow blew up.
            TakenOver: another process goes on with this run.
        """
        schedule = self.schedule
        with torch.inference_mode(), one_thread():
            run = self._resumed(solver) or self._begun(initial, frame, diagnose)
            token = self._claimed()
            state, diagnostics, record = run
            fields = np.load(self._frames, mmap_mode="r+")
            if progress is not None:
                progress(record["done"], schedule.intervals)
            while record["done"] < schedule.intervals:
                start = time.perf_counter()
                state, steps = solver.advance(state, schedule.interval)
                record["done"] += 1
                record["steps"] += steps
                index = record["done"] - schedule.spin_up - 1
                if index >= 0:
                    fields[index] = frame(state).float().cpu().numpy()
                    diagnostics[index] = diagnose(state).double().cpu()
                record["seconds"] += time.perf_counter() - start
                last = record["done"] == schedule.intervals
                if last or record["done"] % schedule.checkpoint_every == 0:
                    fields.flush()
                    self._check_owner(token)
                    self._save(state, diagnostics, record)
                if progress is not None:
                    progress(record["done"], schedule.intervals)
        return Recording(fields, diagnostics.numpy(), record["steps"], record["seconds"])

    def finished(self) -> Recording:
        """What a ``record`` that came to its end left on disk.

        Raises:
            ValueError: it has not come to its end, or has other settings.
        """
        if self.done() < self.schedule.intervals:
            raise ValueError(
                f"Expected a finished run in '{self.folder}', got one of {self.done()} intervals "
                f"out of {self.schedule.intervals}. Record it to the end."
            )
        tensors, record = self._loaded()
        fields = np.load(self._frames, mmap_mode="r+")
        numbers = tensors["diagnostics"].numpy()
        return Recording(fields, numbers, record["steps"], record["seconds"])

    def done(self) -> int:
        """Intervals up to the last checkpoint; 0 if there is none."""
        return load_record(self._checkpoint)["done"] if self._checkpoint.exists() else 0

    def give_up(self) -> None:
        """Let whoever is recording stop before the next checkpoint; the run can be gone on with."""
        self._owner.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _claimed(self) -> str:
        token = secrets.token_hex(8)
        write_whole(self._owner, token.encode())
        return token

    def _check_owner(self, token: str) -> None:
        if not self._owner.exists() or self._owner.read_text() != token:
            raise TakenOver(
                f"The run in '{self.folder}' was given up or is gone on with elsewhere."
            )

    def _begun(
        self,
        initial: Callable[[], Tensor],
        frame: Callable[[Tensor], Tensor],
        diagnose: Callable[[Tensor], Tensor],
    ) -> tuple[Tensor, Tensor, dict]:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = initial()
        shape = (self.schedule.frames, *frame(state).shape)
        frames = np.lib.format.open_memmap(self._frames, "w+", dtype=np.float32, shape=shape)
        frames.flush()
        numbers = len(diagnose(state))
        diagnostics = torch.zeros(self.schedule.frames, numbers, dtype=torch.float64)
        record = {"done": 0, "steps": 0, "seconds": 0.0}
        self._save(state, diagnostics, record)
        return state, diagnostics, record

    def _resumed(self, solver: Solver) -> tuple[Tensor, Tensor, dict] | None:
        if not self._checkpoint.exists():
            return None
        tensors, record = self._loaded()
        return tensors["state"].to(solver.device), tensors["diagnostics"], record

    def _loaded(self) -> tuple[dict[str, Tensor], dict]:
        tensors, record = load_checkpoint(self._checkpoint)
        if record.pop("settings") != self.settings or set(tensors) != {"state", "diagnostics"}:
            raise ValueError(
                f"'{self.folder}' holds an unfinished run with other settings. Use the settings "
                "and the seed of that run to finish it, or delete the folder to give it up."
            )
        return tensors, record

    def _save(self, state: Tensor, diagnostics: Tensor, record: dict) -> None:
        tensors = {"state": state, "diagnostics": diagnostics}
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
