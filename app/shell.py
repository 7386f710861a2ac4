"""The frame around the pages: header, buttons of the pages, sidebar, themes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from .panels import PANELS

if TYPE_CHECKING:
    from .page import Session

THEME = {
    "components": {
        "MuiToolbar": {"defaultProps": {"variant": "dense"}},
        "MuiButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
        "MuiToggleButton": {"styleOverrides": {"root": {"textTransform": "none"}}},
    }
}
"""A low header, and words as they are written: the pictures need the room."""

ON_THE_HEADER = {
    "& .MuiToggleButton-root": {
        "color": "#ffffffd9",
        "border": "0",
        "borderRadius": "6px",
        "px": "11px",
        "py": "5px",
        "fontSize": "14px",
    },
    "& .MuiToggleButton-root.Mui-selected": {"color": "#fff", "backgroundColor": "#0000003d"},
    "& .MuiToggleButton-root.Mui-selected:hover": {"backgroundColor": "#00000052"},
    "& .MuiToggleButton-root:hover": {"backgroundColor": "#ffffff24"},
}
"""Buttons of the pages: white on the colour of the header."""

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

PROJECTOR = "html:has(.symdyn-projector) { zoom: 1.3; }"
"""Everything larger, for the last row of a lecture hall."""


class Shell:
    """Header, buttons of the pages and sidebar of one session.

    Attributes:
        actions: what stands on the right of the header; more can be added until ``page()``.
    """

    def __init__(self, session: "Session"):
        self.session, self.state = session, session.state
        self.phone = _on_a_phone()
        self.holders = {
            panel.key: pmui.Column(sizing_mode="stretch_width", margin=0, visible=False)
            for panel in PANELS
        }
        self.actions = [make(session) for make in ACTIONS]
        self.marker = pn.pane.HTML("", width=0, height=0, margin=0)
        self.buttons = self._page_buttons()

    def page(self) -> pmui.Page:
        """The whole page, with the page of the state in front."""
        self.turn_to(self.state.page)
        page = pmui.Page(
            title="Symdyn",
            header=[pmui.Row(self.buttons, *self.actions, align="end", margin=0)],
            sidebar=[self.session.controls],
            sidebar_width=280,
            sidebar_open=not self.phone,
            main=[self.marker, *self.holders.values()],
            dark_theme=self.state.theme == "dark",
            busy_indicator=None,
            theme_config=THEME,
            raw_css=[PROJECTOR],
        )
        self._link_theme(page)
        return page

    def turn_to(self, key: str) -> None:
        """Bring a page to the front."""
        holder = self.holders[key]
        if not len(holder):
            holder.append(self.session.panel(key))
        for other, column in self.holders.items():
            column.visible = other == key
        self.buttons.value = key
        self.session.controls.show(self.session.panel(key).sections)

    def _page_buttons(self):
        buttons = pmui.RadioButtonGroup(
            options={panel.title: panel.key for panel in PANELS},
            value=self.state.page,
            size="small",
            margin=(0, 8),
            sx=ON_THE_HEADER,
        )
        buttons.param.watch(lambda event: self.session.open(event.new), "value")
        return buttons

    def _link_theme(self, page: pmui.Page) -> None:
        """The switch of the page knows light and dark; the projector is light and large."""

        def follow(*_events) -> None:
            page.dark_theme = self.state.theme == "dark"
            projector = self.state.theme == "projector"
            self.marker.object = '<span class="symdyn-projector"></span>' if projector else ""

        def chosen(event) -> None:
            if event.new != (self.state.theme == "dark"):
                self.state.theme = "dark" if event.new else "light"

        follow()
        self.state.param.watch(follow, "theme")
        page.param.watch(chosen, "dark_theme")


def _reset(session: "Session"):
    """Back to the start."""
    button = pmui.Button(label="Reset", icon="restart_alt", variant="text", color="light")
    button.on_click(lambda _: session.state.reset())
    return button


def _copy_link(session: "Session"):
    """The address of what is seen, for somebody else."""
    button = pmui.Button(label="Copy link", icon="link", variant="text", color="light")
    button.js_on_click(code=COPY_LINK)
    button.on_click(lambda _: session.inform("Link copied: it opens this view."))
    return button


ACTIONS: tuple[Callable[["Session"], object], ...] = (_reset, _copy_link)
"""What stands on the right of the header: each makes its button for a session, in this order."""


def _on_a_phone() -> bool:
    agent = pn.state.headers.get("User-Agent", "")
    return any(word in agent for word in PHONES)
