"""What the dimensions of a variable mean, in files as they come."""

import re
from dataclasses import dataclass

import xarray as xr

from symdyn_core.datasets.cf import attribute

AXIS_NAMES = {
    "time": r"time.*|.*_time|t|mt|date",
    "depth": r"depth.*|lev.*|olevel|z|z_?[tl]|zc|s_rho|sigma|elevation|height|layer|k",
    "y": r"lat.*|nav_lat|ylat|rlat|y|y_?[cghq]|y_[ftuv]|nlat|j|j_?[cg]|eta_(rho|[uv])|y[tu]_ocean",
    "x": r"lon.*|nav_lon|xlon|rlon|x|x_?[cghq]|x_[ftuv]|nlon|i|i_?[cg]|xi_(rho|[uv])|x[tu]_ocean",
    "member": r"member|realization|ensemble|ens|number|run|sample|trajectory|b",
}
AXIS_LETTERS = {"T": "time", "Z": "depth", "Y": "y", "X": "x"}
AXIS_STANDARD_NAMES = {
    "time": "time",
    "depth": "depth",
    "latitude": "y",
    "projection_y_coordinate": "y",
    "longitude": "x",
    "projection_x_coordinate": "x",
    "realization": "member",
}


@dataclass(frozen=True)
class Axes:
    """The dimensions of a variable by what they mean; None where it has no such axis."""

    y: str
    x: str
    time: str | None = None
    depth: str | None = None
    member: str | None = None


def axes_of(dataset: xr.Dataset, name: str) -> Axes:
    """What the dimensions of a variable mean, by attributes first and by name second.

    Raises:
        ValueError: no horizontal axes, or an axis of several entries that is not understood.
    """
    found: dict[str, str] = {}
    for dim in map(str, dataset[name].dims):
        kind = _kind_of(dataset, dim)
        if kind is not None and kind not in found:
            found[kind] = dim
        elif dataset.sizes[dim] > 1:
            raise ValueError(
                f"The axis '{dim}' of '{name}' ({dataset.sizes[dim]} entries) is none of time, "
                f"depth, latitude, longitude, member. Select one entry first: ds.isel({dim}=0)."
            )
    if "y" not in found or "x" not in found:
        raise ValueError(
            f"Expected '{name}' to have latitude and longitude axes, got {dataset[name].dims}. "
            "Give the axes these names, or the attributes axis='Y' and axis='X'."
        )
    return Axes(**found)


def _kind_of(dataset: xr.Dataset, dim: str) -> str | None:
    """One of time, depth, y, x, member, or None."""
    if dim in dataset.variables:
        variable = dataset[dim]
        letter = AXIS_LETTERS.get(attribute(variable, "axis").upper())
        standard = AXIS_STANDARD_NAMES.get(attribute(variable, "standard_name").lower())
        if letter or standard:
            return letter or standard
    for kind, names in AXIS_NAMES.items():
        if re.fullmatch(names, dim, re.IGNORECASE):
            return kind
    return None
