"""Scalars are carried beside the velocities: read, kept, told of and handed out in batches."""

import h5py
import numpy as np
import pytest
import torch

from symdyn_core.datasets.chunked_frames import ChunkedFrames
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.prefetch import prefetched
from symdyn_core.datasets.scalars import scalar_moments, scalars_of
from symdyn_core.datasets.schema import cut_squares
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.datasets.transformed import Transformed
from symdyn_core.datasets.windows import Windows
from symdyn_core.inspection.readable import facts
from symdyn_core.inspection.report import inspect_path
from symdyn_core.symmetries import Rotation
from tests.conftest import mock_flow
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import notes_of
from tests.datasets.benchmark_files import FRAMES, NX, NY, RUNS

PAST, FUTURE = 3, 2


def carrying(**options):
    """A flow of noise with two scalars on its cells, dye twice u plus one and heat minus v."""
    flow = mock_flow(**options)
    flow["dye"] = 2 * flow["u"] + 1
    flow["heat"] = (-flow["v"]).assign_attrs(units="K", long_name="temperature")
    return flow


@pytest.mark.parametrize(
    ("make", "file", "scalars"),
    [
        (files.the_well, "a.hdf5", {"buoyancy": "u", "pressure": "v"}),
        (files.pdebench_compressible, "2D_CFD_periodic.hdf5", {"density": "u", "pressure": "v"}),
        (files.pdebench_incompressible, "ns.h5", {"particles": "u"}),
    ],
)
def test_scalars_are_turned_and_labelled_like_the_velocities(tmp_path, make, file, scalars):
    path = make(tmp_path / file)
    flow = open_any(path)
    assert scalars_of(flow) == tuple(scalars)
    for name, like in scalars.items():
        np.testing.assert_array_equal(flow[name], flow[like])  # as the files were written
        assert flow[name].attrs["units"] == "1" and flow[name].attrs["long_name"]
    assert not np.array_equal(flow["u"], flow["v"])
    assert scalars_of(open_any(path, scalars=False)) == ()


def test_smoke_lies_at_the_centres_while_velocities_are_averaged_there(tmp_path):
    path = files.pdearena(tmp_path / "a.h5")
    flow = open_any(path)
    with h5py.File(path) as content:
        stored = content["train/u"][:].swapaxes(2, 3)
    np.testing.assert_allclose(flow["smoke"], stored, rtol=1e-6)
    assert not np.allclose(flow["u"], stored, rtol=1e-6)
    assert flow["smoke"].attrs["long_name"] == "density of the smoke"


def test_rows_at_chebyshev_points_are_interpolated_for_scalars_too(tmp_path):
    flow = open_any(files.the_well(tmp_path / "a.hdf5", chebyshev=True))
    np.testing.assert_array_equal(flow["buoyancy"], flow["u"])


