"""The flows that a visitor can choose: opened once for all sessions, cut into squares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.frames import HeldFrames
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.squares import in_squares
from symdyn_core.datasets.windows import Windows
from symdyn_core.grid import Grid
from symdyn_core.paths import data_directory

from . import wording
from .kept import Kept
from .operator import operator

SIDE = 64
"""Cells along the side of a square: what the trained models saw."""

OPEN = 64
"""Flows that are held open, at most: visitors' own are forgotten with their sessions."""

MIN_WATER = 0.5
"""Squares with less water than this share are not offered."""


@dataclass(frozen=True)
class Source:
    """A flow on disk that can be chosen.

    Attributes:
        key: short name, used in the address of the page.
        path: store, file, folder, glob or address.
        family: the models that were trained on flows of this kind, "" for none.
        title: what people read; the key where there is none.
    """

    key: str
    path: str
    family: str = ""
    title: str = ""

    @property
    def label(self) -> str:
        """What people read in the list of flows."""
        return self.title or self.key


@dataclass(frozen=True)
class Flow:
    """An opened flow: squares of velocity in memory, and the words to describe them.

    Attributes:
        squares: the labelled flow that was cut into squares.
        w: velocities, 0 on land.
        grids: the grid of every member.
        rms: root mean square of a velocity component, the unit of uniform motions.
        times, members: labels for people.
        units: of length, time and velocity; "" where the flow has none.
    """

    source: Source
    title: str
    squares: xr.Dataset
    w: Float[Tensor, "member time component y x"]
    grids: tuple[Grid, ...]
    rms: float
    times: tuple[str, ...]
    members: tuple[str, ...]
    length_unit: str
    time_unit: str
    velocity_unit: str

    def windows(self, past: int, future: int = 0) -> Windows:
        """All windows of the flow, over the frames that are held already."""
        return Windows(self.squares, past, future, source=HeldFrames(self.w))


DEMOS = {
    "convection": ("rayleigh_benard.zarr", "Simulated convection", "rbc"),
    "ocean": ("quasi_geostrophic.zarr", "Simulated ocean", "ocean"),
}
"""The flows that come with the package: file, title, and the models trained on such flows."""


def demo_path(key: str = "convection") -> Path:
    """A simulated flow that comes with the package."""
    return data_directory() / "demo" / DEMOS[key][0]


def sources(paths: Sequence[str] = ()) -> tuple[Source, ...]:
    """The demo flow, then those named by the operator: arguments first, then the environment."""
    named = [*paths, *operator().flows]
    found = [
        Source(key, str(demo_path(key)), family=family, title=title)
        for key, (_, title, family) in DEMOS.items()
        if demo_path(key).exists()
    ]
    for name in dict.fromkeys(named):
        found.append(Source(free_key(name, {source.key for source in found}), name))
    return tuple(found)


def free_key(path: str, taken: set[str]) -> str:
    """A short name for a path that is not taken yet."""
    words = re.findall(r"[A-Za-z0-9]+", Path(path.rstrip("/*?.")).name.split(".")[0])
    stem = "-".join(words).lower() or "flow"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def _opened(source: Source) -> Flow:
    """Open a flow and cut it into squares of at most 64 x 64 cells.

    Raises:
        ValueError, FileNotFoundError: what is wrong with the data, in one line.
    """
    flow = in_squares(open_any(source.path, scalars=False), SIDE, min_water=MIN_WATER)
    windows = Windows(flow, past=1, future=0)
    return Flow(
        source=source,
        title=str(flow.attrs.get("title") or source.key),
        squares=flow,
        w=windows.frames,
        grids=windows.grids,
        rms=schema.rms(flow),
        times=_time_labels(flow),
        members=_member_labels(flow),
        length_unit=_unit(flow, "length_unit", "x"),
        time_unit=_unit(flow, "time_unit", "time"),
        velocity_unit=_unit(flow, "velocity_unit", "u"),
    )


open_source = Kept(_opened, OPEN)
"""The flow of a source, opened once for all sessions; see ``_opened``."""


def forget_flows(folder: Path) -> None:
    """Drop opened flows below a folder that is about to vanish."""
    open_source.forget(lambda source: Path(source.path).is_relative_to(folder))


def _unit(flow: xr.Dataset, name: str, variable: str) -> str:
    """The unit in words: an attribute, or for pure numbers what the long name measures them in."""
    unit = str(flow.attrs.get(name, ""))
    if unit not in ("", "1"):
        return wording.unit(unit)
    _, found, words = str(flow[variable].attrs.get("long_name", "")).partition(", in ")
    return words if found else ""


def _time_labels(flow: xr.Dataset) -> tuple[str, ...]:
    times = flow["time"].values
    if np.issubdtype(times.dtype, np.datetime64):
        minutes = times.astype("datetime64[m]")
        daily = bool((minutes == times.astype("datetime64[D]")).all())
        return tuple(str(t)[:10] if daily else str(t).replace("T", " ") for t in minutes)
    unit = _unit(flow, "time_unit", "time")
    if unit == "s" and len(times) > 1:
        step = wording.step(unit, float(times[1] - times[0]))
        scale, unit = step["frame_time"] / float(times[1] - times[0]), step["lead_unit"]
        times = times * scale
    return tuple(f"t = {float(t):.6g}{' ' + unit if unit else ''}" for t in times)


def _member_labels(flow: xr.Dataset) -> tuple[str, ...]:
    count = schema.members_of(flow)
    if {"latitude", "longitude"} <= set(flow.coords) and flow["latitude"].dims == ("member",):
        places = zip(flow["latitude"].values, flow["longitude"].values, strict=True)
        return tuple(
            f"{n + 1}: {_degrees(y, 'N', 'S')} {_degrees(x, 'E', 'W')}"
            for n, (y, x) in enumerate(places)
        )
    return tuple(f"{n + 1} of {count}" for n in range(count))


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.1f}°{positive if value >= 0 else negative}"
