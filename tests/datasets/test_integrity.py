"""Files that are cut off are noticed, files that are whole never are."""

import netCDF4
import numpy as np
import pytest

from symdyn_core.datasets.integrity import check_not_truncated
from tests.datasets.awkward import currents, written

FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"]


def test_the_library_alone_would_read_a_truncated_file_as_zeros(tmp_path):
    path = written(currents(), tmp_path / "a.nc", format="NETCDF3_CLASSIC")
    with netCDF4.Dataset(path) as whole:
        last = list(whole.variables)[-1]
        assert bool((whole[last][:] != 0).all())
    path.write_bytes(path.read_bytes()[:-16])
    with netCDF4.Dataset(path) as cut:
        assert not bool((cut[last][:] != 0).all())


def file_of_shorts(path, kind: str, variables: int):
    """Five records of three shorts: 30 bytes, with or without padding to 8 bytes a record."""
    with netCDF4.Dataset(path, "w", format=kind) as dataset:
        dataset.title = "odd"
        dataset.createDimension("time", None)
        dataset.createDimension("cell", 3)
        for number in range(variables):
            variable = dataset.createVariable(f"a{number}", "i2", ("time", "cell"))
            variable.units = "m"
            variable[:] = np.full((5, 3), 7, dtype="i2")
    return path


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("variables", [1, 2])
def test_every_byte_of_records_counts(tmp_path, kind, variables):
    path = file_of_shorts(tmp_path / "a.nc", kind, variables)
    content = path.read_bytes()
    check_not_truncated(str(path))
    end = content.rindex(b"\x00\x07") + 2  # padding after the last value may be missing
    for cut in (end, end - 1, end - 8, end - 25):
        path.write_bytes(content[:cut])
        if cut == end:
            check_not_truncated(str(path))
            continue
        with pytest.raises(EOFError, match="cut off"):
            check_not_truncated(str(path))


def test_other_formats_are_left_to_their_readers(tmp_path):
    path = written(currents(), tmp_path / "a.nc", format="NETCDF4")
    path.write_bytes(path.read_bytes()[:-100])
    check_not_truncated(str(path))
