"""Where, when and in which windows forecasts err: summaries of ``WindowErrors``.

Every summary takes ``chosen``, the places of some windows in the lists, or None for all of them.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.ndimage import distance_transform_edt

from symdyn_core.experiments.window_errors import WindowErrors
from symdyn_core.grid import Grid

Chosen = Sequence[int] | None


def pooled(values: Sequence[float], chosen: Chosen = None) -> float:
    """Root mean square of errors of windows: their RMSE together; NaN without any."""
    array = np.asarray(values, dtype=float)
    array = array if chosen is None else array[list(chosen)]
    return float(np.sqrt(np.mean(array**2))) if len(array) else math.nan


def share_better(errors: WindowErrors, chosen: Chosen = None) -> float:
    """Share of the windows that are forecast better than by persistence; NaN without any."""
    better = [errors.rmse[n] < errors.persistence[n] for n in errors.among(chosen)]
    return sum(better) / len(better) if better else math.nan


def rmse_by_time(
    errors: WindowErrors, values: Sequence[float], chosen: Chosen = None
) -> tuple[Int[np.ndarray, " frame"], Float[np.ndarray, " frame"]]:
    """(last input frames, RMSE of the windows that begin there); ``values`` are errors by window:
    ``errors.rmse`` or ``errors.persistence``."""
    return _by_group(errors.now, values, errors.among(chosen))


def rmse_by_member(
    errors: WindowErrors, chosen: Chosen = None
) -> tuple[Int[np.ndarray, " member"], Float[np.ndarray, " member"]]:
    """(members with any chosen window, RMSE of each)."""
    return _by_group(errors.member, errors.rmse, errors.among(chosen))


def _by_group(
    groups: Sequence[int], values: Sequence[float], chosen: Sequence[int]
) -> tuple[Int[np.ndarray, " group"], Float[np.ndarray, " group"]]:
    index = list(chosen)
    labels, squares = np.asarray(groups, dtype=int)[index], np.asarray(values)[index] ** 2
    found, place = np.unique(labels, return_inverse=True)
    means = np.bincount(place, squares) / np.maximum(1, np.bincount(place))
    return found, np.sqrt(means)


def window_table(errors: Mapping[str, WindowErrors]) -> pd.DataFrame:
    """One row for each window, in the order of the lists, with the errors of several forecasters.

    Args:
        errors: by a short name of the forecaster, over the same windows.

    Returns:
        the columns member, now, persistence, speed, land, and for every name n rmse_n and ese_n.

    Raises:
        ValueError: forecasters that were not tested on the same windows.
    """
    first = next(iter(errors.values()))
    if any((e.member, e.now) != (first.member, first.now) for e in errors.values()):
        raise ValueError(
            "Expected errors over the same windows. Cut them with the past of the forecaster that "
            "needs most frames, and the same number of windows and leads."
        )
    columns: dict[str, Sequence] = {"member": first.member, "now": first.now}
    for name, one in errors.items():
        columns |= {f"rmse_{name}": one.rmse, f"ese_{name}": one.ese}
    land = 1 - np.asarray(first.water_share)
    return pd.DataFrame(
        {**columns, "persistence": first.persistence, "speed": first.speed, "land": land}
    )


def distance_to_edge(grid: Grid) -> Float[np.ndarray, "y x"]:
    """Distance of each cell centre to the nearest wall or coast [cells]; inf without any.

    Open edges of a square that was cut out of a larger flow count as walls: there, too, a network
    has to guess what lies beyond.
    """
    water = np.ones(grid.shape, bool) if grid.water is None else grid.water.numpy()
    walls = [(0, 0) if grid.periodic_y else (1, 1), (0, 0) if grid.periodic_x else (1, 1)]
    if water.all() and not any(side for pair in walls for side in pair):
        return np.full(grid.shape, np.inf)
    # A periodic axis is repeated, so that a coast is seen across it.
    tiled = np.tile(water, (3 if grid.periodic_y else 1, 3 if grid.periodic_x else 1))
    distance = distance_transform_edt(np.pad(tiled, walls, constant_values=False)) - 0.5
    top = walls[0][0] + (grid.ny if grid.periodic_y else 0)
    left = walls[1][0] + (grid.nx if grid.periodic_x else 0)
    return distance[top : top + grid.ny, left : left + grid.nx]


def rmse_by_distance(
    errors: WindowErrors, grids: Sequence[Grid], width: int = 2, chosen: Chosen = None
) -> tuple[Float[np.ndarray, " bin"], Float[np.ndarray, " bin"]]:
    """(distance to the edge at the middle of each bin [cells], RMSE there), all members together.

    Empty where there is no edge.
    """
    squared, counted = np.zeros(1), np.zeros(1)
    for member in sorted({errors.member[n] for n in errors.among(chosen)}):
        distance = distance_to_edge(grids[member])
        sums, times = errors.sums_by_cell(member, chosen)
        known = np.isfinite(distance) & (times > 0)
        place = (distance[known] // width).astype(int)
        bins = max(len(counted), int(place.max(initial=0)) + 1)
        squared = _longer(squared, bins) + np.bincount(place, sums[known], bins)
        counted = _longer(counted, bins) + np.bincount(place, times[known], bins)
    there = counted > 0
    middles = (np.arange(len(counted)) + 0.5) * width
    return middles[there], np.sqrt(squared[there] / counted[there])


def _longer(array: np.ndarray, length: int) -> np.ndarray:
    return np.pad(array, (0, length - len(array)))


def mosaic(
    errors: WindowErrors, members: int, chosen: Chosen = None, most_cells: int = 300_000
) -> tuple[Float[np.ndarray, "y x"], int]:
    """(RMSE by cell of all members as tiles, and how many tiles stand in a row).

    Member 0 lies at the lower left, those that follow to the right of it. Tiles are averaged over
    blocks of cells where all of them together have more than ``most_cells``; NaN where no chosen
    window lies, and on land.
    """
    columns = _columns(members)
    rows = -(-members // columns)
    ny, nx = errors.squared[0].shape
    block = max(1, math.ceil(math.sqrt(members * ny * nx / most_cells)))
    height, width = -(-ny // block), -(-nx // block)
    picture = np.full((rows * height, columns * width), np.nan)
    for member in range(members):
        squared, counted = (_blocks(sums, block) for sums in errors.sums_by_cell(member, chosen))
        top, left = member // columns * height, member % columns * width
        with np.errstate(invalid="ignore", divide="ignore"):
            tile = np.sqrt(squared / counted)
        picture[top : top + height, left : left + width] = tile
    return picture, columns


def _columns(members: int) -> int:
    """Tiles in a row: a picture wider than high that leaves few places empty."""
    widths = range(math.ceil(math.sqrt(members)), math.ceil(math.sqrt(2.5 * members)) + 1)
    return min(widths, key=lambda width: (-members % width, width))


def _blocks(sums: Float[np.ndarray, "y x"], size: int) -> Float[np.ndarray, "by bx"]:
    """Sums over blocks of ``size`` by ``size`` cells; those at the upper and right edge may be
    smaller."""
    for axis in (0, 1):
        sums = np.add.reduceat(sums, np.arange(0, sums.shape[axis], size), axis=axis)
    return sums
