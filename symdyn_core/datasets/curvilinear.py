"""Grids that bend: components turned east and north, then interpolated onto even degrees."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from jaxtyping import Float
from scipy.spatial import Delaunay

from symdyn_core.datasets.layout import check_enough
from symdyn_core.datasets.positions import Positions, Region

STRETCH = 2.0
"""An edge of a triangle this many times the distance of neighbours bridges cells that the grid does
not connect: a bay of its outline, or land that was cut out."""


@dataclass(frozen=True)
class Bend:
    """How a flow on even degrees is made from a grid that bends.

    Attributes:
        positions: the cells of the flow.
        weights: sparse ``cell of the flow × cell of the file``, three per row, which sum to 1.
        covered: ``y x``, true where the flow has cells of the file around it.
        angle: ``y x``, from the east to the first axis of the grid [rad]; 0 where the components
            are east and north already.
    """

    positions: Positions
    weights: scipy.sparse.csr_matrix
    covered: np.ndarray
    angle: np.ndarray

    def apply(
        self, u: Float[np.ndarray, "*time y x"], v: Float[np.ndarray, "*time y x"]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Eastward and northward components on even degrees; NaN beside land and outside.

        u_east = u cos α - v sin α, v_north = u sin α + v cos α.
        """
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return self._regridded(u * cosine - v * sine), self._regridded(u * sine + v * cosine)

    def _regridded(self, field: np.ndarray) -> np.ndarray:
        leading = field.shape[:-2]
        flat = field.reshape(-1, field.shape[-2] * field.shape[-1]).astype(np.float64)
        cells = (self.weights @ flat.T).T.reshape(*leading, *self.covered.shape)
        return np.where(self.covered, cells, np.nan)


def bend_of(
    latitude: Float[np.ndarray, "y x"],
    longitude: Float[np.ndarray, "y x"],
    region: Region | None,
    *,
    turned: bool,
    eastward: bool = True,
    angle: Float[np.ndarray, "y x"] | None = None,
    notes: list[str],
) -> Bend:
    """Prepare the interpolation from a grid that bends: linear in triangles of its cells.

    Args:
        latitude, longitude: positions of the cells [°]; NaN where the file leaves them out.
        region: what to cover; None covers the whole grid.
        turned: the components lie along the axes of the grid, not east and north.
        eastward: the file says that they do not.
        angle: from the east to the first axis of the grid [rad]; None: from the positions.
        notes: what was done is added here.

    Raises:
        ValueError: no cells in the region.
    """
    east = _unrolled(longitude, region)
    known = np.isfinite(latitude) & np.isfinite(east)
    known &= ~((latitude == 0) & (longitude == 0))  # cells of land that NEMO does not compute
    step = _neighbour_distance(latitude, east, known)
    positions = _targets(latitude, east, known, step, region)
    weights, covered = _weights(latitude, east, known, positions, step)
    if not covered.any():
        raise ValueError(
            "Expected cells of the file in the region, got none. "
            "Check the region (west, south, east, north) against the extent of the file."
        )
    if not turned:
        angle = np.zeros_like(latitude)
    elif angle is None:
        angle = grid_angle(latitude, longitude)
    what = "turned east and north and " if turned else ""
    notes.append(f"the grid bends (curvilinear): {what}interpolated onto steps of {step:.4g}°")
    if not turned and not eastward:
        notes.append(
            "nothing says whether the components lie along the grid: taken as eastward and "
            "northward (the attribute standard_name = 'sea_water_x_velocity' says so)"
        )
    return Bend(positions, weights, covered, angle)


def grid_angle(
    latitude: Float[np.ndarray, "y x"], longitude: Float[np.ndarray, "y x"]
) -> Float[np.ndarray, "y x"]:
    """Angle from the east to the first axis of a grid [rad], from where its cells lie."""
    dy = np.gradient(latitude, axis=1)
    turns = np.exp(1j * np.radians(longitude))
    # Ratios of unit numbers have no jump at the date line.
    ahead = np.angle(np.roll(turns, -1, 1) / turns)
    dx = np.degrees(0.5 * (ahead + np.roll(ahead, 1, 1)))
    dx[:, 0], dx[:, -1] = np.degrees(ahead[:, 0]), np.degrees(ahead[:, -2])
    return np.arctan2(dy, dx * np.cos(np.radians(latitude)))


