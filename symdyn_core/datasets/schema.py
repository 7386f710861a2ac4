"""The flow: what every dataset of the package looks like.

A flow is an ``xarray.Dataset``:

===========  =======================================================================
dims         ``[member] time y x``
variables    ``u``, ``v``: velocity along +x and +y, float, NaN allowed on land only;
             optional scalars such as ``temperature``;
             optional ``water``: ``Bool[([member] y x)]``, true where there is fluid
coordinates  ``time`` (dates, or numbers), ``y`` and ``x`` (uniform, increasing);
             optional ``dx dy longitude latitude (member)``: spacing and centre of each
             member; optional ``latitude(y)``, ``longitude(x)``
attributes   ``dx dy dt`` in [m] and [s], or nondimensional; ``length_unit time_unit
             velocity_unit title source history``; ``periodic_x periodic_y`` (0 or 1);
             ``provenance`` (JSON)
===========  =======================================================================

People look at flows, networks at tensors: ``to_tensor`` and ``from_tensor`` are the crossing.
"""

import hashlib
import math

import numpy as np
import torch
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from symdyn_core.datasets.squares import cut_squares
from symdyn_core.datasets.validation import FRAMES_PER_BLOCK, check_flow
from symdyn_core.grid import Grid

__all__ = [
    "cut_squares",
    "fingerprint",
    "from_tensor",
    "grid_of",
    "members_of",
    "rms",
    "to_tensor",
    "validate",
]


def validate(flow: xr.Dataset, *, values: bool = True) -> xr.Dataset:
    """Return ``flow`` if it follows the schema; explain what is wrong if not.

    Args:
        flow: the dataset to check.
        values: whether to read all velocities too, to make sure that water holds numbers.

    Raises:
        TypeError: not an xarray.Dataset.
        ValueError: what is wrong, and how to mend it.
    """
    check_flow(flow, values=values)
    return flow


def members_of(flow: xr.Dataset) -> int:
    """Number of members; a flow without that axis has one."""
    return flow.sizes.get("member", 1)


def grid_of(flow: xr.Dataset, member: int = 0) -> Grid:
    """The grid of one member, with its own spacing and land mask."""
    count = members_of(flow)
    if not 0 <= member < count:
        raise ValueError(f"Expected a member between 0 and {count - 1}, got {member}.")
    one = flow.isel(member=member) if "member" in flow.dims else flow
    water = None
    if "water" in one:
        mask = torch.from_numpy(np.array(one["water"].values, dtype=bool))
        water = None if bool(mask.all()) else mask
    return Grid(
        ny=flow.sizes["y"],
        nx=flow.sizes["x"],
        dy=float(one["dy"]) if "dy" in one.coords else float(flow.attrs["dy"]),
        dx=float(one["dx"]) if "dx" in one.coords else float(flow.attrs["dx"]),
        dt=float(flow.attrs["dt"]),
        periodic_y=bool(flow.attrs.get("periodic_y", 0)),
        periodic_x=bool(flow.attrs.get("periodic_x", 0)),
        water=water,
    )


def rms(flow: xr.Dataset) -> float:
    """Root mean square of a velocity component over water: √⟨(u² + v²) / 2⟩ [velocity unit].

    The one number that makes a flow nondimensional: one for both components, so that the
    normalisation commutes with rotations, and no mean is removed, so that rest stays rest.
    """
    shape = tuple(flow.sizes[dim] for dim in flow["u"].dims if dim != "time")
    water = np.broadcast_to(flow["water"].values if "water" in flow else True, shape)
    total, count = 0.0, 0
    for start in range(0, flow.sizes["time"], FRAMES_PER_BLOCK):
        block = flow.isel(time=slice(start, start + FRAMES_PER_BLOCK))
        for name in ("u", "v"):
            wet = block[name].transpose("time", ...).values[:, water].astype(np.float64)
            total += float(np.square(wet).sum())
            count += wet.size
    return math.sqrt(total / count)


def fingerprint(flow: xr.Dataset) -> str:
    """SHA-256 of the velocities: shape, precision and every number, land included."""
    digest = hashlib.sha256()
    for name in ("u", "v"):
        field = np.ascontiguousarray(flow[name].values)
        # One bit pattern for "no data", whatever made it; little-endian on every machine.
        field = np.where(np.isnan(field), field.dtype.type("nan"), field)
        field = field.astype(field.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name} {field.shape} {field.dtype.str}".encode())
        digest.update(field.tobytes())
    return digest.hexdigest()


def to_tensor(flow: xr.Dataset) -> Float[Tensor, "member time component y x"]:
    """The velocities as one tensor in the precision of the flow; NaN on land is kept."""
    shape = (members_of(flow), *(flow.sizes[name] for name in ("time", "y", "x")))
    u, v = (torch.from_numpy(np.array(flow[name].values)).reshape(shape) for name in ("u", "v"))
    return torch.stack((u, v), dim=2)


def from_tensor(w: Tensor, grid: Grid, **attrs: str | float | int) -> xr.Dataset:
    """A flow from velocities ``Float[time component y x]`` or ``Float[member time component y x]``.

    Args:
        w: velocities; component 0 is u, component 1 is v.
        grid: spacing, frame interval, periodicity and land mask of all members.
        **attrs: attributes of the flow (``title``, ``source``, ``velocity_unit``, ...); units
            are "1" (nondimensional) unless given.
    """
    if w.ndim not in (4, 5):
        raise ValueError(
            f"Expected velocities [member] time component y x, got the shape {tuple(w.shape)}. "
            "Add or remove leading axes."
        )
    grid.check(w)
    units = {name: str(attrs.get(name, "1")) for name in ("length_unit", "time_unit")}
    units["velocity_unit"] = str(attrs.get("velocity_unit", "1"))
    dims = ("member", "time", "y", "x")[5 - w.ndim :]
    array = w.detach().cpu().numpy()
    flow = xr.Dataset(coords=_coordinates(grid, w, units))
    for index, (name, axis) in enumerate((("u", "x"), ("v", "y"))):
        flow[name] = (dims, array[..., index, :, :], _velocity_attributes(axis, units))
    if grid.water is not None:
        flow["water"] = (("y", "x"), grid.water.cpu().numpy(), {"long_name": "fluid"})
    flow.attrs = {
        "title": "flow",
        "source": "",
        **{name: float(getattr(grid, name)) for name in ("dx", "dy", "dt")},
        **units,
        "periodic_x": int(grid.periodic_x),
        "periodic_y": int(grid.periodic_y),
        "history": "",
        "provenance": "{}",
        **attrs,
    }
    return validate(flow)


def _coordinates(grid: Grid, w: Tensor, units: dict[str, str]) -> dict:
    length, time = {"units": units["length_unit"]}, {"units": units["time_unit"]}
    coordinates: dict[str, tuple] = {
        "time": ("time", np.arange(w.shape[-4]) * grid.dt, {**time, "long_name": "time"}),
        "y": ("y", np.arange(grid.ny) * grid.dy, {**length, "long_name": "y", "axis": "Y"}),
        "x": ("x", np.arange(grid.nx) * grid.dx, {**length, "long_name": "x", "axis": "X"}),
    }
    if w.ndim == 5:
        coordinates["member"] = ("member", np.arange(w.shape[0]), {"long_name": "member"})
    return coordinates


def _velocity_attributes(axis: str, units: dict[str, str]) -> dict[str, str]:
    return {
        "units": units["velocity_unit"],
        "standard_name": f"{axis}_velocity",
        "long_name": f"velocity along {axis}",
    }
