"""Cutting a wide flow into square members."""

import json
from collections.abc import Iterator

import numpy as np
import xarray as xr

from symdyn_core.datasets import sphere
from symdyn_core.datasets.validation import check_flow


def cut_squares(
    flow: xr.Dataset, size: int, stride: int | None = None, *, min_water: float = 0.0
) -> xr.Dataset:
    """Cut ``flow`` into squares of ``size`` by ``size`` cells, one per ``member``.

    Squares start every ``stride`` cells (default: ``size``, side by side) from the lower left; an
    incomplete edge is dropped. A square is kept if at least the share ``min_water`` of its cells,
    and at least one of them, is water. Members of ``flow`` are cut one after the other.

    A cut axis is no longer periodic, and its coordinate starts at 0 in every square. On the globe
    (coordinates ``latitude(y)``, ``longitude(x)``) every square gets dx = R cos φ dλ [m] at its
    own centre; the attributes dx and dy are then the means over the squares.

    Raises:
        ValueError: a size or stride below 1, a square larger than the field, or no square with
            enough water.
    """
    check_flow(flow, values=False)
    stride = size if stride is None else stride
    _check_request(flow, size, stride, min_water)
    squares = [
        _located(whole.isel(y=slice(y, y + size), x=slice(x, x + size)), whole)
        for whole in _members(flow)
        for y, x in _corners(whole, size, stride, min_water)
    ]
    if not squares:
        raise ValueError(
            f"No square of {size} x {size} cells holds at least {min_water:.0%} water. "
            "Lower min_water, the size, or the stride."
        )
    members = xr.concat(
        squares, "member", data_vars="all", coords="minimal", compat="override", join="override"
    )
    members = members.assign_coords({"member": np.arange(len(squares)), **_centres(squares)})
    members.attrs = _attributes(flow, size, stride, min_water)
    members = _with_local_axes(members, flow)
    return members.transpose("member", "time", "y", "x", ...)


def in_squares(flow: xr.Dataset, side: int = 64, *, min_water: float = 0.5) -> xr.Dataset:
    """The flow as square members of at most ``side`` cells, side by side.

    Where squares do not tile a side they overlap by half; a flow that is one such square stays as
    it is.
    """
    ny, nx = flow.sizes["y"], flow.sizes["x"]
    side = min(side, ny, nx)
    if ny == nx == side:
        return flow
    stride = side if ny % side == 0 and nx % side == 0 else max(1, side // 2)
    return cut_squares(flow, side, stride, min_water=min_water)


def _check_request(flow: xr.Dataset, size: int, stride: int, min_water: float) -> None:
    ny, nx = flow.sizes["y"], flow.sizes["x"]
    if size < 1 or stride < 1:
        raise ValueError(
            f"Expected a positive patch size and stride, got size={size}, stride={stride}. "
            f"The field has {ny} x {nx} cells: choose a size between 1 and {min(ny, nx)}."
        )
    if size > min(ny, nx):
        raise ValueError(
            f"A square of {size} x {size} cells does not fit into a field of {ny} x {nx} cells "
            f"(y, x). Choose a size of at most {min(ny, nx)}."
        )
    if not 0 <= min_water <= 1:
        raise ValueError(f"Expected min_water to be a share between 0 and 1, got {min_water}.")


def _members(flow: xr.Dataset) -> Iterator[xr.Dataset]:
    if "member" not in flow.dims:
        yield flow
        return
    for member in range(flow.sizes["member"]):
        yield flow.isel(member=member, drop=True)


def _corners(
    whole: xr.Dataset, size: int, stride: int, min_water: float
) -> Iterator[tuple[int, int]]:
    """Lower left corners (y, x) of the squares with enough water."""
    water = whole["water"].values if "water" in whole else None
    for y in range(0, whole.sizes["y"] - size + 1, stride):
        for x in range(0, whole.sizes["x"] - size + 1, stride):
            share = 1.0 if water is None else water[y : y + size, x : x + size].mean()
            if share >= min_water and share > 0:
                yield y, x


def _located(square: xr.Dataset, whole: xr.Dataset) -> xr.Dataset:
    """A square with its centre and spacing as scalar coordinates."""
    attrs = whole.attrs
    dx, dy = float(whole.get("dx", attrs["dx"])), float(whole.get("dy", attrs["dy"]))
    extra: dict[str, float] = {"dx": dx, "dy": dy}
    if {"latitude", "longitude"} <= set(whole.coords) and whole["latitude"].dims == ("y",):
        latitude = float(square["latitude"].mean())
        extra["latitude"], extra["longitude"] = latitude, float(square["longitude"].mean())
        degrees = float(whole["longitude"][-1] - whole["longitude"][0]) / (whole.sizes["x"] - 1)
        extra["dx"] = degrees * sphere.metres_per_degree_east(latitude)
    return square.drop_vars(["latitude", "longitude"], errors="ignore").assign_coords(extra)


def _with_local_axes(members: xr.Dataset, flow: xr.Dataset) -> xr.Dataset:
    """Mean spacings, and coordinates that start at 0 along every axis that was cut."""
    for axis in ("y", "x"):
        spacing = float(members[f"d{axis}"].mean())
        cells = members.sizes[axis]
        if cells == flow.sizes[axis] and spacing == flow.attrs[f"d{axis}"]:
            continue
        attrs = {**flow[axis].attrs, "long_name": f"{axis} in the square"}
        members = members.assign_coords({axis: (axis, np.arange(cells) * spacing, attrs)})
        members.attrs[f"d{axis}"] = spacing
    return members


def _centres(squares: list[xr.Dataset]) -> dict[str, tuple[str, list[float], dict[str, str]]]:
    """Spacing and, on the globe, centre of every square as coordinates along ``member``."""
    length = squares[0]["x"].attrs.get("units", "1")
    attrs = {
        "dx": {"units": length, "long_name": "grid spacing along x"},
        "dy": {"units": length, "long_name": "grid spacing along y"},
        "latitude": {"units": "degrees_north", "long_name": "latitude of the centre"},
        "longitude": {"units": "degrees_east", "long_name": "longitude of the centre"},
    }
    return {
        name: ("member", [float(square[name]) for square in squares], attrs[name])
        for name in attrs
        if name in squares[0].coords
    }


def _attributes(flow: xr.Dataset, size: int, stride: int, min_water: float) -> dict:
    attrs = dict(flow.attrs)
    for axis in ("x", "y"):
        if size < flow.sizes[axis]:
            attrs[f"periodic_{axis}"] = 0
    provenance = json.loads(attrs.get("provenance") or "{}")
    provenance["squares"] = {"size": size, "stride": stride, "min_water": min_water}
    attrs["provenance"] = json.dumps(provenance)
    return attrs