def _unrolled(longitude: np.ndarray, region: Region | None) -> np.ndarray:
    """Longitudes without a jump inside the region, or around the middle of the grid."""
    if region is not None:
        middle = region[0] + ((region[2] - region[0]) % 360 or 360.0) / 2
    else:
        finite = longitude[np.isfinite(longitude)]
        middle = float(np.degrees(np.angle(np.exp(1j * np.radians(finite)).mean())))
    return middle + (longitude - middle + 180) % 360 - 180


def _neighbour_distance(latitude: np.ndarray, east: np.ndarray, known: np.ndarray) -> float:
    """Usual distance of neighbours, in degrees of latitude."""
    cosine = np.cos(np.radians(latitude))
    lengths = []
    for axis in (0, 1):
        both = np.take(known, range(1, known.shape[axis]), axis) & np.take(
            known, range(known.shape[axis] - 1), axis
        )
        d_north = np.diff(latitude, axis=axis)[both]
        d_east = (np.diff(east, axis=axis) * np.take(cosine, range(both.shape[axis]), axis))[both]
        lengths.append(np.hypot(d_north, d_east))
    return float(np.median(np.concatenate(lengths)))


def _targets(
    latitude: np.ndarray, east: np.ndarray, known: np.ndarray, step: float, region: Region | None
) -> Positions:
    south, north = float(latitude[known].min()), float(latitude[known].max())
    west, far_east = float(east[known].min()), float(east[known].max())
    if region is not None:
        width = (region[2] - region[0]) % 360 or 360.0
        west, far_east = region[0], region[0] + width
        south, north = max(south, region[1]), min(north, region[3])
    d_east = step / np.cos(np.radians(np.clip(0.5 * (south + north), -75, 75)))
    y = south + step * np.arange(int((north - south) / step + 1e-6) + 1)
    x = west + d_east * np.arange(int((far_east - west) / d_east + 1e-6) + 1)
    check_enough("latitude", y)
    check_enough("longitude", x)
    return Positions(y, x - 360 * np.floor((x.mean() + 180) / 360), geographic=True)


def _weights(
    latitude: np.ndarray, east: np.ndarray, known: np.ndarray, positions: Positions, step: float
) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """(barycentric weights of the three cells around each target, where there are three)."""
    scale = float(np.cos(np.radians(positions.y.mean())))
    cells = np.flatnonzero(known)
    points = np.stack((east.ravel()[cells] * scale, latitude.ravel()[cells]), -1)
    shift = 360 * np.round((east[known].mean() - positions.x.mean()) / 360)
    grid = np.stack(np.meshgrid((positions.x + shift) * scale, positions.y), -1).reshape(-1, 2)
    margin = 4 * step
    near = ((points >= grid.min(0) - margin) & (points <= grid.max(0) + margin)).all(1)
    shape = (len(positions.y), len(positions.x))
    if near.sum() < 3:
        return scipy.sparse.csr_matrix((len(grid), latitude.size)), np.zeros(shape, bool)
    cells, points = cells[near], points[near]
    triangles = Delaunay(points)
    found = triangles.find_simplex(grid, tol=1e-9)
    corners = points[triangles.simplices]
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(1)
    covered = (found >= 0) & (edges[found] < STRETCH * np.sqrt(2) * step)
    to_shares = triangles.transform[found[covered]]
    first = np.einsum("nij,nj->ni", to_shares[:, :2], grid[covered] - to_shares[:, 2])
    shares = np.column_stack((first, 1 - first.sum(1)))
    shares[np.abs(shares) < 1e-9] = 0.0
    rows = np.repeat(np.flatnonzero(covered), 3)
    columns = cells[triangles.simplices[found[covered]]].ravel()
    used = shares.ravel() != 0  # a corner of no weight may be land
    weights = scipy.sparse.csr_matrix(
        (shares.ravel()[used], (rows[used], columns[used])), shape=(len(grid), latitude.size)
    )
    return weights, covered.reshape(shape)
