"""Rayleigh-Benard convection as a dataset: made by the package's own solver."""

from pathlib import Path

import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.convection_presets import (
    PAPER,
    PRESETS,
    SMALL,
    SMOKE,
    ConvectionPreset,
    preset_named,
)
from symdyn_core.datasets.demo import demo_slice
from symdyn_core.datasets.simulation import estimated_seconds, make_simulation
from symdyn_core.datasets.store import open_flow
from symdyn_core.solvers.recording import Progress

__all__ = [
    "PAPER",
    "PRESETS",
    "SMALL",
    "SMOKE",
    "ConvectionPreset",
    "demo_slice",
    "estimated_seconds",
    "make_rayleigh_benard",
    "open_rayleigh_benard",
    "preset_named",
]


def make_rayleigh_benard(
    path: str | Path,
    preset: ConvectionPreset = SMALL,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> Path:
    """Simulate a convection cell and write its frames as a flow (u, v, temperature; time, y, x).

    It survives being killed, see ``make_simulation``, which tells the arguments and errors.
    """
    return make_simulation(path, preset, seed=seed, device=device, progress=progress)


def open_rayleigh_benard(path: str | Path) -> xr.Dataset:
    """The squares of a convection cell as members: as wide as the layer is high, side by side."""
    flow = open_flow(path)
    return schema.cut_squares(flow, size=flow.sizes["y"])
