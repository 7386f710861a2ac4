"""Which level of a depth axis is read."""

import numpy as np
import xarray as xr

from symdyn_core.datasets.cf import attribute
from symdyn_core.datasets.units import length_factor

NEAR = 10.0
"""A level within this distance [m] of the depth asked for is taken without a word: the surface of
an archive is its topmost level, some metres down."""


def nearest_level(dataset: xr.Dataset, axis: str, depth: float, notes: list[str]) -> int:
    """Index of the level nearest to a depth [m].

    Levels count down or up, in metres or in fractions: the surface is the one nearest to 0.

    Args:
        notes: where the level lies is added here if that is another depth than asked for.
    """
    if axis not in dataset.variables:
        return 0
    factor = length_factor(attribute(dataset[axis], "units")) or 1.0
    levels = np.abs(dataset[axis].values.astype(np.float64)) * factor
    found = int(np.argmin(np.abs(levels - depth)))
    between = np.abs(np.diff(levels))[max(0, found - 1) : found + 1]
    reach = max(NEAR, float(between.max(initial=0.0)) / 2)
    note = f"no level at a depth of {depth:g} m: the nearest, at {levels[found]:.4g} m, is read"
    if abs(levels[found] - depth) > reach and note not in notes:
        notes.append(note)
    return found
