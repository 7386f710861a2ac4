"""Numbers that no flow has are refused in one line, wherever they are given."""

import math
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from symdyn_core.cli import app
from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.grid import Grid
from symdyn_core.solvers import (
    Channel,
    HeatDiffusion,
    NavierStokes,
    OceanColumn,
    RayleighBenard,
    random_flow,
)

NAN, INFINITE = math.nan, math.inf
BOX = Grid(8, 8, 0.1, 0.1, 0.1, periodic_y=True, periodic_x=True)


@pytest.mark.parametrize("name", SIMULATIONS)
@pytest.mark.parametrize(
    "change",
    [{"frames": 0}, {"frames": -3}, {"members": 0}],
    ids=str,
)
def test_no_simulation_has_such_frames_or_members(name, change):
    with pytest.raises(ValueError, match=r"whole number of (frames|members), 1 or more") as refused:
        replace(SIMULATIONS[name][0], **change)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["rayleigh_benard", "navier_stokes", "heat_diffusion"])
@pytest.mark.parametrize("interval", [0.0, -1.0, NAN, INFINITE])
def test_frames_follow_one_another(name, interval):
    with pytest.raises(ValueError, match="positive interval"):
        replace(SIMULATIONS[name][0], interval=interval)


@pytest.mark.parametrize("name", ["rayleigh_benard", "navier_stokes"])
@pytest.mark.parametrize("spin_up", [-1.0, NAN, INFINITE])
def test_a_flow_is_not_spun_up_backwards_or_for_ever(name, spin_up):
    with pytest.raises(ValueError, match="spin-up of 0 or more"):
        replace(SIMULATIONS[name][0], spin_up=spin_up)
    with pytest.raises(ValueError, match="spin-up of 0 or more"):
        replace(SIMULATIONS["quasi_geostrophic"][0], spin_up=-1)


IMPOSSIBLE = {
    "rayleigh": lambda bad: RayleighBenard(Channel(8, 8, 1.0), bad),
    "prandtl": lambda bad: RayleighBenard(Channel(8, 8, 1.0), 1e4, prandtl=bad),
    "length": lambda bad: Channel(8, 8, bad),
    "stretching": lambda bad: Channel(8, 8, 1.0, bad),
    "diffusivity": lambda bad: HeatDiffusion(BOX, bad),
    "viscosity": lambda bad: NavierStokes(BOX, bad),
    "drag": lambda bad: NavierStokes(BOX, 0.1, drag=bad),
    "radius": lambda bad: OceanColumn(deformation_radius=bad),
    "bottom drag": lambda bad: OceanColumn(bottom_drag=bad),
    "decay": lambda bad: OceanColumn(smallest_decay=bad),
    "waves": lambda bad: random_flow(BOX, waves=bad),
    "speed": lambda bad: random_flow(BOX, rms=bad),
    "time of heat": lambda bad: HeatDiffusion(BOX, 0.1).step(random_flow(BOX), bad),
    "duration": lambda bad: NavierStokes(BOX, 0.1).advance(random_flow(BOX).float(), bad),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
@pytest.mark.parametrize("bad", [-1.0, NAN, INFINITE])
def test_coefficients_and_times_are_numbers_that_a_flow_can_have(what, bad):
    with pytest.raises(ValueError, match="xpected") as refused:
        IMPOSSIBLE[what](bad)
    assert "\n" not in str(refused.value)
    assert str(bad) in str(refused.value)


@pytest.mark.parametrize("bad", [NAN, INFINITE])
def test_forces_and_currents_are_finite_in_both_directions(bad):
    assert OceanColumn(beta=-1e-11, current=(-0.06, 0.0)).vorticity_gradient[0] < 0
    for impossible in ({"beta": bad}, {"current": (bad, 0.0)}):
        with pytest.raises(ValueError, match="finite beta and a finite current"):
            OceanColumn(**impossible)
    with pytest.raises(ValueError, match="finite force"):
        NavierStokes(BOX, 0.1, force=bad)


def test_there_is_always_a_first_frame_a_member_and_a_cell():
    w = random_flow(BOX)
    for solver in (HeatDiffusion(BOX, 0.1), NavierStokes(BOX, 0.1, dtype=torch.float64)):
        with pytest.raises(ValueError, match="at least one frame"):
            solver.trajectory(w, 0)
        assert solver.trajectory(w, 1).shape == (1, 1, 2, 8, 8)
    with pytest.raises(ValueError, match="at least one member"):
        random_flow(BOX, 0)
    with pytest.raises(ValueError, match="4 x 4 cells"):
        Channel(3, 8, 1.0)
    for name in ("heat_diffusion", "quasi_geostrophic"):
        with pytest.raises(ValueError, match="whole number of cells"):
            replace(SIMULATIONS[name][0], cells=0)


@pytest.mark.parametrize(
    "options",
    [
        ["weather"],
        ["heat_diffusion", "--preset", "huge"],
        ["heat_diffusion", "--members", "0"],
        ["heat_diffusion", "--batch", "-1"],
        ["heat_diffusion", "--seed", "-1"],
        ["rayleigh_benard", "--factor", "0"],
        ["heat_diffusion", "--device", "abacus"],
    ],
)
def test_the_command_refuses_with_the_status_of_wrong_usage(tmp_path, options):
    path = tmp_path / "a.zarr"
    refused = CliRunner().invoke(app, ["data", "make", *options, "--out", str(path)])
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output
    assert list(tmp_path.iterdir()) == []
