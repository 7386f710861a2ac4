"""Where the cells of a flow lie: latitudes and longitudes made increasing and continuous."""

from dataclasses import dataclass

import numpy as np

from symdyn_core.datasets import sphere

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
