"""``symdyn info`` and ``symdyn app``."""

import importlib.metadata
import importlib.util
import platform
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from symdyn_core.commands.reporting import AsJson, reported, show_json, show_table

PACKAGES = ("torch", "lightning", "numpy", "xarray", "zarr", "dask", "panel", "bokeh")


@reported
def info(as_json: AsJson = False) -> None:
    """Versions, devices and paths."""
    from symdyn_core import __version__
    from symdyn_core.experiments.machine import hardware
    from symdyn_core.models import zoo
    from symdyn_core.paths import data_directory

    versions = {"symdyn": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        if importlib.util.find_spec(package) is not None:
            versions[package] = importlib.metadata.version(package)
    paths = {"data": str(data_directory()), "zoo": str(zoo.directory())}
    report = {
        "versions": versions,
        "devices": hardware(),
        "paths": paths,
        "zoo": zoo.names(),
    }
    if as_json:
        show_json(report)
        return
    rows = [
        [f"{group} {key}", str(value)]
        for group in ("versions", "devices", "paths")
        for key, value in report[group].items()  # type: ignore[attr-defined]
    ]
    show_table("Symdyn", ["", "value"], [*rows, ["zoo", ", ".join(zoo.names()) or "empty"]])


@reported
def app(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Flows to offer beside the demo data.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 5006,
    show: Annotated[bool, typer.Option(help="Open a browser.")] = False,
) -> None:
    """Serve the dashboard."""
    from symdyn_core.datasets.sources import sources

    folder = Path(__file__).resolve().parents[2] / "app"
    if not (folder / "main.py").is_file():
        raise FileNotFoundError(f"No dashboard at {folder}: run this from a clone of the project.")
    if importlib.util.find_spec("panel") is None:
        raise ValueError("The dashboard needs the extra `app`: pip install 'symdyn[app]'.")
    for path in paths or []:
        sources(path)  # refuses what is not there before a server starts
    command = [sys.executable, "-m", "panel", "serve", str(folder), "--port", str(port), "--warm"]
    command += ["--show"] if show else []
    command += ["--args", *paths] if paths else []
    say_address(port)
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def say_address(port: int) -> None:
    """Where the dashboard will be."""
    from symdyn_core.commands.reporting import say

    say(f"Symdyn: http://localhost:{port}/app  (Ctrl-C stops it)")
