"""Where and how a training run computes: devices, processes, memory layout, repeatability."""

import atexit
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning.fabric import Fabric
from torch import nn

from symdyn_core.training.settings import Settings


def default_fabric(settings: Settings) -> Fabric:
    """One device, or under ``torchrun`` one per process with gradients averaged over all."""
    local = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    processes = int(os.environ.get("WORLD_SIZE", 1))
    with _quiet():
        fabric = Fabric(
            accelerator="auto",
            devices=local,
            num_nodes=processes // local,
            strategy="ddp" if processes > 1 else "auto",
            precision=settings.precision,  # type: ignore[arg-type]
        )
        fabric.launch()
    if processes > 1:
        atexit.register(_leave_processes)
    return fabric


def _leave_processes() -> None:
    """Close the connections to the other processes before Python ends.

    Their threads live outside Python: one that still runs when the interpreter is gone aborts
    the process, and with it a run that was complete.
    """
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out Lightning's announcements, which are no news to whoever chose the settings."""
    loggers = [logging.getLogger(f"lightning.{name}") for name in ("fabric", "pytorch")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def make_channels_last(network: nn.Module) -> None:
    """Store convolution kernels with the channels innermost; convolutions then follow them."""
    for parameter in network.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


@contextmanager
def repeatable(device: torch.device, wanted: bool) -> Iterator[None]:
    """Use algorithms that repeat to the last bit on ``device``.

    A processor repeats itself anyway as long as the number of threads is the same. On a GPU
    gradients of padding and interpolation are summed in random order unless told otherwise.
    """
    if not wanted or device.type != "cuda":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn_only)
