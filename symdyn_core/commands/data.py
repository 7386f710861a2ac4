"""``symdyn data list | make | info``: the flows at hand."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.data_output import show_catalogue, show_entry, show_flow
from symdyn_core.commands.download import download
from symdyn_core.commands.flow_options import opens_flow
from symdyn_core.commands.reporting import (
    AsJson,
    check_page,
    reported,
    say,
    show_json,
)
from symdyn_core.progress import progress_bar

commands = typer.Typer(help="Simulate, list and inspect flows.", no_args_is_help=True)
commands.command("download")(download)


@commands.command("list")
@reported
def list_data(
    name: Annotated[str | None, typer.Argument(help="Tell everything about this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """The data sets that can be made or read, the symmetries that hold, and what is on disk."""
    from symdyn_core.datasets.catalogue import catalogue, entry_named

    sources = catalogue() if name is None else [entry_named(name)]
    if as_json:
        show_json({"sources": sources})
    elif name is None:
        show_catalogue(sources)
    else:
        show_entry(sources[0])


@commands.command("readme", hidden=True)
@reported
def readme(
    out: Annotated[Path | None, typer.Option(help="File; default: README.md of the data.")] = None,
) -> None:
    """Write the catalogue as the README of the data folder."""
    from symdyn_core.datasets.catalogue_page import data_readme
    from symdyn_core.paths import data_directory
    from symdyn_core.whole_files import write_whole

    path = out or data_directory() / "README.md"
    write_whole(path, data_readme().encode())
    say(f"Wrote {path}")


@commands.command("make")
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
    as_json: AsJson = False,
) -> None:
    """Simulate a flow; a killed run goes on where it was."""
    from symdyn_core.datasets.simulation import estimated_seconds, make_simulation
    from symdyn_core.datasets.simulations import simulation_named
    from symdyn_core.datasets.store import refuse_foreign
    from symdyn_core.experiments.machine import usable_device
    from symdyn_core.paths import data_directory

    simulation = simulation_named(name, preset)
    device = usable_device(device)
    path = out or data_directory() / "raw" / f"{name}_{preset}.zarr"
    refuse_foreign(path)
    if not as_json:
        minutes = estimated_seconds(simulation, device) / 60
        say(f"About {minutes:.0f} min on this machine." if minutes >= 1 else "Under a minute.")
    with progress_bar(f"{name}, {preset}", shown=not as_json) as progress:
        make_simulation(path, simulation, seed=seed, device=device, progress=progress)
    if as_json:
        show_json({"path": str(path), "flow": name, "preset": preset, "seed": seed})
    else:
        say(f"Wrote {path}")


@commands.command("info")
@reported
@opens_flow
def info(
    path: Annotated[str, typer.Argument(help="A flow store, NetCDF file, folder or glob.")],
    html: Annotated[
        Path | None, typer.Option(help="Write the report with plots as a page to this file.")
    ] = None,
    *,
    opening: dict[str, Any],
    as_json: AsJson = False,
) -> None:
    """What a file holds: variables, grid, times, land, energy by scale, and how fast it changes."""
    from symdyn_core.inspection.report import inspect_path

    if html is not None:
        check_page(html, "symdyn_core.plots.flow_page")
    found = inspect_path(path, **opening)
    if html is not None:
        from symdyn_core.plots.flow_page import flow_page
        from symdyn_core.whole_files import write_whole

        write_whole(html, flow_page(found).encode())
    if as_json:
        show_json(found.report)
    else:
        show_flow(found.report)
    if html is not None:
        say(f"Wrote {html}")
