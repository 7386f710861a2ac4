"""How all pictures look: colours, sizes, labels with units, in whichever backend is active."""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

import holoviews as hv
import numpy as np
import xarray as xr

SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
"""Colour maps that people with any colour vision can read."""

LAND = "#bdbdbd"
"""Colour of cells without data."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito (2008), in the order that keeps neighbours farthest apart."""

DASHES = {"matplotlib": ("-", "--", "-.", ":"), "bokeh": ("solid", "dashed", "dotdash", "dotted")}
REFERENCE = "#666666"
"""Colour of truth and persistence, which are no models."""

EXPONENT = re.compile(r"(?<=[A-Za-z)])-?\d+")
"""The exponent of a CF unit: a number right behind a letter or a bracket."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

KILOMETRE = 1000.0
"""Lengths of more than ten of these are drawn in kilometres."""


def backend() -> str:
    """The active HoloViews backend; matplotlib if none was chosen."""
    if not hv.Store.renderers:
        hv.extension("matplotlib")
    return hv.Store.current_backend


def styled(element: Any, matplotlib: Mapping[str, Any], bokeh: Mapping[str, Any], **both: Any):
    """An element with options for the active backend."""
    own = matplotlib if backend() == "matplotlib" else bokeh
    return element.opts(**both, **own)


def line_style(index: int) -> dict[str, Any]:
    """Colour and dashes of the n-th curve: told apart in grey, too."""
    dashes = DASHES[backend()]
    key = "linestyle" if backend() == "matplotlib" else "line_dash"
    colour = COLOURS[index % len(COLOURS)]
    return {"color": colour, key: dashes[index % len(dashes)]}


def reference_style() -> dict[str, Any]:
    """Style of what is no model."""
    width = "linewidth" if backend() == "matplotlib" else "line_width"
    return {"color": REFERENCE, width: 2.5, "alpha": 0.7}


def label(array: xr.DataArray) -> str:
    """ "long name [unit]" of an array; no bracket around a unit of 1."""
    name = str(array.attrs.get("long_name", array.name))
    unit = str(array.attrs.get("units", "1"))
    return name if unit in ("1", "") else f"{name} [{pretty(unit)}]"


def pretty(unit: str) -> str:
    """A CF unit as people write it: "m s-1" as "m s⁻¹"."""
    return EXPONENT.sub(lambda found: found[0].translate(RAISED), unit)


def limits(values: np.ndarray, *, signed: bool = False, share: float = 1.0) -> tuple[float, float]:
    """Colour limits of a field, or of several on one scale; symmetric about zero for signed ones.

    Args:
        values: of all fields together; NaN on land.
        signed: whether zero is in the middle.
        share: of the values that lie within the limits.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return (-1.0, 1.0) if signed else (0.0, 1.0)
    if signed:
        largest = float(np.quantile(np.abs(finite), share)) or 1.0
        return -largest, largest
    low, high = float(finite.min()), float(np.quantile(finite, share))
    return (low, high) if high > low else (low, low + 1.0)


def in_readable_lengths(array: xr.DataArray) -> xr.DataArray:
    """The same array with long axes in kilometres."""
    changed = {}
    for name in ("x", "y"):
        axis = array[name]
        extent = float(np.ptp(axis.values)) if axis.size else 0.0
        if axis.attrs.get("units") == "m" and extent > 10 * KILOMETRE:
            attrs = {**axis.attrs, "units": "km"}
            changed[name] = (name, axis.values / KILOMETRE, attrs)
    return array.assign_coords(changed)


def axis_label(axis: xr.DataArray) -> str:
    """Short label of a map's axis: its letter and unit."""
    unit = str(axis.attrs.get("units", "1"))
    return str(axis.name) if unit in ("1", "") else f"{axis.name} [{pretty(unit)}]"


def wrapped(text: str) -> str:
    """A label in lines short enough to stand beside or above a map."""
    return "\n".join(textwrap.wrap(text, 34))
