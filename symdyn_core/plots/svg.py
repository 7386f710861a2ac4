"""Figures of matplotlib as SVG that stands inside a page and loads nothing from elsewhere."""

import io
import re
from html import escape
from typing import Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

SETTINGS: Any = {
    "svg.fonttype": "path",  # looks alike everywhere, formulas included
    "svg.hashsalt": "symdyn",  # the same figure is the same text
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "normal",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e6ea",
    "grid.linewidth": 0.7,
    "axes.edgecolor": "#7a828c",
    "axes.labelcolor": "#23292f",
    "xtick.color": "#4c545c",
    "ytick.color": "#4c545c",
    "text.color": "#23292f",
    "axes.axisbelow": True,
    "mathtext.fontset": "cm",
    "figure.dpi": 72,
    "savefig.facecolor": "auto",
}
"""Style of all figures of a page."""


def new_figure(width: float | int, height: float | int) -> Figure:
    """An empty figure of so many inches; draw on it inside ``matplotlib.rc_context(SETTINGS)``."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
    FigureCanvasSVG(figure)
    return figure


def as_svg(figure: Figure, name: str, description: str, *, tight: bool = False) -> str:
    """An ``<svg>`` element for an HTML page.

    Args:
        name: of letters, digits and hyphens, unique on the page: it keeps the figure's inner
            references apart from those of other figures.
        description: read aloud to those who do not see it.
        tight: cut the figure to what is drawn.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(
            buffer,
            format="svg",
            bbox_inches="tight" if tight else None,
            pad_inches=0.02,
        )
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text, count=2)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    opening = f'<svg role="img" aria-label="{escape(description, quote=True)}"'
    return text.replace("<svg", opening, 1).strip()


def formula(tex: str, name: str, size: float | int = 11) -> str:
    """A formula as an ``<svg>`` element; ``tex`` in the subset that matplotlib sets."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(0.1, 0.1), facecolor="none")
        FigureCanvasSVG(figure)
        figure.text(0, 0, f"${tex}$", fontsize=size)
    return as_svg(figure, name, tex, tight=True)
