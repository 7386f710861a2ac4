"""A training run: everything that decides its next step, and how it is put on disk."""

import hashlib
from collections.abc import Sized
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.sampling import reading_order
from symdyn_core.training import checkpoints
from symdyn_core.training.devices import default_fabric, make_channels_last
from symdyn_core.training.objective import RolloutLoss
from symdyn_core.training.settings import Record, Settings

STATE = "state.ckpt"
"""All that the next step of a run depends on, in its directory."""


@dataclass
class EpochSoFar:
    """Where a run stands in its present epoch, and the sums that its record is made of."""

    updates: int = 0
    loss: float = 0.0
    gradient: float = 0.0
    seconds: float = 0.0


class Run:
    """A run in a directory, started anew or found there and continued.

    Attributes:
        records: of the epochs that are complete.
        here: the position in the present epoch.
        loss, optimiser: set up by Fabric.
        weights: how often each training window is drawn; None for equally often.
        like: a weight; data go to its device and take its precision.
    """

    def __init__(
        self,
        forecaster: nn.Module,
        windows: tuple[WindowSource, WindowSource],
        settings: Settings,
        directory: Path,
        fabric: Fabric | None,
        weights: Tensor | None = None,
    ):
        self.forecaster, self.settings, self.directory = forecaster, settings, directory
        self.train_windows, self.valid_windows = windows
        self.weights = weights
        self.fabric = default_fabric(settings) if fabric is None else fabric
        self.records: list[Record] = []
        self.here = EpochSoFar()
        self.data = [fingerprint(source) for source in windows]
        near = reading_order(windows[0]) if weights is None else None
        if near is not None:  # the order of the windows depends on the cache
            self.data.append(f"run {near[0]} together {near[1]}")
        if weights is not None:
            self.data.append(hashlib.sha256(weights.double().numpy().tobytes()).hexdigest())
        self.random = self.seeded(epoch=0)
        earlier = self._found()
        if settings.channels_last:
            make_channels_last(forecaster)
        optimiser = torch.optim.Adam(
            forecaster.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        loss = RolloutLoss(forecaster, settings)
        self.loss, self.optimiser = self.fabric.setup(loss, optimiser)
        self.like = next(forecaster.parameters())
        if earlier is not None:
            self.optimiser.load_state_dict(earlier["optimiser"])
            self.fabric.strategy.precision.load_state_dict(earlier["precision"])

    @property
    def updates(self) -> int:
        """Optimiser steps so far."""
        return (self.records[-1].updates if self.records else 0) + self.here.updates

    @property
    def epoch_length(self) -> int:
        """Optimiser steps of the present epoch."""
        one_pass = -(-len(self.train_windows) // self.settings.batch)
        left = self.settings.updates - self.updates + self.here.updates
        return min(self.settings.updates_per_epoch or one_pass, left)

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or validation has not improved for too long."""
        best = max((n for n, record in enumerate(self.records) if record.best), default=0)
        stale = len(self.records) - 1 - best
        patience = self.settings.patience
        return self.updates >= self.settings.updates or (patience is not None and stale >= patience)

    def seeded(self, epoch: int) -> dict[str, Tensor]:
        """Random numbers that an epoch starts with, different in every process."""
        sequence = np.random.SeedSequence((self.settings.seed, epoch, self.fabric.global_rank, 1))
        with torch.random.fork_rng(self._gpus()):
            torch.manual_seed(int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1)))
            return checkpoints.random_state(self.fabric.device)

    def save(self) -> None:
        """Put on disk all that the next step depends on."""
        random = [self.random]
        if self.fabric.world_size > 1:
            gathered = self.fabric.all_gather(self.random)
            ranks = range(self.fabric.world_size)
            random = [{name: gathered[name][rank].cpu() for name in gathered} for rank in ranks]
        if self.fabric.is_global_zero:
            state = {
                "settings": asdict(self.settings),
                "data": self.data,
                "forecaster": self.forecaster.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "precision": self.fabric.strategy.precision.state_dict(),
                "random": random,
                "here": asdict(self.here),
                "records": [asdict(record) for record in self.records],
            }
            checkpoints.save_state(state, self.directory / STATE)

    def _found(self) -> dict[str, Any] | None:
        """The state in the directory, its first half restored; None in a new directory."""
        path = self.directory / STATE
        if not path.exists():
            return None
        state = checkpoints.load_state(path)
        self.settings.check_continues(state["settings"])
        if state["data"] != self.data:
            raise ValueError(
                f"The run in {self.directory} was started on other windows. "
                "Give it the same data, or train in another directory."
            )
        checkpoints.restore(self.forecaster, state["forecaster"], path)
        self.records = [Record(**row) for row in state["records"]]
        self.here = EpochSoFar(**state["here"])
        if self.fabric.global_rank < len(state["random"]):
            self.random = state["random"][self.fabric.global_rank]
        return state

    def _gpus(self) -> list[torch.device]:
        return [self.fabric.device] if self.fabric.device.type == "cuda" else []


def fingerprint(windows: WindowSource) -> str:
    """What tells one set of windows from another: how many, and the bytes of three of them."""
    digest = hashlib.sha256(f"{_length(windows)} {windows.past} {windows.future}".encode())
    last = _length(windows) - 1
    for index in (0, last // 2, last):
        digest.update(windows.batch([index]).w.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _length(windows: Sized) -> int:
    return len(windows)
