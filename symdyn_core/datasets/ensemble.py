"""Ensembles: independent members of a simulated flow, as runs that need nothing of each other."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from symdyn_core.datasets.simulated_flow import Simulation, plain_fields
from symdyn_core.solvers.recording import CHECKPOINT, Progress, Recorder, Recording
from symdyn_core.whole_files import write_whole

PLAN = "ensemble.json"
"""The file that says which ensemble an unfinished folder belongs to."""


@dataclass(frozen=True)
class Run:
    """Members that one process steps together, in time steps common to them.

    Attributes:
        simulation: the flow; its ``members`` are those of this run.
        seed: of the random numbers that the run starts from.
        device: where to simulate.
        folder: of its frames and checkpoint.
    """

    simulation: Simulation
    seed: int
    device: str
    folder: Path

    @property
    def recorder(self) -> Recorder:
        """What keeps this run on disk."""
        settings = {
            "preset": plain_fields(self.simulation),
            "seed": self.seed,
            "device": torch.device(self.device).type,
        }
        return Recorder(self.folder, self.simulation.schedule, settings)

    def record(self, progress: Progress | None = None) -> Recording:
        """Simulate to the end, from the last checkpoint on if there is one."""
        simulation, solver = self.simulation, self.simulation.solver(self.device)
        return self.recorder.record(
            solver,
            lambda: simulation.initial(solver, torch.Generator().manual_seed(self.seed)),
            simulation.observer(solver),
            lambda state: simulation.diagnose(solver, state),
            progress,
        )


@dataclass(frozen=True)
class Ensemble:
    """Members of a flow, in runs of ``batch`` members each; the last run takes what is left.

    The numbers follow from these four fields alone, not from who steps the runs. Members of one
    run share their random numbers and their time steps, which follow the fastest of them: another
    ``batch`` makes other flows of the same statistics.

    Attributes:
        simulation: the flow; its own ``members`` do not count.
        members: flows in all.
        batch: flows in one run.
        seed: of the first run; the others have seeds derived from it and their number.
    """

    simulation: Simulation
    members: int
    batch: int
    seed: int = 0

    def __post_init__(self):
        if self.members < 1 or self.batch < 1:
            raise ValueError(
                "Expected at least one member, and batches of at least one, got "
                f"members={self.members}, batch={self.batch}."
            )

    @classmethod
    def of(
        cls,
        simulation: Simulation,
        *,
        members: int | None = None,
        batch: int | None = None,
        seed: int = 0,
    ) -> "Ensemble":
        """The ensemble of a preset; by default its own members in one run."""
        members = simulation.members if members is None else members
        batch = simulation.members if batch is None else batch
        return cls(simulation, members, min(batch, members), seed)

    @cached_property
    def simulations(self) -> list[Simulation]:
        """The flow of each run, with the members of that run."""
        sizes = [
            min(self.batch, self.members - first) for first in range(0, self.members, self.batch)
        ]
        return [replace(self.simulation, members=size) for size in sizes]  # type: ignore[type-var]

    @property
    def seeds(self) -> list[int]:
        """The seed of each run. The first is the ensemble's own, so that a flow made alone is the
        first of any ensemble."""
        others = (
            np.random.SeedSequence(self.seed, spawn_key=(index,)).generate_state(1, np.uint64)
            for index in range(1, len(self.simulations))
        )
        return [self.seed, *(int(state[0] >> np.uint64(1)) for state in others)]

    def runs(self, folder: Path, device: str) -> list[Run]:
        """The runs, kept in ``folder``: in folders of their own where there are several."""
        places = [folder]
        if len(self.simulations) > 1:
            places = [folder / f"run-{index:04}" for index in range(len(self.simulations))]
        return [
            Run(simulation, seed, device, place)
            for simulation, seed, place in zip(self.simulations, self.seeds, places, strict=True)
        ]

    def checked(self, folder: Path, device: str) -> list[Run]:
        """The runs, after a folder that was begun has been found to hold this very ensemble.

        Raises:
            ValueError: the folder holds an unfinished run with other settings.
        """
        runs, plan = self.runs(folder, device), folder / PLAN
        alone = len(runs) == 1
        begun = json.loads(plan.read_text()) if plan.exists() else None
        if alone:
            other = begun is not None
        else:
            other = begun not in (None, self._plan(device)) or (folder / CHECKPOINT).exists()
        if other:
            raise ValueError(
                f"'{folder}' holds an unfinished run with other settings. Use the settings and "
                "the seed of that run to finish it, or delete the folder to give it up."
            )
        return runs

    def begin(self, folder: Path, device: str) -> list[Run]:
        """The runs of a ``checked`` folder, which is marked as this ensemble's."""
        runs = self.checked(folder, device)
        if len(runs) > 1:
            write_whole(folder / PLAN, json.dumps(self._plan(device)).encode())
        return runs

    def _plan(self, device: str) -> dict:
        return {
            "preset": plain_fields(self.simulation) | {"members": self.members},
            "batch": self.batch,
            "seed": self.seed,
            "device": torch.device(device).type,
        }
