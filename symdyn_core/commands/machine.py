"""``symdyn info``."""

import importlib.metadata
import importlib.util
import platform

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
