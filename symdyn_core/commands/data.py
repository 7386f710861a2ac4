"""``symdyn data list | make | info``: the flows at hand."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from symdyn_core.commands.reporting import (
    AsJson,
    progress_bar,
    reported,
    say,
    show_json,
    show_table,
)

commands = typer.Typer(help="Simulate, list and inspect flows.", no_args_is_help=True)


@commands.command("list")
@reported
def list_data(as_json: AsJson = False) -> None:
    """The sources of flows and what is on disk."""
    from symdyn_core.datasets.catalogue import catalogue

    sources = catalogue()
    if as_json:
        show_json({"sources": sources})
        return
    rows = [
        [s["name"], s["what"], s["source"], s["licence"], ", ".join(s["on_disk"]) or "-"]
        for s in sources
    ]
    show_table("Flows", ["name", "what", "source", "licence", "on disk"], rows)


@commands.command("make")
@reported
def make(
    name: Annotated[str, typer.Argument(help="What to simulate: rayleigh_benard.")],
    preset: Annotated[str, typer.Option(help="smoke, small or paper.")] = "small",
    out: Annotated[Optional[Path], typer.Option(help="Folder of the Zarr store.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1 ...")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """Simulate a flow; a killed run goes on where it was."""
    from symdyn_core.datasets import rayleigh_benard
    from symdyn_core.paths import data_directory

    if name != "rayleigh_benard":
        raise ValueError(f"Unknown flow {name!r}; the one that can be made is rayleigh_benard.")
    chosen = rayleigh_benard.preset_named(preset)
    path = out or data_directory() / "raw" / f"rayleigh_benard_{preset}.zarr"
    with progress_bar(f"Rayleigh-Benard, {preset}", hidden=as_json) as progress:
        rayleigh_benard.make_rayleigh_benard(
            path, chosen, seed=seed, device=device, progress=progress
        )
    if as_json:
        show_json({"path": str(path), "preset": preset, "seed": seed})
    else:
        say(f"Wrote {path}")


@commands.command("info")
@reported
def info(
    path: Annotated[str, typer.Argument(help="A flow store, NetCDF file, folder or glob.")],
    as_json: AsJson = False,
) -> None:
    """What a file holds: variables, grid, times, land, and whether it can be used."""
    from symdyn_core.datasets.opening import report

    found = report(path)
    if as_json:
        show_json(found)
        return
    rows = [[key, str(value)] for key, value in found.items() if key not in ("path", "problems")]
    show_table(path, ["", "value"], rows)
    for problem in found["problems"]:
        say(f"Problem: {problem}")
