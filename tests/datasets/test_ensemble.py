"""Ensembles: the same numbers whoever steps the runs, whatever happens to them meanwhile."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster
from typer.testing import CliRunner

from symdyn_core.cli import app
from symdyn_core.datasets import schema
from symdyn_core.datasets.ensemble import Ensemble
from symdyn_core.datasets.estimates import estimated
from symdyn_core.datasets.heat_diffusion import SMOKE as HEAT
from symdyn_core.datasets.rayleigh_benard import PAPER, SMOKE, open_rayleigh_benard
from symdyn_core.datasets.simulation import make_simulation
from symdyn_core.datasets.simulations import SIMULATIONS
from symdyn_core.datasets.store import open_flow
from symdyn_core.solvers.staggered import Channel

CELL = replace(
    SMOKE, channel=Channel(16, 32, 2.0, 1.0), rayleigh=1e5, ny=16, nx=32, frames=700, spin_up=2.0
)
"""Long enough to be killed in mid-run: two seconds of one core."""


class Interruption(Exception):
    """What stops a run in these tests."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    """Two cells, made in this process."""
    return make_simulation(tmp_path_factory.mktemp("data") / "pair.zarr", CELL, members=2)


def assert_same(path: Path, expected: Path) -> None:
    made, wanted = open_flow(path), open_flow(expected)
    assert made.sizes == wanted.sizes
    assert schema.fingerprint(made) == schema.fingerprint(wanted)
    assert made["temperature"].equals(wanted["temperature"])
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


def test_a_worker_that_is_killed_loses_nothing_and_processes_change_no_bit(tmp_path, pair):
    reports: list[int] = []
    killed: list[int] = []

    def report(done: int, total: int) -> None:
        reports.append(done)
        if done > 0 and not killed:
            assert done < total, "too fast to be killed in mid-run"
            process = multiprocessing.active_children()[0]
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)

    path = make_simulation(tmp_path / "killed.zarr", CELL, members=2, workers=2, progress=report)
    assert killed
    assert reports == sorted(reports)  # nobody began anew
    assert_same(path, pair)


def test_what_workers_began_is_finished_here(tmp_path, pair):
    """Stopped from outside, as by Ctrl-C; and not by anyone with other settings."""

    def interrupt(done: int, total: int) -> None:
        if done > 0:
            raise Interruption

    path = tmp_path / "stopped.zarr"
    with pytest.raises(Interruption):
        make_simulation(path, CELL, members=2, workers=1, progress=interrupt)
    for other in ({"seed": 1}, {"members": 3}, {"members": 1}, {"batch": 2}):
        with pytest.raises(ValueError, match="other settings"):
            make_simulation(path, CELL, **({"members": 2} | other))
    reports: list[int] = []
    make_simulation(path, CELL, members=2, progress=lambda done, total: reports.append(done))
    assert reports[0] > 0
    assert_same(path, pair)


def test_a_cluster_at_an_address_does_the_same(tmp_path):
    plain = make_simulation(tmp_path / "plain" / "heat.zarr", HEAT, members=3, batch=1)
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        path = make_simulation(
            *(tmp_path / "cluster" / "heat.zarr", HEAT),
            **{"members": 3, "batch": 1, "scheduler": cluster.scheduler_address},
        )
    assert schema.fingerprint(open_flow(path)) == schema.fingerprint(open_flow(plain))
    with pytest.raises(ValueError, match="No Dask scheduler"):
        make_simulation(tmp_path / "x.zarr", HEAT, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(ValueError, match="either a number of workers or the address"):
        make_simulation(tmp_path / "y.zarr", HEAT, workers=0)


def test_the_first_member_is_the_flow_that_is_made_alone(tmp_path, pair):
    alone = open_flow(make_simulation(tmp_path / "alone.zarr", CELL))
    both = open_flow(pair)
    assert "member" not in alone.dims
    first, second = (both.isel(member=index, drop=True) for index in (0, 1))
    assert schema.fingerprint(first) == schema.fingerprint(alone)
    assert schema.fingerprint(second) != schema.fingerprint(alone)
    provenance = json.loads(both.attrs["provenance"])
    assert provenance["preset"]["members"] == 2
    assert provenance["seeds"] == Ensemble.of(CELL, members=2).seeds
    assert dict(open_rayleigh_benard(pair).sizes) == {"member": 4, "time": 700, "y": 16, "x": 16}


def test_seeds_differ_and_follow_from_one():
    seeds = Ensemble.of(CELL, members=100, seed=7).seeds
    assert seeds[0] == 7
    assert len(set(seeds)) == 100
    assert seeds[:10] == Ensemble.of(CELL, members=10, seed=7).seeds
    assert seeds[1] not in Ensemble.of(CELL, members=100, seed=8).seeds


@pytest.mark.parametrize("name", SIMULATIONS)
def test_every_flow_comes_in_members_and_batches(tmp_path, name):
    simulation = SIMULATIONS[name][0]
    ensemble = Ensemble.of(simulation, members=5, batch=2)
    assert [one.members for one in ensemble.simulations] == [2, 2, 1]
    preset = Ensemble.of(simulation)
    assert preset.members == preset.batch == simulation.members
    assert [run.folder for run in preset.runs(tmp_path, "cpu")] == [tmp_path]
    with pytest.raises(ValueError, match="at least one member"):
        Ensemble.of(simulation, members=0)


def test_members_of_batches_of_several_sizes_are_joined(tmp_path):
    heat = open_flow(make_simulation(tmp_path / "heat.zarr", HEAT, members=3, batch=2))
    assert dict(heat.sizes) == {"member": 3, "time": 60, "y": 32, "x": 32}
    assert heat["member"].values.tolist() == [0, 1, 2]
    fields = heat["u"].values
    assert all(np.abs(fields[i] - fields[j]).max() > 0.1 for i, j in ((0, 1), (0, 2), (1, 2)))


def test_estimates_count_runs_frames_and_workers():
    ensemble = Ensemble.of(HEAT, members=8, batch=1)
    one = estimated(ensemble)
    assert one.disk_bytes == 8 * 60 * 2 * 32 * 32 * 4
    assert one.steps == 60
    assert one.memory_bytes > 1e7
    assert one.remaining(0.75) == pytest.approx(one.seconds / 4)
    assert estimated(ensemble, workers=100).side_by_side == 8
    without = replace(PAPER, temperature=False).coarsened(8)
    assert (without.ny, without.nx) == (32, 224)


@pytest.mark.parametrize("factor", [0, 3, 100])
def test_factors_that_do_not_divide_are_refused(factor):
    with pytest.raises(ValueError, match="factor that divides 256 x 1792"):
        PAPER.coarsened(factor)


def command(*options: str):
    return CliRunner().invoke(app, ["data", "make", *options])


def test_the_command_takes_what_belongs_to_convection(tmp_path):
    options = ["--preset", "smoke", "--out", str(tmp_path / "a.zarr")]
    refused = command("heat_diffusion", *options, "--factor", "2")
    assert (refused.exit_code, "belong to rayleigh_benard" in refused.stderr) == (2, True)
    refused = command("rayleigh_benard", *options, "--factor", "5")
    assert (refused.exit_code, "divides 32 x 128" in refused.stderr) == (2, True)
    refused = command("heat_diffusion", *options, "--workers", "2", "--scheduler", "tcp://a:1")
    assert (refused.exit_code, "not both" in refused.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_frames_on_faces_without_temperature(tmp_path):
    faces = replace(CELL, frames=3, temperature=False, faces=True).coarsened(2)
    flow = open_flow(make_simulation(tmp_path / "faces.zarr", faces))
    assert set(flow.data_vars) == {"u", "v"}
    assert dict(flow.sizes) == {"time": 3, "y": 8, "x": 16}
    assert "left face" in flow["u"].attrs["long_name"]
    u, v = (flow[name].values for name in ("u", "v"))
    above = np.concatenate((v[:, 1:], np.zeros_like(v[:, :1])), axis=1)
    divergence = np.roll(u, -1, axis=-1) - u + above - v
    assert np.abs(divergence).max() < 1e-5 * np.abs(u).max()


def test_a_long_run_is_announced_and_a_stop_says_how_to_go_on(tmp_path):
    """The paper's size, stopped by SIGINT once the estimate is printed."""
    path = tmp_path / "paper.zarr"
    arguments = [sys.executable, "-m", "symdyn_core.cli", "data", "make", "rayleigh_benard"]
    with subprocess.Popen(
        [*arguments, "--preset", "paper", "--out", str(path)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # What runs in the background of a script ignores SIGINT, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        lines = [process.stderr.readline() for _ in range(3)]
        while not (tmp_path / "paper.zarr.unfinished" / "owner").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert lines[0].startswith("About ") and "on this machine" in lines[0]
    assert "steps of" in lines[1] and "B of memory" in lines[1] and "on disk" in lines[1]
    assert "goes on from its last checkpoint" in lines[2]
    assert "go on from there" in rest
    assert not path.exists()
