"""The slice of data that comes with the source: test frames, rounded so that they compress."""

import json

import numpy as np
import pytest

from symdyn_core.datasets.demo import demo_slice, open_demo
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.store import write_flow
from tests.conftest import mock_flow


def test_the_demo_is_the_end_of_the_test_part_and_compresses(tmp_path):
    wide = mock_flow(frames=160, ny=16, nx=32)
    demo = demo_slice(wide, 20)
    test = split_in_time(wide, gap=17)[-1]
    assert demo["time"].values.tolist() == test["time"].values[-20:].tolist()
    for name in ("u", "v"):
        whole = wide[name].isel(time=slice(-20, None)).values
        error = np.abs(demo[name].values - whole)
        assert (error <= 2.0**-8 * np.abs(whole)).all()
        assert error.max() > 0
        exact = demo_slice(wide, 20, mantissa_bits=23)[name].values
        assert exact.tobytes() == whole.tobytes()
    small, large = (
        sum(file.stat().st_size for file in write_flow(flow, tmp_path / name).rglob("*"))
        for name, flow in (("a.zarr", demo), ("b.zarr", demo_slice(wide, 20, mantissa_bits=23)))
    )
    assert small < 0.8 * large  # of white noise; of a real flow less than half
    assert json.loads(demo.attrs["provenance"])["demo"] == {"frames": 20, "mantissa_bits": 7}
    assert "demo" not in json.loads(wide.attrs["provenance"])


@pytest.mark.parametrize(
    ("options", "message"),
    [({"frames": 100}, "length of the test part"), ({"frames": 5, "mantissa_bits": 0}, "1 to 23")],
)
def test_an_impossible_demo_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        demo_slice(mock_flow(frames=160), **options)


@pytest.mark.parametrize(
    ("name", "squares", "unit"), [("rayleigh_benard", 7, "1"), ("quasi_geostrophic", 4, "m s-1")]
)
def test_the_demo_flows_open_as_squares_that_come_from_no_training(name, squares, unit):
    flow = open_demo(name)
    assert (flow.sizes["member"], flow.sizes["y"], flow.sizes["x"]) == (squares, 64, 64)
    assert flow["u"].attrs["units"] == unit
    demo = json.loads(flow.attrs["provenance"])["demo"]
    assert demo["frames"] == flow.sizes["time"] >= 44  # enough to see scalings by whole steps


def test_a_demo_that_is_not_there_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="symdyn zoo build"):
        open_demo("quasi_geostrophic")
