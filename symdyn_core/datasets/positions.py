"""Where the cells of a file lie: latitudes and longitudes made increasing and continuous."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from symdyn_core.datasets import sphere
from symdyn_core.datasets.axes import AXIS_STANDARD_NAMES, Axes
from symdyn_core.datasets.cf import attribute

UNIFORM = 0.01
"""Largest relative deviation of a step from the mean step: float32 degrees deviate by 1e-4."""

METRES = {"m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "km": 1000.0}

Region = tuple[float, float, float, float]
"""(west, south, east, north) in degrees, the order of bounding boxes in GeoJSON."""


@dataclass(frozen=True)
class Positions:
    """Cells of a regular field in increasing order.

    Attributes:
        y, x: latitudes and longitudes [°], or distances [m] where ``geographic`` is false.
        rows, columns: the index in the file of each of them.
        geographic: degrees on the globe rather than metres on a plane.
    """

    y: np.ndarray
    x: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    geographic: bool

    @property
    def spacing(self) -> tuple[float, float]:
        """(dy, dx) [m] at the centre of the field: dy = R dφ, dx = R cos φ dλ."""
        steps = [float(axis[-1] - axis[0]) / (len(axis) - 1) for axis in (self.y, self.x)]
        if not self.geographic:
            return steps[0], steps[1]
        latitude = float(self.y.mean())
        return (
            steps[0] * sphere.metres_per_degree_north(),
            steps[1] * sphere.metres_per_degree_east(latitude),
        )

    @property
    def around_the_globe(self) -> bool:
        """Whether the last longitude is one step short of the first."""
        step = float(self.x[1] - self.x[0])
        return self.geographic and abs(len(self.x) * step - 360) < step / 2

    def agrees_with(self, other: "Positions") -> bool:
        """Whether the cells of two files are the same ones."""
        return (
            self.y.shape == other.y.shape
            and self.x.shape == other.x.shape
            and np.allclose(self.y, other.y, atol=1e-4 * abs(self.y[1] - self.y[0]), rtol=1e-6)
            and np.allclose(self.x, other.x, atol=1e-4 * abs(self.x[1] - self.x[0]), rtol=1e-6)
        )


def positions_of(dataset: xr.Dataset, axes: Axes, region: Region | None) -> Positions:
    """The cells of the field, in ``region`` if one is given.

    Raises:
        ValueError: no coordinates, a curvilinear or uneven grid, or too small a region.
    """
    y_values, y_unit = _coordinate(dataset, axes, axes.y)
    x_values, x_unit = _coordinate(dataset, axes, axes.x)
    planar = y_unit.lower() in METRES and x_unit.lower() in METRES
    if planar:
        y_values, x_values = y_values * METRES[y_unit.lower()], x_values * METRES[x_unit.lower()]
    if planar and region is not None:
        raise ValueError(
            "A region is given in degrees, but the coordinates of this file are lengths. "
            "Leave it out, or cut the file with ds.isel(...)."
        )
    west, south, east, north = region or (None, None, None, None)
    if not planar and np.nanmax(np.abs(y_values)) > 90:
        raise ValueError(
            f"Expected latitudes between -90 and 90 degrees, got {np.nanmin(y_values):g} to "
            f"{np.nanmax(y_values):g}. Correct the coordinate, or its units if they are lengths."
        )
    rows, y = _within(y_values, south, north)
    columns, x = _within(x_values, None, None) if planar else _longitudes(x_values, west, east)
    for name, values in (("latitude" if not planar else "y", y), ("longitude", x)):
        _check_uniform(name, values)
    return Positions(y, x, rows, columns, geographic=not planar)


def _coordinate(dataset: xr.Dataset, axes: Axes, dim: str) -> tuple[np.ndarray, str]:
    """(positions along one axis, their unit), also from 2-D latitudes that are a regular grid."""
    if dim in dataset.variables:
        return dataset[dim].values.astype(np.float64), attribute(dataset[dim], "units")
    kind = "y" if dim == axes.y else "x"
    for name, variable in dataset.variables.items():
        if set(variable.dims) in ({dim}, {axes.y, axes.x}) and _is_position(dataset[name], kind):
            values = dataset[name].transpose(*(d for d in (axes.y, axes.x) if d in variable.dims))
            along = _reduced(values.values.astype(np.float64), kind) if values.ndim == 2 else values
            return np.asarray(along, np.float64), attribute(dataset[name], "units")
    raise ValueError(
        f"Expected a coordinate with the positions along the axis '{dim}', got none. "
        f"Add one: ds = ds.assign_coords({dim}=...)."
    )


def _is_position(variable: xr.DataArray, kind: str) -> bool:
    standard = AXIS_STANDARD_NAMES.get(attribute(variable, "standard_name").lower())
    name = str(variable.name).lower()
    usual = ("lat", "nav_lat") if kind == "y" else ("lon", "nav_lon")
    return standard == kind or name.startswith(usual)


def _reduced(values: np.ndarray, kind: str) -> np.ndarray:
    """The one line that a 2-D coordinate repeats."""
    lines = values if kind == "x" else values.T
    step = np.nanmedian(np.abs(np.diff(lines[0]))) if lines.shape[1] > 1 else 1.0
    if not np.allclose(lines, lines[:1], rtol=0, atol=UNIFORM * step):
        raise ValueError(
            "Expected a regular grid, got one whose latitudes or longitudes bend (curvilinear). "
            "Regrid the velocities, turned east and north, onto regular degrees first."
        )
    return lines[0]


def _within(
    values: np.ndarray, low: float | None, high: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """(indices in increasing order of the values, those values), between two limits."""
    order = np.argsort(values, kind="stable")
    inside = [
        (low is None or values[i] >= low) and (high is None or values[i] <= high) for i in order
    ]
    order = order[np.array(inside, dtype=bool)]
    return order, values[order]


def _longitudes(
    values: np.ndarray, west: float | None, east: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """(indices, longitudes) eastward without a jump, wherever the file or the region starts."""
    start = _first_longitude(values) if west is None else west
    # A hair west of the start still counts as the start, not as 360 degrees east of it.
    eastward = (values - start + 1e-6) % 360 - 1e-6
    width = 360.0 if west is None or east is None else (east - west) % 360 or 360.0
    order = np.argsort(eastward, kind="stable")
    order = order[eastward[order] <= width + 1e-6]
    order = order[np.diff(eastward[order], prepend=-1.0) > 1e-6]  # 0 and 360 are one meridian
    turns = np.round((start + eastward[order] - values[order]) / 360)
    longitudes = values[order] + 360 * turns  # whole turns keep the digits of the file
    if longitudes.size:
        longitudes = longitudes - 360 * np.floor((longitudes.mean() + 180) / 360)
    return order, longitudes


def _first_longitude(values: np.ndarray) -> float:
    """The western end: the longitude after the widest gap; for a full circle, the smallest."""
    ring = np.sort(values % 360)
    gaps = np.diff(ring, append=ring[:1] + 360)
    widest = int(np.argmax(gaps))
    if gaps[widest] < 1.5 * np.median(gaps):
        return float(values.min())
    return float(ring[(widest + 1) % len(ring)])


def _check_uniform(name: str, values: np.ndarray) -> None:
    if values.size < 2:
        raise ValueError(
            f"Expected at least two cells along {name}, got {values.size}. "
            "Check the region (west, south, east, north) against the extent of the file."
        )
    steps = np.diff(values)
    if not np.allclose(steps, steps.mean(), rtol=UNIFORM, atol=0):
        raise ValueError(
            f"Expected uniform steps along {name}, got steps between {steps.min():g} and "
            f"{steps.max():g}. Interpolate onto a regular grid first: ds.interp({name}=...)."
        )
