"""One session: its state, its engine, and the pages that show what arrives."""

from collections.abc import Callable
from functools import partial

import panel as pn
import panel_material_ui as pmui

from . import address
from .arrival import Arrival
from .engine import Engine
from .flows import Source
from .panels import PANELS, Panel
from .panels.controls import Controls
from .pictures import Display
from .results import Results
from .shell import Shell
from .state import AppState
from .unexpected import unexpected
from .visits import connected


class Session:
    """Everything that one visitor has.

    Attributes:
        results: of the latest question, as far as they have arrived.
        settings: what is chosen on single pages, by key.
    """

    def __init__(self, sources: tuple[Source, ...]):
        self.state = AppState(sources)
        self.state.param.page.objects = [panel.key for panel in PANELS]
        self.settings = {panel.key: panel.Settings() for panel in PANELS}
        self.results: Results | None = None
        self.engine = Engine(self._arrived, self.complain)
        self._watchers: list[Callable[[Arrival], None]] = []
        self._panels: dict[str, Panel] = {}
        self._failed: set[str] = set()
        self._revisiting = self._prepared = False
        self.problems = self._restored()
        self._document = pn.state.curdoc
        if self._document is not None:
            pn.state.on_session_destroyed(self._left)
        self.controls = Controls(self.state, self.complain, self.find_worst)
        self.shell = Shell(self)
        self.state.param.watch(self.ask, [*AppState.ASKED, *AppState.DISPLAYED])
        self.state.param.watch(self._turned, "page")
        self.state.param.watch(self.write_address, ["theme", "tour"])
        for settings in self.settings.values():
            settings.param.watch(self.write_address, address.own_parameters(settings) or ["name"])

    def page(self) -> pmui.Page:
        """The page of this session; answering begins once it is open."""
        pn.state.onload(self.begin)
        return self.shell.page()

    def prepare(self) -> None:
        """Have the first pictures made while the browser reads its scripts.

        They come with the page then.
        """
        if self.state.page == "explore":
            self._prepared = True
            pn.state.execute(partial(self.engine.prepare, self.state.question, self.display))

    def panel(self, key: str) -> Panel:
        """A page, made when it is first wanted."""
        if key not in self._panels:
            kind = next(panel for panel in PANELS if panel.key == key)
            self._panels[key] = kind(self, self.settings[key])
        return self._panels[key]

    def open(self, key: str, **changes) -> None:
        """Show another page, with changes of the state."""
        self.state.param.update(page=key, **changes)

    def find_worst(self) -> None:
        """Open the audit of the transformation that is shown."""
        self.settings["audit"].param.update(symmetry=self.state.symmetry)
        self.open("audit")

    def watched(self) -> bool:
        """Whether a browser shows the session; one that was closed is missed at once, while the
        session itself waits for it to come back."""
        return self._document is None or connected(self._document)

    def _left(self, _context) -> None:
        """The visitor has gone: nothing is followed for him any longer."""
        for panel in self._panels.values():
            panel.left()

    def watch_results(self, draw: Callable[[Arrival], None]) -> None:
        """Call ``draw`` with everything that arrives; at once with what is there."""
        self._watchers.append(draw)

    async def ask(self, *_events) -> None:
        """Put the question of the state to the engine, where a page shows its answer."""
        if self.state.page in ANSWERED:
            await self.engine.ask(self.state.question, self.display)
        self.write_address()

    def complain(self, line: str) -> None:
        """A readable notice; what was shown stays."""
        if pn.state.notifications is not None:
            pn.state.notifications.warning(line, duration=8000)

    def inform(self, line: str) -> None:
        """A short notice of something that went well."""
        if pn.state.notifications is not None:
            pn.state.notifications.success(line, duration=4000)

    def revisit(self, event) -> None:
        """The visitor went back or forward: show what the address says."""
        self._revisiting = True
        try:
            problems = address.restore(self.state, event.new, self.settings)
        finally:
            self._revisiting = False
        for problem in problems:
            self.complain(f"Ignored in the address: {problem}")
        self.write_address()

    def write_address(self, *_events) -> None:
        """Make the address say what is shown; not while it changes too fast to be followed."""
        location = pn.state.location
        if location is None or self.engine.busy or self._playing or self._revisiting:
            return
        query = address.written(self.state, self.settings)
        if location.search != query:
            location.search = query

    @property
    def _playing(self) -> bool:
        return any(getattr(panel, "playing", False) for panel in self._panels.values())

    def _arrived(self, arrival: Arrival) -> None:
        self.results = arrival.results
        for draw in self._watchers:
            draw(arrival)

    async def begin(self) -> None:
        """Start to answer, on the page that is in front."""
        for problem in self.problems:
            self.complain(f"Ignored in the address: {problem}")
        if self._prepared:
            await self.engine.go_on(self.state.question, self.display)
            self.write_address()
        else:
            await self.panel(self.state.page).shown()

    async def _turned(self, event) -> None:
        """Another page is in front; the one before comes back if it cannot be shown."""
        if event.old in self._panels:
            self._panels[event.old].hidden()
        try:
            self.shell.turn_to(event.new)
            self.write_address()
            await self.panel(event.new).shown()
        except Exception as error:
            unexpected(error)
            self._failed.add(event.new)
            if event.old not in self._failed:
                self.state.page = event.old
        else:
            self._failed.discard(event.new)

    @property
    def display(self) -> Display:
        state = self.state
        return Display(
            state.field, state.maps, state.limits, state.stabilised, state.view, state.vectors
        )

    def _restored(self) -> list[str]:
        location = pn.state.location
        query = location.search if location is not None else ""
        return address.restore(self.state, query or "", self.settings)


ANSWERED = ("explore", "spectra")
"""Pages that show the answer to the question of the state."""
