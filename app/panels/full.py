"""The page of a server that has no place left."""

import panel as pn
import panel_material_ui as pmui

from ..quiet_page import quiet_page
from ..visits import FULL

AGAIN = 20
"""Seconds after which the browser tries again."""


def page() -> pmui.Page:
    """It says so, and tries again by itself."""
    text = pn.pane.Markdown(f"## Please wait\n\n{FULL}", sizing_mode="stretch_width")
    return quiet_page(meta_title="Symdyn", meta_refresh=str(AGAIN), main=[text])
