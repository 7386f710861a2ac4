"""From the cells of a file, in whatever arrangement, to the cells of a flow.

A flow has uniform cells with both components at their centres. Files may count from the north, have
rows of unequal distance, hold u and v on the faces of cells (Arakawa grid C), or bend.
"""

from dataclasses import dataclass

import numpy as np

from symdyn_core.datasets.coordinates import Coordinates
from symdyn_core.datasets.lines import Line, evened, is_uniform, located
from symdyn_core.datasets.positions import Positions, Region, longitudes, within

SAME = 1e-3
"""Positions of u and v that differ by less than this share of a cell are the same ones."""


@dataclass(frozen=True)
class Layout:
    """How a flow on latitude circles and meridians is made from a file.

    Attributes:
        positions: the cells of the flow.
        rows, columns: for each variable that is read, how its rows and columns are combined.
    """

    positions: Positions
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]


def straight_layout(
    coordinates: list[Coordinates], region: Region | None, notes: list[str]
) -> Layout:
    """The layout of variables whose rows and columns are straight.

    u lies in the rows of the cell centres and v in their columns, so that the centres of a
    staggered grid are known from the two alone; each component is then interpolated linearly
    between the two faces of a cell. Cells that miss a face, at the edge, are left out.

    Args:
        coordinates: positions of u and v, or of one variable, in the order of the file.
        region: (west, south, east, north) in degrees; None keeps everything.
        notes: what had to be done is added here.

    Raises:
        ValueError: missing rows, or too small a region.
    """
    geographic = coordinates[0].geographic
    if region is not None and not geographic:
        raise ValueError(
            "A region is given in degrees, but the coordinates of this file are lengths. "
            "Leave it out, or cut the file with ds.isel(...)."
        )
    west, south, east, north = region or (None, None, None, None)
    y, x = coordinates[0].y, coordinates[-1].x
    if not all(_same(y, c.y) and _same(x, c.x) for c in coordinates):
        notes.append("u and v lie on the faces of cells (grid C): averaged to the centres")
    rows, y_targets = within(y, south, north)
    columns, x_targets = longitudes(x, west, east) if geographic else within(x, None, None)
    names = ("latitude", "longitude") if geographic else ("y", "x")
    y_targets, y_lines = _lines(names[0], y_targets, rows, y, [c.y for c in coordinates], notes)
    turn = 360.0 if geographic else None
    x_targets, x_lines = _lines(
        names[1], x_targets, columns, x, [c.x for c in coordinates], notes, turn
    )
    return Layout(Positions(y_targets, x_targets, geographic), tuple(y_lines), tuple(x_lines))


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    step = abs(one[1] - one[0]) if len(one) > 1 else 1.0
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0, atol=SAME * step))


def _lines(
    name: str,
    targets: np.ndarray,
    order: np.ndarray,
    centres: np.ndarray,
    held: list[np.ndarray],
    notes: list[str],
    turn: float | None = None,
) -> tuple[np.ndarray, list[Line]]:
    """(uniform positions along one axis, how each variable is read at them)."""
    check_enough(name, targets)
    even = is_uniform(targets)
    if not even:
        targets = evened(name, targets, notes)
    if even and all(_same(centres, values) for values in held):
        return targets, [Line.of(order) for _ in held]
    pairs = [
        (Line.of(order), np.ones(len(targets), bool))
        if even and _same(centres, values)
        else located(targets, values, turn)
        for values in held
    ]
    inside = np.flatnonzero(np.all([valid for _, valid in pairs], axis=0))
    check_enough(name, inside)
    part = slice(int(inside[0]), int(inside[-1]) + 1)
    if len(inside) != part.stop - part.start:
        raise ValueError(
            f"Expected cells between faces along {name}, got faces that leave gaps. "
            "Choose a region without them, or average the components to the centres first."
        )
    return targets[part], [line.cut(part) for line, _ in pairs]


def check_enough(name: str, values: np.ndarray) -> None:
    """At least two cells along an axis, or there is no spacing."""
    if len(values) < 2:
        raise ValueError(
            f"Expected at least two cells along {name}, got {len(values)}. "
            "Check the region (west, south, east, north) against the extent of the file."
        )
