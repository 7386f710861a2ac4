"""Forecasts of one model from one window, one lead after the other."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import lru_cache
from threading import RLock

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.models import Forecaster, rollout
from symdyn_core.models.ahead import at_scale
from symdyn_core.models.placing import placed

from .operator import device


def _at_scale(forecaster: Forecaster, steps: int) -> Forecaster | None:
    other = at_scale(forecaster, steps)
    return None if other is None else placed(other, device())


AT_SCALE = lru_cache(maxsize=64)(_at_scale)
"""Networks read at another scale are copies: one for all sessions."""


def frames_needed(forecaster: Forecaster, steps: int) -> int:
    """Past frames that leads of ``steps`` frames need."""
    other = AT_SCALE(forecaster, steps)
    return forecaster.past if other is None else other.past


class Rollout:
    """Forecasts made when they are asked for, and kept.

    Args:
        window: at least ``frames_needed`` frames.
        steps: frames from one lead to the next. A network with levels of scale takes them at once,
            any other one after the other.
    """

    def __init__(
        self, forecaster: Forecaster, window: Float[Tensor, "time component y x"], steps: int = 1
    ):
        self.forecaster, self.window, self.steps = forecaster, window, steps
        self._leads: list[Float[Tensor, "step component y x"]] = []
        self._lock = RLock()

    @property
    def nbytes(self) -> int:
        """Memory of its leads so far, and of the one that is made next."""
        return (1 + self.leads) * self.steps * self.window[0].nbytes

    @property
    def leads(self) -> int:
        """Forecasts made so far."""
        return len(self._leads)

    @torch.no_grad()
    def up_to(self, lead: int) -> Float[Tensor, "lead component y x"]:
        """The forecasts of leads 1 to ``lead``."""
        # What is known is handed out while others wait for a slow model to make more.
        if len(self._leads) >= lead:
            return torch.stack([frames[-1] for frames in self._leads[:lead]])
        forecast_together([self], lead)
        return torch.stack([frames[-1] for frames in self._leads[:lead]])

    @property
    def _kind(self) -> tuple:
        """What forecasts that are made in one call have in common."""
        return id(self.forecaster), self.steps, self.window.shape, self.window.dtype, self.leads

    @property
    def _known(self) -> Float[Tensor, "time component y x"]:
        """The window and all forecasts so far."""
        return torch.cat((self.window, *self._leads))

    def _next(
        self, known: Float[Tensor, "batch time component y x"]
    ) -> Float[Tensor, "batch step component y x"]:
        other = AT_SCALE(self.forecaster, self.steps)
        if other is None:
            return rollout(self.forecaster, known, self.steps)
        forecast = other(known[:, known.shape[1] - other.past :])
        # At the scale sqrt(n) a network reads every n-th frame, counted back from now: those
        # between are never looked at.
        return forecast[:, None].expand(-1, self.steps, -1, -1, -1)


@torch.no_grad()
def forecast_together(rollouts: Sequence[Rollout], lead: int) -> None:
    """Make the forecasts of several windows up to a lead; those alike in one call of the network.

    On a GPU many windows take hardly longer than one.
    """
    with ExitStack() as locks:
        # Always in the same order: two threads that hold each other's would wait for ever.
        waiting = sorted(set(rollouts), key=id)
        for each in waiting:
            locks.enter_context(each._lock)
        while waiting := [each for each in waiting if each.leads < lead]:
            # Who is behind catches up first, and goes on with the others then.
            behind = min(waiting, key=lambda each: each.leads)
            alike = [each for each in waiting if each._kind == behind._kind]
            made = alike[0]._next(torch.stack([each._known for each in alike]))
            for each, frames in zip(alike, made, strict=True):
                # A part of a batch would keep all of it.
                each._leads.append(frames.clone() if len(alike) > 1 else frames)
