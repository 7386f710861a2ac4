"""The machine that a number was measured on, in the words that stand beside it."""

import os
import platform
from pathlib import Path

import torch


def hardware() -> dict:
    """Processor, cores, threads and GPUs."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpus": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        "system": platform.system(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def usable_device(name: str) -> str:
    """A device by its torch name, if this machine has it.

    Raises:
        ValueError: no such device here.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"Unknown device {name!r}; write cpu, cuda or cuda:1.") from None
    if device.type == "cpu":
        return name
    count = torch.cuda.device_count() if device.type == "cuda" else 0
    if (device.index or 0) >= count:
        raise ValueError(f"No device {name!r} here: {count} GPUs are visible. Use --device cpu.")
    return name
