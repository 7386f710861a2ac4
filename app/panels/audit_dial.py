"""A dial: errors around a circle of angles, on a logarithmic scale of radii."""

import math

import numpy as np
from bokeh.models import Range1d

from .figures import COLOUR_TRUTH, SMALL, bare_figure

SMALLEST, LARGEST = 1e-8, 10.0
"""Errors at the centre and at the rim; below the first rounding has no meaning."""

DECADES = round(math.log10(LARGEST / SMALLEST))

EDGE = DECADES + 1.6
"""Half the width of the dial, with room for the angles [decades]."""

CIRCLES = {2: "10⁻⁴ %", 4: "0.01 %", 6: "1 %", 8: "100 %"}
"""Errors that the circles stand for, by their radius [decades]."""

ASIDE = 0.1
"""Distance of their names from the ray of 0 degrees, which no audit measures; they are over and
under it in turn, as they are wider than a circle is from the next on a phone [decades]."""


def on_the_dial(angles: list[float], errors: list[float]) -> tuple[list[float], list[float]]:
    """Places of errors at angles [degrees], counter-clockwise from the right."""
    radius = np.log10(np.asarray(errors, dtype=float).clip(SMALLEST, LARGEST) / SMALLEST)
    turned = np.radians(np.asarray(angles, dtype=float))
    return (radius * np.cos(turned)).tolist(), (radius * np.sin(turned)).tolist()


def dial():
    """Circles for every second decade of the error, rays for every 30 degrees; square.

    Returns:
        the figure and the renderers of its words.
    """
    made = bare_figure("", "", "")
    made.x_range, made.y_range = Range1d(-EDGE, EDGE), Range1d(-EDGE, EDGE)
    made.axis.visible = made.grid.visible = False
    made.min_border = 0
    around = np.radians(np.arange(0, 361, 3))
    made.multi_line(
        xs=[(radius * np.cos(around)).tolist() for radius in CIRCLES],
        ys=[(radius * np.sin(around)).tolist() for radius in CIRCLES],
        line_color=COLOUR_TRUTH, line_alpha=0.45,
    )  # fmt: skip
    angles = np.radians(np.arange(0, 360, 30))
    made.segment(
        x0=[0] * 12, y0=[0] * 12, x1=(DECADES * np.cos(angles)).tolist(),
        y1=(DECADES * np.sin(angles)).tolist(), line_color=COLOUR_TRUTH, line_alpha=0.3,
    )  # fmt: skip
    return made, [_angles(made, angles), *_circles(made)]


def _angles(made, angles: np.ndarray):
    radius = DECADES + 0.65
    return made.text(
        x=(radius * np.cos(angles)).tolist(), y=(radius * np.sin(angles)).tolist(),
        text=[f"{degrees:.0f}°" for degrees in np.degrees(angles)],
        text_baseline="middle", text_align="center", text_font_size=SMALL,
    )  # fmt: skip


def _circles(made) -> list:
    names = list(CIRCLES.items())
    return [
        made.text(
            x=[radius for radius, _ in some], y=[side * ASIDE] * len(some),
            text=[name for _, name in some], text_baseline=baseline, text_align="center",
            text_font_size=SMALL,
        )
        for some, side, baseline in ((names[1::2], 1, "bottom"), (names[::2], -1, "top"))
    ]  # fmt: skip
