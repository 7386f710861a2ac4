"""Where the cells of a file lie, as its coordinates tell: degrees or lengths, for every row and
column or for every cell."""

import re
from dataclasses import dataclass

import numpy as np
import xarray as xr

from symdyn_core.datasets.axes import AXIS_STANDARD_NAMES, Axes
from symdyn_core.datasets.cf import along_the_grid, attribute
from symdyn_core.datasets.lines import UNIFORM
from symdyn_core.datasets.units import length_factor

STAGGERED = re.compile(
    r"([tuvfq])_?(?:lat|long?)(?:itude)?|(?:lat|lon|gphi|glam|nav_lat|nav_lon)_?(t|u|v|f|q|rho|psi)",
    re.IGNORECASE,
)
"""Names of positions that say which points of a staggered grid they are."""

BACKWARDS = re.compile(r"deg(ree)?s?([ _]?(west|south)|[ _][ws])", re.IGNORECASE)
"""Degrees that count westward or southward."""

FARTHEST = 720.0
"""Longitudes beyond two turns [°] are fill values, or lengths."""


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
        ValueError: no coordinates, latitudes beyond a pole, or longitudes beyond two turns.
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
    lengths = length_factor(y_unit), length_factor(x_unit)
    if lengths[0] is not None and lengths[1] is not None:
        return Coordinates(y * lengths[0], x * lengths[1], geographic=False)
    y, x = _in_degrees(y, y_unit, axes.y), _in_degrees(x, x_unit, axes.x)
    if np.nanmax(np.abs(y)) > 90:
        raise ValueError(
            f"Expected latitudes between -90 and 90 degrees, got {np.nanmin(y):g} to "
            f"{np.nanmax(y):g}. Correct the coordinate, or its units if they are lengths."
        )
    if np.nanmax(np.abs(x)) > FARTHEST:
        raise ValueError(
            f"Expected longitudes in degrees, got {np.nanmin(x):g} to {np.nanmax(x):g}. Replace "
            "fill values in the coordinate, or correct its units if they are lengths."
        )
    if y.ndim == x.ndim == 2:
        row, column = _line(x, "x"), _line(y, "y")
        # Half a turn: components along such a grid point west and south.
        turned = _falls(row) and _falls(column) and along_the_grid(dataset[name])
        if row is not None and column is not None and not turned:
            y, x = column, row
    elif y.ndim != x.ndim:
        shape = (y.shape[0], x.shape[-1])
        y = np.broadcast_to(y[:, None] if y.ndim == 1 else y, shape)
        x = np.broadcast_to(x, shape)
    return Coordinates(y, x, geographic=True)


def _in_degrees(values: np.ndarray, unit: str, axis: str) -> np.ndarray:
    """Degrees east or north from degrees to any side, radians, or numbers without a unit.

    Raises:
        ValueError: another unit, or numbers that merely count rows or columns.
    """
    if unit.startswith("rad"):
        return np.degrees(values)
    if unit.startswith(("deg", "°")):
        return -values if BACKWARDS.fullmatch(unit) else values
    if unit not in ("", "1", "-", "none"):
        raise ValueError(
            f"Expected the axis '{axis}' in degrees or a unit of length, got {unit!r}. Convert it, "
            "or correct the attribute 'units'."
        )
    if values.ndim == 1 and any(np.array_equal(values, n + np.arange(len(values))) for n in (0, 1)):
        raise ValueError(
            f"Expected positions along the axis '{axis}', got numbers of rows or columns (0, 1, "
            "2 ...). Give it degrees or lengths with the attribute 'units', such as 'm'."
        )
    return values


def _coordinate(dataset: xr.Dataset, name: str, axes: Axes, kind: str) -> tuple[np.ndarray, str]:
    """(positions along the axis y or x, their unit); ``y x`` where they are given for every cell.

    Lengths and degrees along the axis itself are taken first, then coordinates that the variable
    names, then others that fit, and mere numbers of rows last.
    """
    dim = axes.y if kind == "y" else axes.x
    if dim in dataset.variables:
        unit = attribute(dataset[dim], "units").lower()
        known = length_factor(unit) is not None or unit.startswith(("deg", "rad", "°"))
        if known or _is_position(dataset[dim], kind):
            return dataset[dim].values.astype(np.float64), unit
    fitting = [n for n in map(str, dataset.variables) if _fits(dataset, n, axes, kind)]
    if fitting:
        chosen = _meant(dataset, name, fitting)
        dims = [d for d in (axes.y, axes.x) if d in dataset[chosen].dims]
        values = dataset[chosen].transpose(*dims).values.astype(np.float64)
        return values, attribute(dataset[chosen], "units")
    if dim in dataset.variables:
        return dataset[dim].values.astype(np.float64), attribute(dataset[dim], "units")
    raise ValueError(
        f"Expected a coordinate with the positions along the axis '{dim}', got none. "
        f"Add one: ds = ds.assign_coords({dim}=...)."
    )


def _fits(dataset: xr.Dataset, candidate: str, axes: Axes, kind: str) -> bool:
    """Whether a variable holds latitudes (y) or longitudes (x) of rows, columns or cells."""
    dim = axes.y if kind == "y" else axes.x
    dims = set(dataset[candidate].dims)
    along = dims in ({dim}, {axes.y, axes.x})
    return candidate != dim and along and _is_position(dataset[candidate], kind)


def _meant(dataset: xr.Dataset, name: str, fitting: list[str]) -> str:
    """The positions of a velocity among those of the same cells.

    Files hold those of tracers beside those of velocities, half a cell apart. The variable may
    name its own (``coordinates``); velocities at the corners of cells (grid B) have those called
    u, as in ULAT, where none are called v.

    Raises:
        ValueError: nothing tells them apart.
    """
    variable = dataset[name]
    told = str(variable.encoding.get("coordinates", variable.attrs.get("coordinates", ""))).split()
    declared = [candidate for candidate in fitting if candidate in told]
    if declared:
        return declared[0]
    first = dataset[fitting[0]]
    same = [n for n in fitting if first.shape == dataset[n].shape and first.equals(dataset[n])]
    if len(same) == len(fitting):
        return fitting[0]
    letters = {_letter(candidate): candidate for candidate in reversed(fitting)}
    if "u" in letters and "v" not in letters:
        return letters["u"]
    unmarked = [candidate for candidate in fitting if not _letter(candidate)]
    if len(unmarked) == 1:
        return unmarked[0]
    raise ValueError(
        f"Expected one set of positions for '{name}', got {fitting}, which differ. Say which with "
        f"its attribute 'coordinates': ds['{name}'].attrs['coordinates'] = '{fitting[0]} ...'."
    )


def _letter(candidate: str) -> str:
    """Which points of a staggered grid a name such as ULAT, gphiv or lat_rho speaks of, or ""."""
    match = STAGGERED.fullmatch(candidate)
    return (match[1] or match[2]).lower() if match else ""


def _falls(line: np.ndarray | None) -> bool:
    return line is not None and len(line) > 1 and bool(line[-1] < line[0])


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
