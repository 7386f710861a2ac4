"""Lengths on the globe: from degrees to metres."""

import math

EARTH_RADIUS = 6_371_000.0
"""Mean radius of the Earth [m] (IUGG: R1 = 6371.0 km)."""


def metres_per_degree_north() -> float:
    """Length of one degree of latitude [m]: π R / 180, about 111.2 km."""
    return math.pi * EARTH_RADIUS / 180.0


def metres_per_degree_east(latitude: float) -> float:
    """Length of one degree of longitude [m] at a latitude φ [°]: π R cos φ / 180."""
    if not -90 < latitude < 90:
        raise ValueError(
            f"Expected a latitude strictly between -90 and 90 degrees, got {latitude:g}. "
            "Longitudes have no length at a pole: select another region."
        )
    return metres_per_degree_north() * math.cos(math.radians(latitude))
