"""Rayleigh-Benard convection as a dataset: made by the package's own solver."""

import json
import platform
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import xarray as xr
import zarr

from symdyn_core import __version__
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
from symdyn_core.datasets.store import open_flow, refuse_foreign, write_flow
from symdyn_core.solvers.convection import COURANT
from symdyn_core.solvers.recording import Progress, Recorder, Recording, one_thread
from symdyn_core.solvers.sampling import UniformSampler

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

    While it runs, frames and state are kept in ``<path>.unfinished``; a run that was killed goes
    on from there when it is asked for again, and ends with the same numbers. The store appears
    under its name only once it is complete.

    Args:
        path: the Zarr store to write, by custom ``*.zarr``.
        preset: what to simulate.
        seed: of the noise that the flow starts from.
        device: where to simulate; the same seed gives the same flow up to rounding, which chaos
            makes another flow of the same statistics.
        progress: called with the intervals done and in all.

    Raises:
        ValueError: ``path`` holds something else, or an unfinished run with other settings.
    """
    path = Path(path)
    refuse_foreign(path)
    solver = preset.solver(device)
    settings = {"preset": asdict(preset), "seed": seed, "device": solver.device.type}
    unfinished = path.with_name(f"{path.name}.unfinished")
    recorder = Recorder(unfinished, preset.schedule, settings)
    generator = torch.Generator().manual_seed(seed)
    recording = recorder.record(
        solver,
        UniformSampler(preset.channel, preset.ny, preset.nx, device=device),
        lambda: solver.conduction(generator=generator),
        progress,
    )
    provenance = {**settings, **_circumstances(solver.device), **_statistics(recording)}
    write_flow(_flow(recording, preset, provenance), path)
    recorder.discard()
    return path


def open_rayleigh_benard(path: str | Path) -> xr.Dataset:
    """The squares of a convection cell as members: as wide as the layer is high, side by side."""
    flow = open_flow(path)
    return schema.cut_squares(flow, size=flow.sizes["y"])


def estimated_seconds(preset: ConvectionPreset, device: torch.device | str = "cpu") -> float:
    """How long ``make_rayleigh_benard`` will take here, from the time of a few steps.

    Once the flow is developed, the sum |u|/dx + |v|/dy is at most about 1/dx in free-fall units
    (measured: 0.9 to 1.1 for Ra 1e7 to 2.5e8), which gives the number of steps.
    """
    solver = preset.solver(device)
    with torch.inference_mode(), one_thread():
        state = solver.conduction(generator=torch.Generator().manual_seed(0))
        dt = min(solver.stable_dt(state), COURANT * preset.channel.dx)
        state = solver.step(state, dt)  # the first step also sets up the Fourier transform
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            solver.stable_dt(solver.step(state, dt))  # reading dt waits for the device
            seconds.append(time.perf_counter() - start)
    duration = preset.schedule.intervals * preset.interval
    return sorted(seconds)[1] * duration / dt


def _flow(recording: Recording, preset: ConvectionPreset, provenance: dict) -> xr.Dataset:
    flow = schema.from_tensor(
        torch.from_numpy(recording.fields[:, :2]),
        preset.grid,
        title=f"Rayleigh-Benard convection, Ra {preset.rayleigh:g}, Pr {preset.prandtl:g}",
        source="symdyn_core.solvers.convection: two dimensions, no-slip plates, periodic along x",
        history=f"{time.strftime('%Y-%m-%d', time.gmtime())} simulated, preset {preset.name}",
        provenance=json.dumps(provenance),
    )
    for name, count, meaning in (
        ("y", preset.ny, "height above the lower plate, in heights of the layer"),
        ("x", preset.nx, "distance along the layer, in its heights"),
    ):
        centres = (np.arange(count) + 0.5) / preset.ny
        flow = flow.assign_coords(
            {name: (name, centres, flow[name].attrs | {"long_name": meaning})}
        )
    flow["time"].attrs["long_name"] = "time since the end of spin-up, in free-fall times"
    for name in ("u", "v"):
        flow[name].attrs["long_name"] += ", in free-fall velocities"
    flow["temperature"] = (
        ("time", "y", "x"),
        recording.fields[:, 2],
        {"units": "1", "long_name": "temperature, in differences between the plates"},
    )
    return flow


def _statistics(recording: Recording) -> dict:
    """Nusselt numbers over the frames, and what the run cost."""
    names = ("lower", "upper", "volume")
    columns = dict(zip(names, recording.nusselt.T, strict=True))
    return {
        "nusselt": {
            name: {"mean": round(float(values.mean()), 4), "std": round(float(values.std()), 4)}
            for name, values in columns.items()
        },
        "steps": recording.steps,
        "seconds": round(recording.seconds, 1),
    }


def _circumstances(device: torch.device) -> dict:
    if device.type == "cuda":
        hardware = torch.cuda.get_device_name(device)
    else:
        hardware = f"{platform.machine()} CPU, one thread"
    versions = {
        "symdyn": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "zarr": zarr.__version__,
    }
    return {"hardware": hardware, "versions": versions}
