"""Small files in the layouts of public benchmarks, all of the same velocities where they can be."""

from pathlib import Path

import h5py
import numpy as np
import xarray as xr

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


def shear_flow(path: Path) -> Path:
    """``shear_flow`` of The Well: a tracer, periodic on all sides, one mask for all trajectories
    (a field that lacks their axis) and a forcing that is constant in time (one that lacks it)."""
    with h5py.File(the_well(path), "a") as content:
        content.attrs["dataset_name"] = "shear_flow"
        fields = content["t0_fields"]
        fields.move("buoyancy", "tracer")
        content["boundary_conditions/y_wall"].attrs["bc_type"] = "PERIODIC"
        run, frame, x, y = np.meshgrid(*map(np.arange, (RUNS, FRAMES, NX, NY)), indexing="ij")
        for name, values, varies in (
            ("lid", (frame + x)[0], (False, True, (True, True))),
            ("forcing", (run + y)[:, 0], (True, False, (True, True))),
            ("profile", (run + frame + y)[:, :, 0], (True, True, (False, True))),
            ("height", (run + x)[:, 0, :, :, None], (True, False, (True, True))),
            ("odd", np.zeros((3, 3)), (True, True, (True, True))),
        ):
            stored = fields.create_dataset(name, data=values.astype(np.float32))
            for what, one in zip(("sample", "time", "dim"), varies, strict=True):
                stored.attrs[f"{what}_varying"] = one
        fields.attrs["field_names"] = list(fields)
    return path


def pdebench_without_velocity(path: Path, problem: str) -> Path:
    """Problems of PDEBench that hold no velocity: gen_radial_dam_break.py, Data_Merge.py."""
    x = np.linspace(-2.5, 2.5, NX, dtype=np.float32)
    with h5py.File(path, "w") as content:
        if problem == "tensor":
            content["tensor"] = np.zeros((RUNS, 1, NX, NX), np.float32)
            content["nu"] = np.zeros((RUNS, NX, NX), np.float32)
            content["x-coordinate"] = content["y-coordinate"] = x
            return path
        for run in range(RUNS):
            content[f"{run:04d}/data"] = np.zeros((FRAMES, NX, NX, 1), np.float32)
            content[f"{run:04d}/grid/x"] = content[f"{run:04d}/grid/y"] = x
            content[f"{run:04d}/grid/t"] = np.arange(FRAMES, dtype=np.float32)
    return path


def shallow_water(path: Path) -> Path:
    """``train.zarr`` of PDEArena: many NetCDF files of SpeedyWeather put together along ``b``."""
    latitude, longitude = np.linspace(86.25, -86.25, 24), 360 * np.arange(48) / 48
    hours = 6 * np.arange(FRAMES)
    generator = np.random.default_rng(0)
    u, v = generator.normal(size=(2, RUNS, FRAMES, 1, 24, 48)).astype(np.float32)
    dims = ("b", "time", "lev", "lat", "lon")
    xr.Dataset(
        {
            "u": (dims, u, {"units": "m/s", "long_name": "zonal wind"}),
            "v": (dims, v, {"units": "m/s", "long_name": "meridional wind"}),
            "vor": (dims, u, {"units": "1/s", "long_name": "relative vorticity"}),
            "pres": (("b", "time", "lat", "lon"), u[:, :, 0], {"long_name": "interface height"}),
        },
        coords={
            "time": ("time", hours, {"units": "hours since 2000-01-01 00:00:0.0"}),
            "lev": ("lev", [1.0]),
            "lat": ("lat", latitude, {"units": "degrees_north"}),
            "lon": ("lon", longitude, {"units": "degrees_east"}),
        },
    ).to_zarr(path, zarr_format=2, consolidated=True)
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


def givernylocal(
    path: Path, quantity: str, indices: tuple[int, ...] = (1, 11, 21), upwards: str = "zcoor"
) -> Path:
    """A cut-out by the client givernylocal: a labelled dataset, written as NetCDF-4."""
    z, y, x = 0.1 * np.arange(4), 0.1 * np.arange(NY), 0.1 * np.arange(NX)
    k, j, i = np.meshgrid(z, y, x, indexing="ij")
    held = {"velocity": (i + 10 * k, 2 * j - k, 0 * i + 99), "pressure": (i - 3 * k,)}[quantity]
    dims = (upwards, "ycoor", "xcoor", "values")
    xr.Dataset(
        {
            f"{quantity}_{index:04d}": (dims, np.stack(held, -1).astype(np.float32) + index)
            for index in indices
        },
        coords={upwards: z, "ycoor": y, "xcoor": x},
        attrs={"dataset": "channel", "t_start": indices[0], "t_step": 10, "filterWidth": 1},
    ).to_netcdf(path, format="NETCDF4")
    return path
