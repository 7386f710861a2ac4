"""Currents of Copernicus Marine: found, estimated, fetched in pieces, and written as a flow."""

import errno
import json
import sys
from dataclasses import replace

import dask
import numpy as np
import pytest
import xarray as xr

from symdyn_core.datasets import copernicus, pieces
from symdyn_core.datasets.copernicus import open_archive
from symdyn_core.datasets.copernicus_subset import PRESETS, OceanSubset
from symdyn_core.datasets.ocean_download import download_currents, estimate
from symdyn_core.datasets.store import open_flow
from tests.command_line import run
from tests.datasets.copernicus_client import (
    ANALYSIS,
    INTERIM,
    REANALYSIS,
    Client,
    missing_arguments,
    velocity,
)

SMALL = OceanSubset((20.0, -12.0, 24.0, -9.0), ("2016-01-01", "2016-01-24"))


@pytest.fixture(autouse=True)
def client(monkeypatch):
    """The stand-in under the name of the client; reads are counted one at a time."""
    stand_in = Client()
    monkeypatch.setitem(sys.modules, "copernicusmarine", stand_in)
    monkeypatch.setattr(pieces, "BYTES_PER_PIECE", 1)  # one stored chunk is one piece
    monkeypatch.setattr("symdyn_core.datasets.retrying.FIRST_PAUSE", 0.0)
    with dask.config.set(scheduler="synchronous"):
        yield stand_in


def expected(subset, latitudes, longitudes):
    """(u, v) of the archive at the surface."""
    days = np.arange(24.0)
    return (f[:, 0] for f in velocity(days, np.array([0.494]), latitudes, longitudes))


def test_a_subset_becomes_a_flow_with_the_values_of_the_archive(tmp_path, client):
    path = tmp_path / "a.zarr"
    download_currents(open_archive(SMALL), path)
    flow = open_flow(path)
    assert dict(flow["u"].sizes) == {"time": 24, "y": 13, "x": 17}
    u, v = expected(SMALL, flow["latitude"].values, flow["longitude"].values)
    np.testing.assert_allclose(flow["u"], u, atol=1e-6)
    np.testing.assert_allclose(flow["v"], v, atol=1e-6)
    assert flow.attrs["dt"] == 86400.0 and float(flow["water"].mean()) == pytest.approx(2 / 3, 0.05)
    assert not (tmp_path / "a.zarr.unfinished").exists()
    # Each stored chunk of each component is asked for once: 3 chunks of 8 frames.
    assert sorted(client.reads) == sorted(2 * [(0, 8), (8, 8), (16, 8)])


def test_the_provenance_says_what_it_is_and_nothing_of_the_account(tmp_path, monkeypatch):
    monkeypatch.setenv("COPERNICUSMARINE_SERVICE_USERNAME", "captain_nemo")
    monkeypatch.setenv("COPERNICUSMARINE_SERVICE_PASSWORD", "nautilus20000")
    path = tmp_path / "a.zarr"
    download_currents(open_archive(SMALL), path)
    told = json.loads(open_flow(path).attrs["provenance"])
    assert told["dataset"] == REANALYSIS and told["product"] == "GLOBAL_MULTIYEAR_PHY_001_030"
    assert told["doi"].endswith("moi-00021") and told["region"] == list(SMALL.region)
    assert told["versions"]["copernicusmarine"] == "2.5.0"
    written = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    assert b"nemo" not in written and b"nautilus" not in written


@pytest.mark.parametrize(
    ("period", "dataset"),
    [
        (("2022-07-01", "2022-07-09"), ANALYSIS),
        (("2016-01", "2016-02"), REANALYSIS),
        (("2022-05-01", "2022-05-31"), INTERIM),
    ],
)
def test_the_archive_that_reaches_back_is_taken_and_said_so(period, dataset):
    archive = open_archive(replace(SMALL, period=period))
    assert archive.subset.dataset_id == dataset
    assert bool(archive.notes) == (dataset != ANALYSIS)
    assert all(ANALYSIS in note and dataset in note for note in archive.notes)


def test_a_period_that_no_dataset_holds_is_refused_before_anything_is_read(client):
    with pytest.raises(ValueError, match=r"2021-06-01 to 2021-07-31: .* has 2021-06-01 to 2021-06"):
        open_archive(replace(SMALL, period=("2021-06-01", "2021-07-31")))
    assert client.reads == []


@pytest.mark.parametrize("name", PRESETS)
def test_the_regions_of_the_paper_hold_nine_squares_and_its_days(name, client):
    client.step = 1 / 12
    found = estimate(open_archive(PRESETS[name]))
    assert min(found.cells) >= 3 * 64
    assert found.frames == (350 if name == "south_pacific" else 596)
    assert found.kept == 2 * 4 * found.frames * found.cells[0] * found.cells[1]
    assert found.transferred > found.kept / 2 and client.reads == []


