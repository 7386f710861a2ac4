"""The page as Panel makes it, without what it does with every event."""

import panel_material_ui as pmui
from panel.util import edit_readonly


def quiet_page(**arguments) -> pmui.Page:
    """A page that is not told whether the server is busy.

    Panel would tell it with every event, and walk through all that is on the page each time: that
    takes longer than everything else that a moving slider does.
    """
    page = pmui.Page(busy_indicator=None, **arguments)
    with edit_readonly(page):
        page.busy = False  # in place of a reference to the server's own
    return page
