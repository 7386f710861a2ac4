"""A module beside its baseline in all modes: times, arithmetic, memory, kernels."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from symdyn_core.benchmarking.arithmetic import operations, peak_rate
from symdyn_core.benchmarking.conditions import MODES, Conditions, step
from symdyn_core.benchmarking.kits import resident
from symdyn_core.benchmarking.memory import peak_bytes, saved_bytes
from symdyn_core.benchmarking.rows import row, timed_row
from symdyn_core.benchmarking.timing import compare
from symdyn_core.layers.convolution import Convolution


class Pair:
    """A module and its baseline over the same input.

    Args:
        group, what, baseline: names of the rows.
        module, reference: the two; they are moved to the device of the conditions.
        h: the input of both.
        sizes: further entries of every row.
        targets: mode -> target, where the baseline is not the plain one.
    """

    def __init__(
        self,
        group: str,
        what: str,
        baseline: str,
        module: nn.Module,
        reference: nn.Module,
        h: Tensor,
        conditions: Conditions,
        *,
        sizes: dict,
        targets: dict | None = None,
    ):
        self.group, self.what = group, what
        self.baseline, self.conditions, self.h = baseline, conditions, h
        self.module, self.reference = conditions.placed(module), conditions.placed(reference)
        self.sizes, self.targets = sizes, targets or {}

    def rows(self) -> list[dict]:
        """Times in all modes, peak memory, and the share of kernels in a training step."""
        return [*self.times(), self.memory(), *self.kernel_build()]

    def times(self) -> Iterator[dict]:
        """One row for each mode."""
        for mode in MODES:
            mine, theirs = (
                step(module, self.h, mode, self.conditions)
                for module in (self.module, self.reference)
            )
            comparison = compare(mine, theirs, self.conditions.stopwatch(), self.conditions.rounds)
            more = {**self.sizes, "clock": self.conditions.stopwatch().clock}
            if mode == "forward_backward":
                count = operations(mine)
                more |= {
                    "operations": count,
                    "share_of_peak": count / comparison.seconds / peak_rate(self.conditions),
                }
            yield timed_row(
                self.group,
                self.what,
                mode,
                self.baseline,
                comparison,
                target=self.targets.get(mode),
                **more,
            )

    def memory(self) -> dict:
        """Peak memory of a training step."""
        peaks, saved = [], []
        for module in (self.module, self.reference):
            tensors = resident(module, self.h)
            peaks.append(
                peak_bytes(step(module, self.h, "forward_backward", self.conditions), tensors)
            )
            saved.append(saved_bytes(step(module, self.h, "forward", self.conditions), tensors))
        more: dict = {"bytes": peaks[0], "baseline_bytes": peaks[1], "saved_bytes": saved[0]}
        ratio = peaks[0] / peaks[1]
        target = self.targets.get("memory")
        return row(
            self.group,
            self.what,
            "memory",
            self.baseline,
            ratio,
            target=target,
            **self.sizes,
            **more,
        )

    def kernel_build(self) -> Iterator[dict]:
        """Share of computing kernels, and their gradients, in a training step; if any do."""
        training = step(self.module, self.h, "forward_backward", self.conditions)
        building = _kernels(self.module)
        if building is not None:
            comparison = compare(
                building, training, self.conditions.stopwatch(), self.conditions.rounds
            )
            yield timed_row(
                self.group, self.what, "kernel_build", "its training step", comparison, **self.sizes
            )


def _kernels(module: nn.Module) -> Callable[[], object] | None:
    """The computation of all kernels of a module that are not parameters themselves."""
    computed = [
        layer
        for layer in module.modules()
        if isinstance(layer, Convolution) and not layer.kernel().is_leaf
    ]
    gradients = [torch.ones_like(layer.kernel()) for layer in computed]

    def build() -> None:
        for layer, gradient in zip(computed, gradients, strict=True):
            weights = list(layer.parameters(recurse=False))
            torch.autograd.grad(layer.kernel(), weights, gradient, allow_unused=True)

    return build if computed else None
