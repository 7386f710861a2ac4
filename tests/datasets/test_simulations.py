"""Simulated flows in periodic boxes: labels, physics of the frames, restart, command line."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from symdyn_core.cli import app
from symdyn_core.datasets import schema
from symdyn_core.datasets.heat_diffusion import SMOKE as HEAT
from symdyn_core.datasets.navier_stokes import DECAYING, FORCED
from symdyn_core.datasets.quasi_geostrophic import SMOKE as OCEAN
from symdyn_core.datasets.simulation import estimated_seconds, make_simulation
from symdyn_core.datasets.simulations import SIMULATIONS, simulation_named
from symdyn_core.datasets.store import open_flow
from symdyn_core.operators import divergence, vorticity

TINY = {
    "heat_diffusion": replace(HEAT, frames=20),
    "navier_stokes": replace(DECAYING[0], frames=20),
    "kolmogorov_flow": replace(FORCED[0], frames=20, spin_up=5.0),
    "quasi_geostrophic": replace(OCEAN, cells=24, frames=20, spin_up=30),
}


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    return {
        name: open_flow(make_simulation(folder / f"{name}.zarr", simulation))
        for name, simulation in TINY.items()
    }


@pytest.mark.parametrize("name", TINY)
def test_frames_are_a_valid_labelled_flow(flows, name):
    flow, simulation = flows[name], TINY[name]
    schema.validate(flow)
    assert flow.sizes["member"] == simulation.members
    assert flow.sizes["time"] == 20
    grid = schema.grid_of(flow)
    assert grid.periodic_x and grid.periodic_y
    assert grid.dt == simulation.schedule.interval
    assert float(flow["time"][0]) == pytest.approx(grid.dt)
    provenance = json.loads(flow.attrs["provenance"])
    assert provenance["preset"]["members"] == simulation.members
    assert {"translation", "reflection"} & set(provenance["symmetries"])
    assert {"versions", "hardware", "steps", "seconds", "seed"} <= set(provenance)
    w = schema.to_tensor(flow).double()
    scale = float(vorticity(w, grid).abs().max())
    assert float(divergence(w, grid).abs().max()) < 1e-4 * scale
    assert float((w[0] - w[1]).abs().max()) > 0.1 * float(w.abs().max())
    assert float((w[:, 1:] - w[:, :-1]).abs().max()) > 1e-3 * float(w.abs().max())


def test_an_ocean_is_in_the_units_of_the_sea(flows):
    flow = flows["quasi_geostrophic"]
    assert (flow.attrs["dx"], flow.attrs["dt"]) == (7812.5, 86400.0)
    assert flow["u"].attrs["standard_name"] == "eastward_sea_water_velocity"
    assert flow["v"].attrs["standard_name"] == "northward_sea_water_velocity"
    assert {flow[name].attrs["units"] for name in ("u", "v")} == {"m s-1"}
    assert flow["x"].attrs["units"] == "m"
    assert flow["time"].attrs["units"] == "s"
    # The mean current is part of what an observer sees.
    assert float(flow["u"].mean()) == pytest.approx(0.06, abs=1e-4)
    assert abs(float(flow["v"].mean())) < 1e-6


def test_diffusing_frames_are_the_exact_solution(flows):
    w = schema.to_tensor(flows["heat_diffusion"]).double()
    solver = TINY["heat_diffusion"].solver()
    expected = solver.step(w[:, 0].float(), 19 * 0.1).double()
    assert float((w[:, -1] - expected).abs().max()) < 1e-5
    assert float((w[:, 0] - expected).abs().max()) > 0.1


def test_frames_on_fewer_cells_hold_no_aliased_scales(flows):
    """48 solver cells end at wavenumber 15, which 32 cells hold: nothing is lost or folded."""
    flow = flows["navier_stokes"]
    hat = np.abs(np.fft.fft2(flow["u"].isel(time=0).values))
    assert hat[..., 16, :].max() < 1e-5 * hat.max()
    assert hat[..., 12, :].max() > 1e-5 * hat.max()


class Interruption(Exception):
    """What stops a run in these tests."""


@pytest.mark.parametrize("name", ["kolmogorov_flow", "quasi_geostrophic"])
def test_a_run_that_was_stopped_ends_with_the_same_frames(tmp_path, flows, name):
    def interrupt(done, total):
        if done == total - 7:
            raise Interruption

    path = tmp_path / "flow.zarr"
    with pytest.raises(Interruption):
        make_simulation(path, TINY[name], progress=interrupt)
    assert not path.exists()
    with pytest.raises(ValueError, match="other settings"):
        make_simulation(path, TINY[name], seed=1)
    reports = []
    make_simulation(path, TINY[name], progress=lambda done, total: reports.append(done))
    assert reports[0] > 0
    assert schema.fingerprint(open_flow(path)) == schema.fingerprint(flows[name])
    assert [file.name for file in tmp_path.iterdir()] == ["flow.zarr"]


def test_seeds_make_other_flows(tmp_path, flows):
    path = make_simulation(tmp_path / "other.zarr", TINY["heat_diffusion"], seed=1)
    other, first = open_flow(path), flows["heat_diffusion"]
    assert schema.fingerprint(other) != schema.fingerprint(first)


def test_every_flow_comes_in_three_sizes():
    for name, presets in SIMULATIONS.items():
        assert [preset.name for preset in presets] == ["smoke", "small", "paper"]
        assert simulation_named(name, "small") is presets[1]
    with pytest.raises(ValueError, match="choose from rayleigh_benard, heat_diffusion"):
        simulation_named("weather", "small")
    with pytest.raises(ValueError, match="choose from smoke, small, paper"):
        simulation_named("navier_stokes", "huge")
    with pytest.raises(ValueError, match="kept cells"):
        replace(DECAYING[0], kept=64)


def test_more_frames_are_estimated_to_take_longer():
    assert estimated_seconds(replace(OCEAN, frames=40000)) > 20 * estimated_seconds(OCEAN) > 0


def test_the_command_makes_and_names_what_it_made(tmp_path):
    path = tmp_path / "heat.zarr"
    command = ["data", "make", "heat_diffusion", "--preset", "smoke", "--out", str(path), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "path": str(path),
        "flow": "heat_diffusion",
        "preset": "smoke",
        "seed": 0,
        "members": 4,
    }
    flow = open_flow(path)
    assert dict(flow.sizes) == {"member": 4, "time": 60, "y": 32, "x": 32}
    energy = torch.from_numpy((flow["u"] ** 2 + flow["v"] ** 2).mean(("y", "x")).values)
    assert bool((energy.diff(dim=1) < 0).all())
