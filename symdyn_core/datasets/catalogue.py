"""Every data set that the package can make or read, and what of them is on disk."""

from typing import Any

from symdyn_core.datasets.catalogue_found import found_on_disk
from symdyn_core.datasets.catalogue_read import read_from_others
from symdyn_core.datasets.catalogue_simulated import simulated
from symdyn_core.datasets.catalogued import DataSet


def data_sets() -> list[DataSet]:
    """Those that are made here, then those of others."""
    return [*simulated(), *read_from_others()]


def catalogue() -> list[dict[str, Any]]:
    """All data sets as JSON: ``DataSet.described`` and ``on_disk`` (see ``found_on_disk``)."""
    known = data_sets()
    regions = [size.preset for one in known if one.name == "copernicus" for size in one.sizes]
    found = found_on_disk([one.name for one in known], regions)
    return [one.described() | {"on_disk": found[one.name]} for one in known]


def entry_named(name: str) -> dict[str, Any]:
    """One of them.

    Raises:
        ValueError: no such data set; the message lists those there are.
    """
    entries = {entry["name"]: entry for entry in catalogue()}
    if name not in entries:
        raise ValueError(f"Unknown data set {name!r}; choose from {', '.join(entries)}.")
    return entries[name]
