"""Forecasts several steps ahead at once: what scaling compares a single step with.

Under w -> a w(a x, a^2 t) one time step becomes a^2 of them. A forecaster has a fixed step, so its
answer to the rescaled flow is compared with its forecast n = a^2 steps ahead: by the same network
read at the scale a, if it has levels of scale, else step by step.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.models.forecaster import Forecaster, rollout


def ahead(
    forecaster: Forecaster, window: Float[Tensor, "batch time component y x"], frames: int
) -> Float[Tensor, "batch component y x"]:
    """The frame that lies ``frames`` steps ahead of the last one.

    Raises:
        ValueError: fewer past frames than ``frames_needed``, or no step.
    """
    other = at_scale(forecaster, frames)
    needed = frames_needed(forecaster, frames)
    if window.shape[1] < needed:
        raise ValueError(
            f"A forecast {frames} steps ahead needs {needed} past frames, got {window.shape[1]}. "
            "Cut windows with a larger `past`."
        )
    if other is None:
        return rollout(forecaster, window, frames)[:, -1]
    return other(window[:, window.shape[1] - other.past :])


def leads_ahead(
    forecaster: Forecaster,
    window: Float[Tensor, "batch time component y x"],
    leads: int,
    frames: int = 1,
) -> Float[Tensor, "batch lead component y x"]:
    """Forecasts of leads 1 to ``leads``, each ``frames`` steps after the one before.

    Each lead is forecast from the window and the leads before it; a forecaster with levels of scale
    takes the steps of a lead at once.

    Raises:
        ValueError: fewer past frames than ``frames_needed``, or no step.
    """
    other, known, found = at_scale(forecaster, frames), window, []
    for _ in range(leads):
        if other is None:
            steps = rollout(forecaster, known, frames)
        else:
            # Between the frames that it reads, this network looks at none.
            steps = ahead(forecaster, known, frames)[:, None].expand(-1, frames, -1, -1, -1)
        found.append(steps[:, -1])
        known = torch.cat((known, steps), dim=1)
    return torch.stack(found, dim=1)


def frames_needed(forecaster: Forecaster, frames: int) -> int:
    """Past frames that ``ahead`` needs.

    Raises:
        ValueError: no step.
    """
    if frames < 1:
        raise ValueError(f"A forecast lies at least one step ahead, got {frames}.")
    other = at_scale(forecaster, frames)
    return forecaster.past if other is None else other.past


def at_scale(forecaster: Forecaster, frames: int) -> Forecaster | None:
    """The forecaster read at the scale whose step is ``frames`` steps; None if it has no levels."""
    if frames == 1:
        return forecaster
    read = getattr(forecaster, "at_scale", None)
    return None if read is None else read(math.sqrt(frames))
