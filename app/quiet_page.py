"""The page as Panel makes it, without what it does with every event, and sooner."""

from urllib.parse import quote

import panel as pn
import panel_material_ui as pmui
from panel.io.resources import LOCAL_DIST
from panel.util import edit_readonly

EARLY = """
const load = () => window.importShim ? importShim(ADDRESS).catch(() => {}) : setTimeout(load, 20);
load();
// Panel adds its version: """
"""Read while the server makes the session, the Material components do not keep anybody waiting."""


def early() -> dict[str, str]:
    """A script for the frame of the page that loads what its components are made of."""
    address = pmui.Page._render_esm(server=True)
    if not address or "\n" in address:
        return {}  # the components bring their text themselves
    return {"early": "data:text/javascript," + quote(EARLY.replace("ADDRESS", repr(address)))}


def quiet_page(**arguments) -> pmui.Page:
    """A page that is not told whether the server is busy.

    Panel would tell it with every event, and walk through all that is on the page each time: that
    takes longer than everything else that a moving slider does.
    """
    before = _watchers_of_busy()
    page = pmui.Page(busy_indicator=None, js_modules=early(), **arguments)
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
