"""From an archive of Copernicus Marine to a flow on disk, resumable at every moment."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import xarray as xr

from symdyn_core import __version__
from symdyn_core.datasets.copernicus import Archive, client_version
from symdyn_core.datasets.copernicus_subset import description_of
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.pieces import (
    Pieces,
    Progress,
    bytes_of,
    fetch,
    spans_of,
    transferred_bytes,
)
from symdyn_core.datasets.store import refuse_foreign, write_flow


@dataclass(frozen=True)
class Estimate:
    """What a download will cost, from labels alone.

    Attributes:
        frames, cells: of the subset; cells are (rows, columns).
        kept: bytes of the velocities in single precision, before compression.
        transferred: bytes of the stored chunks that hold them, about.
        pieces: in how many parts they are fetched.
    """

    dataset: str
    first: str
    last: str
    frames: int
    cells: tuple[int, int]
    kept: int
    transferred: int
    pieces: int


def estimate(archive: Archive) -> Estimate:
    """The size of a subset, without transferring it."""
    dataset = archive.dataset
    rows, columns = dataset[archive.variables[0]].shape[-2:]
    first, last = (str(dataset["time"].values[n].astype("datetime64[D]")) for n in (0, -1))
    return Estimate(
        dataset=str(archive.subset.dataset_id),
        first=first,
        last=last,
        frames=dataset.sizes["time"],
        cells=(rows, columns),
        kept=bytes_of(dataset),
        transferred=transferred_bytes(dataset),
        pieces=len(spans_of(dataset)),
    )


def download_currents(
    archive: Archive,
    path: str | Path,
    *,
    progress: Progress | None = None,
    pause: float | int | None = None,
) -> list[str]:
    """Fetch a subset and write it as a flow store.

    Pieces are kept in ``<path>.unfinished`` until the store is complete; a download that was
    stopped goes on from there when it is asked for again. Whatever fails, a store that stood at
    ``path`` before stands there still.

    Args:
        archive: what ``open_archive`` found.
        path: the Zarr store to write, by custom ``*.zarr``.
        progress: called with the frames at home and in all.
        pause: seconds before a failed request is repeated; see ``retrying.retried``.

    Returns:
        What had to be decided, and what the archive lacks, in words.

    Raises:
        ValueError: ``path`` holds something else, an unfinished download of other data, or data
            that make no flow.
        OSError: a full disk, or a connection that failed repeatedly; what was fetched is kept.
    """
    path = Path(path)
    refuse_foreign(path)
    settings = _settings(archive)
    pieces = Pieces(path.with_name(f"{path.name}.unfinished"), settings)
    notes = [*archive.notes, *fetch(pieces, archive.dataset, progress, pause=pause)]
    flow = open_ocean_currents(
        pieces.folder / "frames-*.nc", variables=archive.variables, depth=archive.subset.depth
    )
    write_flow(_described(flow, archive, notes), path)
    pieces.discard()
    return notes


def _settings(archive: Archive) -> dict:
    """Everything that decides the values of the pieces, as JSON gives it back."""
    times = archive.dataset["time"].values
    found = {
        "subset": asdict(archive.subset),
        "sizes": {str(name): size for name, size in archive.dataset.sizes.items()},
        "times": [str(times[0]), str(times[-1])],
    }
    return json.loads(json.dumps(found))


def _described(flow: xr.Dataset, archive: Archive, notes: list[str]) -> xr.Dataset:
    subset = archive.subset
    described = description_of(str(subset.dataset_id))
    read = json.loads(flow.attrs["provenance"])
    flow.attrs["title"] = f"Copernicus Marine, {subset.dataset_id}"
    flow.attrs["source"] = " ".join(
        described[key] for key in ("service", "product", "doi") if key in described
    )
    flow.attrs["history"] = f"{time.strftime('%Y-%m-%d', time.gmtime())} downloaded"
    flow.attrs["provenance"] = json.dumps(
        {
            **described,
            "region": subset.region,
            "period": subset.period,
            "depth": subset.depth,
            "variables": archive.variables,
            "notes": [*notes, *read["notes"]],
            "versions": {"symdyn": __version__, "copernicusmarine": client_version()},
        }
    )
    return flow
