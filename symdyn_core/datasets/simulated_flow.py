"""A flow to be simulated: what all of them have in common."""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core.solvers.recording import Schedule


class Simulation(ABC):
    """A flow to be made: its solver, where it starts, and which frames of it are kept.

    Subclasses are frozen dataclasses; their fields decide every number and are kept with the data.
    """

    name: str
    """What people call this size: smoke, small or paper."""

    members: int
    """Independent flows that are stepped together."""

    @property
    @abstractmethod
    def schedule(self) -> Schedule:
        """When frames are taken."""

    @abstractmethod
    def solver(self, device: torch.device | str = "cpu") -> Any:
        """What moves states on: ``advance``, ``step``, ``device``."""

    @abstractmethod
    def initial(self, solver: Any, generator: torch.Generator) -> Tensor:
        """The state that the run starts from."""

    @abstractmethod
    def observer(self, solver: Any) -> Callable[[Tensor], Tensor]:
        """The function from a state to the frame that is kept of it."""

    @abstractmethod
    def diagnose(self, solver: Any, state: Tensor) -> Tensor:
        """Numbers that are measured on every frame, one axis."""

    @abstractmethod
    def statistics(self, diagnostics: np.ndarray) -> dict:
        """What the numbers of all frames, ``[frame, number]``, say, for the provenance."""

    @abstractmethod
    def labelled(self, fields: np.ndarray) -> xr.Dataset:
        """The frames as a flow, without history and provenance."""

    def steps_per_interval(self, solver: Any, state: Tensor) -> float:
        """Steps between two frames once the flow is developed, for estimates."""
        return self.schedule.interval / solver.stable_dt(state)


def check_run(members: int, frames: int, interval: float | int, spin_up: float | int = 0) -> None:
    """Raise a ValueError unless there is something to record.

    Args:
        members, frames: at least one of each.
        interval: time between two frames, positive.
        spin_up: time before the first one, 0 or more.
    """
    for name, number in (("members", members), ("frames", frames)):
        if not (number >= 1 and int(number) == number):
            raise ValueError(f"Expected a whole number of {name}, 1 or more, got {number}.")
    if not (0 < interval < math.inf and 0 <= spin_up < math.inf):
        raise ValueError(
            "Expected a positive interval between frames and a spin-up of 0 or more, got "
            f"interval={interval}, spin_up={spin_up}."
        )


Preset = TypeVar("Preset", bound=Simulation)


def preset_among(presets: tuple[Preset, ...], name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: no such preset; the message lists those there are.
    """
    for preset in presets:
        if preset.name == name:
            return preset
    raise ValueError(f"Unknown preset {name!r}; choose from {', '.join(p.name for p in presets)}.")


def plain_fields(simulation: Simulation) -> dict:
    """The fields of a preset as they come back from JSON: lists for tuples."""
    return json.loads(json.dumps(asdict(simulation)))  # type: ignore[call-overload]
