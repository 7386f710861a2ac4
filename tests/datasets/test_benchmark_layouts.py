"""Files of public benchmarks open as flows, with x east, y north and every run a member."""

import dask.array
import h5py
import numpy as np
import pytest

from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.store import open_flow, write_flow
from symdyn_core.inspection.report import inspect_path
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import notes_of
from tests.datasets.benchmark_files import FRAMES, NX, NY, RUNS

CASES = {
    "the_well": (files.the_well, "rayleigh_benard_Rayleigh_1e7.hdf5"),
    "pdebench_compressible": (files.pdebench_compressible, "2D_CFD_Rand_periodic_Train.hdf5"),
    "pdebench_incompressible": (files.pdebench_incompressible, "ns_incom_inhom_2d_512-0.h5"),
    "pdearena": (files.pdearena, "NavierStokes2D_train_42_0.50000.h5"),
    "johns_hopkins": (files.johns_hopkins, "isotropic1024coarse.h5"),
}


def expected(flow, offset=(0.0, 0.0), start=0.0):
    """The velocities of ``benchmark_files`` at the positions of a flow, ``run time y x``."""
    times = start + flow.attrs["dt"] * np.arange(flow.sizes["time"])
    u, v = files.velocity(flow["x"].values + offset[1], flow["y"].values + offset[0], times)
    return u.swapaxes(2, 3), v.swapaxes(2, 3)


@pytest.mark.parametrize(
    ("name", "sizes", "periodic", "dt"),
    [
        ("the_well", (RUNS, FRAMES, NY, NX), (0, 1), 0.25),
        ("pdebench_compressible", (RUNS, FRAMES, NY, NX), (1, 1), 0.05),
        ("pdebench_incompressible", (RUNS, FRAMES, NY, NX), (0, 0), 0.005),
        ("pdearena", (RUNS, FRAMES, NY, NX), (0, 0), 1.5),
        ("johns_hopkins", (3, NY, NX), (0, 0), 0.02),
    ],
)
def test_every_layout_opens_as_a_flow(tmp_path, name, sizes, periodic, dt):
    make, file = CASES[name]
    path = make(tmp_path / file)
    assert open_any(path, patch=8)["u"].shape[-2:] == (8, 8)
    flow = open_any(path)
    assert flow["u"].shape == sizes
    assert (flow.attrs["periodic_y"], flow.attrs["periodic_x"]) == periodic
    assert flow.attrs["dt"] == pytest.approx(dt, rel=1e-5)
    found = inspect_path(path).report
    assert found["times"]["count"] == sizes[-3] and found["rms"] > 0
    assert open_flow(write_flow(flow, tmp_path / "copy.zarr")).equals(flow)


def test_the_well_is_turned_to_y_x(tmp_path):
    flow = open_any(files.the_well(tmp_path / "a.hdf5"))
    for name, field in zip(("u", "v"), expected(flow), strict=True):
        np.testing.assert_allclose(flow[name], field, atol=1e-5)
    assert "Rayleigh 1e+07" in flow.attrs["title"]
    assert notes_of(flow) == []


def test_rows_at_chebyshev_points_are_interpolated(tmp_path):
    path = files.the_well(tmp_path / "a.hdf5", chebyshev=True)
    flow = open_any(path)
    assert np.ptp(np.diff(flow["y"])) < 1e-12
    u, _ = expected(flow)
    np.testing.assert_allclose(flow["u"], u, atol=1e-5)  # linear in y: exact
    assert "y had steps from" in notes_of(flow)[0]


def test_pdebench_positions_and_numbers(tmp_path):
    flow = open_any(files.pdebench_compressible(tmp_path / "2D_CFD_trans.hdf5"))
    assert flow.attrs["periodic_x"] == 0
    for name, field in zip(("u", "v"), expected(flow), strict=True):
        np.testing.assert_allclose(flow[name], field, atol=1e-5)
    flow = open_any(files.pdebench_incompressible(tmp_path / "ns.h5"))
    for name, field in zip(("u", "v"), expected(flow, offset=(-0.5, -0.5)), strict=True):
        np.testing.assert_allclose(flow[name], field, atol=1e-5)
    assert "lengths are in cells" in notes_of(flow)[0]


