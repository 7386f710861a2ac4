"""One pass by Dask gives what the textbook formulas give, however the flow is cut."""

import dask
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets import schema, statistics, store
from symdyn_core.datasets.statistics import flow_statistics
from symdyn_core.inspection.report import inspect_specimen
from symdyn_core.inspection.specimen import specimen_of
from tests.conftest import mock_flow

FRAME = 2 * 8 * 10 * 4
"""Bytes of one frame of ``mock_flow``."""


def drifting(**options) -> xr.Dataset:
    """A random walk about a large mean, as real currents: steps, anomalies and means differ."""
    flow = mock_flow(frames=50, **options)
    for name, mean in (("u", 3.0), ("v", -1.0)):
        flow[name] = flow[name].cumsum("time", skipna=False).transpose(*flow[name].dims) + mean
    return flow


@pytest.mark.parametrize("members", [None, 3])
@pytest.mark.parametrize("land", [False, True])
@pytest.mark.parametrize("frames", [5, 7, 25, 1000])
def test_any_cut_into_blocks_gives_the_textbook_values(members, land, frames):
    flow = drifting(members=members, land=land)
    table = flow_statistics(flow, block_bytes=frames * FRAME)
    for component in ("u", "v"):
        values = flow[component].values
        values = values[np.isfinite(values)].astype(np.float64)
        one = table.sel(component=component)
        assert float(one["mean"]) == pytest.approx(values.mean(), rel=1e-6)
        assert float(one["std"]) == pytest.approx(values.std(), rel=1e-6)
        assert float(one["minimum"]) == values.min() and float(one["maximum"]) == values.max()
        assert int(table["numbers"]) == values.size
    assert float(table["rms"]) == pytest.approx(schema.rms(flow), rel=1e-6)
    for entry in inspect_specimen(specimen_of(flow)).report["persistence"]:
        if entry["lead"] not in statistics.LEADS:
            continue
        error = float(table["persistence"].sel(lead=entry["lead"]))
        assert error == pytest.approx(entry["rmse"], rel=1e-5)
        assert error / float(table["anomaly"]) == pytest.approx(entry["relative"], rel=1e-5)
    mean = flow["u"].mean("time", skipna=False).values.reshape(-1, 8, 10)
    np.testing.assert_allclose(table["time_mean"].values[:, 0], mean, rtol=1e-5, atol=1e-6)


def test_persistence_counts_pairs_across_blocks():
    flow = drifting()
    whole = flow_statistics(flow, block_bytes=1000 * FRAME)["persistence"]
    cut = flow_statistics(flow, block_bytes=5 * FRAME)["persistence"]
    np.testing.assert_allclose(cut, whole, rtol=1e-6)
    # Pairs within the blocks alone say something else.
    pieces = [flow.isel(time=slice(n, n + 5)) for n in range(0, 50, 5)]
    alone = [flow_statistics(piece, (2,))["persistence"].item() for piece in pieces]
    assert abs(np.sqrt(np.mean(np.square(alone))) / whole.sel(lead=2).item() - 1) > 1e-3


@pytest.mark.parametrize("members", [None, 2])
def test_bands_of_rows_that_are_read_alone_change_nothing(tmp_path, members, monkeypatch):
    flow = drifting(members=members, land=True)
    dry = flow["water"].values.copy()
    dry[:2] = False  # a band without water
    flow["water"] = flow["water"].copy(data=dry)
    flow = flow.assign({name: flow[name].where(flow["water"]) for name in ("u", "v")})
    path = store.write_flow(flow, tmp_path / "flow.zarr", chunks={"time": 10, "y": 2})
    sizes, block = [], statistics.read_block

    def noted(part, *rest):
        sizes.append(part["u"].shape[-2])
        return block(part, *rest)

    monkeypatch.setattr(statistics, "read_block", noted)
    found = flow_statistics(store.open_flow(path, lazy=True), block_bytes=FRAME)
    assert set(sizes) == {2} and len(sizes) == 5 * 4 * (members or 1)
    expected = flow_statistics(flow, block_bytes=1000 * FRAME)
    assert set(sizes[5 * 4 * (members or 1) :]) == {8}
    xr.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("frames", [1, 2, 6])
def test_leads_beyond_a_short_flow_are_left_out(frames):
    table = flow_statistics(mock_flow().isel(time=slice(0, frames)))
    assert table["lead"].values.tolist() == [lead for lead in (1, 2, 5) if lead < frames]


def test_a_steady_flow_has_no_anomaly_though_its_mean_is_large():
    flow = mock_flow(frames=40)
    for name in ("u", "v"):
        flow[name] = flow[name] * 0 + np.float32(1000.1)
    table = flow_statistics(flow, block_bytes=10 * FRAME)
    assert float(table["anomaly"]) < 1e-6 * 1000
    assert float(table["std"][0]) < 1e-6 * 1000
    # A sum of squares less the square of the mean, in single precision, is off by more.
    values = flow["u"].values
    naive = np.mean(values * values) - np.mean(values) ** 2
    assert abs(naive) > 1e-4


def test_threads_and_processes_and_the_archive_give_the_same_bits(tmp_path):
    flow = drifting(members=2, land=True)
    lazy = store.open_flow(store.write_flow(flow, tmp_path / "flow.zarr"), lazy=True)
    size = 8 * FRAME
    tables = []
    for options in ({"scheduler": "synchronous"}, {"scheduler": "threads", "num_workers": 4}):
        with dask.config.set(**options):
            tables += [flow_statistics(lazy, block_bytes=size)]
    with dask.config.set(scheduler="processes", num_workers=2):
        tables += [flow_statistics(lazy, block_bytes=size)]
    tables += [flow_statistics(lazy.chunk(time=16), block_bytes=size)]
    for table in tables[1:3]:
        xr.testing.assert_identical(table, tables[0])
    xr.testing.assert_allclose(tables[3], tables[0], rtol=1e-6)


def test_each_value_is_read_once(tmp_path, monkeypatch):
    lazy = store.open_flow(store.write_flow(drifting(), tmp_path / "flow.zarr"), lazy=True)
    read = []
    block = statistics.read_block

    def counted(part, *rest):
        read.append(part["u"].size)
        return block(part, *rest)

    monkeypatch.setattr(statistics, "read_block", counted)
    flow_statistics(lazy, block_bytes=FRAME)
    assert sum(read) == lazy["u"].size and len(read) > 1


def test_missing_values_on_water_are_refused():
    flow = drifting()
    flow["u"][30, 2, 2] = np.nan
    with pytest.raises(ValueError, match="finite velocities on water"):
        flow_statistics(flow, block_bytes=7 * FRAME)


def test_impossible_leads_are_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        flow_statistics(mock_flow(), (0, 1))
