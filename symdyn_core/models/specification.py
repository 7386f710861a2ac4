"""The specification of a forecaster: everything that rebuilds the network before its weights."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import torch
from torch import nn

from symdyn_core.layers import KITS, LayerKit
from symdyn_core.models.forecaster import NetworkForecaster, parameter_count
from symdyn_core.models.resnet import ResNet
from symdyn_core.models.unet import UNet

ARCHITECTURES: tuple[Callable[..., nn.Module], ...] = (ResNet, UNet)
"""Every architecture; all kits serve each of them."""


WIDTH_STEPS = 8
"""Fractions of a width that are tried to meet a budget: they round each block's width."""


@dataclass(frozen=True)
class ForecasterSpec:
    """An architecture over a kit, with its sizes.

    Attributes:
        architecture: ``ResNet`` or ``UNet``.
        kit: the building blocks, and with them the symmetry.
        past: number of input frames.
        width: hidden fields of the first block or level; a fraction acts through the multipliers.
        multipliers: widths of the blocks or levels in units of ``width``.
        predicts: "increment" (forecast = last frame + network) or "velocity" (direct).
        scale: unit of velocity, the RMS of the training data.
    """

    architecture: Callable[..., nn.Module]
    kit: LayerKit
    past: int
    width: float | int
    multipliers: tuple[int, ...]
    predicts: Literal["increment", "velocity"] = "increment"
    scale: float = 1.0

    def build(self, seed: int = 0) -> NetworkForecaster:
        """The forecaster with random weights that depend on ``seed`` alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = self.architecture(
                self.kit,
                self.past,
                self.width,
                multipliers=self.multipliers,
                increment=self.predicts == "increment",
            )
        return NetworkForecaster(network, self.past, scale=self.scale, predicts=self.predicts)

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
        return parameter_count(replace(self, width=width).build())

    def with_periodic(self, periodic: tuple[bool, bool]) -> "ForecasterSpec":
        """The same network for a domain that repeats along (y, x); its weights stay valid."""
        return replace(self, kit=replace(self.kit, periodic=tuple(periodic)))  # type: ignore[type-var]

    def to_json(self) -> dict:
        """Plain values for a model card."""
        kit = {**asdict(self.kit), "periodic": list(self.kit.periodic)}  # type: ignore[call-overload]
        return {
            "architecture": self.architecture.__name__,
            "kit": kit,
            "past": self.past,
            "width": self.width,
            "multipliers": list(self.multipliers),
            "predicts": self.predicts,
            "scale": self.scale,
        }

    @classmethod
    def from_json(cls, values: dict) -> "ForecasterSpec":
        """The specification on a model card.

        Raises:
            ValueError: an unknown architecture or kit, or a missing entry.
        """
        try:
            architecture = _by_name(ARCHITECTURES, values["architecture"], "architecture")
            options = dict(values["kit"])
            kit = _by_name(KITS, options["name"], "kit", lambda kit: kit.name)
            options["periodic"] = tuple(options["periodic"])
            return cls(
                architecture=architecture,
                kit=kit(**options),
                past=int(values["past"]),
                width=values["width"],
                multipliers=tuple(values["multipliers"]),
                predicts=values["predicts"],
                scale=float(values["scale"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"Not the specification of a forecaster: {error}. Write the card with this version."
            ) from error


def _by_name(choices, name: str, kind: str, key: Callable | None = None):
    """The class of that name among ``choices``."""
    named = {(key or (lambda choice: choice.__name__))(choice): choice for choice in choices}
    if name not in named:
        raise ValueError(f"Unknown {kind} {name!r}; known are {', '.join(named)}.")
    return named[name]
