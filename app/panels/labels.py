"""Names and explanations of the sidebar."""

from html import escape

from symdyn_core.symmetries import Parameter, Symmetry

TOGGLES = {
    "field": (
        "Quantity",
        (
            ("speed", "Speed", "Speed: the size of the velocity"),
            ("u", "u", "Velocity to the right"),
            ("v", "v", "Velocity up"),
            ("vorticity", "Vort.", "Vorticity ∂v/∂x − ∂u/∂y, positive: counter-clockwise"),
            ("divergence", "Div.", "Divergence ∂u/∂x + ∂v/∂y, positive where the flow spreads"),
        ),
    ),
    "view": (
        "Arrangement",
        (
            ("forecasts", "Grid", "Input, truth, both forecasts and their error maps"),
            ("square", "Square", "Transform then forecast, and forecast then transform"),
            ("swipe", "Swipe", "Two pictures under a divider"),
            ("flicker", "Flicker", "Two pictures in turn"),
        ),
    ),
    "vectors": (
        "Velocities",
        (
            ("none", "None", "No velocities on the pictures"),
            ("arrows", "Arrows", "The velocity as arrows"),
            ("particles", "Particles", "Particles that drift with the velocity"),
        ),
    ),
    "maps": (
        "Lower right maps",
        (
            ("error", "Error", "Forecast minus truth"),
            ("asymmetry", "Broken symmetry", "What an equivariant model has none of"),
        ),
    ),
    "limits": (
        "Colours of errors",
        (
            ("steady", "Steady", "The same end colour at all leads"),
            ("each lead", "Each lead", "The end colour is the largest error of that lead"),
        ),
    ),
}
"""Label of each group of buttons; value, name and meaning of each button."""

UNITS = {"1": "", "degrees": "°"}
"""Short forms of units, as they follow a number."""

MEANINGS = {
    "rms": "in root mean squares of a velocity component of the flow",
    "cells": "in cells of the grid",
    "degrees": "in degrees, counter-clockwise",
}
"""What units mean, said on hover."""

ACTION = "What the symmetry does to the velocity w at place x and time t"

HELP = {
    "data": "The recorded flow; more are opened on the page of data.",
    "member": "Which square of the flow: forecasts are made in squares of 64 by 64 cells.",
    "now": "The last input frame: forecasts begin here.",
    "model_a": "The model on the left: as a rule the equivariant one.",
    "model_b": "The model on the right: as a rule the ordinary one.",
    "steps": "How far forecasts go: each is the input of the next.",
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


def action(symmetry: Symmetry) -> str:
    """The action as people read it, from its LaTeX."""
    text = symmetry.action
    for latex, sign in (
        (r"\mapsto", "↦"), (r"\,", " "), (r"\;", " "), (r"\in", "∈"), ("R^{-1}", "R⁻¹"),
        ("a^2", "a²"),
    ):  # fmt: skip
        text = text.replace(latex, sign)
    return text


def parameter(found: Parameter) -> str:
    """What a number of an element means, for its slider."""
    meaning = MEANINGS.get(found.unit, "")
    return f"{found.label}{' ' + meaning if meaning else ''}; {found.neutral:g} changes nothing"
