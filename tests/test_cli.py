"""The command line: contracts of its JSON, and one line with exit code 2 for bad input."""

import errno
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from symdyn_core.cli import main
from symdyn_core.datasets.store import write_flow
from symdyn_core.layers import PlainKit, SteerableKit
from tests.command_line import run, save_small_models
from tests.conftest import mock_flow


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder of its own, with a small zoo."""
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path / "data"))
    save_small_models(
        PlainKit(),
        SteerableKit(),
        past=4,
        parameters=100,
        dataset={"title": "mock"},
        metrics={"original": {"rmse": 0.1, "persistence_rmse": 0.2}},
    )
    return tmp_path / "data"


@pytest.fixture
def flow(tmp_path):
    """A store of two squares."""
    return str(write_flow(mock_flow(frames=150, ny=16, nx=16, members=2), tmp_path / "flow.zarr"))


def files(folder):
    """Every file and its content."""
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_audit_json_is_the_public_contract(data, flow):
    code, out, _ = run(
        "audit", "rbc-resnet-rotation", "--data", flow, "--symmetry", "rotation",
        "--elements", 5, "--samples", 3, "--dtype", "float64", "--json",
    )  # fmt: skip
    report = json.loads(out)
    assert code == 0 and report["model"] == "rbc-resnet-rotation" and report["dtype"] == "float64"
    assert report["dataset"] == flow
    keys = {"symmetry", "element", "error_median", "error_max", "samples"}
    assert [row["element"] for row in report["rows"]] == [90.0, 180.0, 270.0]
    assert all(keys <= row.keys() and row["error_max"] < 1e-10 for row in report["rows"])
    # Control: the plain model, measured by the same command, is far off.
    _, out, _ = run("audit", "rbc-resnet-plain", "--data", flow, "--symmetry", "rotation", "--json")
    assert all(row["error_median"] > 1e-3 for row in json.loads(out)["rows"])


def test_audit_prints_a_table_for_people(data, flow):
    code, out, _ = run("audit", "persistence", "--data", flow, "--elements", 3, "--samples", 2)
    assert code == 0 and "EE median" in out and "magnitude" in out


def test_audit_takes_a_users_model(data, flow, tmp_path, monkeypatch):
    (tmp_path / "users_own.py").write_text("def still(w):\n    return w[:, -1]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code, out, _ = run("audit", "users_own:still", "--past", 2, "--data", flow, "--json")
    rows = {row["symmetry"]: row["error_max"] for row in json.loads(out)["rows"]}
    assert code == 0 and rows["magnitude"] < 1e-6 < 1e-3 < rows["boost"]


def test_zoo_list_json_is_the_public_contract(data):
    code, out, _ = run("zoo", "list", "--json")
    models = json.loads(out)["models"]
    assert code == 0
    assert {m["name"] for m in models} == {"rbc-resnet-plain", "rbc-resnet-rotation"}
    keys = {"name", "architecture", "symmetry", "dataset", "parameters"}
    assert all(m.keys() == keys for m in models)
    assert "rbc-resnet-plain" in run("zoo", "list")[1]


def test_data_info_json_is_the_public_contract(flow):
    code, out, _ = run("data", "info", flow, "--json")
    report = json.loads(out)
    assert code == 0
    assert {"path", "variables", "grid", "times", "land_share", "problems"} <= report.keys()
    assert report["grid"]["ny"] == 16 and report["problems"] == []
    assert "Error of persistence" in run("data", "info", flow)[1]


def test_data_list_and_info_answer(data):
    code, out, _ = run("data", "list", "--json")
    assert code == 0 and json.loads(out)["sources"][0]["name"] == "rayleigh_benard"
    code, out, _ = run("info", "--json")
    report = json.loads(out)
    assert code == 0 and {"versions", "devices", "paths"} <= report.keys()
    assert report["paths"]["data"] == str(data)


def test_train_writes_a_run_that_audit_takes(data, flow, tmp_path):
    arguments = ("train", "--data", flow, "--symmetry", "magnitude", "--preset", "smoke")
    arguments += ("--out", tmp_path / "run", "--updates", 4, "--json")
    code, out, err = run(*arguments)
    assert code == 0, err
    report = json.loads(out)
    assert report["updates"] == 4 and np.isfinite(report["valid_rmse"])
    before = files(tmp_path / "run")
    assert not (data / "frames").exists()  # a small flow is held in memory
    for source in ("mapped", "chunks", "device"):
        elsewhere = (*arguments[:-4], tmp_path / source, *arguments[-3:], "--source", source)
        assert json.loads(run(*elsewhere)[1])["valid_rmse"] == report["valid_rmse"]
    assert len(files(data / "frames")) == 3  # the three parts of the flow
    assert json.loads(run(*arguments)[1])["valid_rmse"] == report["valid_rmse"]
    weights = tmp_path / "run" / "best.safetensors"
    assert files(tmp_path / "run")[weights] == before[weights]
    _, out, _ = run("audit", tmp_path / "run", "--data", flow, "--symmetry", "magnitude", "--json")
    assert all(row["error_max"] < 1e-5 for row in json.loads(out)["rows"])
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "notes.txt").write_text("mine")
    code, _, err = run("train", "--data", flow, "--preset", "smoke", "--out", tmp_path / "sources")
    assert code == 2 and "holds no run" in err
    other = tuple("plain" if a == "magnitude" else a for a in arguments)
    code, out, _ = run(*other)
    assert code == 2 and "another network" in json.loads(out)["error"]


def bad_inputs(folder):
    """Files that must be refused, and what the message must say."""
    time = {"time": [0, 1, 2]}
    still = xr.Dataset({"salinity": (("time", "latitude", "longitude"), np.zeros((3, 4, 5)))}, time)
    still.to_netcdf(folder / "no_velocities.nc")
    flow = mock_flow(frames=1, ny=8, nx=8)
    flow.to_netcdf(folder / "one_frame.nc")
    nothing = mock_flow(frames=30, ny=8, nx=8)
    nothing["u"][:] = np.nan
    nothing["v"][:] = np.nan
    nothing.to_netcdf(folder / "all_nan.nc")
    write_flow(mock_flow(frames=30, ny=8, nx=8), folder / "truncated.zarr")
    chunk = next(p for p in (folder / "truncated.zarr" / "u" / "c").rglob("*") if p.is_file())
    chunk.write_bytes(chunk.read_bytes()[:20])
    (folder / "text.nc").write_text("not a NetCDF file")
    return ("no_velocities.nc", "one_frame.nc", "all_nan.nc", "truncated.zarr", "text.nc", "gone")


def test_bad_data_is_refused_in_one_line_and_nothing_is_written(data, tmp_path):
    for name in bad_inputs(tmp_path):
        before = files(tmp_path)
        commands = (
            ("audit", "persistence", "--past", 2, "--data", tmp_path / name),
            ("train", "--data", tmp_path / name, "--out", tmp_path / "out", "--preset", "smoke"),
        )
        for command in commands:
            code, out, err = run(*command)
            assert code == 2 and out == "", (name, out)
            assert err.count("\n") == 1 and err.startswith("symdyn: "), (name, err)
            code, out, _ = run(*command, "--json")
            assert code == 2 and json.loads(out)["error"], name
        assert files(tmp_path) == before, f"{name}: something was written"


def test_bad_names_and_sizes_are_refused_in_one_line(data, flow, tmp_path):
    broken = data / "zoo" / "rbc-resnet-plain.safetensors"
    broken.write_bytes((data / "zoo" / "rbc-resnet-rotation.safetensors").read_bytes())
    out = tmp_path / "out"
    for expected, command in {
        "does not fit": ("audit", "rbc-resnet-plain", "--data", flow),
        "Unknown model 'nobody'": ("audit", "nobody", "--data", flow),
        "Cannot import": ("audit", "nowhere:nothing", "--data", flow),
        "size=0": ("audit", "persistence", "--data", flow, "--patch", 0),
        "A square of 99 x 99": ("audit", "persistence", "--data", flow, "--patch", 99),
        "Unknown symmetry 'time'": ("audit", "persistence", "--data", flow, "--symmetry", "time"),
        "has no name": ("audit", "", "--data", flow),
        "model has no name": ("audit", "persistence", "--against", "", "--data", flow),
        "--stride 3 is for squares": ("audit", "persistence", "--data", flow, "--stride", 3),
        "got the folder": ("audit", "persistence", "--data", flow, "--html", tmp_path),
        "cannot be written": ("audit", "persistence", "--data", flow, "--html", "/proc/a.html"),
        "Unknown precision": ("audit", "persistence", "--data", flow, "--dtype", "int8"),
        "Unknown preset 'huge'": ("data", "make", "rayleigh_benard", "--preset", "huge"),
        "Unknown flow 'weather'": ("data", "make", "weather"),
        "No layers for 'boost'": ("train", "--data", flow, "--out", out, "--symmetry", "boost"),
        "Unknown architecture": ("train", "--data", flow, "--out", out, "--architecture", "MLP"),
        "Unknown source 'cloud'": ("train", "--data", flow, "--out", out, "--source", "cloud"),
        "not a run directory": ("audit", data, "--data", flow),
    }.items():
        code, printed, err = run(*command)
        assert code == 2 and printed == "" and err.count("\n") == 1, (command, printed, err)
        assert expected in err, (expected, err)
    assert not out.exists()


def test_the_installed_command_shows_no_traceback(tmp_path):
    command = [sys.executable, "-m", "symdyn_core.cli", "audit", "x", "--data", tmp_path / "gone"]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_help_lists_every_command():
    code, out, _ = run("--help")
    assert code == 0
    assert all(name in out for name in ("data", "train", "zoo", "audit", "app", "info"))


@pytest.mark.parametrize(
    "arguments",
    [("data", "info"), ("zoo", "lst"), ("audit",), ("data", "info", "x", "--patch", "x")],
)
def test_errors_of_usage_are_one_line_too(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--json"])
    assert json.loads(capsys.readouterr().out)["error"]


USERS_MODELS = """
import torch
def raises(w):
    raise RuntimeError("no such layer")
