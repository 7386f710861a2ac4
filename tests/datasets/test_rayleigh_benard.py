"""The convection dataset: a valid flow, made whole or not at all, the same after a crash."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.ensemble import Ensemble
from symdyn_core.datasets.estimates import estimated
from symdyn_core.datasets.rayleigh_benard import (
    PAPER,
    PRESETS,
    SMALL,
    SMOKE,
    estimated_seconds,
    make_rayleigh_benard,
    open_rayleigh_benard,
    preset_named,
)
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.store import open_flow
from symdyn_core.datasets.windows import Windows

TINY = replace(SMOKE, frames=30, spin_up=4.0)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory) -> Path:
    return make_rayleigh_benard(tmp_path_factory.mktemp("data") / "smoke.zarr", SMOKE, seed=0)


@pytest.fixture(scope="module")
def wide(smoke):
    return open_flow(smoke)


def test_the_store_is_a_valid_labelled_flow(wide):
    schema.validate(wide)
    assert dict(wide.sizes) == {"time": 160, "y": 32, "x": 128}
    grid = schema.grid_of(wide)
    assert (grid.dx, grid.dy, grid.dt) == (1 / 32, 1 / 32, 0.2)
    assert (grid.periodic_x, grid.periodic_y) == (True, False)
    assert set(wide.data_vars) == {"u", "v", "temperature"}
    for name in ("u", "v", "temperature", "time", "y", "x"):
        assert wide[name].attrs["units"] == "1"
        assert wide[name].attrs["long_name"]
    assert float(wide["y"][0]) == 1 / 64
    with pytest.raises(ValueError, match="missing \\['v'\\]"):
        schema.validate(wide.drop_vars("v"))


def test_provenance_says_how_to_make_it_again_and_what_came_out(wide):
    provenance = json.loads(wide.attrs["provenance"])
    assert provenance["preset"]["rayleigh"] == 1e6
    assert provenance["preset"]["channel"] == {"ny": 32, "nx": 128, "length": 4, "stretching": 1}
    assert (provenance["seed"], provenance["device"]) == (0, "cpu")
    assert set(provenance["versions"]) >= {"symdyn", "torch", "numpy", "zarr"}
    assert provenance["hardware"]
    assert provenance["seconds"] > 0
    # The flux through plates and volume agree in the time average of a developed flow.
    nusselt = provenance["nusselt"]
    for place in ("lower", "upper", "volume"):
        assert 7.5 < nusselt[place]["mean"] < 9
        assert 0 < nusselt[place]["std"] < 2


def test_frames_look_like_convection(wide):
    """Warm below and cold above, warm fluid rises, no mean flow, walls hold it back."""
    temperature = wide["temperature"]
    assert float(temperature[:, 0].mean()) > 0.2
    assert float(temperature[:, -1].mean()) < -0.2
    # The heat they carry is Nu = 1 + ⟨v T⟩ / κ, less what the coarser cells cannot hold.
    nusselt = json.loads(wide.attrs["provenance"])["nusselt"]["volume"]["mean"]
    lift = float((wide["v"] * temperature).mean())
    assert 1 + lift * np.sqrt(1e6 * 0.71) == pytest.approx(nusselt, rel=0.03)
    assert abs(float(wide["v"].mean())) < 1e-6
    v_rms = np.sqrt((wide["v"] ** 2).mean(("time", "x")))
    assert float(v_rms[0]) < 0.2 * float(v_rms.max())
    steps = (wide["u"].diff("time") ** 2).mean() / wide["u"].var()
    assert 0.001 < float(steps) < 0.5


def test_squares_are_members_large_enough_for_windows_in_each_part(smoke):
    flow = open_rayleigh_benard(smoke)
    assert dict(flow.sizes) == {"member": 4, "time": 160, "y": 32, "x": 32}
    assert not schema.grid_of(flow).periodic_x
    parts = split_in_time(flow, gap=8 + 10 - 1)
    assert all(len(Windows(part, past=8, future=10)) >= 4 for part in parts)
    whole = schema.to_tensor(open_flow(smoke))[0]
    beside = torch.cat(list(schema.to_tensor(flow)), dim=-1)
    assert torch.equal(beside, whole)
    assert not torch.equal(beside.roll(1, -1), whole)


def test_the_seed_decides_the_flow(tmp_path):
    flows = [
        open_flow(make_rayleigh_benard(tmp_path / f"{n}.zarr", TINY, seed=seed))
        for n, seed in enumerate((0, 0, 1))
    ]
    first, again, other = (schema.fingerprint(flow) for flow in flows)
    assert first == again
    assert first != other


MAKE = """
import sys
import time
from dataclasses import replace
from symdyn_core.datasets.rayleigh_benard import SMOKE, make_rayleigh_benard

