"""What training makes small: the error of a rollout, on water, in the flow's own unit."""

from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.datasets.rollouts import forecasts
from symdyn_core.metrics import ErrorSums, masked_square, squared_error_sums, valid_counts
from symdyn_core.models.forecaster import Forecaster, rollout
from symdyn_core.training.settings import Settings


class Sample:
    """Windows and their truth on the way to the loss, in the precision they were loaded in.

    In mixed precision Fabric rounds every tensor argument of a module to bfloat16. Velocities must
    not be: an increment is a small difference of frames, of the size of that rounding. Fabric
    looks into collections but leaves other objects alone, so this is a plain class.
    """

    def __init__(
        self,
        window: Float[Tensor, "batch past component y x"],
        truth: Float[Tensor, "batch lead component y x"],
        water: Bool[Tensor, "#batch #lead 1 y x"] | None,
    ):
        self.window, self.truth, self.water = window, truth, water


class RolloutLoss(nn.Module):
    """L = Σ over m steps of ⟨|w' - w|²⟩ / U², the mean over water cells, components and samples.

    U is the forecaster's own velocity scale, so that L is of order one whatever the units. The
    whole rollout is one forward pass: gradients of all processes are averaged once per update.
    """

    def __init__(self, forecaster: nn.Module, settings: Settings):
        super().__init__()
        self.steps = settings.loss_steps
        self.detach = settings.mode == "detached"
        self.scale = float(getattr(forecaster, "scale", 1.0))
        self.forecast = cast(
            Forecaster, torch.compile(forecaster) if settings.compile else forecaster
        )

    def forward(self, sample: "Sample") -> Float[Tensor, ""]:
        window, truth, water = sample.window, sample.truth, sample.water
        forecast = rollout(self.forecast, window, self.steps, detach=self.detach)
        error = (forecast - truth) / self.scale
        count = valid_counts(error, water).clamp_min(1).to(error)
        return (masked_square(error, water).sum((0, 2, 3, 4)) / count).sum()


def rollout_errors(
    forecaster: nn.Module, windows: WindowSource, indices: Tensor, batch_size: int, like: Tensor
) -> ErrorSums:
    """Errors of rollouts over all future frames of some windows, summed per lead time."""
    zero = torch.zeros(windows.future, dtype=torch.float64, device=like.device)
    sums = ErrorSums(zero, zero)
    for forecast, truth, _, water in forecasts(
        cast(Forecaster, forecaster),
        windows,
        indices,
        steps=windows.future,
        batch_size=batch_size,
        like=like,
    ):
        sums = sums + squared_error_sums(forecast, truth, water)
    return sums
