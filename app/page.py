"""One session: its state, its engine, and the panels that show what arrives."""

import panel as pn
import panel_material_ui as pmui

from . import address
from .engine import Arrival, Engine
from .field_view import FieldView
from .flows import Source
from .panels.controls import Controls
from .panels.curves import Growth, SpectraFigure
from .panels.story import Story
from .pictures import Display
from .results import Results
from .state import AppState

ASKED = ("data", "member", "now", "symmetry", "element", "model_a", "model_b")
"""What changes the question; the display is cheaper to change."""

DISPLAYED = ("field", "maps", "limits", "stabilised")

THEME = {
    "components": {
        "MuiToolbar": {"defaultProps": {"variant": "dense"}},
        "MuiButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
        "MuiToggleButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
    }
}
"""A low header, and words as they are written: the pictures need the room."""

COPY_LINK = """
const text = window.location.href
if (navigator.clipboard) { navigator.clipboard.writeText(text) } else {
  const field = document.createElement("textarea")
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
"""
"""The clipboard proper exists on https and localhost only."""

PHONES = ("Mobi", "Android", "iPhone")


class Session:
    """Everything that one visitor has."""

    def __init__(self, sources: tuple[Source, ...]):
        self.state = AppState(sources)
        self.results: Results | None = None
        self.engine = Engine(self.draw, self.complain)
        self.growth, self.spectra, self.story = Growth(), SpectraFigure(), Story()
        self.view = FieldView(
            growth=pn.pane.Bokeh(self.growth.figure, sizing_mode="stretch_both", margin=0),
            spectra=pn.pane.Bokeh(self.spectra.figure, sizing_mode="stretch_both", margin=0),
            arrows=self.state.param.arrows,
            sizing_mode="stretch_width",
        )
        self.problems = self._restored()
        self.controls = Controls(self.state, self.complain)
        self.view.lead = self.state.lead
        # Watchers both ways: a reference would be dropped when the browser sets the lead.
        self.view.param.watch(lambda event: self.state.param.update(lead=event.new), "lead")
        self.state.param.watch(lambda event: self.view.param.update(lead=event.new), "lead")
        self.view.param.watch(self._resend, ["missing", "ready"])
        self.view.param.watch(self._revisit, "visited")
        self.state.param.watch(self._ask, [*ASKED, *DISPLAYED])
        self.state.param.watch(self._read, ["lead"])
        self.state.param.watch(self._write_address, ["arrows", "dark"])
        self.view.param.watch(self._follow_system, "prefers_dark")
        self.view.param.watch(self._write_address, "playing")

    def page(self) -> pmui.Page:
        """The page of this session; answering begins once it is open."""
        pn.state.onload(self._begin)
        phone = _on_a_phone()
        page = pmui.Page(
            title="Symdyn" if phone else "Symdyn · symmetry in forecasts of flow",
            header=[pmui.Row(*self._buttons(), align="end", margin=0)],
            sidebar=[self.controls],
            sidebar_width=280,
            sidebar_open=not phone,
            main=[pmui.Column(self.story, self.view, sizing_mode="stretch_width", margin=(4, 10))],
            dark_theme=self.state.dark,
            busy_indicator=None,
            theme_config=THEME,
        )
        self.state.param.watch(lambda e: page.param.update(dark_theme=e.new), "dark")
        page.param.watch(lambda e: self.state.param.update(dark=e.new), "dark_theme")
        return page

    def draw(self, arrival: Arrival) -> None:
        """Show new frames and numbers."""
        self.results = arrival.results
        self.view.send(arrival.packet)
        self._read()

    def complain(self, line: str) -> None:
        """A readable notice; what was shown stays."""
        if pn.state.notifications is not None:
            pn.state.notifications.warning(line, duration=8000)

    async def _begin(self) -> None:
        for problem in self.problems:
            self.complain(f"Ignored in the address: {problem}")
        await self._ask()

    async def _ask(self, *_events) -> None:
        await self.engine.ask(self.state.question, self._display())
        self._write_address()

    def _display(self) -> Display:
        state = self.state
        return Display(state.field, state.maps, state.limits, state.stabilised)

    def _read(self, *_events) -> None:
        """Numbers and curves of the lead that is shown."""
        if self.results is None:
            return
        results = self.results
        lead = min(self.state.lead, results.leads)
        flow = results.comparison.flow
        with pn.io.hold():
            self.growth.update(results, lead, flow.velocity_unit)
            self.spectra.update(results.spectra[lead], flow.length_unit)
            self.story.update(results, lead)
        if not self.view.playing:
            self._write_address()

    async def _resend(self, *_events) -> None:
        """All frames again: the browser lost one, or was not ready for the first."""
        if self.results is not None:
            await self._ask()

    def _follow_system(self, event) -> None:
        """Dark where the visitor's system is, unless the address says otherwise."""
        location = pn.state.location
        if location is None or "theme=" not in (location.search or ""):
            self.state.dark = event.new

    def _restored(self) -> list[str]:
        location = pn.state.location
        query = location.search if location is not None else ""
        return address.restore(self.state, query or "")

    def _revisit(self, event) -> None:
        """The visitor went back or forward: show what the address says."""
        for problem in address.restore(self.state, event.new):
            self.complain(f"Ignored in the address: {problem}")

    def _write_address(self, *_events) -> None:
        location = pn.state.location
        query = address.written(self.state)
        if location is not None and not self.engine.busy and location.search != query:
            location.search = query

    def _buttons(self) -> list:
        reset = pmui.Button(label="Reset", icon="restart_alt", variant="text", color="light")
        reset.on_click(lambda _: self.state.reset())
        copy = pmui.Button(label="Copy link", icon="link", variant="text", color="light")
        copy.js_on_click(code=COPY_LINK)
        copy.on_click(lambda _: self._copied())
        return [reset, copy]

    def _copied(self) -> None:
        if pn.state.notifications is not None:
            pn.state.notifications.success("Link copied: it opens this view.", duration=3000)


def _on_a_phone() -> bool:
    agent = pn.state.headers.get("User-Agent", "")
    return any(word in agent for word in PHONES)
