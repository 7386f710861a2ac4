"""The button that saves what is shown: figures, films, data and a notebook."""

from functools import partial
from typing import TYPE_CHECKING

import panel as pn
from panel.viewable import Viewer

from ..export_box import ExportBox
from ..exports import EXPORTS, KINDS, Wish
from ..pictures import Display

if TYPE_CHECKING:
    from ..page import Session

SCREEN = "screen"

ABOUT = {
    SCREEN: "The pictures just as they are on this screen.",
    "png": "A figure for papers and slides, 2560 pixels wide.",
    "svg": "The same, drawn with lines and letters.",
    "gif": "All leads one after the other, for any slide.",
    "mp4": "All leads one after the other, H.264.",
    "netcdf": "Input, truth, forecasts, errors, spectra and scores, with units and origin.",
    "csv": "Scores by lead, and spectra.",
    "notebook": "Makes these numbers and pictures again, with symdyn_core alone.",
}
"""Said below each label."""


class ExportMenu(Viewer):
    """Saves the view of a session; one file at a time."""

    def __init__(self, session: "Session"):
        super().__init__()
        self.session, self.state = session, session.state
        self.box = ExportBox(self._chosen, margin=0)
        self.state.param.watch(self.offer, "page")
        self.offer()

    def __panel__(self):
        return self.box

    @property
    def kinds(self) -> list[str]:
        """What the page in front can be saved as."""
        if self.state.page == "explore":
            return [SCREEN, *KINDS]
        return list(KINDS) if self.state.page == "spectra" else []

    def offer(self, *_events) -> None:
        """Offer what the page in front can be saved as."""
        labels = {SCREEN: "Screen, PNG"} | {key: kind.label for key, kind in KINDS.items()}
        self.box.kinds = [[key, labels[key], ABOUT[key]] for key in self.kinds]

    async def save(self, key: str) -> None:
        """Make a file and hand it over; what cannot be is said."""
        session = self.session
        if session.results is None or not session.results.leads:
            session.complain("There is no forecast to save yet; wait for the first one.")
            return
        if key == SCREEN:
            self._screen()
            return
        self.box.busy = True
        session.inform(f"{KINDS[key].about} …")
        try:
            name, content = await EXPORTS.make(self._wish(), key)
            self.box.send(name, KINDS[key].media, content)
        except ValueError as error:
            session.complain(str(error).splitlines()[0])
        finally:
            self.box.busy = False

    def _chosen(self, key: str) -> None:
        pn.state.execute(partial(self.save, key))

    def _screen(self) -> None:
        """The browser saves its own pictures."""
        state = self.state
        name = f"symdyn_{state.data}_{state.field}_lead-{state.lead}.png"
        self.session.panel("explore").view.save_picture(name)

    def _wish(self) -> Wish:
        state, session = self.state, self.session
        display = Display(
            state.field, state.maps, state.limits, state.stabilised, state.view, "none"
        )
        settings = session.settings["spectra"]
        return Wish(
            session.results,
            display,
            state.lead,
            state.page,
            _link(),
            (settings.definition, settings.measure),
        )


def _link() -> str:
    """The address of the view."""
    location = pn.state.location
    if location is None:
        return ""
    host = f"{location.hostname}:{location.port}" if location.port else location.hostname
    return f"{location.protocol}//{host}{location.pathname}{location.search}"
