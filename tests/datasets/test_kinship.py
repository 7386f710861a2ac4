"""A flow is found in the catalogue by what it says of itself."""

import pytest

from symdyn_core.datasets.kinship import kin_of
from tests.conftest import mock_flow

CASES = {
    ("symdyn_core.solvers.convection: two dimensions", "Convection"): "rayleigh_benard",
    ("symdyn_core.solvers.quasi_geostrophic: two layers", "Ocean"): "quasi_geostrophic",
    ("symdyn_core.solvers.navier_stokes: spectral", "Decaying turbulence"): "navier_stokes",
    ("symdyn_core.solvers.navier_stokes: spectral", "Kolmogorov flow"): "kolmogorov_flow",
    ("symdyn_core.solvers.heat: exact", "Heat"): "heat_diffusion",
}


@pytest.mark.parametrize("told", CASES)
def test_simulated_flows_name_their_solver(told):
    flow = mock_flow().assign_attrs(source=told[0], title=told[1])
    assert kin_of(flow).name == CASES[told]


def test_flows_on_the_globe_are_measured_currents():
    flow = mock_flow(ny=8, nx=10).assign_coords(
        latitude=("y", range(8)), longitude=("x", range(10))
    )
    assert kin_of(flow).name == "ocean_currents"
    # Control: of one that says nothing nothing is claimed.
    assert kin_of(mock_flow()) is None
