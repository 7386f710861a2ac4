"""Forecasts of one model from one window, one lead after the other."""

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
        with self._lock:
            while len(self._leads) < lead:
                self._leads.append(self._next(torch.cat((self.window, *self._leads))[None]))
            return torch.stack([frames[-1] for frames in self._leads[:lead]])

    def _next(
        self, known: Float[Tensor, "1 time component y x"]
    ) -> Float[Tensor, "step component y x"]:
        other = AT_SCALE(self.forecaster, self.steps)
        if other is None:
            return rollout(self.forecaster, known, self.steps)[0]
        forecast = other(known[:, known.shape[1] - other.past :])
        # At the scale sqrt(n) a network reads every n-th frame, counted back from now: those
        # between are never looked at.
        return forecast.expand(self.steps, -1, -1, -1)
