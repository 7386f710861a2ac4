"""Maps of speed with arrows, for the figures of a page: x to the right, y upwards, land grey."""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from symdyn_core.plots.style import LAND, SEQUENTIAL

ARROWS = 14
"""Arrows along the longer side of a map."""


def speed_of(w: np.ndarray) -> np.ndarray:
    """√(u² + v²) of velocities ``component y x``."""
    return np.hypot(w[0], w[1])


def speed_map(
    axes: Axes,
    w: np.ndarray,
    title: str,
    top: float,
    *,
    extent: tuple[float, float, float, float] | None = None,
    aspect: float = 1.0,
    arrows: int = ARROWS,
) -> Any:
    """Speed as colours from 0 to ``top``, arrows along the flow; the image, for a colour bar.

    Args:
        w: velocities ``component y x``, NaN on land.
        extent: outer edges (west, east, south, north); without, cells are counted and no axis is
            drawn.
        aspect: height of a unit along y in units along x.
        arrows: along the longer side.
    """
    ny, nx = w.shape[1:]
    west, east, south, north = extent or (-0.5, nx - 0.5, -0.5, ny - 0.5)
    image = axes.imshow(
        speed_of(w), origin="lower", cmap=SEQUENTIAL, vmin=0, vmax=top, aspect=aspect,
        extent=(west, east, south, north), interpolation="nearest",
    )  # fmt: skip
    step = max(1, round(max(ny, nx) / arrows))
    rows, columns = np.arange(step // 2, ny, step), np.arange(step // 2, nx, step)
    thin = w[:, rows][:, :, columns]
    axes.quiver(
        west + (columns + 0.5) * (east - west) / nx, south + (rows + 0.5) * (north - south) / ny,
        thin[0], thin[1], color="white", alpha=0.85, scale=1.15 * arrows * top,
        width=0.084 / arrows, headwidth=3.5,
    )  # fmt: skip
    framed(axes, title, ticks=extent is not None)
    return image


def framed(axes: Axes, title: str, *, ticks: bool = False) -> None:
    """A map's title and ground; no axes unless asked for."""
    axes.set_title(title)
    axes.set_facecolor(LAND)
    axes.grid(visible=False)
    if not ticks:
        axes.set_xticks([])
        axes.set_yticks([])


def colour_bar(
    figure: Figure,
    image: Any,
    axes: Axes,
    text: str,
    *,
    shrink: float = 0.72,
    location: Literal["right", "bottom"] = "right",
) -> None:
    """A colour bar beside or below ``axes``, over the share ``shrink`` of its side."""
    bar = figure.colorbar(image, ax=axes, shrink=shrink, pad=0.02, location=location)
    bar.set_label(text)
    bar.outline.set_linewidth(0.5)
