"""Where the cells of a file lie: latitudes and longitudes made increasing and continuous."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from symdyn_core.datasets import sphere
from symdyn_core.datasets.axes import AXIS_STANDARD_NAMES, Axes
from symdyn_core.datasets.cf import attribute
from symdyn_core.datasets.lines import UNIFORM

METRES = {"m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "km": 1000.0}

Region = tuple[float, float, float, float]
"""(west, south, east, north) in degrees, the order of bounding boxes in GeoJSON."""


@dataclass(frozen=True)
class Positions:
    """Cells of a flow in increasing order.

    Attributes:
        y, x: latitudes and longitudes [°], or distances [m] where ``geographic`` is false.
        geographic: degrees on the globe rather than metres on a plane.
    """

    y: np.ndarray
    x: np.ndarray
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


@dataclass(frozen=True)
class Coordinates:
    """Positions of one variable in the order of its file.

    Attributes:
        y, x: one number per row and column, or ``y x`` where the grid bends.
        geographic: degrees rather than metres.
    """

    y: np.ndarray
    x: np.ndarray
    geographic: bool

    @property
    def bent(self) -> bool:
        """Whether rows or columns are no lines of latitude and longitude (curvilinear)."""
        return self.y.ndim == 2


def coordinates_of(dataset: xr.Dataset, name: str, axes: Axes) -> Coordinates:
    """Where the cells of a variable lie, in degrees or in metres.

    Raises:
        ValueError: no coordinates, or latitudes beyond a pole.
    """
    y, y_unit = _coordinate(dataset, name, axes, "y")
    x, x_unit = _coordinate(dataset, name, axes, "x")
    y_unit, x_unit = y_unit.lower(), x_unit.lower()
    for what, values in (("row", y), ("column", x)):
        if not np.isfinite(values).any() or (values.ndim == 1 and not np.isfinite(values).all()):
            raise ValueError(
                f"Expected the position of every {what} of '{name}', got missing ones (NaN). "
                "Correct the coordinates of the file."
            )
    if y_unit in METRES and x_unit in METRES:
        return Coordinates(y * METRES[y_unit], x * METRES[x_unit], geographic=False)
    if np.nanmax(np.abs(y)) > 90:
        raise ValueError(
            f"Expected latitudes between -90 and 90 degrees, got {np.nanmin(y):g} to "
            f"{np.nanmax(y):g}. Correct the coordinate, or its units if they are lengths."
        )
    if y.ndim == x.ndim == 2:
        row, column = _line(x, "x"), _line(y, "y")
        if row is not None and column is not None:
            y, x = column, row
    elif y.ndim != x.ndim:
        shape = (y.shape[0], x.shape[-1])
        y = np.broadcast_to(y[:, None] if y.ndim == 1 else y, shape)
        x = np.broadcast_to(x, shape)
    return Coordinates(y, x, geographic=True)


def _coordinate(dataset: xr.Dataset, name: str, axes: Axes, kind: str) -> tuple[np.ndarray, str]:
    """(positions along the axis y or x, their unit); ``y x`` where they are given for every cell.

    Lengths and degrees along the axis itself are taken first, then coordinates that the variable
    names, and mere numbers of rows last.
    """
    dim = axes.y if kind == "y" else axes.x
    if dim in dataset.variables:
        unit = attribute(dataset[dim], "units").lower()
        if unit in METRES or unit.startswith("degree") or _is_position(dataset[dim], kind):
            return dataset[dim].values.astype(np.float64), unit
    named = [str(n) for n in dataset[name].coords]
    candidates = [*named, *(str(n) for n in dataset.variables if str(n) not in named)]
    plane = {axes.y, axes.x}
    for candidate in candidates:
        variable = dataset[candidate]
        dims = set(variable.dims)
        if candidate != dim and dims in ({dim}, plane) and _is_position(variable, kind):
            ordered = variable.transpose(*(d for d in (axes.y, axes.x) if d in dims))
            return ordered.values.astype(np.float64), attribute(variable, "units")
    if dim in dataset.variables:
        return dataset[dim].values.astype(np.float64), attribute(dataset[dim], "units")
    raise ValueError(
        f"Expected a coordinate with the positions along the axis '{dim}', got none. "
        f"Add one: ds = ds.assign_coords({dim}=...)."
    )


def _is_position(variable: xr.DataArray, kind: str) -> bool:
    standard = AXIS_STANDARD_NAMES.get(attribute(variable, "standard_name").lower())
    name = str(variable.name).lower()
    lat = ("lat", "nav_lat", "gphi", "geolat", "xlat", "tlat", "ulat", "ylat")
    lon = ("lon", "nav_lon", "glam", "geolon", "xlong", "tlon", "ulon", "xlon")
    return standard == kind or name.startswith(lat if kind == "y" else lon)


def _line(values: np.ndarray, kind: str) -> np.ndarray | None:
    """The one line that a 2-D coordinate repeats, if it does."""
    lines = values if kind == "x" else values.T
    step = np.nanmedian(np.abs(np.diff(lines[0]))) if lines.shape[1] > 1 else 1.0
    return lines[0] if np.allclose(lines, lines[:1], rtol=0, atol=UNIFORM * step) else None


def within(
    values: np.ndarray, low: float | None, high: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """(indices in increasing order of the values, those values), between two limits."""
    order = np.argsort(values, kind="stable")
    inside = [
        (low is None or values[i] >= low) and (high is None or values[i] <= high) for i in order
    ]
    order = order[np.array(inside, dtype=bool)]
    return order, values[order]


def longitudes(
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
    found = values[order] + 360 * turns  # whole turns keep the digits of the file
    if found.size:
        found = found - 360 * np.floor((found.mean() + 180) / 360)
    return order, found


def _first_longitude(values: np.ndarray) -> float:
    """The western end: the longitude after the widest gap; for a full circle, the smallest."""
    ring = np.sort(values % 360)
    gaps = np.diff(ring, append=ring[:1] + 360)
    widest = int(np.argmax(gaps))
    if gaps[widest] < 1.5 * np.median(gaps):
        return float(values.min())
    return float(ring[(widest + 1) % len(ring)])
