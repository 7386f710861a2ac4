"""PDEBench: two-dimensional fluids in HDF5 (Takamoto et al. 2022, arXiv:2210.07182).

Compressible: ``Vx``, ``Vy``, ``density``, ``pressure`` as ``run time x y``, with ``x-coordinate``,
``y-coordinate`` and ``t-coordinate`` (which may hold one time too many). Incompressible:
``velocity`` as ``run time x y component`` beside ``particles``, ``force`` and ``t``, in a closed
box that is measured in cells. Its other problems (diffusion and reaction, the height of shallow
water, Darcy flow, advection) hold no velocity and are refused by name.
"""

import h5py
import numpy as np

from symdyn_core.datasets.benchmark_flows import SimulatedFlow, frame_interval
from symdyn_core.datasets.benchmark_scalars import Scalar
from symdyn_core.datasets.hdf5_fields import field_at
from symdyn_core.datasets.sources import name_of

SOURCE = "PDEBench (Takamoto et al. 2022, arXiv:2210.07182)"


def is_pdebench(content: h5py.File) -> bool:
    """Whether a file is laid out like the fluids of PDEBench."""
    held = set(content)
    fluid = {"Vx", "t-coordinate"} <= held or {"velocity", "particles", "t"} <= held
    return fluid or _without_velocity(content)


def _without_velocity(content: h5py.File) -> bool:
    """Whether a file holds a problem of PDEBench without a velocity: one field beside positions, or
    one group of ``data`` and ``grid`` for each run."""
    if "tensor" in content:
        return "x-coordinate" in content
    first = next(iter(content.values()), None)
    return isinstance(first, h5py.Group) and {"data", "grid"} <= set(first)


def open_pdebench(content: h5py.File, file: str) -> SimulatedFlow:
    """The velocity of a file of PDEBench and its scalars; every run is a member.

    Raises:
        ValueError: a flow in one or three dimensions, uneven times, or no velocity.
    """
    if _without_velocity(content):
        raise ValueError(
            "Expected a velocity, got a problem of PDEBench that holds none (diffusion and "
            "reaction, height of shallow water, Darcy flow, advection). Its files 2D_CFD_* and "
            "ns_incom_* hold one."
        )
    return _compressible(content, file) if "Vx" in content else _incompressible(content, file)


def _compressible(content: h5py.File, file: str) -> SimulatedFlow:
    if "Vy" not in content or "Vz" in content:
        raise ValueError(
            f"Expected a flow in two dimensions, got {sorted(content)}. "
            "Of PDEBench, the files 2D_CFD_* are such ones."
        )
    axes = ("member", "time", "x", "y")
    u, v = (field_at(content, name, axes, file).lazily() for name in ("Vx", "Vy"))
    scalars = tuple(
        Scalar(name, field_at(content, name, axes, file).lazily())
        for name in ("density", "pressure")
        if name in content
    )
    x, y = (np.asarray(content[f"{name}-coordinate"], np.float64) for name in ("x", "y"))
    times = np.asarray(content["t-coordinate"], np.float64)[: u.shape[1]]
    # The boundary is named by the file alone: "periodic" or "trans" (outflow).
    periodic = "periodic" in name_of(file).lower()
    numbers = ", ".join(f"{key} {value:g}" for key, value in sorted(content.attrs.items()))
    return SimulatedFlow(
        u=u,
        v=v,
        y=y,
        x=x,
        dt=frame_interval(times, u.shape[1]),
        start=float(times[0]),
        periodic=(periodic, periodic),
        title=f"PDEBench, compressible flow{f' ({numbers})' if numbers else ''}",
        source=SOURCE,
        scalars=scalars,
    )


def _incompressible(content: h5py.File, file: str) -> SimulatedFlow:
    axes = ("member", "time", "x", "y", "component")
    u, v = (field_at(content, "velocity", axes, file, component=n).lazily() for n in (0, 1))
    particles = field_at(content, "particles", axes, file, component=0).lazily()
    times = np.atleast_2d(np.asarray(content["t"], np.float64))[0]
    return SimulatedFlow(
        u=u,
        v=v,
        y=np.arange(u.shape[2]) + 0.5,
        x=np.arange(u.shape[3]) + 0.5,
        dt=frame_interval(times, u.shape[1]),
        start=float(times[0]),
        periodic=(False, False),
        title="PDEBench, incompressible flow",
        source=SOURCE,
        notes=("the file holds no positions: lengths are in cells",),
        scalars=(Scalar("particles", particles),),
    )
