"""Any part of an array that is left on disk is what the array in memory gives."""

import numpy as np
import pytest

from symdyn_core.datasets.indexing import part_of
from symdyn_core.datasets.opening import open_any
from tests.datasets import benchmark_files as files
from tests.datasets.awkward import currents, written

PARTS = [
    {"time": 3},
    {"time": -1},
    {"time": 1, "y": 2, "x": 0},
    {"time": [0, 3]},
    {"x": [5, 1]},
    {"time": slice(1, 4, 2)},
    {"y": slice(None, None, -1)},
    {"time": slice(None, None, -2), "x": 4},
    {"y": slice(2, 5), "x": [2]},
    {"time": slice(2, 2)},
]


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (files.the_well, "a.hdf5"),
        (files.pdearena, "a.h5"),
        (files.johns_hopkins, "isotropic1024coarse.h5"),
        (lambda path: written(currents(days=range(6)), path), "a.nc"),
    ],
)
def test_every_part_of_a_lazy_flow_is_that_of_the_flow(tmp_path, make, name, part):
    path = make(tmp_path / name)
    now, later = open_any(path, lazy=False), open_any(path, lazy=True)
    if now.sizes["time"] < 4:
        part = {axis: 1 if axis == "time" else index for axis, index in part.items()}
    for field in ("u", "v"):
        np.testing.assert_array_equal(later[field].isel(part).values, now[field].isel(part).values)
        twice = later[field].isel(part).isel(x=0) if "x" not in part else later[field].isel(part)
        once = now[field].isel(part).isel(x=0) if "x" not in part else now[field].isel(part)
        np.testing.assert_array_equal(twice.values, once.values)


def test_no_more_is_read_than_the_box_that_covers_a_part():
    array, asked = np.arange(60).reshape(3, 4, 5), []

    def read(box):
        asked.append(box)
        return array[box]

    found = part_of(read, (np.int64(1), slice(3, 0, -2), [4, 2]), array.shape)
    np.testing.assert_array_equal(found, array[1][3:0:-2][:, [4, 2]])
    assert asked == [(slice(1, 2), slice(1, 4), slice(2, 5))]
    assert part_of(read, (slice(None), slice(2, 2), 0), array.shape).shape == (3, 0)
