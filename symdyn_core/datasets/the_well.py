"""The Well: a collection of simulations in one HDF5 layout (Ohana et al. 2024, arXiv:2412.00568).

Vector fields stand in ``t1_fields`` as ``trajectory time x y component``, scalars in ``t0_fields``
as ``trajectory time x y``, positions and times in ``dimensions``, what happens at the edges in
``boundary_conditions``. A field that does not vary with the trajectory, the time or an axis lacks
it, and says so (docs/data_format.md of the_well). Its ``rayleigh_benard`` (buoyancy, pressure) and
``shear_flow`` (tracer, pressure) have the velocity of a fluid in two dimensions.
"""

import dask.array
import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, frame_interval
from symdyn_core.datasets.benchmark_scalars import Scalar
from symdyn_core.datasets.hdf5_fields import field_at


def is_the_well(content: h5py.File) -> bool:
    """Whether a file is laid out like those of The Well."""
    return {"dimensions", "t0_fields", "t1_fields"} <= set(content)


def open_the_well(content: h5py.File, file: str) -> SimulatedFlow:
    """The velocity of a file of The Well and its scalars; every trajectory is a member.

    Raises:
        ValueError: three dimensions, no Cartesian grid, no velocity, or a steady one.
    """
    kind = _text(content.attrs.get("grid_type", "cartesian"))
    dims = [_text(name) for name in content["dimensions"].attrs["spatial_dims"]]
    if kind != "cartesian" or len(dims) != 2:
        raise ValueError(
            f"Expected a simulation in two dimensions on a Cartesian grid, got the axes {dims} on "
            f"a {kind} grid. Of The Well, rayleigh_benard and shear_flow are such ones."
        )
    held = sorted(content["t1_fields"])
    if "velocity" not in held:
        raise ValueError(f"Expected the vector field 'velocity', got {held or 'none'}.")
    if not content["t1_fields/velocity"].attrs.get("time_varying", True):
        raise ValueError("Expected a velocity that changes in time, got a steady one.")
    axes = (*_axes(content["t1_fields/velocity"]), "component")
    u, v = (
        field_at(content, "t1_fields/velocity", axes, file, component=component).lazily()
        for component in (0, 1)
    )
    x, y, times = (_shared(content, name) for name in (*dims, "time"))
    scalars, notes = _scalars(content, file, u.shape)
    if content["t1_fields/velocity"].shape[-1] > 2:
        notes = (*notes, "the velocity has a third component: left out")
    name = _text(content.attrs.get("dataset_name", "flow"))
    periodic = {dim for dim in dims if _is_periodic(content, dim)}
    return SimulatedFlow(
        u=u,
        v=v,
        y=y,
        x=x,
        dt=frame_interval(times, u.shape[1]),
        start=float(times[0]),
        periodic=(dims[1] in periodic, dims[0] in periodic),
        title=f"The Well, {name}{_parameters(content)}",
        source="The Well (Ohana et al. 2024, arXiv:2412.00568)",
        notes=notes,
        scalars=scalars,
    )


def _axes(field: h5py.Dataset) -> tuple[str, ...]:
    """What the axes of a field mean, components left out."""
    varies = [bool(field.attrs.get(f"{what}_varying", True)) for what in ("sample", "time")]
    varies += [bool(one) for one in np.atleast_1d(field.attrs.get("dim_varying", [True, True]))]
    names = ("member", "time", "x", "y")
    return tuple(name for name, one in zip(names, varies, strict=True) if one)


def _shared(content: h5py.File, name: str) -> np.ndarray:
    """Positions or times, which must be those of all trajectories."""
    values = np.atleast_2d(np.asarray(content[f"dimensions/{name}"], np.float64))
    if not np.allclose(values, values[0]):
        raise ValueError(
            f"Expected one '{name}' for all trajectories, got several. Split the file by it."
        )
    return values[0]


def _scalars(
    content: h5py.File, file: str, shape: tuple[int, ...]
) -> tuple[tuple[Scalar, ...], tuple[str, ...]]:
    """(scalars on all trajectories, times and cells, what was left out)."""
    scalars, notes = [], []
    for name, stored in content["t0_fields"].items():
        axes = _axes(stored)
        if stored.ndim == len(axes) + 1 and stored.shape[-1] == 1:
            field = field_at(content, f"t0_fields/{name}", (*axes, "one"), file, one=0)
        elif stored.ndim == len(axes):
            field = field_at(content, f"t0_fields/{name}", axes, file)
        else:
            notes.append(f"'{name}' has the shape {stored.shape} for {axes}: left out")
            continue
        whole = field.lazily()
        if all(size in (1, full) for size, full in zip(whole.shape, shape, strict=True)):
            whole = dask.array.broadcast_to(whole, shape)
        scalars.append(Scalar(str(name), whole))
    return tuple(scalars), tuple(notes)


def _is_periodic(content: h5py.File, dim: str) -> bool:
    for group in content.get("boundary_conditions", {}).values():
        named = np.atleast_1d(group.attrs.get("associated_dims", []))
        if dim in [_text(name) for name in named]:
            return _text(group.attrs.get("bc_type", "")).lower() == "periodic"
    return False


def _parameters(content: h5py.File) -> str:
    names = [_text(name) for name in np.atleast_1d(content.attrs.get("simulation_parameters", []))]
    values = [f"{name} {content.attrs[name]:g}" for name in names if name in content.attrs]
    return f" ({', '.join(values)})" if values else ""


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
