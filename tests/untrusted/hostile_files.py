"""Files that a visitor may send by mistake or by intent, and what must be said about each."""

import io
import json
import os
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from symdyn_core.datasets.netcdf_lock import ONE_AT_A_TIME
from symdyn_core.datasets.store import write_flow
from tests.conftest import mock_flow
from tests.datasets.awkward import currents

LATITUDES, LONGITUDES = -40.0 + 0.25 * np.arange(16), 20.0 + 0.25 * np.arange(24)


def sound(frames: int = 20, **more) -> xr.Dataset:
    """Currents that can be used."""
    return currents(LATITUDES, LONGITUDES, range(frames), **more)


def netcdf(path: Path, dataset: xr.Dataset | None = None, **options) -> Path:
    with ONE_AT_A_TIME:  # what was refused before may still be read by another thread
        (sound() if dataset is None else dataset).to_netcdf(path, **options)
    return path


def store(folder: Path) -> Path:
    """A sound Zarr store of format 3."""
    return write_flow(mock_flow(frames=24, ny=16, nx=16), folder / "flow.zarr")


def zipped(folder: Path, target: Path) -> Path:
    """A folder as a ZIP file, with its own name at the top."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(file, file.relative_to(folder.parent))
    return target


def with_entries(target: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target


class Trap:
    """Unpickled, it makes a file: the proof that something was executed."""

    def __reduce__(self):
        return os.mkdir, ("executed",)


def truncated(folder: Path) -> Path:
    path = netcdf(folder / "truncated.nc")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def truncated_classic(folder: Path) -> Path:
    path = netcdf(folder / "classic.nc", format="NETCDF3_CLASSIC", engine="scipy")
    path.write_bytes(path.read_bytes()[:-2000])
    return path


def one_dimensional(folder: Path) -> Path:
    line = xr.Dataset({n: ("time", np.ones(9), {"units": "m/s"}) for n in ("uo", "vo")})
    return netcdf(folder / "line.nc", line)


def wrong_axes(folder: Path) -> Path:
    odd = sound().rename({"latitude": "left", "longitude": "right"})
    odd["left"].attrs = odd["right"].attrs = {}
    return netcdf(folder / "axes.nc", odd)


def zip_bomb(folder: Path) -> Path:
    return with_entries(folder / "bomb.zip", ("flow.zarr/u", b"\0" * 90_000_000))


def text(folder: Path) -> Path:
    path = folder / "text.nc"
    path.write_text("These are my currents.\n")
    return path


def only_nan(folder: Path) -> Path:
    return netcdf(folder / "nan.nc", sound() * np.nan)


def nothing(folder: Path) -> Path:
    path = folder / "nothing.nc"
    path.write_bytes(b"")
    return path


def huge_claim(folder: Path) -> Path:
    path = folder / "huge.nc"
    with h5py.File(path, "w") as file:
        for name in ("uo", "vo"):
            file.create_dataset(name, (10**5, 10**4, 10**4), "f4", chunks=(1, 1000, 1000))
    return path


def huge_classic_claim(folder: Path) -> Path:
    path = netcdf(folder / "huge3.nc", format="NETCDF3_64BIT", engine="scipy")
    content = bytearray(path.read_bytes())
    at = content.index(b"longitude") + 12  # the length of the axis follows its padded name
    assert struct.unpack(">I", content[at : at + 4]) == (24,)
    content[at : at + 4] = struct.pack(">I", 2**31 - 4)
    path.write_bytes(content)
    return path


def pickled(folder: Path) -> Path:
    path = folder / "pickled.nc"
    path.write_bytes(pickle.dumps(Trap()))
    return path


def pickle_codec(folder: Path) -> Path:
    """A store of format 2 whose filter unpickles."""
    array = {
        "zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "order": "C",
        "compressor": None, "fill_value": None, "filters": [{"id": "pickle", "protocol": 4}],
    }  # fmt: skip
    return with_entries(
        folder / "codec.zip",
        ("flow.zarr/.zgroup", b'{"zarr_format": 2}'),
        ("flow.zarr/u/.zarray", json.dumps(array).encode()),
        ("flow.zarr/u/0", pickle.dumps(Trap())),
    )


def object_type(folder: Path) -> Path:
    path = folder / "objects.nc"
    with h5py.File(path, "w") as file:
        kind = h5py.vlen_dtype(np.float32)
        for name in ("uo", "vo"):
            file.create_dataset(name, (3, 4, 5), kind)
    return path


def one_frame(folder: Path) -> Path:
    return netcdf(folder / "one.nc", sound(1))


def no_velocity(folder: Path) -> Path:
    """Temperatures alone."""
    warm = sound().rename({"uo": "thetao", "vo": "so"})
    for name, unit in (("thetao", "degC"), ("so", "1e-3")):
        warm[name].attrs = {"units": unit}
    return netcdf(folder / "warm.nc", warm)


def one_component(folder: Path) -> Path:
    return netcdf(folder / "half.nc", sound().drop_vars("vo"))


def same_places(folder: Path) -> Path:
    """All rows lie on one latitude."""
    return netcdf(folder / "same.nc", currents(0 * LATITUDES, LONGITUDES, range(6)))


def same_times(folder: Path) -> Path:
    """Two frames of one day, one of which is left out."""
    return netcdf(folder / "twice.nc", currents(LATITUDES, LONGITUDES, [0, 1, 1, 2, 3]))


def words_for_numbers(folder: Path) -> Path:
    spelled = sound(3)
    for name in ("uo", "vo"):
        spelled[name] = spelled[name].astype(str)
    return netcdf(folder / "words.nc", spelled)


def not_monotonic(folder: Path) -> Path:
    jumping = LATITUDES.copy()
    jumping[3] = jumping[9]
    return netcdf(folder / "jumping.nc", currents(jumping, LONGITUDES, range(6)))


def infinite(folder: Path) -> Path:
    flow = mock_flow(frames=20, ny=16, nx=16)
    flow["u"][3, 4, 5] = np.inf
    return netcdf(folder / "infinite.nc", flow)


def wrong_unit(folder: Path) -> Path:
    degrees = ({"units": "degC"}, {"units": "degC"})
    return netcdf(folder / "unit.nc", sound(attributes=degrees))


def many_files(folder: Path) -> Path:
    """A million tiny files."""
    path = folder / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("flow.zarr/zarr.json", b"{}")
    # Written by hand: the library would take minutes.
    header = struct.Struct("<4sHHHHHHIIIHHHHHII")
    entry = b"".join(
        header.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
        + f"{n:07d}".encode()
        for n in range(10**6)
    )
    start = path.read_bytes().split(b"PK\x01\x02")[0]
    large = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**6, 10**6, len(entry), len(start)
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(start) + len(entry), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    path.write_bytes(start + entry + large + locator + end)
    return path


def symlink(folder: Path) -> Path:
    link = zipfile.ZipInfo("flow.zarr/u/c/0")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return with_entries(folder / "link.zip", ("flow.zarr/zarr.json", b"{}"), (link, b"/etc/passwd"))


def nested(folder: Path) -> Path:
    inner = zipped(store(folder), folder / "inner.zip").read_bytes()
    return with_entries(folder / "nested.zip", ("data/inner.zip", inner), ("data/readme", b"x"))


def wrong_ending(folder: Path) -> Path:
    path = folder / "flow.nc"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    return path


def locked(folder: Path) -> Path:
    path = with_entries(folder / "locked.zip", ("flow.zarr/zarr.json", b"{}"))
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    return path


def external_link(folder: Path) -> Path:
    path = netcdf(folder / "link.nc")
    with h5py.File(path, "a") as file:
        file["secret"] = h5py.ExternalLink("/etc/secret.nc", "/uo")
    return path


def virtual_dataset(folder: Path) -> Path:
    path = netcdf(folder / "virtual.nc")
    layout = h5py.VirtualLayout((20, 16, 24), "f4")
    layout[:] = h5py.VirtualSource("/srv/private.nc", "uo", (20, 16, 24))
    with h5py.File(path, "a") as file:
        file.create_virtual_dataset("mine", layout)
    return path


def external_storage(folder: Path) -> Path:
    path = netcdf(folder / "raw.nc")
    with h5py.File(path, "a") as file:
        file.create_dataset("mine", (64,), "u1", external=[("/etc/passwd", 0, 64)])
    return path


def remote_references(folder: Path) -> Path:
    path = folder / "references.nc"
    references = {"version": 1, "refs": {"u/0.0": ["s3://bucket/private.nc", 0, 100]}}
    path.write_text(json.dumps(references))
    return path


def climbing(folder: Path) -> Path:
    return with_entries(folder / "climb.zip", ("../../outside.txt", b"x"))


def absolute(folder: Path) -> Path:
    return with_entries(folder / "absolute.zip", ("/tmp/outside.txt", b"x"))


def damaged_zip(folder: Path) -> Path:
    path = zipped(store(folder), folder / "damaged.zip")
    path.write_bytes(path.read_bytes()[:-400])
    return path


def damaged_metadata(folder: Path) -> Path:
    return with_entries(
        folder / "metadata.zip", ("a.zarr/zarr.json", b"[" * 9999), ("a.zarr/u", b"0")
    )


def no_store(folder: Path) -> Path:
    return with_entries(folder / "letters.zip", ("a.txt", b"a"), ("b.txt", b"b"))


def huge_store(folder: Path) -> Path:
    array = {
        "zarr_format": 3, "node_type": "array", "shape": [10**6, 10**5, 10**5],
        "data_type": "float32", "chunk_grid": {"name": "regular", "configuration": {}},
        "codecs": [{"name": "bytes"}], "fill_value": 0,
    }  # fmt: skip
    group = {"zarr_format": 3, "node_type": "group", "attributes": {}}
    return with_entries(
        folder / "claim.zip",
        ("flow.zarr/zarr.json", json.dumps(group).encode()),
        ("flow.zarr/u/zarr.json", json.dumps(array).encode()),
    )


def random_bytes(folder: Path) -> Path:
    """The signature of HDF5, then noise."""
    path = folder / "noise.nc"
    noise = np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes()
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + noise)
    return path


def gzipped(folder: Path) -> Path:
    import gzip

    path = folder / "flow.nc.gz"
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as file:
        file.write(b"CDF\x01")
    path.write_bytes(buffer.getvalue())
    return path


HOSTILE: dict[Callable[[Path], Path], str] = {
    truncated: "truncated.nc",
    truncated_classic: "cut off",
    one_dimensional: "",
    wrong_axes: "",
    zip_bomb: "unpacks to",
    text: "got text",
    only_nan: "",
    nothing: "empty file",
    huge_claim: "claims 72.8 TB",
    huge_classic_claim: "cut off",
    pickled: "pickled Python objects",
    pickle_codec: "'pickle', which may run code",
    object_type: "",
    one_frame: "",
    no_velocity: "got variables ['so', 'thetao']",
    one_component: "got only 'uo'",
    same_places: "positive number, got 0.0",
    words_for_numbers: "real numbers",
    not_monotonic: "uniform steps",
    infinite: "infinite",
    wrong_unit: "degC",
    many_files: "1000000 files",
    symlink: "symbolic link",
    nested: "another archive",
    wrong_ending: "got a picture",
    locked: "password",
    external_link: "is a link to another file",
    virtual_dataset: "shows values of other files",
    external_storage: "keeps its values in another file",
    remote_references: "references to data elsewhere are not followed",
    climbing: "outside its own folder",
    absolute: "outside its own folder",
    damaged_zip: "damaged or cut off",
    damaged_metadata: "damaged",
    no_store: "Expected a Zarr store",
    huge_store: "claims",
    random_bytes: "noise.nc",
    gzipped: "gzip",
}
"""Maker of a bad file -> words that its message must hold."""

SOUND: tuple[Callable[[Path], Path], ...] = (
    lambda folder: netcdf(folder / "good.nc"),
    same_times,
    lambda folder: netcdf(folder / "classic.nc", format="NETCDF3_CLASSIC", engine="scipy"),
    lambda folder: zipped(store(folder), folder / "store.zip"),
    lambda folder: zipped(netcdf(folder / "inner" / "a.nc").parent, folder / "one.zip"),
)
"""Makers of files that must be taken."""
