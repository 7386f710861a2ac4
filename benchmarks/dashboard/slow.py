"""A model that takes its time, as an operator may offer one: ``dashboard.slow:forecast``."""

import os
import time

import torch
from torch import Tensor

SECONDS = float(os.environ.get("SYMDYN_SLOW_SECONDS", "2"))
"""Of the processor, for every forecast."""


def forecast(window: Tensor) -> Tensor:
    """The last frame again, after matrix products that keep a core busy."""
    began, work = time.thread_time(), torch.ones(256, 256)
    while time.thread_time() - began < SECONDS:
        work = torch.tanh(work @ work)
    return window[:, -1] + 0 * work.mean()


forecast.past = 4
