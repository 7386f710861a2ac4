"""Which entry of the catalogue a flow belongs to, by what it says of itself."""

import xarray as xr

from symdyn_core.datasets.catalogue_read import read_from_others
from symdyn_core.datasets.catalogue_simulated import simulated
from symdyn_core.datasets.catalogued import DataSet

MEASURED = "ocean_currents"
"""The entry of flows on the globe that say nothing else."""


def kin_of(flow: xr.Dataset) -> DataSet | None:
    """The entry of the catalogue whose symmetries a flow shares; None for flows unknown to it.

    Simulated flows name the solver that made them; two of one solver differ in their titles.
    """
    source, title = str(flow.attrs.get("source", "")), str(flow.attrs.get("title", "")).lower()
    solver = source.partition(":")[0]
    kin = [entry for entry in simulated() if solver and entry.source.partition(":")[0] == solver]
    if len(kin) > 1:
        forced = "kolmogorov" in title
        kin = [entry for entry in kin if ("kolmogorov" in entry.name) == forced]
    if kin:
        return kin[0]
    if {"latitude", "longitude"} <= set(flow.coords):
        return next(entry for entry in read_from_others() if entry.name == MEASURED)
    return None