def test_pdearena_faces_are_averaged_to_centres(tmp_path):
    flow = open_any(files.pdearena(tmp_path / "a.h5"))
    cell = 32.0 / NX
    assert flow["x"].values[0] == pytest.approx(cell / 2)
    assert flow.attrs["dx"] == pytest.approx(cell)
    u, _ = expected(flow, start=18.0)
    inner = (slice(None), slice(None), slice(None), slice(1, -1))
    np.testing.assert_allclose(flow["u"].values[inner], u[inner], rtol=1e-5, atol=1e-6)
    # Beside a wall the mean is half of the one face that moves.
    face, _ = files.velocity(np.array([cell]), flow["y"].values, 18 + 1.5 * np.arange(FRAMES))
    np.testing.assert_allclose(flow["u"].values[..., 0], face[:, :, 0] / 2, rtol=1e-5)
    assert "grid C" in notes_of(flow)[0]


def test_one_plane_of_a_cut_out_is_taken(tmp_path):
    path = files.johns_hopkins(tmp_path / "isotropic1024coarse.h5")
    lowest, higher = open_any(path), open_any(path, depth=0.21)
    np.testing.assert_allclose(higher["u"] - lowest["u"], 2.0, rtol=1e-5)  # 10 z at z = 0.2
    np.testing.assert_allclose(lowest["u"][1, 3], 0.1 * np.arange(NX) + 11, rtol=1e-6)
    assert "z = 0.2" in higher.attrs["title"]
    parts = tmp_path / "parts"
    parts.mkdir()
    for index in (21, 1, 11):
        files.johns_hopkins(parts / f"isotropic1024coarse_{index}.h5", (index,))
    assert open_any(parts).drop_attrs().equals(lowest.drop_attrs())
    named = open_any(files.johns_hopkins(tmp_path / "mine.h5"))
    assert named.attrs["dt"] == 1.0 and "not known" in notes_of(named)[0]


def test_runs_of_several_files_are_members_of_one_flow(tmp_path):
    for seed in (1, 2):
        files.pdearena(tmp_path / f"{seed}.h5")
    assert open_any(tmp_path).sizes["member"] == 2 * RUNS
    files.pdearena(tmp_path / "3.h5", dt=3.0)
    with pytest.raises(ValueError, match=r"cells and times of '1\.h5', got others in '3\.h5'"):
        open_any(tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_simulations_larger_than_the_memory_stay_on_disk(tmp_path, name):
    make, file = CASES[name]
    path = make(tmp_path / file)
    later, now = open_any(path, lazy=True), open_any(path, lazy=False)
    assert isinstance(later["u"].data, dask.array.Array)
    assert later.load().equals(now)


def three_dimensional(path):
    return files.the_well(path, dims=("x", "y", "z"))


def no_velocity(path):
    with h5py.File(files.the_well(path), "a") as content:
        del content["t1_fields/velocity"]
    return path


def uneven_times(path):
    with h5py.File(files.the_well(path), "a") as content:
        content["dimensions/time"][3] = 0.8
    return path


def single_time(path):
    return files.johns_hopkins(path, (7,))


def one_dimensional(path):
    with h5py.File(files.pdebench_compressible(path), "a") as content:
        del content["Vy"]
    return path


def cut_off(path):
    files.pdearena(path)
    path.write_bytes(path.read_bytes()[:4000])
    return path


def other_things(path):
    with h5py.File(path, "w") as content:
        content["tensor"] = np.zeros((3, 4))
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (three_dimensional, r"two dimensions on a Cartesian grid, got the axes \['x', 'y', 'z'\]"),
        (no_velocity, "Expected the vector field 'velocity'"),
        (uneven_times, "Expected evenly spaced times"),
        (single_time, "at least two times in the cut-out, got 1"),
        (one_dimensional, "Expected a flow in two dimensions"),
        (cut_off, r"Cannot read 'a\.h5'"),
        (other_things, "Expected two velocity components"),
    ],
)
def test_simulations_that_cannot_be_used_are_refused_in_one_line(tmp_path, make, message):
    path = make(tmp_path / "a.h5")
    with pytest.raises(ValueError, match=message) as caught:
        open_any(path)
    assert "\n" not in str(caught.value) and "a.h5" in str(caught.value)


def test_options_that_mean_nothing_to_a_simulation_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\['geostrophic'\] mean nothing"):
        open_any(files.pdearena(tmp_path / "a.h5"), geostrophic=True)
