"""``symdyn data make``: what a simulation will take, said before it begins, and the simulation."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from symdyn_core.commands.reporting import AsJson, reported, say, show_json
from symdyn_core.datasets.catalogued import readable_bytes
from symdyn_core.progress import progress_bar

if TYPE_CHECKING:
    from symdyn_core.datasets.ensemble import Ensemble
    from symdyn_core.datasets.estimates import Estimate
    from symdyn_core.datasets.simulated_flow import Simulation

ASKS_FROM = 600.0
"""Seconds from which on a person is asked first."""


@reported
def make(
    name: Annotated[
        str,
        typer.Argument(
            help="What to simulate: rayleigh_benard, heat_diffusion, navier_stokes, "
            "kolmogorov_flow or quasi_geostrophic."
        ),
    ],
    preset: Annotated[str, typer.Option(help="smoke, small or paper.")] = "small",
    out: Annotated[Path | None, typer.Option(help="Folder of the Zarr store.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 ...")] = "cpu",
    members: Annotated[
        int | None, typer.Option(min=1, help="Independent flows; default: those of the preset.")
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Members that are stepped together; default: as in the preset."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes for members side by side.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask cluster instead of processes here: tcp://...")
    ] = None,
    factor: Annotated[
        int | None,
        typer.Option(min=1, help="rayleigh_benard: cells of the solver along a cell of a frame."),
    ] = None,
    temperature: Annotated[
        bool | None,
        typer.Option(
            "--temperature/--no-temperature", help="rayleigh_benard: keep it too (default: yes)."
        ),
    ] = None,
    faces: Annotated[
        bool | None,
        typer.Option(
            "--faces/--cells",
            help="rayleigh_benard: velocities on faces, free of divergence, or (default) means "
            "over cells.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before long runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Simulate a flow; a killed run goes on where it was."""
    from symdyn_core.datasets.ensemble import Ensemble
    from symdyn_core.datasets.simulation import make_simulation
    from symdyn_core.datasets.simulations import simulation_named
    from symdyn_core.datasets.store import refuse_foreign
    from symdyn_core.experiments.machine import usable_device
    from symdyn_core.paths import data_directory

    if workers is not None and scheduler is not None:
        raise ValueError("Give either --workers or --scheduler, not both.")
    simulation = _chosen(simulation_named(name, preset), name, factor, temperature, faces)
    device = usable_device(device)
    path = out or data_directory() / "raw" / f"{name}_{preset}.zarr"
    refuse_foreign(path)
    ensemble = Ensemble.of(simulation, members=members, batch=batch, seed=seed)
    _announce(ensemble, path, device, workers or 1, quiet=as_json, ask=not (yes or as_json))
    with progress_bar(f"{name}, {preset}", shown=not as_json) as progress:
        make_simulation(
            path,
            simulation,
            seed=seed,
            device=device,
            members=members,
            batch=batch,
            workers=workers,
            scheduler=scheduler,
            progress=progress,
        )
    if as_json:
        made = {"path": str(path), "flow": name, "preset": preset, "seed": seed}
        show_json(made | {"members": ensemble.members})
    else:
        say(f"Wrote {path}")


def _chosen(
    simulation: "Simulation",
    name: str,
    factor: int | None,
    temperature: bool | None,
    faces: bool | None,
) -> "Simulation":
    """The preset with what was asked for of convection."""
    from symdyn_core.datasets.convection_presets import ConvectionPreset

    if not isinstance(simulation, ConvectionPreset):
        if not (factor is None and temperature is None and faces is None):
            raise ValueError(
                "--factor, --temperature and --faces belong to rayleigh_benard, got them for "
                f"{name}. Leave them out."
            )
        return simulation
    chosen = replace(simulation, temperature=temperature is not False, faces=bool(faces))
    return chosen if factor is None else chosen.coarsened(factor)


def _announce(
    ensemble: "Ensemble", path: Path, device: str, workers: int, *, quiet: bool, ask: bool
) -> None:
    """Say what it will take; refuse what the disk cannot hold, and ask before a long run.

    Raises:
        ValueError: not enough space.
    """
    from symdyn_core.datasets.estimates import estimated
    from symdyn_core.datasets.simulation import unfinished_folder

    runs = ensemble.checked(unfinished_folder(path), device)
    done = sum(run.recorder.done() for run in runs)
    intervals = sum(run.simulation.schedule.intervals for run in runs)
    estimate = estimated(ensemble, device, workers=workers)
    above = next(folder for folder in path.absolute().parents if folder.exists())
    free = shutil.disk_usage(above).free
    needed = estimate.peak_disk_bytes if done == 0 else estimate.disk_bytes
    if needed > free:
        raise ValueError(
            f"Expected {readable_bytes(needed)} of free disk at {above}, got "
            f"{readable_bytes(free)}. Make space, or give another place with --out."
        )
    if quiet:
        return
    seconds = estimate.remaining(done / intervals)
    for line in _lines(estimate, seconds, len(runs), done / intervals):
        say(line)
    interactive = sys.stdin.isatty() and sys.stderr.isatty()
    if (
        ask
        and interactive
        and seconds >= ASKS_FROM
        and not typer.confirm("Go on?", default=True, err=True)
    ):
        raise typer.Exit(1)


def _lines(estimate: "Estimate", seconds: float, runs: int, done: float) -> list[str]:
    """The estimate in words."""
    started = f", {done:.0%} of it done before" if done else ""
    lines = [f"{_duration(seconds)} on this machine at its present load{started}."]
    if seconds < 60:
        return lines
    several = f" in each of {runs} runs, {estimate.side_by_side} at a time" if runs > 1 else ""
    memory = f"{readable_bytes(estimate.memory_bytes)} of memory, " if estimate.memory_bytes else ""
    lines += [
        f"{estimate.steps:,.0f} steps of {1e3 * estimate.step_seconds:.3g} ms{several}; {memory}"
        f"{readable_bytes(estimate.disk_bytes)} on disk at the end, twice that shortly before.",
        "It can be stopped at any time, and the same command goes on from its last checkpoint.",
    ]
    return lines


def _duration(seconds: float) -> str:
    if seconds < 60:
        return "Under a minute"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"About {minutes} min"
    return f"About {minutes // 60} h {minutes % 60:02} min"
