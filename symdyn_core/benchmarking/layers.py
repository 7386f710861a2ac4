"""What a symmetry costs in one layer and in one residual block."""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor, nn

from symdyn_core.benchmarking.comparing import Pair
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.kits import PLAIN, measured_kits, plain_like, width
from symdyn_core.benchmarking.rows import timed_row
from symdyn_core.benchmarking.running import Measurement
from symdyn_core.benchmarking.timing import compare
from symdyn_core.layers import LayerKit, ScaledKit
from symdyn_core.layers.levels import LevelLift
from symdyn_core.layers.plain import PlainConvolution

LEVELS, FRAMES_OF_LEVELS = 3, 24
LEVEL_TARGETS = {"forward_backward": 1.3, "eval": 1.1}
"""Of the scale layer with three levels, to the sum of its levels' plain convolutions."""


class LayerBench:
    """Layers over an input of one size.

    Args:
        conditions: of all measurements.
        batch, cells: the input is (batch, channels, cells, cells).
    """

    def __init__(self, conditions: Conditions, batch: int = 2, cells: int = 64):
        self.conditions, self.batch, self.cells = conditions, batch, cells

    def measurements(
        self, channels: Iterable[int] = (64, 128), kernel_sizes: Iterable[int] = (3,)
    ) -> list[Measurement]:
        """Every kit at every expanded width and kernel size, then the scale layer with levels.

        Raises:
            ValueError: a width that the fields of some kit do not fill.
        """
        found = []
        for size in kernel_sizes:
            for count in channels:
                for what, kit in measured_kits(size).items():
                    width(kit, count)
                    rows = partial(self.kit_rows, what, kit, count)
                    found.append(Measurement(what, f"{count} channels, {size} x {size}", rows))
        for count in channels:
            rows = partial(self.level_rows, count)
            found.append(Measurement(f"scaling {LEVELS} levels", f"{count} channels", rows))
        return found

    def kit_rows(self, what: str, kit: LayerKit, channels: int) -> list[dict]:
        """Convolution with its activation, and residual block, of one kit."""
        fields, plain = width(kit, channels), plain_like(kit)
        h = self.conditions.hidden(self.batch, channels, self.cells, self.cells)
        sizes = self.sizes(channels, kit.kernel_size)
        rows = []
        for part in ("convolve", "residual"):
            module = getattr(kit, part)(fields, fields)
            reference = getattr(plain, part)(channels, channels)
            pair = Pair(
                "layers",
                what,
                PLAIN,
                module,
                reference,
                h,
                self.conditions,
                sizes={"part": part, **sizes},
            )
            rows += pair.rows()
        build, plain_build = kit.residual, plain.residual
        comparison = compare(
            lambda: build(fields, fields),
            lambda: plain_build(channels, channels),
            Conditions(rounds=self.conditions.rounds).stopwatch(),
            self.conditions.rounds,
        )
        return [
            *rows,
            timed_row("layers", what, "build", PLAIN, comparison, part="residual", **sizes),
        ]

    def level_rows(self, channels: int) -> list[dict]:
        """The scale layer with several levels against the sum of its levels' convolutions."""
        kit = ScaledKit(extent=LEVELS)
        lift = kit.lift(FRAMES_OF_LEVELS, width(kit, channels))
        layer = next(module for module in lift.modules() if isinstance(module, LevelLift))
        sides = [2 * kit.basis().radius(2 ** (j / 2)) + 1 for j in range(LEVELS)]
        reference = SeparateLevels(2 * FRAMES_OF_LEVELS, 2 * layer.kept, channels, sides)
        pair = Pair(
            "layers",
            f"scaling {LEVELS} levels",
            "the sum of its levels",
            layer,
            reference,
            self.conditions.noise(self.batch, 2 * FRAMES_OF_LEVELS, self.cells, self.cells),
            self.conditions,
            sizes={"part": "lift", **self.sizes(channels, kit.kernel_size)},
            targets=LEVEL_TARGETS,
        )
        return pair.rows()

    def sizes(self, channels: int, kernel_size: int) -> dict:
        """Entries of a row that tell its size."""
        return {
            "channels": channels,
            "kernel_size": kernel_size,
            "batch": self.batch,
            "cells": self.cells,
        }


class SeparateLevels(nn.Module):
    """One plain convolution for each level of scale, side by side.

    Args:
        channels: of the input; each level sees the last ``seen`` of them.
        width: output channels of each level.
        sides: kernel size of each level.
    """

    def __init__(self, channels: int, seen: int, width: int, sides: list[int]):
        super().__init__()
        self.channels, self.seen = channels, seen
        self.convolutions = nn.ModuleList(
            PlainConvolution(seen, width, kernel_size=side, periodic=(False, False), gain=1.0)
            for side in sides
        )

    def forward(self, h: Tensor) -> Tensor:
        h = h[:, self.channels - self.seen :]
        return torch.cat([convolution(h) for convolution in self.convolutions], dim=1)
