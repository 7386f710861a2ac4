"""Simulated flows as datasets: from the preset to the finished store."""

import json
import platform
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr
import zarr

from symdyn_core import __version__
from symdyn_core.datasets.ensemble import Ensemble
from symdyn_core.datasets.estimates import estimated_seconds
from symdyn_core.datasets.simulated_flow import Simulation, plain_fields, preset_among
from symdyn_core.datasets.simulation_workers import record_here, record_on_workers
from symdyn_core.datasets.store import refuse_foreign, write_flow
from symdyn_core.solvers.recording import Progress, Recording

__all__ = [
    "Simulation",
    "estimated_seconds",
    "make_simulation",
    "preset_among",
    "unfinished_folder",
]


def make_simulation(
    path: str | Path,
    simulation: Simulation,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    members: int | None = None,
    batch: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Simulate a flow and write its frames.

    While it runs, frames and states are kept in ``<path>.unfinished``; a run that was killed goes
    on from there when it is asked for again, and ends with the same numbers. The store appears
    under its name only once it is complete.

    Args:
        path: the Zarr store to write, by custom ``*.zarr``.
        simulation: what to simulate.
        seed: of the random numbers that the flow starts from.
        device: where to simulate; the same seed gives the same flow up to rounding, which chaos
            makes another flow of the same statistics.
        members: independent flows; by default those of the preset.
        batch: members that are stepped together, see ``Ensemble``; by default those of the preset.
        workers, scheduler: processes here, or a Dask cluster, for runs side by side, see
            ``record_on_workers``; neither changes a number.
        progress: called with the intervals done and in all.

    Raises:
        ValueError: ``path`` holds something else, or an unfinished run with other settings.
    """
    path = Path(path)
    refuse_foreign(path)
    ensemble = Ensemble.of(simulation, members=members, batch=batch, seed=seed)
    runs = ensemble.begin(unfinished_folder(path), str(device))
    if workers is None and scheduler is None:
        record_here(runs, progress)
    else:
        record_on_workers(runs, progress, workers=workers, scheduler=scheduler)
    recordings = [run.recorder.finished() for run in runs]
    flow = _assembled(ensemble, recordings)
    flow.attrs["history"] = (
        f"{time.strftime('%Y-%m-%d', time.gmtime())} simulated, preset {simulation.name}"
    )
    flow.attrs["provenance"] = json.dumps(_provenance(ensemble, str(device), recordings))
    write_flow(flow, path)
    for run in runs:
        run.recorder.discard()
    shutil.rmtree(unfinished_folder(path), ignore_errors=True)
    return path


def unfinished_folder(path: Path) -> Path:
    """Where runs are kept until the store is written."""
    return path.with_name(f"{path.name}.unfinished")


def _assembled(ensemble: Ensemble, recordings: list[Recording]) -> xr.Dataset:
    """All members as one flow, on disk until it is written."""
    flows = [
        simulation.labelled(recording.fields)
        for simulation, recording in zip(ensemble.simulations, recordings, strict=True)
    ]
    if len(flows) == 1:
        return flows[0]
    # In blocks, so that ensembles larger than the memory pass through it.
    blocks = [
        (flow if "member" in flow.dims else flow.expand_dims("member"))
        .drop_vars("member", errors="ignore")
        .chunk({"time": 256}, token=f"run-{index}")
        for index, flow in enumerate(flows)
    ]
    flow = xr.concat(blocks, "member", coords="minimal", compat="override", join="override")
    return flow.assign_coords(
        member=("member", np.arange(ensemble.members), {"long_name": "member"})
    )


def _provenance(ensemble: Ensemble, device: str, recordings: list[Recording]) -> dict:
    """How to make it again, what was measured, and what it cost."""
    preset = plain_fields(ensemble.simulation) | {"members": ensemble.members}
    settings = {"preset": preset, "seed": ensemble.seed, "device": torch.device(device).type}
    if len(recordings) > 1:
        settings |= {"batch": ensemble.batch, "seeds": ensemble.seeds}
    cost = {
        "steps": sum(recording.steps for recording in recordings),
        "seconds": round(sum(recording.seconds for recording in recordings), 1),
    }
    measured = ensemble.simulation.statistics(
        np.average(
            [recording.diagnostics for recording in recordings],
            axis=0,
            weights=[simulation.members for simulation in ensemble.simulations],
        )
        if len(recordings) > 1
        else recordings[0].diagnostics
    )
    return settings | _circumstances(ensemble.simulation.solver(device)) | measured | cost


def _circumstances(solver: Any) -> dict:
    device = solver.device
    if device.type == "cuda":
        hardware = torch.cuda.get_device_name(device)
    else:
        hardware = f"{platform.machine()} CPU, one thread for each run"
    versions = {
        "symdyn": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "zarr": zarr.__version__,
    }
    symmetries = [symmetry.name for symmetry in solver.symmetries]
    return {"symmetries": symmetries, "hardware": hardware, "versions": versions}
