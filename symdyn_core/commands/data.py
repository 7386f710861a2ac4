"""``symdyn data list | make | info``: the flows at hand."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.data_output import show_catalogue, show_entry, show_flow
from symdyn_core.commands.download import download
from symdyn_core.commands.flow_options import opens_flow
from symdyn_core.commands.make import make
from symdyn_core.commands.reporting import (
    AsJson,
    check_page,
    reported,
    say,
    show_json,
)

commands = typer.Typer(help="Simulate, list and inspect flows.", no_args_is_help=True)
commands.command("make")(make)
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