def report(done, total):
    print(done, flush=True)
    if done > 137:
        time.sleep(0.1)  # so that the end is never reached before the signal

make_rayleigh_benard(sys.argv[1], SMOKE, seed=0, progress=report)
"""


def test_a_run_killed_and_started_again_ends_with_the_same_frames(tmp_path, smoke, wide):
    path = tmp_path / "killed.zarr"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", MAKE, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        # Frames are taken from interval 101 on, checkpoints at every tenth.
        while int(process.stdout.readline()) < 137:
            pass
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not path.exists()
    unfinished = tmp_path / "killed.zarr.unfinished"
    assert unfinished.is_dir()
    with pytest.raises(ValueError, match="other settings"):
        make_rayleigh_benard(path, SMOKE, seed=1)

    reports = []
    make_rayleigh_benard(path, SMOKE, seed=0, progress=lambda done, total: reports.append(done))
    assert 130 <= reports[0] < 260  # it did not start from the beginning
    resumed = open_flow(path)
    assert schema.fingerprint(resumed) == schema.fingerprint(wide)
    assert resumed["temperature"].equals(wide["temperature"])
    assert not unfinished.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["killed.zarr"]


def test_other_peoples_files_are_not_touched(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    with pytest.raises(ValueError, match="nothing was written"):
        make_rayleigh_benard(tmp_path / "notes", TINY)
    assert [file.name for file in tmp_path.rglob("*")] == ["notes", "a.txt"]


def test_presets_follow_the_paper():
    assert [preset.name for preset in PRESETS] == ["smoke", "small", "paper"]
    assert (PAPER.channel.nx, PAPER.channel.ny) == (1792, 256)
    assert (PAPER.rayleigh, PAPER.frames) == (2.5e8, 2000)
    for preset in (SMALL, PAPER):
        assert (preset.nx, preset.ny) == (7 * 64, 64)
        assert preset.interval == 0.2
    assert SMALL.frames >= 600
    assert preset_named("small") is SMALL
    with pytest.raises(ValueError, match="choose from smoke, small, paper"):
        preset_named("huge")
    with pytest.raises(ValueError, match="square cells"):
        replace(SMALL, nx=256)


def test_as_many_steps_are_taken_as_were_estimated(wide):
    """A quarter more or less; the flow at rest, from which is estimated, would allow for half."""
    real = json.loads(wide.attrs["provenance"])["steps"]
    assert 0.95 < estimated(Ensemble.of(SMOKE)).steps / real < 1.25
    solver = SMOKE.solver()
    at_rest = SMOKE.interval / solver.stable_dt(solver.conduction(noise=0.0))
    assert SMOKE.schedule.intervals * at_rest < 0.6 * real


def test_longer_runs_are_estimated_to_take_longer():
    """Sixteen hundred times the cells and steps of the other; checked as a ratio, not a time."""
    smoke, paper = estimated_seconds(SMOKE), estimated_seconds(PAPER)
    assert smoke > 0
    assert paper > 100 * smoke
