"""Small files in the layouts of public benchmarks, all of the same velocities where they can be."""

from pathlib import Path

import h5py
import numpy as np

RUNS, FRAMES, NX, NY = 2, 6, 12, 8


def velocity(x: np.ndarray, y: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) ``run time x y``, the order in which simulations are stored; without symmetry."""
    run, t, x, y = np.meshgrid(np.arange(RUNS), times, x, y, indexing="ij")
    u = 0.3 * x - 0.2 * y + 0.1 * t + run
    v = 0.05 * x * y - 0.4 * t - 2 * run
    return u, v


def the_well(path: Path, *, chebyshev: bool = False, dims: tuple[str, ...] = ("x", "y")) -> Path:
    """``rayleigh_benard`` of The Well: docs/data_format.md of the_well, with its attributes."""
    x = 4.0 * np.arange(NX) / NX
    y = (np.arange(NY) + 0.5) / NY
    if chebyshev:
        y = 0.5 - 0.5 * np.cos(np.pi * (np.arange(NY) + 0.5) / NY)
    times = 0.25 * np.arange(FRAMES)
    u, v = velocity(x, y, times)
    with h5py.File(path, "w") as content:
        content.attrs["dataset_name"] = "rayleigh_benard"
        content.attrs["grid_type"] = "cartesian"
        content.attrs["n_spatial_dims"] = len(dims)
        content.attrs["n_trajectories"] = RUNS
        content.attrs["simulation_parameters"] = ["Rayleigh", "Prandtl"]
        content.attrs["Rayleigh"], content.attrs["Prandtl"] = 1e7, 1.0
        group = content.create_group("dimensions")
        group.attrs["spatial_dims"] = list(dims)
        for name, values in (("time", times), ("x", x), ("y", y)):
            group.create_dataset(name, data=values.astype(np.float32))
            group[name].attrs["sample_varying"] = False
        for dim, kind in (("x", "PERIODIC"), ("y", "WALL")):
            edge = content.create_group(f"boundary_conditions/{dim}_{kind.lower()}")
            edge.attrs["associated_dims"] = [dim]
            edge.attrs["associated_fields"] = []
            edge.attrs["bc_type"] = kind
            edge.create_dataset("mask", data=np.zeros(len(x if dim == "x" else y), bool))
        content.create_group("scalars").attrs["field_names"] = []
        for order, fields in ((0, {"buoyancy": u, "pressure": v}), (1, {"velocity": None})):
            group = content.create_group(f"t{order}_fields")
            group.attrs["field_names"] = list(fields)
            for name, field in fields.items():
                data = np.stack((u, v), axis=-1) if field is None else field
                stored = group.create_dataset(name, data=data.astype(np.float32))
                stored.attrs["dim_varying"] = [True, True]
                stored.attrs["sample_varying"] = stored.attrs["time_varying"] = True
        content.create_group("t2_fields").attrs["field_names"] = []
    return path


def pdebench_compressible(path: Path) -> Path:
    """``2D_CFD_*`` of PDEBench: Data_Merge.py; one time more than frames."""
    x, y = (np.arange(NX) + 0.5) / NX, (np.arange(NY) + 0.5) / NX
    times = 0.05 * np.arange(FRAMES + 1)
    u, v = velocity(x, y, times[:-1])
    with h5py.File(path, "w") as content:
        for name, field in (("Vx", u), ("Vy", v), ("density", u), ("pressure", v)):
            content.create_dataset(name, data=field.astype(np.float32))
        for name, values in (("x", x), ("y", y), ("t", times)):
            content.create_dataset(f"{name}-coordinate", data=values.astype(np.float32))
        content.attrs["eta"], content.attrs["zeta"], content.attrs["M"] = 0.01, 0.01, 0.1
    return path


def pdebench_incompressible(path: Path) -> Path:
    """``ns_incom_inhom_2d_512-*`` of PDEBench: sim_ns_incomp_2d.py."""
    u, v = velocity(np.arange(NX), np.arange(NY), 0.005 * np.arange(FRAMES))
    with h5py.File(path, "w") as content:
        content.create_dataset("velocity", data=np.stack((u, v), -1).astype(np.float32))
        content.create_dataset("particles", data=u[..., None].astype(np.float32))
        content.create_dataset("force", data=np.zeros((RUNS, NX, NY, 2), np.float32))
        content.create_dataset("t", data=np.tile(0.005 * np.arange(FRAMES), (RUNS, 1)))
    return path


def pdearena(path: Path, split: str = "train", dt: float = 1.5) -> Path:
    """``NavierStokes2D_*`` of PDEArena: pdedatagen/navier_stokes.py; faces, and no last wall."""
    length = 32.0
    faces_x, faces_y = length * np.arange(NX) / NX, length * np.arange(NY) / NY
    centres_x, centres_y = faces_x + length / NX / 2, faces_y + length / NY / 2
    times = 18 + dt * np.arange(FRAMES)
    u, _ = velocity(faces_x, centres_y, times)
    v, _ = velocity(centres_x, faces_y, times)
    u[:, :, 0], v[:, :, :, 0] = 0.0, 0.0  # the walls west and south
    with h5py.File(path, "w") as content:
        group = content.create_group(split)
        for name, field in (("u", u), ("vx", u), ("vy", v)):
            group.create_dataset(name, data=field)
        for name, values in (
            ("t", np.linspace(18, 102, FRAMES)),
            ("x", np.linspace(0, length, NX)),
            ("y", np.linspace(0, length, NY)),
        ):
            group.create_dataset(name, data=np.tile(values, (RUNS, 1)))
        for name, value in (("dt", dt), ("dx", length / NX), ("dy", length / NY), ("buo_y", 0.5)):
            group.create_dataset(name, data=np.full(RUNS, value))
    return path


def johns_hopkins(path: Path, indices: tuple[int, ...] = (1, 11, 21)) -> Path:
    """A cut-out of the Johns Hopkins databases: ``Velocity_0001`` as ``z y x component``."""
    z, y, x = 0.1 * np.arange(4), 0.1 * np.arange(NY), 0.1 * np.arange(NX)
    with h5py.File(path, "w") as content:
        for index in indices:
            k, j, i = np.meshgrid(z, y, x, indexing="ij")
            u, v, w = i + 10 * k + index, 2 * j - k, 0 * i + 99
            content.create_dataset(
                f"Velocity_{index:04d}", data=np.stack((u, v, w), -1).astype(np.float32)
            )
        for name, values in (("xcoor", x), ("ycoor", y), ("zcoor", z)):
            content.create_dataset(name, data=values)
    return path