def test_regions_cross_the_date_line(tmp_path):
    subset = replace(SMALL, region=(178.0, -12.0, -178.0, -9.0))
    flow_path = tmp_path / "a.zarr"
    download_currents(open_archive(subset), flow_path)
    flow = open_flow(flow_path)
    assert np.allclose(np.diff(flow["longitude"]), 0.25) and flow.sizes["x"] == 17
    u, _ = expected(subset, flow["latitude"].values, flow["longitude"].values)
    np.testing.assert_allclose(flow["u"], u, atol=1e-6)


def test_the_level_nearest_to_the_depth_is_fetched(tmp_path):
    path = tmp_path / "a.zarr"
    download_currents(open_archive(replace(SMALL, depth=2.0)), path)
    surface = tmp_path / "b.zarr"
    download_currents(open_archive(SMALL), surface)
    difference = (open_flow(path)["u"] - open_flow(surface)["u"]).values
    np.testing.assert_allclose(difference[np.isfinite(difference)], 1.54 - 0.494, atol=1e-5)


def test_a_download_that_stopped_goes_on_where_it_was(tmp_path, client):
    path, archive = tmp_path / "a.zarr", open_archive(SMALL)
    # Two pieces arrive, then the computer is switched off.
    client.reads, stops = [], iter([None, None, KeyboardInterrupt()])

    def progress(done, total):
        stop = next(stops)
        if stop is not None:
            raise stop

    with pytest.raises(KeyboardInterrupt):
        download_currents(archive, path, progress=progress)
    assert not path.exists() and len(list((tmp_path / "a.zarr.unfinished").glob("*.nc"))) == 2
    assert sorted(set(client.reads)) == [(0, 8), (8, 8)]
    client.reads.clear()
    download_currents(open_archive(SMALL), path)
    assert set(client.reads) == {(16, 8)}
    whole = tmp_path / "whole.zarr"
    download_currents(open_archive(SMALL), whole)
    xr.testing.assert_identical(
        open_flow(path).drop_attrs(deep=False), open_flow(whole).drop_attrs(deep=False)
    )


def test_a_truncated_piece_is_fetched_again_and_sound_ones_are_not(tmp_path, client):
    archive = open_archive(SMALL)
    kept = pieces.Pieces(tmp_path / "p", {})
    pieces.fetch(kept, archive.dataset)
    first, second, third = sorted((tmp_path / "p").glob("*.nc"))
    second.write_bytes(second.read_bytes()[:-1])
    third.write_bytes(third.read_bytes()[:-1] + b"\x01")
    client.reads.clear()
    pieces.fetch(pieces.Pieces(tmp_path / "p", {}), archive.dataset)
    assert set(client.reads) == {(8, 8), (16, 8)}
    assert sorted((tmp_path / "p").glob("*.nc")) == [first, second, third]


def test_a_lost_connection_is_asked_again_and_a_refusal_is_not(tmp_path, client):
    client.failures = [ConnectionResetError("reset by peer"), TimeoutError("timed out")]
    download_currents(open_archive(SMALL), tmp_path / "a.zarr", pause=0)
    assert len(client.failures) == 0 and (tmp_path / "a.zarr").exists()
    client.failures = [KeyError("no such chunk"), TimeoutError("never asked")]
    with pytest.raises(KeyError):
        download_currents(open_archive(SMALL), tmp_path / "b.zarr", pause=0)
    assert len(client.failures) == 1


def test_a_connection_that_stays_lost_keeps_what_was_fetched(tmp_path, client):
    client.failures = [ConnectionResetError("reset by peer")] * 9
    with pytest.raises(ConnectionError, match=r"failed repeatedly .* kept in .*repeat the command"):
        download_currents(open_archive(SMALL), tmp_path / "a.zarr", pause=0)


def test_chunks_that_come_back_empty_are_read_again(tmp_path, client):
    client.holes = {2}  # u of the second piece, whose store answered with missing values
    path, whole = tmp_path / "a.zarr", tmp_path / "b.zarr"
    assert len(download_currents(open_archive(SMALL), path, pause=0)) == 1  # of the archive alone
    client.holes = set()
    download_currents(open_archive(SMALL), whole)
    np.testing.assert_array_equal(open_flow(path)["u"], open_flow(whole)["u"])


def test_a_hole_through_the_first_piece_shows_beside_the_others(tmp_path, client):
    client.holes = {0}
    path, whole = tmp_path / "a.zarr", tmp_path / "b.zarr"
    download_currents(open_archive(SMALL), path, pause=0)
    client.holes = set()
    download_currents(open_archive(SMALL), whole)
    np.testing.assert_array_equal(open_flow(path)["u"], open_flow(whole)["u"])


