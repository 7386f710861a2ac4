"""Currents from the height of the sea surface."""

import math

import numpy as np
from jaxtyping import Float

from symdyn_core.datasets import sphere

GRAVITY = 9.80665
"""Standard acceleration of gravity [m s⁻²]."""

ROTATION_RATE = 7.292115e-5
"""Angular velocity Ω of the Earth [rad s⁻¹] (WGS 84)."""

EQUATORIAL_BELT = 5.0
"""Latitude [°] below which f is too small for the balance to hold (Lagerloef et al. 1999)."""

POLE = 89.99
"""Latitude [°] beyond which meridians meet and an eastward slope has no meaning."""


def geostrophic_velocity(
    height: Float[np.ndarray, "time y x"],
    latitude: Float[np.ndarray, " y"],
    longitude: Float[np.ndarray, " x"],
) -> tuple[Float[np.ndarray, "time y x"], Float[np.ndarray, "time y x"]]:
    """u = -(g/f) ∂h/∂y and v = (g/f) ∂h/∂x [m s⁻¹], with f = 2 Ω sin φ.

    Centred differences, one-sided at the edges of the field. A cell without a height, beside one,
    within 5° of the equator or at a pole has no velocity (NaN).

    Args:
        height: height of the sea surface above the geoid [m]; NaN on land.
        latitude, longitude: uniform and increasing [°].
    """
    f = 2 * ROTATION_RATE * np.sin(np.radians(latitude))
    unusable = (np.abs(latitude) < EQUATORIAL_BELT) | (np.abs(latitude) > POLE)
    f = np.where(unusable, np.nan, f)[:, None]
    degrees = (latitude[-1] - latitude[0]) / (len(latitude) - 1)
    dy = degrees * sphere.metres_per_degree_north()
    eastward = np.cos(np.radians(latitude)) * math.radians(1) * sphere.EARTH_RADIUS
    dx = ((longitude[-1] - longitude[0]) / (len(longitude) - 1) * eastward)[:, None]
    height = height.astype(np.float64)
    dh_dy, dh_dx = np.gradient(height, dy, axis=1), np.gradient(height, axis=2) / dx
    land = np.isnan(height)
    u, v = -GRAVITY / f * dh_dy, GRAVITY / f * dh_dx
    return np.where(land, np.nan, u), np.where(land, np.nan, v)
