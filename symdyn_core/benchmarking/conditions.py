"""Under which conditions a benchmark runs: device, precision, memory layout, threads, rounds."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from symdyn_core.benchmarking.timing import CudaStopwatch, ProcessorStopwatch, Stopwatch
from symdyn_core.experiments.machine import usable_device
from symdyn_core.training.devices import make_channels_last

PRECISIONS = ("float32", "bf16")
MODES = ("forward", "forward_backward", "eval")
"""A training forward pass; the same with gradients of input and weights; an evaluation without
gradients, whose kernels may be cached."""


@dataclass(frozen=True)
class Conditions:
    """What all measurements of one benchmark share.

    Attributes:
        device: cpu, cuda, cuda:1 ...
        precision: "float32", or "bf16" for automatic mixed precision.
        channels_last: whether fields and kernels are stored with the channels innermost.
        threads: processor threads within an operation.
        rounds: ratios that each median is taken of.

    Raises:
        ValueError: a device that is not here, an unknown precision, fewer than one of the others,
            or more threads than the machine has cores.
    """

    device: str = "cpu"
    precision: str = "float32"
    channels_last: bool = False
    threads: int = 1
    rounds: int = 15

    def __post_init__(self):
        usable_device(self.device)
        if self.precision not in PRECISIONS:
            raise ValueError(
                f"Unknown precision {self.precision!r}; choose from {', '.join(PRECISIONS)}."
            )
        if self.threads < 1 or self.rounds < 1:
            raise ValueError(
                "A benchmark needs at least one thread and one round, got "
                f"threads={self.threads}, rounds={self.rounds}."
            )
        cores = os.cpu_count() or 1
        if self.threads > cores:
            raise ValueError(
                f"This machine has {cores} cores, got threads={self.threads}. Use fewer."
            )

    def stopwatch(self) -> Stopwatch:
        """The clock that suits the device."""
        device = torch.device(self.device)
        return ProcessorStopwatch(self.threads) if device.type == "cpu" else CudaStopwatch(device)

    def precise(self) -> AbstractContextManager:
        """The context in which forward passes run."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16)

    def placed(self, module: nn.Module) -> nn.Module:
        """The module on the device, in the memory layout."""
        module = module.to(self.device)
        if self.channels_last:
            make_channels_last(module)
        return module

    def noise(self, *shape: int, seed: int = 0) -> Tensor:
        """Independent normal numbers, laid out as fields are."""
        values = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(self.device)
        if self.channels_last and values.ndim == 4:
            values = values.contiguous(memory_format=torch.channels_last)
        return values

    def hidden(self, *shape: int) -> Tensor:
        """Noise in the number format of hidden features: what a convolution hands on."""
        noise = self.noise(*shape)
        return noise if self.precision == "float32" else noise.bfloat16()

    @contextmanager
    def threaded(self) -> Iterator[None]:
        """Compute with the chosen number of threads."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def step(module: nn.Module, h: Tensor, mode: str, conditions: Conditions) -> Callable[[], object]:
    """One of MODES as work to be timed; switches the module to training or evaluation.

    Gradients are taken of the input too, as inside a network, and handed out rather than
    accumulated, so that every call does the same.
    """
    module.train(mode != "eval")
    if mode == "eval":
        return lambda: _evaluated(module, h, conditions)
    wanted = [h.detach().requires_grad_(), *module.parameters()]
    if mode == "forward":
        return lambda: _forward(module, wanted[0], conditions)
    like = _forward(module, wanted[0], conditions)
    gradient = torch.ones_like(like)
    return lambda: torch.autograd.grad(_forward(module, wanted[0], conditions), wanted, gradient)


def _forward(module: nn.Module, h: Tensor, conditions: Conditions) -> Tensor:
    with conditions.precise():
        return module(h)


def _evaluated(module: nn.Module, h: Tensor, conditions: Conditions) -> Tensor:
    with torch.no_grad():
        return _forward(module, h, conditions)
