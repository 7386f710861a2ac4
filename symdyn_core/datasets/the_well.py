"""The Well: a collection of simulations in one HDF5 layout (Ohana et al. 2024, arXiv:2412.00568).

Vector fields stand in ``t1_fields`` as ``trajectory time x y component``, positions and times in
``dimensions``, what happens at the edges in ``boundary_conditions``. Its ``rayleigh_benard`` and
``shear_flow`` have the velocity of a fluid in two dimensions.
"""

import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, frame_interval
from symdyn_core.datasets.hdf5_fields import field_at


def is_the_well(content: h5py.File) -> bool:
    """Whether a file is laid out like those of The Well."""
    return {"dimensions", "t0_fields", "t1_fields"} <= set(content)


def open_the_well(content: h5py.File, file: str) -> SimulatedFlow:
    """The velocity of a file of The Well; every trajectory is a member.

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
    attrs = content["t1_fields/velocity"].attrs
    if not attrs.get("time_varying", True):
        raise ValueError("Expected a velocity that changes in time, got a steady one.")
    leading = ("member",) if attrs.get("sample_varying", True) else ()
    axes = (*leading, "time", "x", "y", "component")
    u, v = (
        field_at(content, "t1_fields/velocity", axes, file, component=component).lazily()
        for component in (0, 1)
    )
    x, y = (np.asarray(content[f"dimensions/{name}"], np.float64) for name in dims)
    times = np.asarray(content["dimensions/time"], np.float64)
    times = times[0] if times.ndim == 2 else times
    name = _text(content.attrs.get("dataset_name", "flow"))
    periodic = {dim for dim in dims if _is_periodic(content, dim)}
    return SimulatedFlow(
        u=u,
        v=v,
        y=y,
        x=x,
        dt=frame_interval(times),
        start=float(times[0]),
        periodic=(dims[1] in periodic, dims[0] in periodic),
        title=f"The Well, {name}{_parameters(content)}",
        source="The Well (Ohana et al. 2024, arXiv:2412.00568)",
    )


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
