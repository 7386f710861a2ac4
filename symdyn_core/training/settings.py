"""What a training run is told, and what it reports."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

FREE_TO_CHANGE = frozenset({"updates", "patience", "checkpoint_every"})
"""Settings that may differ when a run is continued; all others decide the weights."""


@dataclass(frozen=True)
class Settings:
    """Settings of one training run; with the data and the initial weights they decide the result.

    Attributes:
        updates: number of optimiser steps in all.
        updates_per_epoch: steps between two validations; None for one pass over the windows.
        batch: windows in one step, over all processes.
        rollout_steps: m, forecast steps in the loss.
        mode: how a rollout is trained (List et al. 2024): "with_gradient" through all steps (WIG),
            "detached" between steps (NOG), or "one" step only, whatever ``rollout_steps`` (ONE).
        learning_rate: of Adam (betas 0.9 and 0.999) in the first epoch.
        decay: factor on the learning rate from one epoch to the next.
        weight_decay: L2 penalty added to the gradient.
        clip_gradient: largest gradient norm; None leaves gradients as they are.
        patience: epochs without a better validation RMSE after which to stop; None never stops.
        validation_windows: how many windows, evenly spread, are validated on; None for all.
        seed: decides the order of the samples, together with the epoch and nothing else.
        precision: of Lightning Fabric: "32-true", "bf16-mixed", "64-true", ... bf16-mixed computes
            convolutions in bfloat16 and keeps weights, optimiser and loss in float32.
        channels_last: keep convolution kernels channels-last in memory. With bf16-mixed an update
            of a plain network then takes 0.4 of the time in plain float32, of a steerable one half
            (AVX-512 bf16 processor, one thread), and learns as well.
        compile: compile the network. On a processor this gains nothing over channels_last.
        deterministic: use algorithms that repeat to the last bit on the same device and, on a
            processor, with the same number of threads (``torch.set_num_threads``).
        checkpoint_every: steps between two checkpoints; there is one at each epoch's end too.
    """

    updates: int = 2000
    updates_per_epoch: int | None = None
    batch: int = 16
    rollout_steps: int = 3
    mode: Literal["with_gradient", "detached", "one"] = "with_gradient"
    learning_rate: float = 1e-3
    decay: float = 0.95
    weight_decay: float = 4e-4
    clip_gradient: float | None = 1.0
    patience: int | None = None
    validation_windows: int | None = 64
    seed: int = 0
    precision: str = "32-true"
    channels_last: bool = True
    compile: bool = False
    deterministic: bool = True
    checkpoint_every: int = 200

    def __post_init__(self):
        for name in ("updates", "batch", "rollout_steps", "checkpoint_every"):
            _check(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("updates_per_epoch", "patience", "validation_windows"):
            value = getattr(self, name)
            _check(name, value, value is None or value >= 1, "at least 1, or None")
        _check("learning_rate", self.learning_rate, self.learning_rate > 0, "positive")
        _check("decay", self.decay, 0 < self.decay <= 1, "above 0 and at most 1")
        _check("weight_decay", self.weight_decay, self.weight_decay >= 0, "not negative")
        clip = self.clip_gradient
        _check("clip_gradient", clip, clip is None or clip > 0, "positive, or None")
        modes = ("with_gradient", "detached", "one")
        _check("mode", self.mode, self.mode in modes, f"one of {modes}")

    @property
    def loss_steps(self) -> int:
        """Forecast steps in the loss: one in mode "one"."""
        return 1 if self.mode == "one" else self.rollout_steps

    def rate(self, epoch: int) -> float:
        """Learning rate in an epoch (from 0)."""
        return self.learning_rate * self.decay**epoch

    def check_continues(self, earlier: dict[str, Any]) -> None:
        """Raise a ValueError if a run with the settings ``earlier`` cannot go on with these."""
        now = asdict(self)
        changed = [
            f"{name} (was {earlier.get(name)!r}, now {now[name]!r})"
            for name in now
            if name not in FREE_TO_CHANGE and earlier.get(name) != now[name]
        ]
        if changed:
            raise ValueError(
                "A run continues with the settings it was started with, but these differ: "
                f"{', '.join(changed)}. Restore them, or train in another directory."
            )


@dataclass(frozen=True)
class Record:
    """One epoch of a training run, one row of its log.

    Attributes:
        epoch: number of the epoch, from 1.
        updates: optimiser steps so far.
        learning_rate: in this epoch.
        train_loss: mean over the epoch's steps; squared errors in units of the forecaster's
            scale, summed over the rollout.
        gradient_norm: mean norm of the gradient before clipping.
        valid_rmse: over all lead times of the validation windows [velocity].
        best: whether this is the smallest ``valid_rmse`` so far.
        seconds: computing time of the epoch, validation included.
        windows_per_second: training windows per second of the epoch.
    """

    epoch: int
    updates: int
    learning_rate: float
    train_loss: float
    gradient_norm: float
    valid_rmse: float
    best: bool
    seconds: float
    windows_per_second: float

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns of the log."""
        return [entry.name for entry in fields(cls)]


def _check(name: str, value: object, holds: bool, wanted: str) -> None:
    if not holds:
        raise ValueError(f"The training setting {name} must be {wanted}, got {value!r}.")
