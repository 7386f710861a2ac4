"""Files of benchmarks that are damaged or odd: refused in one line, or told what was left out."""

import h5py
import numpy as np
import pytest

from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.scalars import scalars_of
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import notes_of
from tests.datasets.benchmark_files import FRAMES, NX, NY, RUNS


def replaced(path, name, values):
    """A dataset of a file with other values and the same attributes."""
    with h5py.File(path, "a") as content:
        attributes = dict(content[name].attrs)
        del content[name]
        content[name] = values
        content[name].attrs.update(attributes)
    return path


def value(path, name):
    with h5py.File(path) as content:
        return content[name][:]


@pytest.mark.parametrize(
    ("make", "name", "times"),
    [
        (files.the_well, "dimensions/time", np.arange(4.0)),
        (files.pdebench_compressible, "t-coordinate", np.arange(3.0)),
        (files.pdebench_incompressible, "t", np.tile(np.arange(3.0), (RUNS, 1))),
    ],
)
def test_frames_without_a_time_are_refused(tmp_path, make, name, times):
    path = replaced(make(tmp_path / "a.h5"), name, times)
    with pytest.raises(
        ValueError, match=rf"'a\.h5'.*each of {FRAMES} frames, got {times.shape[-1]}"
    ):
        open_any(path)


@pytest.mark.parametrize(
    ("make", "name"),
    [(files.the_well, "dimensions/x"), (files.pdebench_compressible, "x-coordinate")],
)
def test_cells_without_a_position_are_refused(tmp_path, make, name):
    path = make(tmp_path / "a.h5")
    replaced(path, name, value(path, name)[:5])
    message = rf"'a\.h5': Expected both velocities on {NY} x 5 cells.*'u' on {NY} x {NX}"
    with pytest.raises(ValueError, match=message):
        open_any(path)


def test_velocities_on_different_cells_are_refused(tmp_path):
    path = files.pdebench_compressible(tmp_path / "a.h5")
    replaced(path, "Vy", value(path, "Vy")[:, :, :5])
    with pytest.raises(ValueError, match=rf"'a\.h5': .*got 'v' on {NY} x 5"):
        open_any(path)


@pytest.mark.parametrize(
    ("make", "name", "scalar"),
    [(files.the_well, "t0_fields/pressure", "pressure"),
     (files.pdebench_compressible, "density", "density")],
)  # fmt: skip
def test_scalars_on_other_times_are_left_out_and_named(tmp_path, make, name, scalar):
    path = make(tmp_path / "a.h5")
    replaced(path, name, value(path, name)[:, :3])
    flow = open_any(path)
    assert scalar not in flow and len(scalars_of(flow)) == 1
    assert f"'{scalar}' lies on other cells or times than the velocity: left out" in notes_of(flow)


def test_what_is_left_out_is_told(tmp_path):
    path = files.the_well(tmp_path / "a.h5")
    w = value(path, "t1_fields/velocity")
    replaced(path, "t1_fields/velocity", np.concatenate((w, w[..., :1]), -1))
    assert "the velocity has a third component: left out" in notes_of(open_any(path))
    path = files.pdearena(tmp_path / "b.h5")
    with h5py.File(path, "a") as content:
        content.copy("train", "valid")
    assert "the group 'valid' beside 'train' is left out" in notes_of(open_any(path))


def test_a_velocity_that_is_not_known_is_refused_with_the_name_of_the_file(tmp_path):
    path = files.the_well(tmp_path / "a.h5")
    with h5py.File(path, "a") as content:
        content["t1_fields/velocity"][0, 2, 3, 3, 0] = np.nan
    with pytest.raises(ValueError, match=r"'a\.h5': Expected finite velocities on water, got 1"):
        open_any(path)
