"""Cutting a rectangle and a period out of a flow, and seeing beforehand where they lie."""

import json
import math
from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from symdyn_core.datasets import sphere
from symdyn_core.datasets.schema import members_of, validate

LOOKED_AT = 12
"""Frames that an overview is the mean of, spread evenly over all times."""


@dataclass(frozen=True)
class Patch:
    """Cells ``x`` to ``x + nx``, ``y`` to ``y + ny``, frames ``first`` to ``last``, both included.

    Attributes:
        member: of the flow that is cut.
    """

    x: int
    y: int
    nx: int
    ny: int
    first: int
    last: int
    member: int = 0

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.last - self.first + 1

    @property
    def nbytes(self) -> int:
        """Memory of its velocities in float32."""
        return 2 * 4 * self.nx * self.ny * self.frames


@dataclass(frozen=True)
class Overview:
    """Where a flow is fast, coarse enough to be drawn.

    Attributes:
        speed: mean over a few frames of the first members, NaN on land.
        water: cells with any water.
        x, y: outer edges (low, high) on the axes that people read: degrees, or lengths.
        labels: of these axes.
        cells: (ny, nx) of the flow.
        frames, members: their number; ``times`` labels of the first and the last frame.
        degrees: whether the axes are longitude and latitude.
        unit: of speeds, "" for pure numbers.
        nbytes: of all velocities in float32.
    """

    speed: Float[np.ndarray, "row column"]
    water: Bool[np.ndarray, "row column"]
    x: tuple[float, float]
    y: tuple[float, float]
    labels: tuple[str, str]
    cells: tuple[int, int]
    frames: int
    members: int
    times: tuple[str, str]
    degrees: bool
    unit: str
    nbytes: int


def snapped(
    x: tuple[float, float],
    y: tuple[float, float],
    frames: tuple[int, int],
    flow_sizes: tuple[int, int, int],
    *,
    multiple: int = 8,
    member: int = 0,
) -> Patch:
    """The patch nearest to a box whose sides are multiples of so many cells, inside the flow.

    Networks that coarsen need such sides. A side of the flow that is shorter is taken whole.

    Args:
        x, y: sides of the box in cells, as drawn: in any order, perhaps beyond the flow.
        frames: first and last, likewise.
        flow_sizes: (frames, ny, nx) of the flow.
    """
    count, ny, nx = flow_sizes
    x0, width = _side(x, nx, multiple)
    y0, height = _side(y, ny, multiple)
    first, last = sorted(int(min(max(0, frame), count - 1)) for frame in frames)
    return Patch(x0, y0, width, height, first, last, member)


def _side(drawn: tuple[float, float], size: int, multiple: int) -> tuple[int, int]:
    """(first cell, cells) of a side."""
    low, high = sorted(min(max(0.0, side), float(size)) for side in drawn)
    most = size // multiple * multiple or size
    length = min(most, max(multiple, multiple * round((high - low) / multiple)))
    start = round((low + high) / 2 - length / 2)
    return min(max(0, start), size - length), length


def cut_patch(flow: xr.Dataset, patch: Patch) -> xr.Dataset:
    """The patch as a flow of its own, with the spacing of its own latitude.

    Args:
        flow: values may be on disk; only those of the patch are read.

    Raises:
        ValueError: beyond the flow, or without any water.
    """
    _check(flow, patch)
    one = flow.isel(member=patch.member) if "member" in flow.dims else flow
    cut = one[[name for name in ("u", "v", "water") if name in one]].isel(
        time=slice(patch.first, patch.last + 1),
        y=slice(patch.y, patch.y + patch.ny),
        x=slice(patch.x, patch.x + patch.nx),
    )
    cut = cut.load()
    if "water" in cut and not bool(cut["water"].any()):
        raise ValueError("There is only land in this patch. Draw it where there is water.")
    spacing = {name: float(one[name] if name in one.coords else flow.attrs[name])
               for name in ("dx", "dy")}  # fmt: skip
    if _on_the_globe(cut):
        degrees = float(one["longitude"][-1] - one["longitude"][0]) / (one.sizes["x"] - 1)
        middle = float(cut["latitude"].mean())
        spacing["dx"] = degrees * sphere.metres_per_degree_east(middle)
    keep = {"latitude", "longitude"} if _on_the_globe(cut) else set()
    cut = cut.drop_vars([c for c in cut.coords if c not in {"time", "y", "x", *keep}])
    for axis in ("x", "y"):
        values = np.arange(cut.sizes[axis]) * spacing[f"d{axis}"]
        cut = cut.assign_coords({axis: (axis, values, dict(flow[axis].attrs))})
    cut.attrs = _attributes(flow, patch, spacing)
    return validate(cut)


