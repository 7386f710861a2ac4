"""How the variables of a file become the cells of a flow: straight rows, or a grid that bends."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from symdyn_core.datasets.axes import Axes
from symdyn_core.datasets.cf import (
    along_the_grid,
    attribute,
    find_mask,
    to_the_east_or_north,
)
from symdyn_core.datasets.coordinates import Coordinates, coordinates_of
from symdyn_core.datasets.curvilinear import Bend, bend_of
from symdyn_core.datasets.layout import Layout, straight_layout
from symdyn_core.datasets.lines import Line
from symdyn_core.datasets.positions import Positions, Region


@dataclass(frozen=True)
class Arrangement:
    """Lines of each variable, and what bends them onto even degrees afterwards, if anything.

    Attributes:
        positions: the cells of the flow.
        rows, columns: of each variable; of the file's own centres where the grid bends.
        mask_rows, mask_columns: of the mask, which stands at the centres.
        bend: from the centres of a curvilinear grid to even degrees.
    """

    positions: Positions
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    mask_rows: Line | None = None
    mask_columns: Line | None = None
    bend: Bend | None = None


def arrangement_of(
    datasets: list[xr.Dataset],
    names: tuple[str, ...],
    axes: tuple[Axes, ...],
    region: Region | None,
    notes: list[str],
) -> tuple[Arrangement, str | None]:
    """(how to read the variables of a file, the name of its mask of water).

    Raises:
        ValueError: no positions, missing rows, components that do not belong together.
    """
    coordinates = [
        coordinates_of(dataset, name, a)
        for dataset, name, a in zip(datasets, names, axes, strict=True)
    ]
    shape = (datasets[0].sizes[axes[0].y], datasets[-1].sizes[axes[-1].x])
    mask = find_mask(datasets[0], shape, (axes[0].y, axes[-1].x))
    if any(c.bent for c in coordinates):
        variables = [d[n] for d, n in zip(datasets, names, strict=True)]
        turned = all(along_the_grid(variable) for variable in variables)
        eastward = all(to_the_east_or_north(variable) for variable in variables)
        return _bent(datasets[0], coordinates, region, turned, eastward, notes), mask
    centres = Coordinates(coordinates[0].y, coordinates[-1].x, coordinates[0].geographic)
    layout: Layout = straight_layout([*coordinates, centres], region, notes)
    *rows, mask_rows = layout.rows
    *columns, mask_columns = layout.columns
    found = Arrangement(layout.positions, tuple(rows), tuple(columns), mask_rows, mask_columns)
    return found, mask


def _bent(
    dataset: xr.Dataset,
    coordinates: list[Coordinates],
    region: Region | None,
    turned: bool,
    eastward: bool,
    notes: list[str],
) -> Arrangement:
    if not all(c.bent and c.geographic for c in coordinates):
        raise ValueError(
            "Expected both components on one grid, got one with latitudes and longitudes for "
            "every cell and one without. Give both their coordinates."
        )
    u, v = coordinates[0], coordinates[-1]
    rows, columns = _faces(u, v)
    latitude, longitude = (
        _averaged(field, rows[0], columns[0]) for field in (u.y, _continuous(u.x))
    )
    staggered = any(line.weight.any() for line in (*rows, *columns))
    if staggered:
        notes.append("u and v lie on the faces of cells (grid C): averaged to the centres")
    angle = None
    if "angle" in dataset.variables and dataset["angle"].ndim == 2:
        given = dataset["angle"].values.astype(np.float64)
        if attribute(dataset["angle"], "units").lower().startswith("degree"):
            given = np.radians(given)
        angle = middle_of(given, latitude.shape)
    turned = turned or staggered
    bend = bend_of(
        *(latitude, longitude, region),
        turned=turned,
        eastward=eastward,
        angle=angle,
        notes=notes,
    )
    return Arrangement(bend.positions, tuple(rows), tuple(columns), bend=bend)


def _faces(u: Coordinates, v: Coordinates) -> tuple[list[Line], list[Line]]:
    """(rows of u and v, columns of u and v) that meet at the centres of cells.

    Where the two grids have as many cells each, the positions tell whether u lies before or
    behind the centre; where one has a face less or more, the sizes do.
    """
    if u.y.shape == v.y.shape:
        scale = np.nanmedian(np.abs(np.gradient(u.x, axis=1))) + np.nanmedian(
            np.abs(np.gradient(u.y, axis=1))
        )
        offset = np.nanmedian(np.abs(_turns(u.x - v.x))) + np.nanmedian(np.abs(u.y - v.y))
        if offset < 0.2 * scale:
            every = [Line.of(np.arange(n)) for n in u.y.shape]
            return [every[0]] * 2, [every[1]] * 2
        return _equal_faces(u, v)
    u_columns, v_columns = _between(u.y.shape[1], v.y.shape[1])
    v_rows, u_rows = _between(v.y.shape[0], u.y.shape[0])
    return [u_rows, v_rows], [u_columns, v_columns]


def _equal_faces(u: Coordinates, v: Coordinates) -> tuple[list[Line], list[Line]]:
    """u on the faces east of the centres and v on those north (NEMO), or west and south."""
    ahead = np.nanmedian(_turns(u.x - v.x) * np.sign(np.nanmedian(np.gradient(u.x, axis=1)))) > 0
    ny, nx = u.y.shape
    lower_x, lower_y = np.arange(nx - 1), np.arange(ny - 1)
    shift = 1 if ahead else 0
    half_x, half_y = np.full(nx - 1, 0.5), np.full(ny - 1, 0.5)
    columns = [Line(lower_x, lower_x + 1, half_x), Line.of(lower_x + shift)]
    rows = [Line.of(lower_y + shift), Line(lower_y, lower_y + 1, half_y)]
    return rows, columns


def _between(faces: int, centres: int) -> tuple[Line, Line]:
    """(means of two faces, the centres between them) along one axis."""
    if faces not in (centres - 1, centres + 1):
        raise ValueError(
            f"Expected one face more or less than cells along an axis of a staggered grid, got "
            f"{faces} and {centres}. Average the components to the centres first."
        )
    lower = np.arange(faces - 1)
    middle = Line(lower, lower + 1, np.full(faces - 1, 0.5))
    return middle, Line.of(lower if faces > centres else lower + 1)


def _averaged(field: np.ndarray, rows: Line, columns: Line) -> np.ndarray:
    (top, bottom), (left, right) = rows.span, columns.span
    return columns.apply(rows.apply(field[top:bottom, left:right], 0), 1)


def middle_of(field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The middle of a field that is a cell wider on every side, or the field itself."""
    top, left = ((have - want) // 2 for have, want in zip(field.shape, shape, strict=True))
    return field[top : top + shape[0], left : left + shape[1]]


def _turns(degrees: np.ndarray) -> np.ndarray:
    return (degrees + 180) % 360 - 180


def _continuous(longitude: np.ndarray) -> np.ndarray:
    """Longitudes without a jump, so that their means are between them."""
    finite = longitude[np.isfinite(longitude)]
    middle = float(np.degrees(np.angle(np.exp(1j * np.radians(finite)).mean())))
    return middle + _turns(longitude - middle)
