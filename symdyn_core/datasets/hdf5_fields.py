"""Fields in HDF5 files, read a part at a time from disk or from an address."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dask.array
import h5py
import numpy as np

from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.indexing import Part, part_of
from symdyn_core.datasets.sources import name_of

BYTES_PER_BLOCK = 32 * 2**20
"""Size of the parts in which a field is read."""

AXES = ("member", "time", "y", "x")


@contextmanager
def opened(file: str) -> Iterator[h5py.File]:
    """An HDF5 file on disk or at an address of fsspec, for reading.

    Raises:
        ValueError: one line: the file, what is wrong with it, what to do.
    """
    with reported_as(name_of(file), "HDF5 file"):
        if "://" in file:
            import fsspec

            with fsspec.open(file, "rb") as stream, h5py.File(stream, "r") as content:
                yield content
        else:
            with h5py.File(file, "r") as content:
                yield content


def is_hdf5(file: str) -> bool:
    """Whether a file that is called one is one; NetCDF files are left to their own reader."""
    if Path(name_of(file)).suffix not in (".h5", ".hdf5"):
        return False
    return "://" in file or (Path(file).is_file() and bool(h5py.is_hdf5(file)))


@dataclass(frozen=True)
class StoredField:
    """One component of velocity where it stands in a file.

    Attributes:
        dataset: its path in the file.
        axes: what the axes of the dataset mean, of ``member time y x`` and others.
        fixed: the index along every other axis.
        sizes: number of entries along every axis of the dataset.
    """

    file: str
    dataset: str
    axes: tuple[str, ...]
    fixed: tuple[tuple[str, int], ...]
    sizes: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Sizes of ``member time y x``; 1 along an axis that the dataset lacks."""
        sizes = dict(zip(self.axes, self.sizes, strict=True))
        members, frames, rows, columns = (sizes.get(axis, 1) for axis in AXES)
        return members, frames, rows, columns

    @property
    def dtype(self) -> np.dtype:
        """What is read: single precision, whatever is stored."""
        return np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        """Four axes, ``member time y x``."""
        return 4

    def __getitem__(self, index: tuple[Part, ...]) -> np.ndarray:
        """Part of the field, from ``member time y x``."""
        return part_of(self._box, index, self.shape)

    def _box(self, parts: tuple[slice, ...]) -> np.ndarray:
        wanted: dict[str, slice | int] = dict(zip(AXES, parts, strict=True))
        wanted.update(dict(self.fixed))
        with opened(self.file) as content:
            part = content[self.dataset][tuple(wanted[axis] for axis in self.axes)]
        kept = [axis for axis in self.axes if axis in AXES]
        field = np.transpose(part, [kept.index(axis) for axis in AXES if axis in kept])
        missing = tuple(n for n, axis in enumerate(AXES) if axis not in kept)
        return np.expand_dims(field, missing).astype(self.dtype, copy=False)

    def lazily(self) -> dask.array.Array:
        """The field as an array that is read when it is computed: some frames of one member."""
        frames = BYTES_PER_BLOCK // (self.shape[2] * self.shape[3] * self.dtype.itemsize)
        return dask.array.from_array(
            self,
            chunks=(1, max(1, min(frames, self.shape[1])), -1, -1),
            name=f"read-{uuid.uuid4().hex}",
            asarray=False,
            meta=np.empty((0,) * 4, np.float32),
        )


def field_at(
    content: h5py.File, dataset: str, axes: tuple[str, ...], file: str, **fixed: int
) -> StoredField:
    """A field of a file, with its axes checked.

    Raises:
        ValueError: the dataset has other axes, or is not there.
    """
    if dataset not in content:
        raise ValueError(f"Expected the dataset '{dataset}', got {sorted(content)[:12]}.")
    shape = content[dataset].shape
    if len(shape) != len(axes):
        raise ValueError(
            f"Expected '{dataset}' to have the axes {axes}, got the shape {shape}. "
            "The file is of another version or of another problem."
        )
    return StoredField(file, dataset, axes, tuple(fixed.items()), shape)
