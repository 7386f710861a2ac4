"""The frame around the pages: title bar, sidebar, themes, tour and help."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from . import themes
from .help_box import HelpBox
from .panels import PANELS
from .panels.export_menu import ExportMenu
from .quiet_page import quiet_page
from .title_bar import TitleBar
from .tour_card import TourCard

if TYPE_CHECKING:
    from .page import Session

PHONES = ("Mobi", "Android", "iPhone")

SIDEBAR = {"light": 280, "dark": 280, "projector": 336}
"""Widths to begin with [pixels]; the title bar fits them to the letters."""

ACTIONS: tuple[Callable[["Session"], object], ...] = (ExportMenu,)
"""Further buttons in the title bar: each makes its own for a session, in this order."""


class Shell:
    """Title bar and sidebar of one session.

    Attributes:
        actions: further buttons in the title bar; more can be added until ``page()``.
    """

    def __init__(self, session: "Session"):
        self.session, self.state = session, session.state
        self._page: pmui.Page | None = None
        self._put_aside = False
        self.holders = {
            panel.key: pn.Column(sizing_mode="stretch_width", margin=0, visible=False)
            for panel in PANELS
        }
        self.actions = [make(session) for make in ACTIONS]
        self.bar = TitleBar(
            self._act,
            pages=[[panel.key, panel.title, panel.about] for panel in PANELS],
            page=self.state.page,
            theme=self.state.theme,
            sizing_mode="stretch_width",
        )
        self.tour = TourCard(session, offered=_first_visit(), sizing_mode="stretch_width")
        self.help = HelpBox(tuple(panel.title for panel in PANELS), theme=self.state.theme)
        self.bar.param.watch(lambda event: session.open(event.new), "page")
        self.bar.param.watch(lambda event: self.state.param.update(theme=event.new), "theme")
        self.bar.param.watch(session.revisit, "visited")

    def page(self) -> pmui.Page:
        """The whole page, with the page of the state in front."""
        self.turn_to(self.state.page)
        self.bar.actions = self.actions
        page = self._page = quiet_page(
            meta_title="Symdyn",
            header=[self.bar],
            sidebar=[self.session.controls],
            sidebar_open=not _on_a_phone(),
            sidebar_width=SIDEBAR[self.state.theme],
            sidebar_resizable=False,
            main=[self.help, self.tour, *self.holders.values()],
            theme_toggle=False,
            raw_css=[themes.PAGE],
            **self._look(),
        )
        self._follow_controls()
        self.state.param.watch(lambda _: self._follow_theme(page), "theme")
        return page

    def turn_to(self, key: str) -> None:
        """Bring a page to the front."""
        for other, column in self.holders.items():
            column.visible = other == key
        # Seen before it is filled: figures that are built out of sight are measured too early.
        if not len(self.holders[key]):
            self.holders[key].append(self.session.panel(key))
        self.bar.page = key
        self.session.controls.show(self.session.panel(key).sections)
        self._follow_controls()

    def _follow_controls(self) -> None:
        """No empty sidebar: it is put aside while the page in front has none of its controls."""
        page, wanted = self._page, bool(self.session.panel(self.state.page).sections)
        if page is None or wanted != self._put_aside:
            return
        self._put_aside = not wanted and page.sidebar_open
        page.sidebar_open = wanted

    def _look(self) -> dict:
        theme = self.state.theme
        return {
            "dark_theme": theme == "dark",
            "theme_config": themes.material(theme),
        }

    def _follow_theme(self, page: pmui.Page) -> None:
        self.bar.theme = self.help.theme = self.state.theme
        page.param.update(**self._look())

    def _act(self, wish: str) -> None:
        """A button of the title bar was pressed."""
        if wish == "reset":
            self.state.tour = 0
            self.state.reset()
        elif wish == "narrow":
            self._put_aside = self._page.sidebar_open = False
        elif wish == "help":
            self.help.wanted += 1
        elif wish == "tour":
            self.tour.begin()
        elif wish == "link":
            self.session.inform("Link copied: it opens this view.")


def _first_visit() -> bool:
    """Whether the address says nothing: whoever follows a link has something to see."""
    return pn.state.location is not None and not pn.state.location.search


def _on_a_phone() -> bool:
    agent = pn.state.headers.get("User-Agent", "")
    return any(word in agent for word in PHONES)
