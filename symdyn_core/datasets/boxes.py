"""Reading velocities a box of frames, rows and columns at a time, so that archives of any size do.

Every box opens its file anew: it can be read by any process, needs no file kept open, and a damaged
one is named.
"""

import uuid
from contextlib import ExitStack

import dask.array
import numpy as np
import xarray as xr

from symdyn_core.datasets.arrangement import middle_of
from symdyn_core.datasets.axes import Axes
from symdyn_core.datasets.curvilinear import Bend
from symdyn_core.datasets.faults import reported_as
from symdyn_core.datasets.geostrophy import geostrophic_velocity
from symdyn_core.datasets.indexing import Part, part_of
from symdyn_core.datasets.lines import Line
from symdyn_core.datasets.missing_values import in_metres, without_fill, without_land
from symdyn_core.datasets.ocean_files import Recording
from symdyn_core.datasets.sources import open_source
from symdyn_core.datasets.units import height_factor, velocity_factor

HIGHEST = 150.0
"""Heights of the sea surface above this [m] are fill values too: the geoid itself is within 107 m
of the ellipsoid."""

DRY = 0.99
"""A cell that is less than this share of water on the mask is land."""

BYTES_PER_BOX = 32 * 2**20
"""Velocities read at once: large enough for the disk, small enough for many at a time."""

Box = tuple[slice, slice, slice]
"""Frames, rows and columns of the flow, with their ends given."""


def read_box(recording: Recording, box: Box, components: tuple[int, ...] = (0, 1)) -> np.ndarray:
    """Velocities ``component member time y x`` [m s⁻¹] of one box, NaN where missing, float32.

    Args:
        components: 0 for u, 1 for v.

    Raises:
        ValueError: one line: the file, what is wrong with it, what to do.
    """
    with reported_as(recording.name), ExitStack() as opened:
        sets = {file: opened.enter_context(open_source(file)) for file in set(recording.files)}
        datasets = [sets[file] for file in recording.files]
        bend = recording.arrangement.bend
        if len(recording.variables) == 1:
            fields = _from_height(recording, datasets[0], box)
        elif bend is not None:
            fields = _bent(recording, datasets, box, bend)
        elif _apart(recording):
            fields = _straight(recording, datasets, box, components)
            return np.stack([field.astype(np.float32) for field in fields])
        else:
            fields = _straight(recording, datasets, box, (0, 1))
        return np.stack([fields[index].astype(np.float32) for index in components])


def _apart(recording: Recording) -> bool:
    """Whether one component can be read without the other: heights, grids that bend, and land that
    is told from zeros in both before interpolation, need both."""
    lines = recording.arrangement.rows, recording.arrangement.columns
    if len(recording.variables) == 1 or recording.arrangement.bend is not None:
        return False
    together = all(one.agrees_with(other) for one, other in lines)
    return not (together and any(one.weight.any() for one, _ in lines))


