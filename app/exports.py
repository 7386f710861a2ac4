"""Files of the current view: made apart from the event loop, bounded in number, size and time."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

import xarray as xr

from symdyn_core.plots.films import film, still
from symdyn_core.plots.forecast_curves import ForecastCurves
from symdyn_core.plots.forecast_pictures import ForecastPictures

from . import elements
from .export_files import csv, netcdf
from .export_notebook import notebook
from .export_view import view_of
from .lanes import Lane, give_way
from .pictures import Display
from .results import Results
from .scene import Question

MOST_WAITING = 8
"""Files that are made or wait on one server; more are refused."""

LONGEST = 120.0
"""Seconds that one file may take."""

LARGEST = 64 * 2**20
"""Bytes of the largest file."""

MAKERS = Lane("export", lambda: 1, give_way)
"""One file at a time: forecasts of moving sliders come first."""


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        label: on the menu; ``about`` said while it is made.
        ending: of its name; ``media`` its media type.
    """

    label: str
    about: str
    ending: str
    media: str


KINDS = {
    "png": Kind("Figure, PNG", "Drawing the figure", "png", "image/png"),
    "svg": Kind("Figure, SVG", "Drawing the figure", "svg", "image/svg+xml"),
    "gif": Kind("Film, GIF", "Drawing all leads", "gif", "image/gif"),
    "mp4": Kind("Film, MP4", "Drawing all leads", "mp4", "video/mp4"),
    "netcdf": Kind("Data, NetCDF", "Writing the data", "nc", "application/x-netcdf"),
    "csv": Kind("Numbers, CSV", "Writing the numbers", "csv", "text/csv"),
    "notebook": Kind("Notebook", "Writing the notebook", "ipynb", "application/x-ipynb+json"),
}
"""What can be exported."""


@dataclass(frozen=True)
class Wish:
    """What is to be exported.

    Attributes:
        results: the comparison that is shown; its forecasts are completed first.
        page: "explore" or "spectra": which figure.
        options: of that figure, (definition, measure) of the spectra.
        link: address of the view.
    """

    results: Results
    display: Display
    lead: int
    page: str
    link: str = ""
    options: tuple[str, str] = ("standard", "ratio")


class Exports:
    """The files under way, of all sessions."""

    def __init__(self):
        self.waiting = 0
        self._lock = Lock()

    async def make(self, wish: Wish, key: str) -> tuple[str, bytes]:
        """A file of one of ``KINDS``: its name and what it holds.

        Raises:
            ValueError: too many files, too large or too long; in one line.
        """
        with self._lock:
            if self.waiting >= MOST_WAITING:
                raise ValueError("The server is busy making files; try again in a moment.")
            self.waiting += 1
        try:
            results = await MAKERS.run(_completed, wish.results)
            wish = replace(wish, results=results)
            content = await MAKERS.run(_made, wish, key)
        finally:
            with self._lock:
                self.waiting -= 1
        if len(content) > LARGEST:
            size = len(content) / 2**20
            raise ValueError(
                f"The file would have {size:.0f} MB, more than {LARGEST / 2**20:.0f}; ask for "
                "fewer leads."
            )
        return file_name(wish, KINDS[key].ending), content


EXPORTS = Exports()
"""Of this server."""


def file_name(wish: Wish, ending: str) -> str:
    """A name that tells the view: ``symdyn_convection_turned-by-30_lead-4.png``."""
    question: Question = wish.results.comparison.question
    moved = elements.chained(elements.moving(question.links)) or "as recorded"
    parts = ["symdyn", question.source.key, moved]
    if wish.page != "explore":
        parts.append(wish.page)
    if ending in ("png", "svg"):
        parts.append(f"lead {wish.lead}")
    words = ("-".join(re.findall(r"[A-Za-z0-9.]+", part)) for part in parts)
    return "_".join(words)[:120].rstrip(".") + f".{ending}"


def _completed(results: Results) -> Results:
    """Results with the forecasts of all leads; those that are shown are left to the engine."""
    if results.leads == results.comparison.steps:
        return results
    whole = Results(results.comparison)
    for lead in range(1, results.comparison.steps + 1):
        results.comparison.a.scores(lead)
        results.comparison.b.scores(lead)
        whole.read(lead)
    return whole


def _made(wish: Wish, key: str) -> bytes:
    view = view_of(wish.results, wish.display, wish.link)
    if key == "netcdf":
        return netcdf(view)
    if key == "csv":
        return csv(view)
    if key == "notebook":
        return notebook(wish.results, view, wish.lead)
    pictures = _figure(view, wish)
    if key in ("gif", "mp4"):
        return film(pictures, range(1, view.sizes["lead"] + 1), key, progress=_limited())
    pictures.show(min(wish.lead, view.sizes["lead"]))
    return still(pictures.figure, key, str(view.attrs["title"]))


def _figure(view: xr.Dataset, wish: Wish) -> ForecastPictures | ForecastCurves:
    if wish.page == "spectra":
        return ForecastCurves(view, *wish.options)
    return ForecastPictures(view)


def _limited() -> Callable[[int], None]:
    """Ends the making of a film that takes too long."""
    end = time.monotonic() + LONGEST

    def check(_lead: int) -> None:
        if time.monotonic() > end:
            raise ValueError(f"The film took more than {LONGEST:.0f} seconds; ask for fewer leads.")

    return check
