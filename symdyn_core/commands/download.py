"""``symdyn data download``: currents of Copernicus Marine, or a file at an http address."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from symdyn_core.commands.flow_options import Depth, Period, Region, Variables, opening_options
from symdyn_core.commands.reporting import AsJson, reported, say, show_json
from symdyn_core.datasets.catalogued import readable_bytes
from symdyn_core.progress import progress_bar


@reported
def download(
    what: Annotated[
        str,
        typer.Argument(
            help="atlantic, indian, north_pacific or south_pacific (the paper's regions and "
            "dates), copernicus (with --region and --period), or an http address of a file."
        ),
    ],
    *,
    region: Region = None,
    period: Period = None,
    depth: Depth = 0.0,
    dataset: Annotated[
        str | None, typer.Option(help="Dataset of Copernicus Marine; default: daily, 1/12 degree.")
    ] = None,
    variables: Variables = None,
    sha256: Annotated[str | None, typer.Option(help="Checksum of a file at an address.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to put it; default: data/raw/.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the transfer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch ocean currents; a download that was stopped goes on where it was."""
    chosen = {"region": region, "period": period, "dataset": dataset, "variables": variables}
    if "://" in what:
        given = [f"--{name}" for name, value in chosen.items() if value is not None]
        if given or depth:
            raise ValueError(f"{given or ['--depth']} mean nothing to a file at an address.")
        _file(what, sha256, out, as_json)
        return
    if sha256 is not None:
        raise ValueError("--sha256 is for a file at an address; pieces are checked by themselves.")
    options = opening_options(region=region, period=period, variables=variables, depth=depth)
    _currents(what, options, dataset, out, yes, as_json)


def _file(address: str, sha256: str | None, out: Path | None, as_json: bool) -> None:
    from symdyn_core.datasets.http_files import download_file
    from symdyn_core.datasets.sources import name_of
    from symdyn_core.paths import data_directory

    name = name_of(address.split("?")[0])
    path = out or data_directory() / "raw" / name
    if path.is_dir():
        path = path / name
    with progress_bar(f"{name} [MB]", shown=not as_json) as progress:
        download_file(
            address,
            path,
            sha256=sha256,
            progress=lambda done, total: progress(done // 10**6, -(-total // 10**6)),
        )
    _finished(path, [], as_json)


def _currents(
    what: str, options: dict, dataset: str | None, out: Path | None, yes: bool, as_json: bool
) -> None:
    from symdyn_core.datasets.copernicus import open_archive
    from symdyn_core.datasets.ocean_download import download_currents, estimate
    from symdyn_core.datasets.store import refuse_foreign
    from symdyn_core.paths import data_directory

    subset = _subset(what, options, dataset)
    path = out or data_directory() / "raw" / f"ocean_currents_{what}.zarr"
    refuse_foreign(path)
    archive = open_archive(subset)
    size = estimate(archive)
    for note in archive.notes:
        say(note)
    rows, columns = size.cells
    say(
        f"{size.dataset}: {size.frames} frames of {rows} x {columns} cells, {size.first} to "
        f"{size.last}. {readable_bytes(size.kept)} before compression, about "
        f"{readable_bytes(size.transferred)} to transfer in {size.pieces} pieces; "
        f"{_free(path)} free."
    )
    if not yes:
        _confirm()
    with progress_bar(f"{what} [frames]", shown=not as_json) as progress:
        notes = download_currents(archive, path, progress=progress)
    _finished(path, notes, as_json, **asdict(size))


def _subset(what: str, options: dict, dataset: str | None):
    """The preset of that name, with what the command line says otherwise."""
    from dataclasses import replace

    from symdyn_core.datasets.copernicus_subset import PRESETS, OceanSubset

    said = {key: options[key] for key in ("region", "period", "variables") if key in options}
    said["depth"] = options.get("depth", 0.0)
    if dataset is not None:
        said["dataset_id"] = dataset
    if what in PRESETS:
        return replace(PRESETS[what], **said)
    if what != "copernicus":
        raise ValueError(
            f"Unknown source {what!r}; choose from {', '.join(PRESETS)}, copernicus, or give an "
            "address such as https://host/file.nc."
        )
    missing = [f"--{name}" for name in ("region", "period") if name not in said]
    if missing:
        raise ValueError(
            f"copernicus needs {' and '.join(missing)}, such as --region 15,-45,35,-25 "
            "--period 2016-01,2016-12."
        )
    return OceanSubset(**said)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise ValueError("Nothing was transferred: nobody is there to confirm it. Add --yes.")
    if not typer.confirm("Go on?", err=True):
        raise ValueError("Nothing was transferred.")


def _finished(path: Path, notes: list[str], as_json: bool, **facts: object) -> None:
    if as_json:
        show_json({"path": str(path), **facts, "notes": notes})
        return
    for note in notes:
        say(f"Note: {note}")
    say(f"Wrote {path}")


def _free(path: Path) -> str:
    import shutil

    above = next(folder for folder in path.absolute().parents if folder.exists())
    return readable_bytes(shutil.disk_usage(above).free)
