"""What can be chosen: transformation, data, models and display."""

from collections.abc import Callable

from panel.viewable import Viewer

from ..control import Control, Group
from ..control_panel import ControlPanel
from ..state import AppState
from .choices import FlowChoice, ModelChoice, PictureChoice
from .links import Links
from .section import Section

FOLLOWED = ("data", "member", "now", "links", "model_a", "model_b", *PictureChoice.shown)
"""What the sidebar shows of the state."""

OFFERED = ("data", "model_a", "model_b")
"""What may get more to choose from: flows and models of a visitor's own."""


class Controls(Viewer):
    """The sidebar: sections that follow the state and set it, drawn by one component.

    While a slider moves nothing is sent back: what the browser shows is what it said last.

    Attributes:
        shown: what each control shows in the browser, by key.
    """

    def __init__(
        self,
        state: AppState,
        complain: Callable[[str], None],
        find_worst: Callable[[], None],
    ):
        super().__init__()
        self.state, self.complain = state, complain
        self.sections: tuple[Section, ...] = (
            Links(state, find_worst), FlowChoice(state), ModelChoice(state), PictureChoice(state),
        )  # fmt: skip
        self.view = ControlPanel(
            self.hear, self._answer, theme=state.theme, sizing_mode="stretch_width", margin=0
        )
        self.shown: dict[str, object] = {}
        self._outlines: dict[str, object] = {}
        self._groups: dict[str, Group] = {}
        self._controls: dict[str, Control] = {}
        self.follow()
        state.param.watch(self.follow, list(FOLLOWED))
        state.param.watch(self.follow, list(OFFERED), what="objects")
        state.param.watch(self._follow_theme, "theme")

    def __panel__(self):
        return self.view

    def show(self, sections: tuple[str, ...]) -> None:
        """Show only the parts that are of use on a page."""
        self.view.sections = list(sections)

    def hear(self, key: str, value: object) -> None:
        """Something was chosen; where it cannot be, say so and show what still is."""
        control = self._controls.get(key)
        if control is None or control.disabled:
            return
        if control.holds:
            self.shown[key] = None
        try:
            chosen = control.checked(value)
            if control.holds:
                self.shown[key] = chosen
            control.choose(chosen)
        except (ValueError, FileNotFoundError) as error:
            self.shown.pop(key, None)
            self.complain(str(error).splitlines()[0])
        self._tell(anyhow=self.view.several)

    def follow(self, *events) -> None:
        """Make the controls show the state."""
        names = {event.name for event in events}
        outdated = [section for section in self.sections if self._outdated(section, names)]
        for section in outdated:
            self._groups[section.key] = Group(
                key=section.key, label=section.title, look="section", controls=section.controls()
            )
        if outdated:
            groups = [self._groups[section.key] for section in self.sections]
            self._controls = {part.key: part for group in groups for part in group.inside()}
            self.view.description = [group.described() for group in groups]
        self._tell()

    def _outdated(self, section: Section, names: set[str]) -> bool:
        """Whether a section has other choices than before; no names are all names."""
        if section.key in self._outlines and names and not names & section.follows:
            return False
        outline = section.outline()
        known = section.key in self._outlines and self._outlines[section.key] == outline
        self._outlines[section.key] = outline
        return not known

    def _tell(self, anyhow: bool = False) -> None:
        """Have the browser show the state, where it does not."""
        values: dict[str, object] = {}
        for section in self.sections:
            values |= section.values(self.shown)
        if anyhow or values != self.shown:
            self.shown = values
            self.view.tell(values)

    def _answer(self) -> None:
        """The browser draws anew: it knows the values that it was told last, not later ones."""
        self.view.tell(self.shown)

    def _follow_theme(self, event) -> None:
        if self.view.theme:
            self.view.theme = event.new
