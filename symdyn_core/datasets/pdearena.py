"""PDEArena: buoyant smoke in a closed box, in HDF5 (Gupta & Brandstetter 2022, arXiv:2209.15616).

A group ``train``, ``valid`` or ``test`` holds ``vx``, ``vy`` and the smoke ``u`` as ``run time x
y``, and for every run ``t``, ``x``, ``y``, ``dt``. Smoke lies at the centres of cells, velocities
on their faces, vx west and vy south of the centre: the generator drops the last face, which is a
wall, where the flow is at rest (pdedatagen/navier_stokes.py). The numbers in ``x`` and ``y`` span
the box from wall to wall.
"""

import dask.array
import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow
from symdyn_core.datasets.benchmark_scalars import Scalar
from symdyn_core.datasets.hdf5_fields import field_at

SPLITS = ("train", "valid", "test")


def is_pdearena(content: h5py.File) -> bool:
    """Whether a file is laid out like the Navier-Stokes runs of PDEArena."""
    return any(
        isinstance(content.get(split), h5py.Group) and {"vx", "vy", "t"} <= set(content[split])
        for split in SPLITS
    )


def open_pdearena(content: h5py.File, file: str) -> SimulatedFlow:
    """The velocity of a file of PDEArena at the centres of cells, and smoke; every run is a member.

    Raises:
        ValueError: runs that differ in their time step or box.
    """
    split, *others = [s for s in SPLITS if s in content]
    group = content[split]
    axes = ("member", "time", "x", "y")
    u, v = (field_at(content, f"{split}/{name}", axes, file).lazily() for name in ("vx", "vy"))
    smoke = (field_at(content, f"{split}/u", axes, file).lazily(),) if "u" in group else ()
    dt = np.atleast_1d(group["dt"])
    lengths = {name: np.atleast_2d(group[name])[:, -1] for name in ("x", "y")}
    for name, values in (("dt", dt), *lengths.items()):
        if not np.allclose(values, values[0]):
            raise ValueError(
                f"Expected one value of '{name}' for all runs, got {values.min():g} to "
                f"{values.max():g}. Split the file by it."
            )
    notes = tuple(f"the group '{other}' beside '{split}' is left out" for other in others)
    if not group["vx"][0, :, 0].any() and not group["vy"][0, :, :, 0].any():
        u, v = _centred(u, 3), _centred(v, 2)
        notes = (*notes, "u and v lie on the faces of cells (grid C): averaged to the centres")
    box = {name: float(values[0]) for name, values in lengths.items()}
    ny, nx = u.shape[2:]
    buoyancy = f", buoyancy {np.atleast_1d(group['buo_y'])[0]:g}" if "buo_y" in group else ""
    return SimulatedFlow(
        u=u,
        v=v,
        y=(np.arange(ny) + 0.5) * box["y"] / ny,
        x=(np.arange(nx) + 0.5) * box["x"] / nx,
        dt=float(dt[0]),
        start=float(np.atleast_2d(group["t"])[0, 0]),
        periodic=(False, False),
        title=f"PDEArena, Navier-Stokes in two dimensions{buoyancy}",
        source="PDEArena (Gupta & Brandstetter 2022, arXiv:2209.15616)",
        notes=notes,
        scalars=tuple(Scalar("smoke", field) for field in smoke),
    )


def _centred(faces: dask.array.Array, axis: int) -> dask.array.Array:
    """Means of two faces; the last one is a wall, at rest."""
    return dask.array.map_blocks(_mean_of_faces, faces, axis=axis, dtype=faces.dtype)


def _mean_of_faces(faces: np.ndarray, axis: int) -> np.ndarray:
    behind = np.roll(faces, -1, axis)
    wall = [slice(None)] * faces.ndim
    wall[axis] = slice(-1, None)
    behind[tuple(wall)] = 0
    return (0.5 * (faces + behind)).astype(faces.dtype)
