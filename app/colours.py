"""Colour maps and limits: one scale for pictures to be compared, rounded so that it rests."""

import math

import colorcet
import numpy as np

SPEED, SIGNED, ERROR = 0, 1, 2
"""Rows of the table of colour maps."""

MAPS = ("linear_kbgyw_5_98_c62", "diverging_bwr_20_95_c54", "linear_wyor_100_45_c55")
"""Perceptually even and safe for colour-blind eyes: dark to light, blue-white-red, pale to red."""

MODEL_A, MODEL_B = "#2a8fdb", "#e8731a"
"""Blue and orange: told apart by colour-blind eyes, on light and dark."""


def tables() -> bytes:
    """The colour maps as 256 colours of 3 bytes each, one map after the other."""
    colours = [
        [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        for name in MAPS
        for colour in colorcet.palette[name]
    ]
    return np.asarray(colours, dtype=np.uint8).tobytes()


def rounded_up(value: float) -> float:
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 and their decades: limits that rest while a
    slider moves."""
    if not (math.isfinite(value) and value > 0):
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * decade for step in steps if value <= step * decade * (1 + 1e-9))
