"""Every flow that can be simulated: workers of a cluster find the numbers of one process."""

from dataclasses import replace

import pytest
from distributed import LocalCluster

from symdyn_core.datasets import schema
from symdyn_core.datasets.simulation import make_simulation
from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.datasets.store import open_flow

SHORT = {
    "rayleigh_benard": {"frames": 6, "spin_up": 1.0},
    "heat_diffusion": {"frames": 6},
    "navier_stokes": {"frames": 6, "spin_up": 0.2},
    "kolmogorov_flow": {"frames": 6, "spin_up": 0.2},
    "quasi_geostrophic": {"frames": 6, "spin_up": 3},
}


@pytest.fixture(scope="module")
def scheduler():
    with LocalCluster(n_workers=2, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("name", SIMULATIONS)
def test_workers_change_no_bit_of_any_flow(tmp_path, scheduler, name):
    simulation = replace(SIMULATIONS[name][0], **SHORT[name])
    ensemble = {"members": 3, "batch": 1}
    here = open_flow(make_simulation(tmp_path / "here" / "a.zarr", simulation, **ensemble))
    there = open_flow(
        make_simulation(tmp_path / "there" / "a.zarr", simulation, scheduler=scheduler, **ensemble)
    )
    assert schema.fingerprint(there) == schema.fingerprint(here)
    other = open_flow(make_simulation(tmp_path / "b.zarr", simulation, seed=1, **ensemble))
    assert schema.fingerprint(other) != schema.fingerprint(here)