def boxes_of(recording: Recording) -> tuple[int, int, int]:
    """Frames, rows and columns to read at once: whole chunks of the file, of a bounded size.

    Whole fields of as many frames as fit. Where the file stores many frames of a small square
    together, as archives for time series do, it is read by such squares instead: a whole field
    would cost reading everything.
    """
    _, members, frames, ny, nx = recording.shape
    per_cell = 2 * members * np.dtype(np.float32).itemsize
    in_chunk = min(recording.chunks[0], frames)
    whole = int(BYTES_PER_BOX // (per_cell * ny * nx)) // in_chunk * in_chunk
    if whole >= 1 or recording.arrangement.bend is not None:
        return max(1, min(whole, frames)), ny, nx
    cells = int(BYTES_PER_BOX // (per_cell * in_chunk))
    columns = _chunked(nx, recording.chunks[2], cells // min(recording.chunks[1], ny))
    rows = _chunked(ny, recording.chunks[1], cells // columns)
    return in_chunk, rows, columns


def _chunked(size: int, chunk: int, wanted: int) -> int:
    return max(1, min(size, max(1, wanted // chunk) * chunk))


def lazily(recording: Recording) -> dask.array.Array:
    """Velocities ``component member time y x`` that are read when they are computed."""
    frames, rows, columns = boxes_of(recording)
    return dask.array.from_array(
        _Boxes(recording),
        chunks=(1 if _apart(recording) else 2, recording.members, frames, rows, columns),
        name=f"read-{uuid.uuid4().hex}",
        asarray=False,
        inline_array=True,
        meta=np.empty((0,) * 5, np.float32),
    )


class _Boxes:
    """What Dask takes for an array."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.shape = recording.shape
        self.dtype = np.dtype(np.float32)
        self.ndim = 5

    def __getitem__(self, index: tuple[Part, ...]) -> np.ndarray:
        return part_of(self._box, index, self.shape)

    def _box(self, parts: tuple[slice, ...]) -> np.ndarray:
        components, members, frames, rows, columns = parts
        box = frames, rows, columns
        return read_box(self.recording, box, tuple(range(2))[components])[:, members]


def _straight(
    recording: Recording, datasets: list[xr.Dataset], box: Box, components: tuple[int, ...]
) -> list[np.ndarray]:
    """Components on the cells of the flow, from rows and columns that are straight."""
    frames, rows, columns = box
    arrangement = recording.arrangement
    pairs = [(arrangement.rows[n].cut(rows), arrangement.columns[n].cut(columns)) for n in (0, 1)]
    raw = [_raw(recording, datasets[n], n, frames, *pairs[n]) for n in components]
    if not _apart(recording):
        raw = without_land(*raw)
    fields = [
        pairs[n][1].apply(pairs[n][0].apply(field, 2), 3)
        for n, field in zip(components, raw, strict=True)
    ]
    lines = arrangement.mask_rows, arrangement.mask_columns
    if recording.mask is None or lines[0] is None or lines[1] is None:
        return fields
    a, b = lines[0].cut(rows), lines[1].cut(columns)
    mask = datasets[0][recording.mask].values[slice(*a.span), slice(*b.span)]
    wet = b.apply(a.apply(mask.astype(np.float64), 0), 1) > DRY
    return [np.where(wet, field, np.nan) for field in fields]


def _raw(
    recording: Recording, dataset: xr.Dataset, index: int, frames: slice, rows: Line, columns: Line
) -> np.ndarray:
    """The cells of the file that the lines need, ``member time y x`` [m s⁻¹], NaN for fill."""
    variable = dataset[recording.variables[index]]
    field = _cells(
        variable,
        recording.axes[index],
        recording.levels[index],
        recording.frames[frames],
        rows.span,
        columns.span,
    )
    return without_fill(in_metres(field, variable, velocity_factor(variable)))


def _cells(
    variable: xr.DataArray,
    axes: Axes,
    level: int,
    frames: np.ndarray,
    rows: tuple[int, int],
    columns: tuple[int, int],
) -> np.ndarray:
    """Cells of a file as ``member time y x``, floating point."""
    chosen: dict = {axes.y: slice(*rows), axes.x: slice(*columns)}
    if axes.depth is not None:
        chosen[axes.depth] = level
    if axes.time is not None:
        first, last = int(frames[0]), int(frames[-1])
        together = last - first + 1 == len(frames)
        chosen[axes.time] = slice(first, last + 1) if together else frames
    variable = variable.isel(chosen)
    wanted = [axis for axis in (axes.member, axes.time, axes.y, axes.x) if axis is not None]
    values = variable.squeeze([d for d in variable.dims if d not in wanted]).transpose(*wanted)
    field = np.asarray(values.values)
    if field.dtype.kind not in "fiuO":
        raise ValueError(
            f"Expected '{variable.name}' to hold real numbers, got {field.dtype}. Convert it."
        )
    if not np.issubdtype(field.dtype, np.floating):
        field = field.astype(np.float64)
    if axes.member is None:
        field = field[None]
    return field if axes.time is not None else field[:, None]


def _from_height(recording: Recording, dataset: xr.Dataset, box: Box) -> list[np.ndarray]:
    """Geostrophic velocities; the heights beside the box are read too, for their slope."""
    frames, rows, columns = box
    positions = recording.positions
    factor = height_factor(dataset[recording.variables[0]])
    wide = [
        slice(max(0, part.start - 1), min(size, part.stop + 1))
        for part, size in ((rows, len(positions.y)), (columns, len(positions.x)))
    ]
    y, x = (
        recording.arrangement.rows[0].cut(wide[0]),
        recording.arrangement.columns[0].cut(wide[1]),
    )
    height = _cells(
        dataset[recording.variables[0]],
        recording.axes[0],
        recording.levels[0],
        recording.frames[frames],
        y.span,
        x.span,
    )
    height = in_metres(height, dataset[recording.variables[0]], factor)
    height = np.where(np.abs(height) < HIGHEST, height, np.nan)
    height = x.apply(y.apply(height, 2), 3)
    inner = (
        slice(rows.start - wide[0].start, rows.stop - wide[0].start),
        slice(columns.start - wide[1].start, columns.stop - wide[1].start),
    )
    shape = height.shape
    flat = height.reshape(-1, *shape[2:])
    found = geostrophic_velocity(flat, positions.y[wide[0]], positions.x[wide[1]])
    return [without_fill(field.reshape(shape)[(..., *inner)]) for field in found]


def _bent(
    recording: Recording, datasets: list[xr.Dataset], box: Box, bend: Bend
) -> list[np.ndarray]:
    """Components on even degrees, from whole fields of a grid that bends."""
    frames, rows, columns = box
    pairs = list(zip(recording.arrangement.rows, recording.arrangement.columns, strict=True))
    raw = [_raw(recording, d, n, frames, *pairs[n]) for n, d in enumerate(datasets)]
    fields = [b.apply(a.apply(field, 2), 3) for field, (a, b) in zip(raw, pairs, strict=True)]
    if recording.mask is not None:
        wet = middle_of(datasets[0][recording.mask].values, bend.angle.shape) > DRY
        fields = [np.where(wet, field, np.float32(np.nan)) for field in fields]
    return [field[..., rows, columns] for field in bend.apply(*without_land(*fields))]
