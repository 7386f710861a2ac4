"""The page as Panel makes it, without what it does with every event, and sooner."""

import re
from functools import cache
from pathlib import Path

import panel as pn
import panel_material_ui as pmui
from jinja2 import Template
from panel.io.resources import LOCAL_DIST
from panel.util import edit_readonly
from panel_material_ui.base import BASE_TEMPLATE

FRAME = Path(__file__).parent / "frame.html"
"""Around everything, as the browser gets it first."""

FIGURES = FRAME.parent / "figures.js"
"""What it asks of all figures."""


def frame() -> Template:
    """The frame of a page, which has browsers read what the components are made of at once."""
    address = pmui.Page._render_esm(server=True)
    # While Panel's own sources are worked on, components bring their text themselves.
    return _frame(address if "\n" not in address else "")


@cache
def _frame(components: str) -> Template:
    figures = FIGURES.read_text(encoding="utf-8")
    known = {"components": components, "needed": needed, "figures": figures}
    return BASE_TEMPLATE.environment.from_string(FRAME.read_text(encoding="utf-8"), known)


IDLE = ("material-icons.css", "bokeh-gl.min.js", "es-module-shims.min.js", "esms-options")
"""Nothing uses them. The style sheet also says of each subset of a typeface that it has all
letters: browsers fetch nine files, one after the other, until one has those of the page."""


UNUSED = re.compile(rf"\s*<(link|script)\b[^>]*({'|'.join(map(re.escape, IDLE))})[^>]*>")
"""A line with such a tag; scripts may name these files for other reasons."""


def needed(tags: str) -> str:
    """Tags of scripts and style sheets without those that nothing uses."""
    return "\n".join(line for line in tags.splitlines() if not UNUSED.match(line))


def quiet_page(**arguments) -> pmui.Page:
    """A page that is not told whether the server is busy.

    Panel would tell it with every event, and walk through all that is on the page each time: that
    takes longer than everything else that a moving slider does.
    """
    before = _watchers_of_busy()
    page = pmui.Page(busy_indicator=None, template=frame(), **arguments)
    with edit_readonly(page):
        page.busy = False  # in place of a reference to the server's own
    # The server would go on to hold the page, and all of its session, when the visitor has left.
    for watcher in _watchers_of_busy():
        if watcher not in before:
            pn.state.param.unwatch(watcher)
    return page


def _watchers_of_busy() -> list:
    """Who is told whether the server is busy."""
    return list(pn.state.param.watchers.get("busy", {}).get("value", []))


def serve_styles_from_here() -> None:
    """Make what is built next in this session take its styles from this server.

    Panel says so to a document once its page is written. A server that writes the page before it
    makes the session (``--reuse-sessions warm``) never does, and browsers would ask Panel's own
    server, which is not there in a lecture hall.
    """
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        here = f"{pn.state.rel_path}/" if pn.state.rel_path else ""
        document.template_variables["dist_url"] = here + LOCAL_DIST