def test_holes_of_the_archive_itself_are_told(tmp_path, client):
    client.holes = set(range(2, 4 + 2 * pieces.ATTEMPTS))
    notes = download_currents(open_archive(SMALL), tmp_path / "a.zarr", pause=0)
    assert any("8 frames from 2016-01-09 to 2016-01-16 lack cells" in note for note in notes)


def test_a_full_disk_loses_nothing(tmp_path, client, monkeypatch):
    path = tmp_path / "a.zarr"
    download_currents(open_archive(SMALL), path)
    before = open_flow(path)
    written = xr.Dataset.to_netcdf
    calls = []

    def full(self, target, **options):
        calls.append(written(self, target, **options))
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    later = replace(SMALL, period=("2016-02-01", "2016-02-24"))
    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(OSError, match=r"disk is full. What was fetched is kept"):
        download_currents(open_archive(later), path)
    xr.testing.assert_identical(open_flow(path), before)
    assert len(list((tmp_path / "a.zarr.unfinished").glob("*"))) == 2  # the request and one piece
    monkeypatch.setattr(xr.Dataset, "to_netcdf", written)
    download_currents(open_archive(later), path)
    assert open_flow(path)["time"].values[0] == np.datetime64("2016-02-01")


def test_an_unfinished_download_of_other_data_is_refused(tmp_path, client):
    pieces.Pieces(tmp_path / "a.zarr.unfinished", {"subset": "another"})
    with pytest.raises(ValueError, match="unfinished download of other data"):
        download_currents(open_archive(SMALL), tmp_path / "a.zarr")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"region": (0.0, 10.0, 5.0, 5.0)}, "South is less than north"),
        ({"region": (0.0, 55.0, 5.0, 75.0)}, r"cover 20 degrees of latitude from 55"),
        ({"period": ("yesterday", "today")}, "two dates such as"),
        ({"period": ("2017", "2016")}, "first date before the last"),
        ({"dataset_id": "cmems_nothing"}, "DatasetNotFound: cmems_nothing was not found"),
        ({"variables": ("uo", "sea")}, "Expected two velocity variables"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(change, message, client):
    if "variables" in change:
        monkey = client.open_dataset
        client.open_dataset = lambda **request: monkey(**{**request, "variables": ["uo", "vo"]})
    with pytest.raises(ValueError, match=message) as error:
        open_archive(replace(SMALL, **change))
    assert "\n" not in str(error.value)


def test_without_the_client_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "copernicusmarine", None)
    with pytest.raises(ImportError, match=r"extra 'ocean'.*copernicusmarine login"):
        open_archive(SMALL)


def test_without_an_account_it_is_said_where_to_get_one(client, capsys):
    client.logged_in = False
    with pytest.raises(ValueError, match=r"needs an account.*copernicusmarine login"):
        open_archive(SMALL)
    assert capsys.readouterr().out == ""


def test_the_command_says_the_size_and_asks(tmp_path, client):
    region = ("--region", "20,-12,24,-9", "--period", "2016-01-01,2016-01-24")
    arguments = ("data", "download", "copernicus", *region, "--out", tmp_path / "a.zarr")
    code, out, err = run(*arguments)
    assert code == 2 and out == "" and "--yes" in err and client.reads == []
    assert "24 frames of 13 x 17 cells" in err and ANALYSIS in err and REANALYSIS in err
    assert list(tmp_path.iterdir()) == []
    code, out, err = run(*arguments, "--yes", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["frames"] == 24 and found["dataset"] == REANALYSIS
    assert open_flow(found["path"]).sizes["time"] == 24


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mars",), "Unknown source 'mars'; choose from atlantic"),
        (("copernicus",), "copernicus needs --region and --period"),
        (("https://host/a.nc", "--region", "1,2,3,4"), "mean nothing to a file"),
        (("atlantic", "--sha256", "00"), "--sha256 is for a file"),
    ],
)
def test_commands_that_make_no_sense_are_one_line(arguments, message):
    code, out, err = run("data", "download", *arguments)
    assert code == 2 and out == "" and message in err and err.count("\n") == 1


def test_presets_may_be_changed_by_options(client):
    client.step = 1.0
    options = ("--period", "2016-03,2016-03", "--depth", 1.5)
    code, _, err = run("data", "download", "indian", *options)
    assert code == 2 and "31 frames of 22 x 22 cells" in err


def test_the_client_takes_what_is_passed(monkeypatch):
    monkeypatch.delitem(sys.modules, "copernicusmarine")
    real = pytest.importorskip("copernicusmarine", reason="needs the extra 'ocean'")
    assert missing_arguments(real.open_dataset) == set()


def test_the_stand_in_takes_what_is_passed_and_no_more(client):
    assert missing_arguments(client.open_dataset) == set()
    assert missing_arguments(lambda dataset_id: None)
    assert set(copernicus.SURFACE_CURRENTS) == {ANALYSIS, REANALYSIS, INTERIM}
