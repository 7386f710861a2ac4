"""Opening whatever a person points at: a flow of this package, ocean currents, or a benchmark."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import xarray as xr

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, joined, to_flow
from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.hdf5_fields import is_hdf5, opened
from symdyn_core.datasets.johns_hopkins import is_johns_hopkins, open_johns_hopkins
from symdyn_core.datasets.many_files import of_each
from symdyn_core.datasets.netcdf_lock import alone
from symdyn_core.datasets.ocean_currents import LARGEST_IN_MEMORY, open_ocean_currents
from symdyn_core.datasets.pdearena import is_pdearena, open_pdearena
from symdyn_core.datasets.pdebench import is_pdebench, open_pdebench
from symdyn_core.datasets.scalars import scalars_of
from symdyn_core.datasets.schema import cut_squares
from symdyn_core.datasets.sources import name_of, sources
from symdyn_core.datasets.store import open_flow, open_lazily
from symdyn_core.datasets.the_well import is_the_well, open_the_well


def open_any(
    path: str | Path,
    *,
    patch: int | None = None,
    stride: int | None = None,
    min_water: float = 0.0,
    lazy: bool | None = None,
    scalars: bool = True,
    **options: Any,
) -> xr.Dataset:
    """Open a flow store, ocean currents in NetCDF or Zarr files, or the HDF5 files of a benchmark.

    A convection cell, wider than high and periodic, comes as squares as wide as it is high; other
    flows come whole unless a ``patch`` is asked for.

    Args:
        path: a file, store, folder, glob or address.
        patch: cut squares of this many cells, one per member.
        stride, min_water: see ``schema.cut_squares``.
        lazy: leave the fields where they are, or read them now; None: read up to 512 MiB.
        scalars: keep what a simulation carries beside the velocities (buoyancy, pressure, dye).
        **options: further options of ``open_ocean_currents``; of a cut-out of the Johns Hopkins
            databases, ``depth`` is the height of the plane.

    Raises:
        FileNotFoundError: nothing at ``path``.
        ValueError: data of another kind, or damaged.
    """
    found = sources(path)
    if len(found) == 1 and is_flow(found[0]):
        _refuse(options, f"'{path}' is a flow store")
        flow = open_flow(found[0], lazy=_is_large(found[0]) if lazy is None else lazy)
        flow = flow if scalars else flow.drop_vars(scalars_of(flow))
    elif any(is_benchmark(file) for file in found):
        depth = options.pop("depth", 0.0)
        _refuse(options, f"'{path}' is a simulation")
        flow = open_benchmark(found, depth=depth, lazy=lazy, scalars=scalars)
    else:
        return open_ocean_currents(
            path, patch=patch, stride=stride, min_water=min_water, lazy=lazy, **options
        )
    if patch is None and _is_wide_cell(flow):
        patch = flow.sizes["y"]
    return flow if patch is None else cut_squares(flow, patch, stride, min_water=min_water)


def _refuse(options: dict[str, Any], because: str) -> None:
    unused = sorted(name for name, value in options.items() if value)
    if unused:
        raise ValueError(f"{because}, for which {unused} mean nothing. Leave them out.")


def is_benchmark(file: str) -> bool:
    """Whether a file is laid out as one of the benchmarks that can be read.

    Raises:
        ValueError: an HDF5 file that is damaged.
    """
    if not is_hdf5(file):
        return False
    with opened(file) as content:
        return any(
            known(content) for known in (is_the_well, is_pdearena, is_pdebench, is_johns_hopkins)
        )


def open_benchmark(
    files: list[str], *, depth: float = 0.0, lazy: bool | None = None, scalars: bool = True
) -> xr.Dataset:
    """Open simulations of The Well, PDEArena, PDEBench or the Johns Hopkins databases.

    Runs of several files become members; times of several cut-outs are put in order.

    Args:
        depth: height of the plane that is taken from a cut-out.
        lazy, scalars: see ``open_any``.

    Raises:
        ValueError: one line: the file, what is wrong with it, what to do.
    """
    names = [name_of(file) for file in files]
    with opened(files[0]) as content:
        cut_out = is_johns_hopkins(content)
    if cut_out:
        simulation = open_johns_hopkins(files, depth)
    else:
        simulation = joined(of_each(_simulation, files), names)
    if not scalars:
        simulation = replace(simulation, scalars=())
    with reported_as(names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"):
        return to_flow(simulation, names, lazy)


def _simulation(file: str) -> SimulatedFlow:
    with opened(file) as content:
        if is_the_well(content):
            return open_the_well(content, file)
        if is_pdearena(content):
            return open_pdearena(content, file)
        if is_pdebench(content):
            return open_pdebench(content, file)
        raise ValueError(
            f"Expected the layout of The Well, PDEArena or PDEBench, got {sorted(content)[:12]}. "
            "Name the files of one benchmark."
        )


def _is_large(file: str) -> bool:
    with alone(file), open_lazily(file) as flow:
        return bool(flow["u"].nbytes + flow["v"].nbytes > LARGEST_IN_MEMORY)


def is_flow(file: str) -> bool:
    """Whether a file looks like a flow of this package, without reading its fields."""
    try:
        with alone(file), open_lazily(file) as dataset:
            return {"u", "v"} <= set(dataset.data_vars) and {"dx", "dy", "dt"} <= set(dataset.attrs)
    except Exception:
        # What cannot be opened is no flow; opening it as ocean currents says what is wrong.
        return False


def _is_wide_cell(flow: xr.Dataset) -> bool:
    return bool(
        "member" not in flow.dims
        and "latitude" not in flow.coords
        and flow.attrs.get("periodic_x", 0) == 1
        and flow.sizes["x"] > flow.sizes["y"]
    )
