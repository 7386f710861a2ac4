"""Descriptions of wrappers: what a specification and a model card say about them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from symdyn_core.models.wrappers.averaged import Averaged
from symdyn_core.models.wrappers.canonicalized import Canonicalized
from symdyn_core.models.wrappers.drift import DriftRate
from symdyn_core.models.wrappers.in_mean_frame import InMeanFrame
from symdyn_core.models.wrappers.in_units import GridUnit, InUnits
from symdyn_core.models.wrappers.measured_drift import MeasuredDrift
from symdyn_core.models.wrappers.orientation import Orientation
from symdyn_core.models.wrappers.spacing import Spacing
from symdyn_core.models.wrappers.wrapper import Wrapper
from symdyn_core.symmetries import Reflection, Rotation


@dataclass(frozen=True)
class Surroundings:
    """What a description needs to know of the data.

    Attributes:
        scale: root mean square velocity of the training data.
        periodic: padding along (y, x).
        spacing: of the grid; None if not yet known.
    """

    scale: float
    periodic: tuple[bool, bool]
    spacing: Spacing | None


class WrapperSpec(ABC):
    """A wrapper in plain values. Every one is a frozen dataclass with the field ``name``."""

    name: str

    @property
    def reads_grid(self) -> bool:
        """Whether cells and time step must be known."""
        return False

    @abstractmethod
    def around(self, forecaster: Any, about: Surroundings) -> Wrapper:
        """The wrapper around a forecaster."""

    def scale_inside(self, about: Surroundings) -> float:
        """Root mean square velocity of what the forecaster inside is shown."""
        return about.scale


@dataclass(frozen=True)
class MeanFrame(WrapperSpec):
    """``InMeanFrame``: bare shifts, or Galilean boosts with ``drift``.

    Attributes:
        drift: by the mean velocity in the cells of the grid, or with ``measured`` by the
            displacement of the flow from frame to frame (``MeasuredDrift``).
    """

    drift: bool = False
    measured: bool = False
    name: str = "mean_frame"

    def __post_init__(self):
        if self.measured and not self.drift:
            raise ValueError("A frame without drift has none to measure: set drift as well.")

    @property
    def reads_grid(self) -> bool:
        return self.drift and not self.measured

    def around(self, forecaster: Any, about: Surroundings) -> Wrapper:
        if not self.drift:
            return InMeanFrame(forecaster)
        if not self.measured:
            return InMeanFrame(forecaster, DriftRate.between(known(about), about.periodic))
        return InMeanFrame(forecaster, MeasuredDrift(about.periodic))


@dataclass(frozen=True)
class Units(WrapperSpec):
    """``InUnits``: of the flow (magnitude) or of the grid (scaling on co-scaled grids)."""

    of: Literal["flow", "grid"] = "flow"
    viscosity: float | None = None
    name: str = "units"

    def __post_init__(self):
        number = isinstance(self.viscosity, int | float) and not isinstance(self.viscosity, bool)
        if self.viscosity is not None and not (number and 0 < self.viscosity < math.inf):
            raise ValueError(f"A viscosity is a positive number, got {self.viscosity!r}.")
        if self.of not in ("flow", "grid") or (self.viscosity is not None and self.of == "flow"):
            raise ValueError(
                "Units are those of the 'flow', or of the 'grid' with or without a viscosity, got "
                f"of={self.of!r}, viscosity={self.viscosity}."
            )

    @property
    def reads_grid(self) -> bool:
        return self.of == "grid"

    def around(self, forecaster: Any, about: Surroundings) -> Wrapper:
        spacing = known(about) if self.of == "grid" else None
        return InUnits(forecaster, spacing, viscosity=self.viscosity, scale=about.scale)

    def scale_inside(self, about: Surroundings) -> float:
        if self.of == "flow":
            return 1.0
        return about.scale / GridUnit(known(about), self.viscosity).velocity


@dataclass(frozen=True)
class QuarterTurnMean(WrapperSpec):
    """``Averaged`` over the quarter turns, with ``mirrored`` over the reflections too."""

    mirrored: bool = False
    name: str = "quarter_turn_mean"

    def around(self, forecaster: Any, about: Surroundings) -> Wrapper:
        return Averaged(forecaster, Reflection() if self.mirrored else Rotation())


@dataclass(frozen=True)
class Oriented(WrapperSpec):
    """``Canonicalized`` by the orientation among quarter turns, and reflections if ``mirrored``."""

    mirrored: bool = False
    name: str = "oriented"

    def around(self, forecaster: Any, about: Surroundings) -> Wrapper:
        return Canonicalized(forecaster, Orientation(self.mirrored))


WRAPPERS: tuple[Callable[..., WrapperSpec], ...] = (MeanFrame, Units, QuarterTurnMean, Oriented)
"""Every wrapper that a specification can name."""


def known(about: Surroundings) -> Spacing:
    """The spacing.

    Raises:
        ValueError: nobody has said it.
    """
    if about.spacing is None:
        raise ValueError(
            "A drift and grid units are measured in cells and time steps, and this specification "
            "names no grid. Give it one with `spec.on(grid)`."
        )
    return about.spacing
