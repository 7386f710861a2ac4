"""A dial: errors around a circle of angles, on a logarithmic scale of radii."""

import math

import numpy as np
from bokeh.models import Range1d

from ..wording import percent
from .figures import COLOUR_TRUTH, bare_figure

SMALLEST, LARGEST = 1e-8, 10.0
"""Errors at the centre and at the rim; below the first rounding has no meaning."""

DECADES = round(math.log10(LARGEST / SMALLEST))

LABELS_ABOVE = 0.1
"""Where the circles say what they stand for: over the ray of 0 degrees, which no audit measures."""


def on_the_dial(angles: list[float], errors: list[float]) -> tuple[list[float], list[float]]:
    """Places of errors at angles [degrees], counter-clockwise from the right."""
    radius = np.log10(np.asarray(errors, dtype=float).clip(SMALLEST, LARGEST) / SMALLEST)
    turned = np.radians(np.asarray(angles, dtype=float))
    return (radius * np.cos(turned)).tolist(), (radius * np.sin(turned)).tolist()


def dial():
    """Circles for every second decade of the error, rays for every 30 degrees; square."""
    edge = DECADES + 0.9
    made = bare_figure("", "", "")
    made.x_range, made.y_range = Range1d(-edge, edge), Range1d(-edge, edge)
    made.axis.visible = made.grid.visible = False
    made.min_border = 0
    around = np.radians(np.arange(0, 361, 3))
    decades = np.arange(2, DECADES + 1, 2)
    made.multi_line(
        xs=[(d * np.cos(around)).tolist() for d in decades],
        ys=[(d * np.sin(around)).tolist() for d in decades],
        line_color=COLOUR_TRUTH, line_alpha=0.45,
    )  # fmt: skip
    angles = np.radians(np.arange(0, 360, 30))
    made.segment(
        x0=[0] * 12, y0=[0] * 12, x1=(DECADES * np.cos(angles)).tolist(),
        y1=(DECADES * np.sin(angles)).tolist(), line_color=COLOUR_TRUTH, line_alpha=0.3,
    )  # fmt: skip
    style = {"text_font_size": "11px", "text_color": COLOUR_TRUTH, "text_align": "center"}
    made.text(
        x=((DECADES + 0.45) * np.cos(angles)).tolist(),
        y=((DECADES + 0.45) * np.sin(angles)).tolist(),
        text=[f"{degrees}°" for degrees in range(0, 360, 30)],
        text_baseline="middle", **style,
    )  # fmt: skip
    made.text(
        x=decades.tolist(), y=[LABELS_ABOVE] * len(decades), text_baseline="bottom",
        text=[percent(SMALLEST * 10.0**decade) for decade in decades], **style,
    )  # fmt: skip
    return made
