"""Labels of simulated flows in doubly periodic boxes."""

import numpy as np
import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.grid import Grid


def check_cells(cells: int) -> None:
    """Raise a ValueError unless a box of so many cells along each side can be solved."""
    if not (cells >= 4 and int(cells) == cells):
        raise ValueError(f"Expected a whole number of cells, 4 or more a side, got {cells}.")


def box_grid(cells: int, side: float, interval: float) -> Grid:
    """The grid of a square periodic box."""
    size = side / cells
    return Grid(cells, cells, size, size, interval, periodic_y=True, periodic_x=True)


def labelled_members(
    fields: np.ndarray,
    grid: Grid,
    *,
    title: str,
    source: str,
    spin_up: str = "the random start",
    **units: str,
) -> xr.Dataset:
    """Frames ``[time, member, (u, v), y, x]`` as a flow (u, v; member, time, y, x).

    Args:
        fields: velocities.
        grid: of the frames; its dt is the interval.
        title, source: attributes of the flow.
        spin_up: what the first frame follows by one interval, in words.
        **units: ``length_unit``, ``time_unit``, ``velocity_unit``; nondimensional unless given.
    """
    w = torch.from_numpy(fields).transpose(0, 1)
    flow = schema.from_tensor(w, grid, title=title, source=source, **units)
    for name, meaning in (("x", "eastward"), ("y", "northward")):
        flow[name].attrs["long_name"] = f"{meaning} distance in the periodic box"
    # The frame at a time follows the start by that time.
    times = (np.arange(fields.shape[0]) + 1) * grid.dt
    attributes = flow["time"].attrs | {"long_name": f"time since {spin_up}"}
    return flow.assign_coords(time=("time", times, attributes))
