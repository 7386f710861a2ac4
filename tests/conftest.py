"""Tiny flows with correct labels, and the real data where they are at hand."""

from pathlib import Path

import pytest
import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.grid import Grid

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real ocean currents, kept beside a checkout rather than in it."""


def mock_flow(
    *,
    frames: int = 12,
    ny: int = 8,
    nx: int = 10,
    members: int | None = None,
    land: bool = False,
    dx: float = 1.0,
    dy: float = 1.0,
    dt: float = 1.0,
    periodic: bool = False,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> xr.Dataset:
    """A valid flow of white noise; with ``land`` its lower left quarter is NaN and not water."""
    generator = torch.Generator().manual_seed(seed)
    leading = () if members is None else (members,)
    w = torch.randn(*leading, frames, 2, ny, nx, generator=generator, dtype=dtype)
    water = None
    if land:
        water = torch.ones(ny, nx, dtype=torch.bool)
        water[: ny // 2, : nx // 2] = False
        w = w.masked_fill(~water, float("nan"))
    grid = Grid(ny, nx, dy=dy, dx=dx, dt=dt, periodic_y=periodic, periodic_x=periodic, water=water)
    return schema.from_tensor(w, grid, title="mock flow", source="white noise")


def real(name: str) -> Path:
    """The path of a real file or folder; the test is skipped where it is absent."""
    path = REAL_DATA / name
    if not path.exists():
        pytest.skip(f"needs the real data {name} in {REAL_DATA.name} beside the repository")
    return path


@pytest.fixture(scope="session")
def agulhas() -> Path:
    """Daily surface currents around South Africa, January to September 2002."""
    return real("globcurrent_agulhas")


@pytest.fixture(scope="session")
def agulhas_flow(agulhas: Path) -> xr.Dataset:
    """The same as a flow; not to be changed."""
    return open_ocean_currents(agulhas)


@pytest.fixture(scope="session")
def cmems() -> Path:
    """Three hourly surface fields off Brazil from the product that the paper used."""
    return real("cmems_hourly_sample.nc")


@pytest.fixture(scope="session")
def mediterranean() -> Path:
    """Daily sea surface heights without velocities, April to June 2005."""
    return real("mediterranean_adt_2005q2.nc")


@pytest.fixture(scope="session")
def black_sea() -> Path:
    """32 daily maps of geostrophic currents."""
    return real("black_sea_geostrophic.nc")


@pytest.fixture(autouse=True)
def _same_random_numbers():
    """Every test draws the same weights and fields each time, whatever ran before it."""
    torch.manual_seed(0)
