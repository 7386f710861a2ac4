"""Cut-outs of the Johns Hopkins Turbulence Databases (Li et al. 2008, J. Turbul. 9, N31).

A cut-out holds ``Velocity_0001`` (``velocity_0001`` by the client givernylocal), ... as
``z y x component``, one for each time index, and the positions ``xcoor``, ``ycoor``, ``zcoor``
(``zcoor_uv`` where the third component lies elsewhere); the client also writes the name of the
database as the attribute ``dataset``. Scalars such as ``Pressure_0001`` have one component, and
mostly a file of their own. One plane of constant z is taken, with the two components in that plane;
its flow is not free of divergence in two dimensions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import dask.array
import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, frame_interval
from symdyn_core.datasets.benchmark_scalars import Scalar
from symdyn_core.datasets.hdf5_fields import field_at, opened
from symdyn_core.datasets.sources import name_of

FRAME = re.compile(r"([a-z]+)_(\d+)", re.IGNORECASE)
"""A quantity and the index of its time."""

STORED_INTERVALS = {
    "isotropic1024coarse": 0.002,
    "isotropic1024fine": 0.0002,
    "mhd1024": 0.0025,
    "mixing": 0.04,
    "channel": 0.0065,
    "transition_bl": 0.25,
}
"""Time between two stored indices of a database, which cut-outs do not tell (from the descriptions
of the data sets at turbulence.pha.jhu.edu)."""


def is_johns_hopkins(content: h5py.File) -> bool:
    """Whether a file is a cut-out of these databases."""
    return "xcoor" in content and any(FRAME.fullmatch(name) for name in content)


def open_johns_hopkins(files: Sequence[str], height: float = 0.0) -> SimulatedFlow:
    """One plane of a cut-out, whose times and quantities may be spread over several files.

    Args:
        height: z of the plane; the nearest one is taken.

    Raises:
        ValueError: no velocity, fewer than two times, uneven ones, or files on other cells.
    """
    planes = [_Plane.of(file, height) for file in files]
    first = planes[0]
    for plane in planes:
        if not plane.fits(first):
            raise ValueError(f"Expected the cells of '{name_of(files[0])}', got others.")
    fields: dict[str, dict[int, tuple[dask.array.Array, ...]]] = {}
    for plane in planes:
        for (quantity, index), components in plane.fields.items():
            fields.setdefault(quantity, {})[index] = components
    velocity = fields.pop("velocity", {})
    indices = sorted(velocity)
    if len(indices) < 2:
        raise ValueError(
            f"Expected at least two times in the cut-out, got {len(indices)} of the velocity in "
            f"'{name_of(files[0])}'. Request a range of time steps, or give a folder of cut-outs."
        )
    stride = frame_interval(np.array(indices), len(indices))
    database = first.database
    interval = STORED_INTERVALS.get(database or "")
    scalars, notes = _scalars(fields, indices)
    if interval is None:
        notes = (*notes, "the time between frames is not known: taken as 1")
    u, v = (
        dask.array.concatenate([velocity[index][n] for index in indices], axis=1) for n in (0, 1)
    )
    return SimulatedFlow(
        u=u,
        v=v,
        y=first.y,
        x=first.x,
        dt=1.0 if interval is None else stride * interval,
        start=0.0,
        periodic=(False, False),
        title=f"Johns Hopkins Turbulence Databases, {database or 'cut-out'}, z = {first.z:g}",
        source="Johns Hopkins Turbulence Databases (Li et al. 2008)",
        notes=notes,
        scalars=scalars,
    )


@dataclass(frozen=True)
class _Plane:
    """One plane of constant z of a file.

    Attributes:
        fields: by quantity and index of the time: u and v, or a scalar, ``member time y x``.
    """

    z: float
    y: np.ndarray
    x: np.ndarray
    fields: dict[tuple[str, int], tuple[dask.array.Array, ...]]
    database: str | None

    @classmethod
    def of(cls, file: str, height: float) -> "_Plane":
        """The plane nearest to a height."""
        with opened(file) as content:
            upwards = "zcoor" if "zcoor" in content else "zcoor_uv"
            z, y, x = (np.asarray(content[n], np.float64) for n in (upwards, "ycoor", "xcoor"))
            number = int(np.argmin(np.abs(z - height)))
            fields = {}
            for match in filter(None, map(FRAME.fullmatch, content)):
                key = match[1].lower(), int(match[2])
                fields[key] = _components(content, match[0], file, (len(z), len(y), len(x)), number)
            return cls(float(z[number]), y, x, fields, _database(content, file))

    def fits(self, other: "_Plane") -> bool:
        """Whether another one has the same cells."""
        same = np.array_equal(self.y, other.y) and np.array_equal(self.x, other.x)
        return same and self.z == other.z


def _components(
    content: h5py.File, name: str, file: str, cells: tuple[int, int, int], plane: int
) -> tuple[dask.array.Array, ...]:
    """The components in a plane: two of a vector, one of a scalar."""
    shape = content[name].shape
    if shape[:3] != cells or len(shape) != 4:
        raise ValueError(
            f"Expected '{name}' as z y x component on {cells} cells, got the shape {shape}. "
            "Download the cut-out as it is stored, without another order of its axes."
        )
    axes = ("z", "y", "x", "component")
    return tuple(
        field_at(content, name, axes, file, z=plane, component=n).lazily()
        for n in range(min(2, shape[3]))
    )


def _scalars(
    fields: dict[str, dict[int, tuple[dask.array.Array, ...]]], indices: list[int]
) -> tuple[tuple[Scalar, ...], tuple[str, ...]]:
    """(scalars at all times of the velocity, what was left out)."""
    scalars, notes = [], []
    for name, frames in fields.items():
        if not set(indices) <= set(frames):
            notes.append(f"'{name}' is not there at all times of the velocity: left out")
        elif any(len(frames[index]) > 1 for index in indices):
            notes.append(f"'{name}' is no scalar: left out")
        else:
            joint = dask.array.concatenate([frames[index][0] for index in indices], axis=1)
            scalars.append(Scalar(name, joint))
    return tuple(scalars), tuple(notes)


def _database(content: h5py.File, file: str) -> str | None:
    """Which database a cut-out is of, by its attribute or else its name."""
    said = content.attrs.get("dataset", "")
    said = said.decode() if isinstance(said, bytes) else str(said)
    return said or next((n for n in STORED_INTERVALS if name_of(file).startswith(n)), None)
