"""A chunk that was cut off is refused, whatever lies behind it in memory."""

import pickle

import numpy as np
import pytest
import xarray as xr
import zarr
from numcodecs import Blosc

from symdyn_core.datasets.store import open_lazily
from symdyn_core.datasets.whole_chunks import HEADER, WholeBlosc


def noise(cells: int = 512) -> np.ndarray:
    """What nothing packs: Blosc then keeps it as it is, behind its header."""
    return np.random.default_rng(0).integers(0, 256, cells, np.uint8)


def test_the_library_alone_reads_on_behind_the_end():
    """The control: without the check, half a chunk is as good as a whole one."""
    packed = Blosc().encode(noise())
    assert len(Blosc().decode(packed[: len(packed) // 2])) == 512


def test_a_whole_chunk_is_unpacked_bit_for_bit():
    packed = Blosc().encode(noise())
    assert np.array_equal(np.frombuffer(WholeBlosc().decode(packed), np.uint8), noise())
    target = np.empty(512, np.uint8)
    WholeBlosc().decode(packed, target)
    assert np.array_equal(target, noise())


@pytest.mark.parametrize("kept", [0, 3, HEADER - 1, HEADER, 100, -1])
def test_a_part_of_a_chunk_is_refused(kept):
    packed = Blosc().encode(noise())
    with pytest.raises(RuntimeError, match=r"blosc decompression.*cut off after"):
        WholeBlosc().decode(packed[:kept])


def stored(path, version: int) -> xr.Dataset:
    flow = xr.Dataset({"u": ("x", noise())})
    flow.to_zarr(path, zarr_format=version, consolidated=False, encoding={"u": packed_by(version)})
    return flow


def packed_by(version: int) -> dict:
    if version == 2:
        return {"compressors": Blosc()}
    return {"compressors": zarr.codecs.BloscCodec()}


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("sent", [False, True], ids=["here", "in a worker"])
def test_a_store_with_a_cut_chunk_is_refused(tmp_path, version, sent):
    written = stored(tmp_path / "a.zarr", version)
    flow = open_lazily(str(tmp_path / "a.zarr"))
    if sent:  # as Dask sends it to another process
        flow = pickle.loads(pickle.dumps(flow))
    xr.testing.assert_equal(flow.compute(), written)
    chunk = tmp_path / "a.zarr" / "u" / ("c/0" if version == 3 else "0")
    chunk.write_bytes(chunk.read_bytes()[:-100])
    with pytest.raises(RuntimeError, match="cut off"):
        flow = open_lazily(str(tmp_path / "a.zarr"))
        (pickle.loads(pickle.dumps(flow)) if sent else flow).compute()
