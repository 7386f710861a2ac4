"""What the page of data asks for: flows opened, sent, looked at and cut, apart from forecasts."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import matplotlib
import xarray as xr

from symdyn_core.datasets.catalogued import DataSet
from symdyn_core.datasets.kinship import kin_of
from symdyn_core.datasets.ocean_currents import LARGEST_IN_MEMORY
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.patches import Overview, Patch, cut_patch, overview
from symdyn_core.datasets.sources import sources as files_of
from symdyn_core.datasets.store import write_flow
from symdyn_core.inspection.readable import Facts, facts
from symdyn_core.inspection.report import inspect_path
from symdyn_core.plots import flow_figures
from symdyn_core.plots.flow_page import flow_page
from symdyn_core.plots.style import pretty
from symdyn_core.untrusted.guard import taken_in
from symdyn_core.untrusted.links import check_self_contained
from symdyn_core.untrusted.places import allowed, forbid_redirects

from .flows import Source, forget_flows
from .jobs import JOBS
from .kept import Kept
from .operator import operator
from .uploads import Incoming, Uploads

POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="intake")
"""Two files at a time; readers of uploads are processes of their own."""


@dataclass(frozen=True)
class Subject:
    """A flow that the page of data shows, which need not fit into the memory.

    Attributes:
        source: where it is.
        seen: where it is fast.
        kin: its entry in the catalogue; None where it has none.
    """

    source: Source
    seen: Overview
    kin: DataSet | None

    @property
    def large(self) -> bool:
        """Whether it is too large to be used whole."""
        return self.seen.nbytes > LARGEST_IN_MEMORY


@dataclass(frozen=True)
class Report:
    """The report of ``symdyn data info``, ready to be shown.

    Attributes:
        facts: groups of names and values.
        problems: sentences.
        figures: drawings as SVG by title.
        page: all of it as a page of HTML.
    """

    facts: Facts
    problems: tuple[str, ...]
    figures: dict[str, str]
    page: str


async def apart(function: Callable, *arguments: Any) -> Any:
    """Run in the threads of this module."""
    return await asyncio.get_running_loop().run_in_executor(POOL, partial(function, *arguments))


def _looked_at(source: Source) -> Subject:
    """A flow as the page shows it.

    Raises:
        ValueError, FileNotFoundError: what is wrong with it, in one line.
    """
    flow = _opened(source.path)
    return Subject(source, overview(flow), kin_of(flow))


looked_at = Kept(_looked_at, 64)
"""A flow as the page shows it, looked at once for all sessions; see ``_looked_at``."""


def report_key(path: str) -> tuple[str, str]:
    """The name of the job that makes the report of a flow."""
    return "report", path


def forget(folder: Path) -> None:
    """Drop all that is known of flows below a folder that is about to vanish."""
    forget_flows(folder)
    looked_at.forget(lambda source: Path(source.path).is_relative_to(folder))
    JOBS.forget(lambda key: _is_below(key, folder))


def _is_below(key: Any, folder: Path) -> bool:
    """Whether the name of a job tells of a flow below a folder."""
    if isinstance(key, Source):
        key = key.path
    if isinstance(key, str):
        return str(folder) in key
    return isinstance(key, tuple) and any(_is_below(part, folder) for part in key)


def _opened(path: str) -> xr.Dataset:
    """The whole field, values left on disk; a wide cell is not cut into squares."""
    flow = open_any(path, lazy=True)
    if "member" in flow.dims and (whole := _wide(path)) is not None:
        return whole
    return flow


def _wide(path: str) -> xr.Dataset | None:
    """A convection cell before it is cut into squares; None for other flows."""
    from symdyn_core.datasets.opening import is_flow
    from symdyn_core.datasets.store import open_flow

    found = files_of(path)
    if len(found) != 1 or not is_flow(found[0]):
        return None
    flow = open_flow(found[0], lazy=True)
    return flow if "member" not in flow.dims else None


def opened_place(wanted: str) -> str:
    """The path or address that a visitor named, if the operator allows it and it can be read.

    Raises:
        ValueError, FileNotFoundError: why not, in one line.
    """
    places = operator().allow
    if any("://" in place for place in places):
        forbid_redirects()
    path = allowed(wanted, places)
    for file in files_of(path):
        if "://" not in file and Path(file).is_file() and h5py.is_hdf5(file):
            with h5py.File(file, "r") as content:
                check_self_contained(content)
    return path


def taken(incoming: Incoming, target: Path, wanted: Callable[[], bool]) -> None:
    """Read a file that was sent, in a process of its own, and keep its flow at ``target``.

    Raises:
        ValueError: why it was not taken, in one line.
    """
    taken_in(incoming.path, incoming.name, target, Uploads.limits(), lambda: not wanted())


def cut_out(source: Source, patch: Patch, target: Path) -> None:
    """Keep a patch of a flow at ``target``.

    Raises:
        ValueError: why it cannot be cut, in one line.
    """
    cut = cut_patch(_opened(source.path), patch)
    # Velocities alone: where there is water is no number.
    write_flow(cut.assign({name: cut[name].astype("float32") for name in ("u", "v")}), target)


def report_steps(path: str) -> Iterator[tuple[float, Report | None]]:
    """The report of a flow, figure by figure."""
    yield 0.0, None
    found = inspect_path(path)
    figures: dict[str, str] = {}
    kinds = facts(found.report, pretty)
    problems = tuple(found.report["problems"])
    yield 0.5, Report(kinds, problems, {}, "")
    for title, draw in (
        ("Maps", flow_figures.maps),
        ("Energy by scale", flow_figures.spectrum),
        ("How fast it changes", flow_figures.persistence),
        ("Velocities", flow_figures.histogram),
    ):
        if drawn := draw(found):
            figures[title] = drawn
        yield 0.5 + 0.1 * len(figures), Report(kinds, problems, dict(figures), "")
    yield 1.0, Report(kinds, problems, figures, flow_page(found))


# Figures are drawn in threads: no window system may be asked for.
matplotlib.use("agg")