def test_fields_that_lack_an_axis_are_repeated_along_it(tmp_path):
    flow = open_any(files.shear_flow(tmp_path / "a.hdf5"))
    run, frame, y, x = np.meshgrid(*map(np.arange, (RUNS, FRAMES, NY, NX)), indexing="ij")
    expected = {
        "lid": frame + x, "forcing": run + y, "profile": run + frame + y, "height": run + x,
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_array_equal(flow[name], values)
    np.testing.assert_array_equal(flow["tracer"], flow["u"])
    assert "odd" not in flow and any("'odd' has the shape (3, 3)" in n for n in notes_of(flow))
    assert (flow.attrs["periodic_y"], flow.attrs["periodic_x"]) == (1, 1)
    lazily = open_any(tmp_path / "a.hdf5", lazy=True)
    assert lazily.load().equals(flow)


def test_trajectories_on_other_cells_are_refused(tmp_path):
    path = files.the_well(tmp_path / "a.hdf5")
    with h5py.File(path, "a") as content:
        x = content["dimensions/x"][:]
        del content["dimensions/x"]
        content["dimensions/x"] = np.stack((x, 2 * x))
    with pytest.raises(ValueError, match="one 'x' for all trajectories, got several"):
        open_any(path)


def test_a_scalar_called_like_something_else_gets_another_name(tmp_path):
    path = files.the_well(tmp_path / "a.hdf5")
    with h5py.File(path, "a") as content:
        content["t0_fields"].move("pressure", "v")
    flow = open_any(path)
    np.testing.assert_array_equal(flow["v_field"], flow["v"])
    assert scalars_of(flow) == ("buoyancy", "v_field")


def test_scalars_that_some_files_lack_are_left_out_and_named(tmp_path):
    for name in ("a", "b"):
        files.the_well(tmp_path / f"{name}.hdf5")
    with h5py.File(tmp_path / "b.hdf5", "a") as content:
        del content["t0_fields/pressure"]
    flow = open_any(tmp_path)
    assert flow.sizes["member"] == 2 * RUNS and scalars_of(flow) == ("buoyancy",)
    assert "'pressure' is not in all files: left out" in notes_of(flow)


def test_cut_outs_by_the_client_of_the_databases(tmp_path):
    files.givernylocal(tmp_path / "velocity.h5", "velocity")
    files.givernylocal(tmp_path / "pressure.h5", "pressure")
    flow = open_any(tmp_path, depth=0.2)
    assert flow.attrs["dt"] == pytest.approx(10 * 0.0065) and "channel" in flow.attrs["title"]
    assert scalars_of(flow) == ("pressure",)
    x = 0.1 * np.arange(NX)
    np.testing.assert_allclose(flow["u"][1, 3], x + 2 + 11, rtol=1e-6)  # i + 10 k + index
    np.testing.assert_allclose(flow["pressure"][1, 3], x - 0.6 + 11, rtol=1e-6)
    files.givernylocal(tmp_path / "pressure.h5", "pressure", (1, 11))
    assert any("'pressure' is not there at all times" in n for n in notes_of(open_any(tmp_path)))
    (tmp_path / "velocity.h5").unlink()
    with pytest.raises(ValueError, match="at least two times in the cut-out, got 0 of the velo"):
        open_any(tmp_path)


def test_cut_outs_of_staggered_boxes_and_of_turned_axes(tmp_path):
    path = files.givernylocal(tmp_path / "a.h5", "velocity", upwards="zcoor_uv")
    assert open_any(path).sizes == {"time": 3, "y": NY, "x": NX}
    with h5py.File(files.johns_hopkins(tmp_path / "b.h5"), "a") as content:
        turned = content["Velocity_0011"][:].transpose(2, 1, 0, 3)
        del content["Velocity_0011"]
        content["Velocity_0011"] = turned
    with pytest.raises(ValueError, match=r"'Velocity_0011' as z y x component on \(4, 8, 12\)"):
        open_any(tmp_path / "b.h5")


@pytest.mark.parametrize("problem", ["tensor", "groups"])
def test_benchmark_problems_without_a_velocity_are_named(tmp_path, problem):
    path = files.pdebench_without_velocity(tmp_path / "2D_rdb_NA_NA.h5", problem)
    with pytest.raises(ValueError, match=r"'2D_rdb_NA_NA\.h5'.*a problem of PDEBench that holds"):
        open_any(path)


def test_shallow_water_on_a_sphere_opens_as_members(tmp_path):
    flow = open_any(files.shallow_water(tmp_path / "train.zarr"))
    assert flow["u"].shape == (RUNS, FRAMES, 24, 48) and flow.attrs["dt"] == 6 * 3600
    assert float(flow["latitude"][0]) == -86.25 and flow.attrs["periodic_x"] == 1


def test_a_store_and_a_report_keep_scalars(tmp_path):
    flow = carrying(members=2, land=True)
    path = write_flow(flow, tmp_path / "a.zarr")
    assert open_flow(path).equals(flow) and open_flow(path)["heat"].attrs["units"] == "K"
    report = inspect_path(path).report
    dye = report["variables"]["dye"]
    wet = flow["dye"].where(flow["water"]).values
    wet = wet[np.isfinite(wet)].astype(np.float64)
    found = [dye[key] for key in ("minimum", "maximum", "mean", "std")]
    np.testing.assert_allclose(found, [wet.min(), wet.max(), wet.mean(), wet.std()], rtol=1e-6)
    data = dict(facts(report))["Data"]
    assert data["heat"] == "temperature [K]" and "heat range" in data


def test_moments_do_not_lose_a_small_spread_on_a_large_mean(tmp_path):
    flow = carrying(frames=200, dtype=torch.float64)
    flow["dye"] = 1e8 + flow["dye"]
    found = scalar_moments(flow, "dye")
    assert found.std == pytest.approx(float(flow["dye"].std()), rel=1e-9)
    nothing = flow.assign(dye=flow["dye"] * np.nan)
    assert scalar_moments(nothing, "dye") is None


@pytest.mark.parametrize("land", [False, True])
def test_batches_hold_the_scalars_that_were_asked_for(tmp_path, land):
    flow = carrying(members=2, land=land)
    plain = Windows(flow, PAST, FUTURE)
    windows = Windows(flow, PAST, FUTURE, scalars=("heat", "dye"))
    batch = windows.batch([1, 9])
    assert plain.batch([1, 9]).scalars is None
    assert torch.equal(batch.w, plain.batch([1, 9]).w)
    u, v = batch.w.unbind(2)
    wet = torch.ones(()) if batch.water is None else batch.water.float()
    assert torch.equal(batch.scalars, torch.stack((-v, 2 * u + 1), 2) * wet)
    lazy = open_flow(write_flow(flow, tmp_path / "a.zarr"), lazy=True)
    names = ("heat", "dye")
    from_disk = Windows(
        lazy, PAST, FUTURE, scalars=names,
        source=ChunkedFrames(lazy), scalar_source=ChunkedFrames(lazy, names=names),
    )  # fmt: skip
    for found in (from_disk.batch([1, 9]), *prefetched(from_disk, [[1, 9]])):
        assert torch.equal(found.w, batch.w) and torch.equal(found.scalars, batch.scalars)


def test_squares_carry_scalars():
    flow = cut_squares(carrying(frames=6, ny=8, nx=16), 8)
    assert scalars_of(flow) == ("dye", "heat") and flow["dye"].dims == flow["u"].dims
    np.testing.assert_array_equal(flow["heat"], -flow["v"])


def test_scalars_that_cannot_be_handed_out_are_refused():
    flow = carrying()
    for names in (("salt",), ("dye", "dye"), ("u",)):
        with pytest.raises(ValueError, match=r"scalars of this flow, each once.*dye, heat"):
            Windows(flow, PAST, FUTURE, scalars=names)
    windows = Windows(flow, PAST, FUTURE, scalars=("dye",))
    with pytest.raises(ValueError, match="velocities alone, got scalars"):
        Transformed(windows, Rotation())
    flow["dye"][3, 2, 2] = np.nan
    with pytest.raises(ValueError, match="finite values of dye on water"):
        Windows(flow, PAST, FUTURE, scalars=("dye",))
    wrong = ChunkedFrames(flow)
    with pytest.raises(ValueError, match="Expected a source of frames"):
        Windows(flow, PAST, FUTURE, scalars=("heat",), scalar_source=wrong)