def nan(w):
    return w[:, -1] * float("nan")
def array(w):
    return w[:, -1].numpy()
class Broken:
    def __init__(self):
        raise KeyError("weights")
def in_place(w):
    return w.mul_(2)[:, -1]
"""


@pytest.mark.parametrize(
    "name, message",
    [
        ("raises", "RuntimeError: no such layer"),
        ("nan", "NaN"),
        ("array", "expected"),
        ("Broken", "KeyError"),
    ],
)
def test_a_users_model_that_fails_is_reported_in_one_line(
    flow, tmp_path, monkeypatch, name, message
):
    (tmp_path / "failing_models.py").write_text(USERS_MODELS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code, out, err = run("audit", f"failing_models:{name}", "--past", 2, "--data", flow)
    assert code == 2 and out == "" and err.count("\n") == 1 and message in err, err
    code, out, _ = run("audit", "failing_models:in_place", "--past", 2, "--data", flow, "--json")
    rows = json.loads(out)["rows"]
    assert code == 0 and all(r["error_max"] < 1e-6 for r in rows if r["symmetry"] == "magnitude")


def test_unknown_devices_and_foreign_stores_are_refused(tmp_path):
    for device in ("warp", "cuda:9"):
        command = ("data", "make", "rayleigh_benard", "--preset", "smoke", "--device", device)
        code, _, err = run(*command, "--out", tmp_path / "x.zarr")
        assert code == 2 and device in err and err.count("\n") == 1
    foreign = tmp_path / "foreign.zarr"
    xr.Dataset({"salinity": ("x", np.zeros(3))}).to_zarr(foreign, zarr_format=3, consolidated=False)
    before = files(foreign)
    code, _, err = run("data", "make", "rayleigh_benard", "--preset", "smoke", "--out", foreign)
    assert code == 2 and "store of this package" in err and files(foreign) == before


def test_a_disk_that_fills_up_is_told_in_words(tmp_path, monkeypatch):
    def full(path, *arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("symdyn_core.datasets.simulation.make_simulation", full)
    path = tmp_path / "flow.zarr"
    code, _, err = run("data", "make", "heat_diffusion", "--preset", "smoke", "--out", path)
    assert code == 2 and "Errno" not in err
    assert err.splitlines()[-1].startswith(f"symdyn: The disk is full at '{path}'.")
    assert "free some space and repeat the command" in err.splitlines()[-1]
