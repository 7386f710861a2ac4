"""The specification of a forecaster: everything that rebuilds the network before its weights."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import torch
from torch import nn

from symdyn_core.grid import Grid
from symdyn_core.layers import KITS, LayerKit
from symdyn_core.models.forecaster import NetworkForecaster, parameter_count
from symdyn_core.models.resnet import ResNet
from symdyn_core.models.unet import UNet
from symdyn_core.models.wrappers import WRAPPERS, Spacing, Surroundings, Wrapper, WrapperSpec

ARCHITECTURES: tuple[Callable[..., nn.Module], ...] = (ResNet, UNet)
"""Every architecture; all kits serve each of them."""


WIDTH_STEPS = 8
"""Fractions of a width that are tried to meet a budget: they round each block's width."""


@dataclass(frozen=True)
class ForecasterSpec:
    """An architecture over a kit, with its sizes, and the wrappers around it.

    Attributes:
        architecture: ``ResNet`` or ``UNet``.
        kit: the building blocks, and with them the symmetry.
        past: number of input frames.
        width: hidden fields of the first block or level; a fraction acts through the multipliers.
        multipliers: widths of the blocks or levels in units of ``width``.
        predicts: "increment" (forecast = last frame + network) or "velocity" (direct).
        scale: unit of velocity, the RMS of the training data.
        wrappers: from the outside in; `(MeanFrame(drift=True), Units())` around a kit of rotations
            and scaling makes a network of all symmetries.
        spacing: of the training grid, for wrappers that read it; filled in by `on`.

    Raises:
        ValueError: sizes or a scale that no forecaster can have.
    """

    architecture: Callable[..., nn.Module]
    kit: LayerKit
    past: int
    width: float | int
    multipliers: tuple[int, ...]
    predicts: Literal["increment", "velocity"] = "increment"
    scale: float | int = 1.0
    wrappers: tuple[WrapperSpec, ...] = ()
    spacing: Spacing | None = None

    def __post_init__(self):
        many = bool(self.multipliers) and all(map(_is_positive, self.multipliers))
        expected = {
            "past": ("a whole number of at least 1", isinstance(self.past, int) and self.past > 0),
            "width": ("a positive number", _is_positive(self.width)),
            "multipliers": ("one or more positive numbers", many),
            "predicts": ("'increment' or 'velocity'", self.predicts in ("increment", "velocity")),
            "scale": ("a positive number", _is_positive(self.scale)),
        }
        for name, (wanted, right) in expected.items():
            if not right:
                raise ValueError(
                    f"A specification's {name} must be {wanted}, got {getattr(self, name)!r}. "
                    "Correct it, or write the card with this version."
                )

    def build(self, seed: int = 0) -> NetworkForecaster | Wrapper:
        """The forecaster with random weights that depend on ``seed`` alone.

        Raises:
            ValueError: wrappers that read a grid, and none is known.
        """
        abouts = [Surroundings(self.scale, self.kit.periodic, self.spacing)]
        for wrapper in self.wrappers:
            abouts.append(replace(abouts[-1], scale=wrapper.scale_inside(abouts[-1])))
        forecaster: NetworkForecaster | Wrapper = self._network(seed, abouts[-1].scale)
        for wrapper, about in zip(reversed(self.wrappers), abouts[-2::-1], strict=True):
            forecaster = wrapper.around(forecaster, about)
        return forecaster

    def _network(self, seed: int, scale: float) -> NetworkForecaster:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = self.architecture(
                self.kit,
                self.past,
                self.width,
                multipliers=self.multipliers,
                increment=self.predicts == "increment",
            )
        return NetworkForecaster(network, self.past, scale=scale, predicts=self.predicts)

    def fitted_to(self, parameters: int, tolerance: float = 0.05) -> "ForecasterSpec":
        """The same with the width whose parameter count comes nearest to a budget.

        Raises:
            ValueError: no width comes within ``tolerance`` of the budget.
        """
        low, high = 1, 2 * WIDTH_STEPS
        while self._count(high / WIDTH_STEPS) < parameters:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            below = self._count(middle / WIDTH_STEPS) < parameters
            low, high = (middle, high) if below else (low, middle)
        candidates = (round(low / WIDTH_STEPS) or 1, low / WIDTH_STEPS, high / WIDTH_STEPS)
        width = min(candidates, key=lambda width: abs(self._count(width) - parameters))
        if self._count(round(width) or 1) == self._count(width):
            width = round(width) or 1
        miss = abs(self._count(width) - parameters) / parameters
        if miss > tolerance:
            raise ValueError(
                f"No width of the {self.kit.name} kit comes within {tolerance:.0%} of "
                f"{parameters} parameters; the nearest, {width}, has {self._count(width)}. "
                "Choose a larger budget."
            )
        return replace(self, width=width)

    def _count(self, width: float | int) -> int:
        with torch.device("meta"):  # sizes without numbers
            return parameter_count(replace(self, width=width)._network(seed=0, scale=1.0))

    def with_periodic(self, periodic: tuple[bool, bool]) -> "ForecasterSpec":
        """The same network for a domain that repeats along (y, x); its weights stay valid."""
        along_y, along_x = periodic
        return replace(self, kit=replace(self.kit, periodic=(along_y, along_x)))

    def on(self, grid: Grid) -> "ForecasterSpec":
        """The same forecaster for flows on ``grid``, as far as its wrappers read it.

        Cell sizes and time step are taken; the periodicity is that of the kit, which
        ``with_periodic`` changes.
        """
        reads = any(wrapper.reads_grid for wrapper in self.wrappers)
        return replace(self, spacing=Spacing.of(grid)) if reads else self

    def to_json(self) -> dict:
        """Plain values for a model card."""
        kit = {**asdict(self.kit), "periodic": list(self.kit.periodic)}
        values = {
            "architecture": self.architecture.__name__,
            "kit": kit,
            "past": self.past,
            "width": self.width,
            "multipliers": list(self.multipliers),
            "predicts": self.predicts,
            "scale": self.scale,
        }
        if self.wrappers:
            values["wrappers"] = [asdict(wrapper) for wrapper in self.wrappers]  # type: ignore[call-overload]
        if self.spacing is not None:
            values["spacing"] = asdict(self.spacing)
        return values

    @classmethod
    def from_json(cls, values: dict) -> "ForecasterSpec":
        """The specification on a model card.

        Raises:
            ValueError: an unknown architecture, kit or wrapper, or a missing entry.
        """
        try:
            architecture = _by_name(ARCHITECTURES, values["architecture"], "architecture")
            options = dict(values["kit"])
            kit = _by_name(KITS, options["name"], "kit", lambda kit: kit.name)
            options["periodic"] = tuple(options["periodic"])
            return cls(
                architecture=architecture,
                kit=kit(**options),
                past=values["past"],
                width=values["width"],
                multipliers=tuple(values["multipliers"]),
                predicts=values["predicts"],
                scale=values["scale"],
                wrappers=tuple(_wrapper(entry) for entry in values.get("wrappers", ())),
                spacing=Spacing(**values["spacing"]) if "spacing" in values else None,
            )
        except (KeyError, TypeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(
                f"Not the specification of a forecaster: {reason}. "
                "Write the card with this version."
            ) from error


def _is_positive(value: object) -> bool:
    return isinstance(value, float | int) and 0 < value < math.inf


def _wrapper(values: dict) -> WrapperSpec:
    """The description of a wrapper on a model card."""
    return _by_name(WRAPPERS, values["name"], "wrapper", lambda spec: spec.name)(**values)


def _by_name(choices, name: str, kind: str, key: Callable | None = None):
    """The class of that name among ``choices``."""
    named = {(key or (lambda choice: choice.__name__))(choice): choice for choice in choices}
    if name not in named:
        raise ValueError(f"Unknown {kind} {name!r}; known are {', '.join(named)}.")
    return named[name]
