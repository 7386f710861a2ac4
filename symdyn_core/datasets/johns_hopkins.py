"""Cut-outs of the Johns Hopkins Turbulence Databases (Li et al. 2008, J. Turbul. 9, N31).

A cut-out holds ``Velocity_0001``, ... as ``z y x component``, one for each time index, and the
positions ``xcoor``, ``ycoor``, ``zcoor``. One plane of constant z is taken, with the two components
in that plane; its flow is not free of divergence in two dimensions.
"""

import re
from collections.abc import Sequence

import dask.array
import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, frame_interval
from symdyn_core.datasets.hdf5_fields import field_at, opened
from symdyn_core.datasets.sources import name_of

FRAME = re.compile(r"velocity_(\d+)", re.IGNORECASE)

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
    """One plane of a cut-out, whose times may be spread over several files.

    Args:
        height: z of the plane; the nearest one is taken.

    Raises:
        ValueError: fewer than two times, uneven ones, or files on other cells.
    """
    frames: dict[int, tuple[dask.array.Array, dask.array.Array]] = {}
    places: list[tuple[np.ndarray, ...]] = []
    for file in files:
        with opened(file) as content:
            places.append(tuple(np.asarray(content[f"{n}coor"], np.float64) for n in "zyx"))
            if not all(np.array_equal(*pair) for pair in zip(places[-1], places[0], strict=True)):
                raise ValueError(f"Expected the cells of '{name_of(files[0])}', got others.")
            plane = int(np.argmin(np.abs(places[0][0] - height)))
            for name in filter(FRAME.fullmatch, content):
                frames[int(name.rsplit("_", 1)[1])] = _components(content, name, file, plane)
    z, y, x = places[0]
    indices = sorted(frames)
    if len(indices) < 2:
        raise ValueError(
            f"Expected at least two times in the cut-out, got {len(indices)} in "
            f"'{name_of(files[0])}'. Request a range of time steps, or give a folder of cut-outs."
        )
    stride = frame_interval(np.array(indices))
    database = next((n for n in STORED_INTERVALS if name_of(files[0]).startswith(n)), None)
    unknown = "the time between frames is not known: taken as 1"
    return SimulatedFlow(
        u=dask.array.concatenate([frames[index][0] for index in indices], axis=1),
        v=dask.array.concatenate([frames[index][1] for index in indices], axis=1),
        y=y,
        x=x,
        dt=stride * STORED_INTERVALS[database] if database else 1.0,
        start=0.0,
        periodic=(False, False),
        title=f"Johns Hopkins Turbulence Databases, {database or 'cut-out'}, z = {z[plane]:g}",
        source="Johns Hopkins Turbulence Databases (Li et al. 2008)",
        notes=() if database else (unknown,),
    )


def _components(
    content: h5py.File, name: str, file: str, plane: int
) -> tuple[dask.array.Array, dask.array.Array]:
    axes = ("z", "y", "x", "component")
    u, v = (field_at(content, name, axes, file, z=plane, component=n).lazily() for n in (0, 1))
    return u, v