def _check(flow: xr.Dataset, patch: Patch) -> None:
    sizes = flow.sizes
    inside = (
        0 <= patch.member < members_of(flow)
        and 0 <= patch.x < patch.x + patch.nx <= sizes["x"]
        and 0 <= patch.y < patch.y + patch.ny <= sizes["y"]
        and 0 <= patch.first <= patch.last < sizes["time"]
    )
    if not inside:
        raise ValueError(
            f"Expected a patch inside the flow of {sizes['y']} x {sizes['x']} cells (y, x) and "
            f"{sizes['time']} frames, got {patch}."
        )


def _attributes(flow: xr.Dataset, patch: Patch, spacing: dict[str, float]) -> dict:
    attrs = {**flow.attrs, **spacing}
    for axis, cells in (("x", patch.nx), ("y", patch.ny)):
        if cells < flow.sizes[axis]:
            attrs[f"periodic_{axis}"] = 0
    provenance = json.loads(attrs.get("provenance") or "{}")
    provenance["patch"] = asdict(patch)
    return {**attrs, "provenance": json.dumps(provenance)}


def _on_the_globe(flow: xr.Dataset) -> bool:
    coordinates = {"latitude", "longitude"} <= set(flow.coords)
    return coordinates and flow["latitude"].dims == ("y",) and flow.sizes["x"] > 1


def overview(flow: xr.Dataset, longest: int = 360) -> Overview:
    """Where a flow is fast: a few frames, means over blocks where it is wide.

    Args:
        flow: values may be on disk.
        longest: rows or columns of the overview, at most.
    """
    one = flow.isel(member=0) if "member" in flow.dims else flow
    frames = np.unique(np.linspace(0, one.sizes["time"] - 1, LOOKED_AT).round().astype(int))
    some = one[["u", "v"]].isel(time=frames)
    speed = np.hypot(some["u"].values, some["v"].values)
    wet = np.isfinite(speed).any(axis=0)
    if "water" in one:
        wet &= one["water"].values
    mean = np.where(wet, np.nanmean(np.where(wet, speed, 0.0), axis=0), np.nan)
    step = math.ceil(max(mean.shape) / longest)
    blocks = xr.DataArray(mean, dims=("y", "x")).coarsen(y=step, x=step, boundary="pad")
    coarse = blocks.mean().values if step > 1 else mean
    (x, x_label), (y, y_label) = (_axis(one, name) for name in ("x", "y"))
    times = flow["time"].values
    return Overview(
        speed=coarse.astype(np.float32),
        water=np.isfinite(coarse),
        x=x,
        y=y,
        labels=(x_label, y_label),
        cells=(flow.sizes["y"], flow.sizes["x"]),
        frames=flow.sizes["time"],
        members=members_of(flow),
        times=(_time(times[0]), _time(times[-1])),
        degrees=_on_the_globe(one),
        unit=""
        if flow.attrs.get("velocity_unit", "1") == "1"
        else str(flow.attrs["velocity_unit"]),
        nbytes=int(8 * flow["u"].size),
    )


def _axis(flow: xr.Dataset, name: str) -> tuple[tuple[float, float], str]:
    """Outer edges and label of an axis."""
    if _on_the_globe(flow):
        degrees = {"x": ("longitude", "°E"), "y": ("latitude", "°N")}[name]
        return _edges(flow[degrees[0]].values), f"{degrees[0]} [{degrees[1]}]"
    values, unit = flow[name].values.astype(float), str(flow.attrs.get("length_unit", "1"))
    if unit == "m" and float(np.ptp(values)) > 10_000:
        values, unit = values / 1000, "km"
    return _edges(values), name if unit in ("1", "") else f"{name} [{unit}]"


def _edges(centres: np.ndarray) -> tuple[float, float]:
    half = float(centres[-1] - centres[0]) / max(1, len(centres) - 1) / 2 or 0.5
    return float(centres[0]) - half, float(centres[-1]) + half


def _time(time: np.generic) -> str:
    if np.issubdtype(time.dtype, np.datetime64):
        return str(time.astype("datetime64[m]")).replace("T", " ").removesuffix(" 00:00")
    return f"{float(time):.6g}"
