"""``symdyn bench``: its JSON, its table, its refusals."""

import json
from functools import partial

import pytest
import torch

from symdyn_core.benchmarking.conditions import MODES
from tests.command_line import run

bench = partial(run, "bench")
SMALL = ("layers", "--rounds", 1, "--channels", 16, "--cells", 16, "--batch", 1)


def test_the_json_is_the_public_contract(tmp_path):
    path = tmp_path / "results" / "layers.json"
    code, out, err = bench(*SMALL, "--only", "rotation", "--json", "--out", path)
    report = json.loads(out)
    assert code == 0, err
    assert {"hardware", "versions", "rows"} <= report.keys()
    assert report["versions"]["torch"] == torch.__version__
    keys = {"group", "what", "mode", "baseline", "ratio", "ratio_min", "ratio_max"}
    assert all(keys <= row.keys() and row["group"] == "layers" for row in report["rows"])
    assert {row["what"] for row in report["rows"]} == {"rotation C_8", "rotation C_16"}
    modes = {row["mode"] for row in report["rows"] if row["part"] == "convolve"}
    assert modes == {*MODES, "memory", "kernel_build"}
    training = next(r for r in report["rows"] if r["mode"] == "forward_backward")
    assert training["operations"] > 0 and training["share_of_peak"] > 0
    assert json.loads(path.read_text())["rows"][0]["what"] == "rotation C_8"


def test_the_table_is_for_people_and_a_part_is_not_filed(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "symdyn_core.benchmarking.reports.default_path", lambda *_: tmp_path / "filed.json"
    )
    code, out, _ = bench(*SMALL, "--only", "magnitude")
    assert code == 0 and "magnitude per component" in out and "training" in out
    assert not (tmp_path / "filed.json").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("solver",), "No such command"),
        (("layers", "--device", "cuda:9"), "No device"),
        (("layers", "--precision", "half"), "Unknown precision"),
        (("layers", "--only", "nobody"), "Nothing named 'nobody'"),
        (("layers", "--channels", 24), "multiple of 16"),
        (("layers", "--rounds", 0), "at least one"),
        (("layers", "--out", "."), "got the folder"),
        (("layers", "--out", f"{__file__}/layers.json"), "which is a file"),
        (("models", "--size", "huge"), "Unknown size"),
        (("models", "--architecture", "MLP"), "Unknown architecture"),
    ],
)
def test_bad_requests_are_refused(arguments, message):
    code, out, err = bench(*arguments)
    assert code == 2 and out == "" and message in err
