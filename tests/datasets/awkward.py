"""Small files of ocean currents, each awkward in the way that a test asks for."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

LATITUDES = -40.0 + 0.25 * np.arange(8)
LONGITUDES = 20.0 + 0.25 * np.arange(10)


def velocity(latitudes, longitudes, days) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) ``time latitude longitude`` [m/s]: smooth, without symmetry, a function of place."""
    t, y, x = np.meshgrid(days, latitudes, np.asarray(longitudes) % 360, indexing="ij")
    return np.sin(y / 3 + x / 5 + t / 7) + 0.1, 0.5 * np.cos(x / 2 - y + t / 9) - 0.2


def currents(
    latitudes=LATITUDES,
    longitudes=LONGITUDES,
    days=range(4),
    *,
    names=("uo", "vo"),
    attributes=({"units": "m/s"}, {"units": "m/s"}),
    time_attributes=None,
) -> xr.Dataset:
    """Currents on a regular grid, with times as numbers and attributes as given."""
    latitudes, longitudes, days = (
        np.asarray(a, dtype=float) for a in (latitudes, longitudes, days)
    )
    fields = velocity(latitudes, longitudes, days)
    dims = ("time", "latitude", "longitude")
    return xr.Dataset(
        {
            name: (dims, field, attrs)
            for name, field, attrs in zip(names, fields, attributes, strict=True)
        },
        coords={
            "time": ("time", days, time_attributes or {"units": "days since 2002-01-01"}),
            "latitude": ("latitude", latitudes, {"units": "degrees_north"}),
            "longitude": ("longitude", longitudes, {"units": "degrees_east"}),
        },
    )


def written(dataset: xr.Dataset, path: Path, **options) -> Path:
    """The dataset as a NetCDF file."""
    dataset.to_netcdf(path, **options)
    return path


def notes_of(flow: xr.Dataset) -> list[str]:
    """What the reader noted about a file."""
    return json.loads(flow.attrs["provenance"])["notes"]


def assert_same_field(flow: xr.Dataset, other: xr.Dataset, atol: float = 0.0) -> None:
    """Two flows with the same velocities at the same places."""
    for name in ("u", "v"):
        np.testing.assert_allclose(flow[name], other[name], rtol=0, atol=atol)
    for name in ("latitude", "longitude", "y", "x"):
        np.testing.assert_allclose(flow[name], other[name], rtol=1e-6)
