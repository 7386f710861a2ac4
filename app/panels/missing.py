"""The page of a clone without demo data or trained models: it says what makes them."""

from collections.abc import Sequence

import panel as pn
import panel_material_ui as pmui

from symdyn_core.models import zoo

from ..flows import demo_path, sources
from ..quiet_page import quiet_page


def missing(paths: Sequence[str] = ()) -> list[str]:
    """What is not there yet, each with the command that makes it."""
    lines = []
    if not sources(paths):
        lines.append(
            f"No demo flow at `{demo_path()}`. Make it with\n\n"
            "```\nmake demo-data\n```\n\nor start with a flow of your own: "
            "`panel serve app/ --args PATH`."
        )
    if not zoo.names():
        lines.append(
            f"No trained models in `{zoo.directory()}`. Train them with\n\n"
            "```\nsymdyn zoo build\n```"
        )
    return lines


def unusable(error: Exception) -> list[str]:
    """The first flow cannot be shown: what is wrong with it."""
    return [f"The first flow cannot be shown. {str(error).splitlines()[0]}"]


def page(lines: list[str]) -> pmui.Page:
    """What is missing, in words.

    In the frame of every other page: a server that hands out the frame before it makes the session
    has only one.
    """
    text = "\n\n".join(lines)
    words = pn.pane.Markdown(
        f"## Nothing to show yet\n\n{text}\n\nThen reload this page.",
        sizing_mode="stretch_width",
    )
    return quiet_page(title="Symdyn", main=[words], theme_toggle=False)
