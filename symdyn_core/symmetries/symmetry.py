"""What a symmetry is: a group, its action on windows of velocity and on their grid."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.layers import LayerKit


@dataclass(frozen=True)
class Parameter:
    """One number of a group element: enough to draw a slider.

    Attributes:
        label: name for people; ``unit`` is its unit.
        low, high, step: range and resolution of a slider.
        neutral: value of the identity.
    """

    label: str
    unit: str
    low: float
    high: float
    step: float
    neutral: float


@dataclass(frozen=True)
class Symmetry(ABC):
    """A group acting on windows ``w(x, t)`` of velocity.

    An element is one number for a group with one parameter, else a tuple with one for each.
    The time t of the action is measured from "now", the last frame of an input window.

    Attributes:
        velocity_unit: velocities in elements (uniform motion, boost) are given in this unit;
            set it to the root mean square of the data with ``in_units_of``.
    """

    velocity_unit: float = 1.0

    name: str = ""
    title: str = ""
    action: str = ""
    parameters: tuple[Parameter, ...] = ()

    @abstractmethod
    def act_on_field(
        self,
        element: Element,
        w: Float[Tensor, "*batch time component y x"],
        grid: Grid,
        lead: int = 0,
    ) -> tuple[Float[Tensor, "*batch time component new_y new_x"], Bool[Tensor, "time 1 ny nx"]]:
        """The transformed window and where it is known.

        Args:
            lead: how many frames after "now" the last frame lies: 0 for an input window, 1 for a
                forecast, m for a window that ends in m future frames.
        """

    @abstractmethod
    def act_on_grid(self, element: Element, grid: Grid) -> Grid:
        """The grid of the transformed window."""

    @abstractmethod
    def identity(self) -> Element:
        """The element that changes nothing."""

    @abstractmethod
    def inverse(self, element: Element) -> Element:
        """The element that undoes another."""

    @abstractmethod
    def compose(self, first: Element, second: Element) -> Element:
        """The element that acts like ``second`` and then ``first``."""

    @abstractmethod
    def random_element(self, generator: torch.Generator) -> Element:
        """A random element, drawn as for the transformed test sets."""

    @abstractmethod
    def elements(self, count: int) -> list[Element]:
        """About ``count`` elements along the group's parameter, for curves."""

    @abstractmethod
    def is_exact(self, element: Element, grid: Grid) -> bool:
        """Whether the element acts without interpolation and leaves no cell unknown."""

    @abstractmethod
    def kit(
        self, periodic: tuple[bool, bool] = (False, False), kernel_size: int = 3
    ) -> LayerKit | None:
        """The layers that respect this symmetry; None where a wrapper serves instead."""

    def in_units_of(self, velocity: float) -> "Symmetry":
        """The same group with velocities measured in units of ``velocity``."""
        if not velocity > 0:
            raise ValueError(f"A velocity unit must be positive, got {velocity}.")
        return replace(self, velocity_unit=float(velocity))


def everywhere(w: Float[Tensor, "*batch time component y x"], grid: Grid) -> Tensor:
    """The validity of a window that was not resampled: all of its water."""
    water = torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water
    return water.to(w.device).expand(w.shape[-4], 1, *grid.shape)


def uniform(generator: torch.Generator, low: float, high: float) -> float:
    """A random number between ``low`` and ``high``."""
    return low + (high - low) * torch.rand((), generator=generator, dtype=torch.float64).item()


def pair(element: Element, name: str) -> tuple[float, float]:
    """An element of two numbers, checked."""
    if not isinstance(element, (tuple, list)) or len(element) != 2:
        raise TypeError(f"An element of {name} is a pair of numbers, got {element!r}.")
    return _finite(float(element[0]), name), _finite(float(element[1]), name)


def number(element: Element, name: str) -> float:
    """An element of one number, checked."""
    if isinstance(element, (tuple, list)):
        raise TypeError(f"An element of {name} is one number, got {element!r}.")
    return _finite(float(element), name)


def _finite(value: float, name: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"An element of {name} is made of finite numbers, got {value}.")
    return value


def spread(low: float, high: float, count: int) -> list[float]:
    """``count`` evenly spaced numbers from ``low`` to ``high``."""
    return torch.linspace(low, high, count, dtype=torch.float64).tolist()
