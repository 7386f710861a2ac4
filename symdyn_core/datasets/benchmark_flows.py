"""Simulated flows of public benchmarks, in whatever layout, as flows of this package."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import dask.array
import numpy as np
import xarray as xr

from symdyn_core.datasets.benchmark_scalars import Scalar, words
from symdyn_core.datasets.lines import Line, evened, is_uniform, located
from symdyn_core.datasets.ocean_currents import LARGEST_IN_MEMORY
from symdyn_core.datasets.schema import validate
from symdyn_core.datasets.validation import SPACING_TOLERANCE


@dataclass(frozen=True)
class SimulatedFlow:
    """Velocities of a simulation, what they carry, and where they lie.

    Attributes:
        u, v: ``member time y x``, yet to be read.
        y, x: positions of rows and columns, increasing; uneven ones are interpolated.
        dt: time between two frames.
        start: time of the first frame.
        periodic: whether the flow repeats along (y, x).
        source: which benchmark, and where it is described.
    """

    u: dask.array.Array
    v: dask.array.Array
    y: np.ndarray
    x: np.ndarray
    dt: float
    start: float
    periodic: tuple[bool, bool]
    title: str
    source: str
    notes: tuple[str, ...] = ()
    scalars: tuple[Scalar, ...] = ()


def frame_interval(times: np.ndarray, frames: int) -> float:
    """Time between two of so many frames.

    Raises:
        ValueError: fewer than two frames, another number of times, or uneven ones.
    """
    if len(times) != frames:
        raise ValueError(f"Expected a time for each of {frames} frames, got {len(times)} times.")
    steps = np.diff(np.asarray(times, np.float64))
    if not steps.size:
        raise ValueError(f"Expected at least two frames in time, got {len(times)}.")
    if not (steps > 0).all() or np.ptp(steps) > 2 * SPACING_TOLERANCE * steps.mean():
        raise ValueError(
            f"Expected evenly spaced times, got steps from {steps.min():g} to {steps.max():g}. "
            "Such a run cannot be cut into windows."
        )
    return float(steps.mean())


def joined(flows: Sequence[SimulatedFlow], names: Sequence[str]) -> SimulatedFlow:
    """Runs of several files as members of one flow.

    Raises:
        ValueError: other cells or other times in one of them.
    """
    first = flows[0]
    for flow, name in zip(flows, names, strict=True):
        same = flow.u.shape[1:] == first.u.shape[1:] and np.isclose(flow.dt, first.dt)
        if not same or not (np.allclose(flow.y, first.y) and np.allclose(flow.x, first.x)):
            raise ValueError(
                f"Expected all files on the cells and times of '{names[0]}', got others in "
                f"'{name}'. Open them one by one."
            )
    if len(flows) == 1:
        return first
    u, v = (dask.array.concatenate([getattr(flow, name) for flow in flows]) for name in ("u", "v"))
    scalars, notes = _joined_scalars(flows)
    return replace(first, u=u, v=v, scalars=scalars, notes=(*first.notes, *notes))


def _joined_scalars(flows: Sequence[SimulatedFlow]) -> tuple[tuple[Scalar, ...], tuple[str, ...]]:
    """(scalars that all of several flows carry, what was left out)."""
    held = [{scalar.name: scalar.field for scalar in flow.scalars} for flow in flows]
    shared = [name for name in held[0] if all(name in one for one in held)]
    lost = sorted({name for one in held for name in one} - set(shared))
    notes = tuple(f"'{name}' is not in all files: left out" for name in lost)
    joint = {name: dask.array.concatenate([one[name] for one in held]) for name in shared}
    return tuple(Scalar(name, field) for name, field in joint.items()), notes


def to_flow(flow: SimulatedFlow, files: Sequence[str], lazy: bool | None = None) -> xr.Dataset:
    """The simulation as a flow, in its own units.

    Args:
        files: names for the provenance.
        lazy: leave the fields on disk, or read them now; None: read up to 512 MiB.

    Raises:
        ValueError: what is wrong with the fields, in one line.
    """
    notes, axes = list(flow.notes), {"y": flow.y, "x": flow.x}
    fields = _fitting(flow, notes)
    for axis, name in ((2, "y"), (3, "x")):
        if len(axes[name]) < 2:
            raise ValueError(f"Expected at least two cells along {name}, got one.")
        if not is_uniform(axes[name]):
            even = evened(name, axes[name], notes, smooth=False)
            line, _ = located(even, axes[name], None)
            fields = {n: _interpolated(field, line, axis) for n, field in fields.items()}
            axes[name] = even
    if lazy is None:
        lazy = sum(field.nbytes for field in fields.values()) > LARGEST_IN_MEMORY
    if not lazy:
        read = dask.array.compute(*fields.values(), scheduler="synchronous")
        fields = dict(zip(fields, read, strict=True))
    return validate(_labelled(flow, fields, axes, files, notes), values=not lazy)


def _fitting(flow: SimulatedFlow, notes: list[str]) -> dict[str, dask.array.Array]:
    """Velocities and scalars on the same cells; other scalars are left out.

    Raises:
        ValueError: velocities on other cells than their positions.
    """
    cells = len(flow.y), len(flow.x)
    for name, field in (("u", flow.u), ("v", flow.v)):
        if field.shape != flow.u.shape or field.shape[2:] != cells:
            raise ValueError(
                f"Expected both velocities on {cells[0]} x {cells[1]} cells (y, x), as many as "
                f"there are positions, got '{name}' on {field.shape[2]} x {field.shape[3]} at "
                f"{field.shape[1]} times. The file is damaged, or of another layout."
            )
    fields = {"u": flow.u, "v": flow.v}
    for one in flow.scalars:
        if one.field.shape == flow.u.shape:
            fields[one.label] = one.field
        else:
            notes.append(f"'{one.name}' lies on other cells or times than the velocity: left out")
    return fields


def _interpolated(field: dask.array.Array, line: Line, axis: int) -> dask.array.Array:
    return dask.array.map_blocks(line.apply, field, axis=axis, dtype=field.dtype)


def _labelled(
    flow: SimulatedFlow,
    fields: Mapping[str, np.ndarray | dask.array.Array],
    axes: dict[str, np.ndarray],
    files: Sequence[str],
    notes: list[str],
) -> xr.Dataset:
    dims = ("member", "time", "y", "x")
    spacing = {f"d{n}": float(a[-1] - a[0]) / (len(a) - 1) for n, a in axes.items()}
    members, frames = fields["u"].shape[:2]
    labelled = xr.Dataset(
        {name: (dims, field, words(name)) for name, field in fields.items()},
        coords={
            "member": ("member", np.arange(members), {"long_name": "run"}),
            "time": (
                "time",
                flow.start + flow.dt * np.arange(frames),
                {"units": "1", "long_name": "time"},
            ),
            **{
                n: (n, a[0] + spacing[f"d{n}"] * np.arange(len(a)), _axis(n))
                for n, a in axes.items()
            },
        },
        attrs={
            "title": flow.title,
            "source": flow.source,
            **spacing,
            "dt": flow.dt,
            **{"length_unit": "1", "time_unit": "1", "velocity_unit": "1"},
            "periodic_y": int(flow.periodic[0]),
            "periodic_x": int(flow.periodic[1]),
            "history": "read as a simulated flow",
            "provenance": json.dumps({"files": list(files), "notes": notes}),
        },
    )
    return labelled.isel(member=0, drop=True) if members == 1 else labelled


def _axis(name: str) -> dict[str, str]:
    return {"units": "1", "long_name": name, "axis": name.upper()}
