"""Names, explanations and headings of the sidebar."""

from html import escape

import panel as pn

FIELD_NAMES = {"Speed": "speed", "u": "u", "v": "v", "Vort.": "vorticity", "Div.": "divergence"}
MAP_NAMES = {"Error": "error", "Broken symmetry": "asymmetry"}
VIEW_NAMES = {"Grid": "forecasts", "Square": "square", "Swipe": "swipe", "Flicker": "flicker"}
VECTOR_NAMES = {"None": "none", "Arrows": "arrows", "Particles": "particles"}
LIMIT_NAMES = {"Steady": "steady", "Each lead": "each lead"}

UNITS = {"1": "", "degrees": " [°]"}
"""Short forms of units, for labels."""

HELP = {
    "field": "Speed; velocity to the right (u) or up (v); vorticity ∂v/∂x − ∂u/∂y, positive where "
    "the flow turns counter-clockwise; or divergence ∂u/∂x + ∂v/∂y, zero in a flow that is neither "
    "squeezed nor fed from below.",
    "view": "Grid: input, truth, both forecasts and their error maps. Square: both ways round, "
    "transform then forecast and forecast then transform. Swipe: two pictures under a divider. "
    "Flicker: two pictures in turn.",
    "vectors": "The velocity as arrows, or as particles that drift with it.",
    "maps": "Error: forecast minus truth. Broken symmetry: forecast of the transformed flow minus "
    "the transformed forecast; zero for an equivariant model, however good its forecasts are.",
    "limits": "Steady: the end colour of error maps is the largest change of the flow from one "
    "frame to the next, at all leads. Each lead: the largest error of that lead.",
    "stabilised": "Show g⁻¹ f(g w): each forecast moved back to where the flow was recorded. Of an "
    "equivariant model it stands still while the slider moves; of an ordinary one it shimmers.",
}
"""Explanations shown on hover."""


def quoted(text: str) -> str:
    """Text for an attribute of HTML."""
    return escape(text, quote=True)


def heading(text: str):
    return pn.pane.HTML(
        f'<div style="font:600 12px/1 Roboto,sans-serif;letter-spacing:.06em;opacity:.7;'
        f'text-transform:uppercase">{text}</div>',
        margin=(9, 10, 3, 10),
    )


def label(text: str):
    return pn.pane.HTML(
        f'<div style="font:12px/1 Roboto,sans-serif;opacity:.8">{text}</div>', margin=(5, 10, 1, 10)
    )


def action(symmetry) -> str:
    """The action as people read it, from its LaTeX."""
    text = symmetry.action
    for latex, sign in (
        (r"\mapsto", "↦"), (r"\,", " "), (r"\;", " "), (r"\in", "∈"), ("R^{-1}", "R⁻¹"),
        ("a^2", "a²"),
    ):  # fmt: skip
        text = text.replace(latex, sign)
    return (
        f'<div style="font:italic 13px/1.3 serif;opacity:.85" title="What the symmetry does to the '
        f'velocity w at place x and time t">{text}</div>'
    )
