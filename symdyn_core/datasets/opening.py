"""Opening whatever a person points at: a flow of this package, or ocean currents."""

from pathlib import Path
from typing import Any

import xarray as xr

from symdyn_core.datasets.description import describe
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.schema import cut_squares
from symdyn_core.datasets.sources import sources
from symdyn_core.datasets.store import open_flow, open_lazily


def open_any(
    path: str | Path,
    *,
    patch: int | None = None,
    stride: int | None = None,
    min_water: float = 0.0,
    **options: Any,
) -> xr.Dataset:
    """Open a flow store, or ocean currents in NetCDF or Zarr files.

    A convection cell, wider than high and periodic, comes as squares as wide as it is high; other
    flows come whole unless a ``patch`` is asked for.

    Args:
        path: a file, store, folder, glob or address.
        patch: cut squares of this many cells, one per member.
        stride, min_water: see ``schema.cut_squares``.
        **options: further options of ``open_ocean_currents``.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: not data of either kind, or damaged.
    """
    found = sources(path)
    if len(found) > 1 or not is_flow(found[0]):
        return open_ocean_currents(path, patch=patch, stride=stride, min_water=min_water, **options)
    unused = sorted(name for name, value in options.items() if value)
    if unused:
        raise ValueError(
            f"'{path}' is a flow store, for which {unused} mean nothing. Leave them out."
        )
    flow = open_flow(found[0])
    if patch is None and _is_wide_cell(flow):
        patch = flow.sizes["y"]
    return flow if patch is None else cut_squares(flow, patch, stride, min_water=min_water)


def report(path: str | Path, **options: Any) -> dict[str, Any]:
    """What a file, store, folder or glob holds; see ``describe``."""
    return describe(open_any(path, **options), path)


def is_flow(file: str) -> bool:
    """Whether a file looks like a flow of this package, without reading its fields."""
    try:
        with open_lazily(file) as dataset:
            return {"u", "v"} <= set(dataset.data_vars) and {"dx", "dy", "dt"} <= set(dataset.attrs)
    except Exception:
        # What cannot be opened is no flow; opening it as ocean currents says what is wrong.
        return False


def _is_wide_cell(flow: xr.Dataset) -> bool:
    return (
        "member" not in flow.dims
        and "latitude" not in flow.coords
        and flow.attrs.get("periodic_x", 0) == 1
        and flow.sizes["x"] > flow.sizes["y"]
    )
