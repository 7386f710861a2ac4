"""Windows brought to a forecaster, and the forecasts of many windows, batch by batch."""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.datasets.batches import Batch, WindowSource
from symdyn_core.datasets.prefetch import prefetched
from symdyn_core.models.forecaster import Forecaster, rollout


class Forecasts(NamedTuple):
    """Forecasts of some windows beside what happened.

    Attributes:
        forecast, truth: velocities of the future frames.
        now: the last frame that the forecaster saw.
        water: true where forecasts are to be compared; None when that is everywhere.
    """

    forecast: Float[Tensor, "batch lead component y x"]
    truth: Float[Tensor, "batch lead component y x"]
    now: Float[Tensor, "batch component y x"]
    water: Bool[Tensor, "#batch #lead 1 y x"] | None


def prepared(
    batch: Batch, past: int, steps: int, like: Tensor
) -> tuple[Tensor, Tensor, Tensor | None]:
    """(input frames, the first ``steps`` target frames, their mask) on the device of ``like``."""
    window, truth, water = batch.split(past)
    truth = truth[:, :steps]
    if water is not None:
        water = water[:, :steps].to(like.device, non_blocking=True)
    return window.to(like, non_blocking=True), truth.to(like, non_blocking=True), water


def forecasts(
    forecaster: Forecaster,
    windows: WindowSource,
    indices: Tensor,
    *,
    steps: int,
    batch_size: int,
    like: Tensor,
) -> Iterator[Forecasts]:
    """Rollouts of some windows, a batch at a time, without gradients.

    Args:
        indices: which windows.
        steps: length of the rollouts.
        like: a tensor (say, a weight of the forecaster) whose device and precision data take.
    """
    batches = indices.split(batch_size) if len(indices) else ()
    with closing(prefetched(windows, batches, device=like.device)) as loaded:
        for batch in loaded:
            window, truth, water = prepared(batch, windows.past, steps, like)
            with torch.no_grad():
                forecast = rollout(forecaster, window, steps)
            yield Forecasts(forecast, truth, window[:, -1], water)


def evenly_spread(windows: WindowSource, count: int | None) -> Tensor:
    """Indices of ``count`` windows from the first to the last, or of all."""
    available = len(windows)
    wanted = min(count or available, available)
    return torch.linspace(0, available - 1, wanted, dtype=torch.float64).round().long()
