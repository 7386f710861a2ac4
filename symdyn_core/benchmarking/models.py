"""What a symmetry costs in whole networks, and how long they take to build."""

from dataclasses import dataclass
from functools import partial

from symdyn_core.benchmarking.comparing import Pair
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.kits import PLAIN, measured_kits, plain_like, width
from symdyn_core.benchmarking.rows import BUILD_SECONDS, timed_row
from symdyn_core.benchmarking.running import Measurement
from symdyn_core.benchmarking.timing import ProcessorStopwatch, compare
from symdyn_core.experiments.budgets import PAPER, Size
from symdyn_core.layers import LayerKit, SteerableKit
from symdyn_core.models import ForecasterSpec, ResNet, UNet

PAPER_SIZES = {"ResNet": PAPER.resnet, "UNet": PAPER.unet}
BUILD_ROUNDS = 3


@dataclass(frozen=True)
class NetworkSize:
    """Sizes of both architectures.

    Attributes:
        past: number of input frames.
        channels: expanded width of the first block or level.
        blocks, levels: multipliers of the ResNet and of the U-Net.
    """

    past: int
    channels: int
    blocks: tuple[int, ...]
    levels: tuple[int, ...]

    def architectures(self) -> dict:
        """Name -> class and multipliers."""
        return {"ResNet": (ResNet, self.blocks), "UNet": (UNet, self.levels)}


SIZES = {
    "small": NetworkSize(past=8, channels=64, blocks=(1, 1, 2), levels=(1, 2, 4)),
    "paper": NetworkSize(
        past=PAPER.past,
        channels=64,
        blocks=PAPER.resnet.multipliers,
        levels=PAPER.unet.multipliers,
    ),
}
"""``small`` keeps the paper's first widths and fits a processor; ``paper`` wants a GPU."""


def network_kits(kernel_size: int) -> dict[str, LayerKit]:
    """Name -> kit; beside those of the layers, what only whole networks have."""
    smooth = SteerableKit(kernel_size=kernel_size, order=8, anti_aliased=True)
    return {**measured_kits(kernel_size), "rotation C_8 anti-aliased": smooth}


class ModelBench:
    """Networks over an input of one size.

    Args:
        conditions: of all measurements.
        size: of the networks.
        batch, cells: the input is (batch, 2 past, cells, cells).
    """

    def __init__(self, conditions: Conditions, size: NetworkSize, batch: int = 1, cells: int = 64):
        self.conditions, self.size, self.batch, self.cells = conditions, size, batch, cells

    def measurements(
        self, kernel_size: int = 3, architecture: str | None = None
    ) -> list[Measurement]:
        """Every kit in both architectures, or one: its cost, and its build at the paper's size.

        Raises:
            ValueError: an unknown architecture.
        """
        names = list(self.size.architectures())
        if architecture not in (None, *names):
            raise ValueError(
                f"Unknown architecture {architecture!r}; choose from {', '.join(names)}."
            )
        found = []
        for name in [architecture] if architecture else names:
            for what, kit in network_kits(kernel_size).items():
                width(kit, self.size.channels)
                found += [
                    Measurement(what, name, partial(self.cost_rows, what, kit, name)),
                    Measurement(
                        what,
                        f"build {name}",
                        partial(build_rows, what, kit, name, PAPER_SIZES[name]),
                    ),
                ]
        return found

    def cost_rows(self, what: str, kit: LayerKit, name: str) -> list[dict]:
        """A network against the plain one of equal expanded width and kernel size."""
        pair = Pair(
            "models",
            what,
            PLAIN,
            self.network(kit, name),
            self.network(plain_like(kit), name),
            self.conditions.noise(self.batch, 2 * self.size.past, self.cells, self.cells),
            self.conditions,
            sizes={
                "architecture": name,
                "channels": self.size.channels,
                "kernel_size": kit.kernel_size,
                "batch": self.batch,
                "cells": self.cells,
            },
        )
        return pair.rows()

    def network(self, kit: LayerKit, name: str):
        """An architecture over a kit, as wide as the plain one."""
        architecture, multipliers = self.size.architectures()[name]
        fields = width(kit, self.size.channels)
        return architecture(kit, self.size.past, fields, multipliers=multipliers)


def build_rows(what: str, kit: LayerKit, name: str, size: Size) -> list[dict]:
    """Building a network with its initial weights, and finding the width of its budget.

    Processor seconds whatever the device: networks are built there.
    """
    architecture, parameters = SIZES["paper"].architectures()[name][0], size.parameters
    spec, plain = (
        ForecasterSpec(architecture, one, PAPER.past, 1, size.multipliers)
        for one in (kit, plain_like(kit))
    )
    stopwatch = ProcessorStopwatch()
    fit = compare(
        lambda: spec.fitted_to(parameters),
        lambda: plain.fitted_to(parameters),
        stopwatch,
        rounds=1,
        warm_up=0,
    )
    fitted, plain_fitted = (one.fitted_to(parameters) for one in (spec, plain))
    build = compare(fitted.build, plain_fitted.build, stopwatch, BUILD_ROUNDS)
    more = {"architecture": name, "parameters": parameters}
    limit = {"target": BUILD_SECONDS, "judged": build.seconds}
    return [
        timed_row("models", what, "build", PLAIN, build, **more, **limit),
        timed_row("models", what, "fit", PLAIN, fit, **more),
    ]
