"""A comparison as numbers for the field view: the pictures of each lead, see ``packets``."""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch
from torch import Tensor

from symdyn_core.grid import Grid

from . import colours, fields
from .compute import Comparison
from .fields import Scalar
from .headers import header
from .packets import Frame, encoded

VECTORS = 32
"""Velocities along a side, at most."""

PAST = 12
"""Input frames of which the browser gets the numbers, at most."""

GENERATIONS = count(1)
"""Numbers that tell the frames of one picture from those of the next."""


@dataclass(frozen=True)
class Display:
    """How a comparison is shown; see ``AppState``.

    The square shows both ways round a transformation: its maps are of the broken symmetry, and
    nothing in it is transformed back.
    """

    field: str
    maps: str
    limits: str
    stabilised: bool
    view: str = "forecasts"
    vectors: str = "arrows"

    def __post_init__(self):
        if self.square:
            object.__setattr__(self, "maps", "asymmetry")
            object.__setattr__(self, "stabilised", False)

    @property
    def square(self) -> bool:
        """Whether the commuting square is shown."""
        return self.view == "square"


class Painter:
    """Packets of one comparison under one display: lead by lead, with limits that stay."""

    def __init__(self, comparison: Comparison, display: Display):
        self.comparison, self.display = comparison, display
        self.generation = next(GENERATIONS)
        scene = comparison.scene
        back = display.stabilised
        self.grid = scene.grid if back else scene.moved_grid
        self.scalar = Scalar(display.field, self.grid)
        self.recorded = scene.history[-1], _water(scene.grid)
        self.input = self.recorded if back else (scene.window[-1], scene.known)
        self.limit, self.error_limit = self._steady_limits()
        now, known = self.input
        fastest = fields.extreme(fields.values(now, self.grid, "speed"), known)
        self.fastest = colours.rounded_up(fastest)
        self.every = max(1, math.ceil(max(self.grid.shape) / VECTORS))

    def packet(self, leads: range, captions: dict[int, dict[str, str]]) -> bytes:
        """The frames of some leads, that of lead 1 with the input; captions by lead and picture."""
        return self.packed([self.frame(lead, captions.get(lead, {})) for lead in leads])

    def packed(self, frames: Sequence[Frame]) -> bytes:
        """The same of frames that were made before."""
        return encoded(header(self), frames)

    def renewed(self) -> "Painter":
        """The same, for pictures that replace those of others."""
        other = copy(self)
        other.generation = next(GENERATIONS)
        return other

    def _truth(self, lead: int) -> tuple[Tensor, Tensor]:
        scene = self.comparison.scene
        if not self.display.stabilised:
            return scene.truth(lead)
        return scene.future[lead - 1], self.input[1]

    def _steady_limits(self) -> tuple[float, float]:
        """Limits from the flow alone: its strength, and its change from frame to frame."""
        now, known = self.input
        later, known_later = self._truth(1)
        scale = self.scalar.limit(now, known)
        change = self.scalar.limit(later - now, known & known_later)
        return colours.rounded_up(scale), colours.rounded_up(change)

    def frame(self, lead: int, captions: dict[str, str]) -> Frame:
        """What is shown of a lead, that of lead 1 with the input."""
        velocities = self._velocities(lead)
        shown = {name: self.scalar.of(*flow) for name, flow in velocities.items()}
        if self.display.square:
            upright = Scalar(self.display.field, self.comparison.scene.grid)
            for name, flow in self._upright(lead).items():
                velocities[name] = flow
                shown[name] = upright.of(*flow)
        for name in ("a", "b"):
            shown[f"error_{name}"] = self.scalar.of(*self._difference(name, lead))
        limit = self._error_limit(shown)
        if lead == min(2, self.comparison.steps):  # not while a slider moves
            shown["history"] = self._history()
        arrows = self._arrows(velocities) if self.display.vectors != "none" else {}
        return Frame(lead, limit, captions, shown, arrows)

    def _velocities(self, lead: int) -> dict[str, tuple[Tensor, Tensor]]:
        """Velocities on the grid of the pictures, and where they are known."""
        truth, known = self._truth(lead)
        found = {"truth": (truth, known)}
        if lead == 1:
            found["input"] = self.input
        for name in ("a", "b"):
            forecast, seen = self._forecast(name, lead)
            found[name] = forecast, known & seen
            if self.display.square:
                expected, seen = getattr(self.comparison, name).expected(lead)
                found[f"expected_{name}"] = expected, seen
        return found

    def _upright(self, lead: int) -> dict[str, tuple[Tensor, Tensor]]:
        """The side of the square that is not transformed."""
        now, water = self.recorded
        found = {"recorded": (now, water)} if lead == 1 else {}
        for name in ("a", "b"):
            recorded = getattr(self.comparison, name).recorded
            found[f"upright_{name}"] = recorded.up_to(lead)[-1], water
        return found

    def _error_limit(self, shown: dict[str, np.ndarray]) -> float:
        if self.display.limits == "steady":
            return self.error_limit
        errors = np.concatenate([shown["error_a"].ravel(), shown["error_b"].ravel()])
        known_errors = np.abs(errors[np.isfinite(errors)])
        largest = float(np.quantile(known_errors, 0.995)) if known_errors.size else math.nan
        return colours.rounded_up(largest)

    def _forecast(self, name: str, lead: int) -> tuple[Tensor, Tensor]:
        answer = getattr(self.comparison, name)
        if self.display.stabilised:
            return answer.stabilised(lead)
        return answer.forecast(lead), self.comparison.scene.known

    def _difference(self, name: str, lead: int) -> tuple[Tensor, Tensor]:
        """What the error maps show, and where."""
        answer, back = getattr(self.comparison, name), self.display.stabilised
        forecast, seen = self._forecast(name, lead)
        if self.display.maps == "error":
            target, known = self._truth(lead)
        elif back:
            target, known = answer.recorded.up_to(lead)[-1], self.input[1]
        else:
            target, known = answer.expected(lead)
        return forecast - target, known & seen

    def _history(self) -> np.ndarray:
        """The input frames, the last of them now."""
        scene, known = self.comparison.scene, self.input[1]
        frames = (scene.history if self.display.stabilised else scene.window)[-PAST:]
        return np.stack([self.scalar.of(frame, known) for frame in frames])

    def _arrows(self, velocities: dict[str, tuple[Tensor, Tensor]]) -> dict[str, np.ndarray]:
        """Velocities at every few cells, as (component, y, x)."""
        cells = slice(self.every // 2, None, self.every)
        return {
            name: fields.masked(w, mask)[:, cells, cells] for name, (w, mask) in velocities.items()
        }


def _water(grid: Grid) -> Tensor:
    """Where there is fluid."""
    return torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water
