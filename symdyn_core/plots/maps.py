"""Maps of a flow: x to the right, y upwards, both to the same scale, land left grey."""

from collections.abc import Sequence
from typing import Any

import holoviews as hv
import numpy as np
import torch
import xarray as xr

from symdyn_core import operators
from symdyn_core.datasets import schema
from symdyn_core.metrics import away_from_coast
from symdyn_core.plots.style import (
    DIVERGING,
    LAND,
    SEQUENTIAL,
    axis_label,
    in_readable_lengths,
    label,
    limits,
    styled,
    wrapped,
)

WIDTH = 320
"""Width of one map [pixels], colour bar left out."""


def field(
    values: xr.DataArray,
    *,
    title: str = "",
    signed: bool | None = None,
    shared_limits: tuple[float, float] | None = None,
    colorbar: bool = True,
) -> hv.Image:
    """A scalar field as a map.

    Args:
        values: axes y and x, with units.
        title: what is seen; the array's own name by default.
        signed: whether zero is in the middle of the colours; by default, whether there are values
            of both signs.
        shared_limits: colour limits, for maps that are compared.
        colorbar: whether to draw one.
    """
    if set(values.dims) != {"y", "x"}:
        raise ValueError(
            f"Expected a field with the axes y and x, got {tuple(values.dims)}. "
            "Choose one time and member: .isel(time=0, member=0)."
        )
    values = in_readable_lengths(values.transpose("y", "x"))
    array = values.values.astype(float)
    if signed is None:
        signed = bool((array < 0).any() and (array > 0).any())
    name = str(values.name or "field")
    image = hv.Image(
        (values["x"].values, values["y"].values, array),
        kdims=["x", "y"],
        vdims=[hv.Dimension(name, label=label(values))],
    )
    text = wrapped(label(values))
    return styled(
        image,
        matplotlib={"aspect": "equal", "fig_inches": 4, "bgcolor": LAND},
        bokeh={"data_aspect": 1, "frame_width": WIDTH, "tools": ["hover"], "bgcolor": LAND},
        cmap=DIVERGING if signed else SEQUENTIAL,
        clim=limits(array, signed=signed) if shared_limits is None else shared_limits,
        clabel=text,
        colorbar=colorbar,
        title=title or text,
        xlabel=axis_label(values["x"]),
        ylabel=axis_label(values["y"]),
    )


def speed(frame: xr.Dataset) -> xr.DataArray:
    """√(u² + v²), labelled like the velocity it is made of."""
    attrs = {"long_name": "speed", "units": frame["u"].attrs.get("units", "1")}
    magnitude = xr.apply_ufunc(np.hypot, frame["u"], frame["v"])
    return magnitude.rename("speed").assign_attrs(attrs)


def speed_and_arrows(frame: xr.Dataset, *, arrows: int = 16, **options: Any) -> hv.Overlay:
    """Speed as colours, and arrows along the flow, longest where it is fastest.

    Args:
        frame: a flow at one time and member.
        arrows: about how many along the longer side.
        **options: of ``field``.
    """
    image = field(speed(frame), signed=False, **options)
    frame = frame.assign_coords(in_readable_lengths(frame["u"]).coords)
    step = max(1, round(max(frame.sizes["y"], frame.sizes["x"]) / arrows))
    thin = frame.isel(y=slice(step // 2, None, step), x=slice(step // 2, None, step))
    thin = thin.transpose("y", "x", ...)
    u, v = thin["u"].values, thin["v"].values
    known = np.isfinite(u) & np.isfinite(v)
    x, y = np.meshgrid(thin["x"].values, thin["y"].values)
    field_of_arrows = hv.VectorField(
        (x[known], y[known], np.arctan2(v, u)[known], np.hypot(u, v)[known]),
        kdims=image.kdims,
        vdims=["direction", "length"],
    )
    field_of_arrows = styled(
        field_of_arrows,
        # The width is in units of the x axis.
        matplotlib={"headwidth": 3.5, "width": 0.005 * float(np.ptp(frame["x"].values))},
        bokeh={"line_width": 1.2},
        color="white",
        magnitude="length",
        pivot="mid",
    )
    return image * field_of_arrows


def vorticity_of(frame: xr.Dataset) -> xr.DataArray:
    """dv/dx - du/dy, where it is made of water cells only."""
    w = schema.to_tensor(frame.expand_dims("time")).double()[0, 0]
    grid = schema.grid_of(frame)
    water = grid.water
    if water is None:
        zeta = operators.vorticity(w, grid)
    else:
        grid = grid.with_(periodic_x=False, periodic_y=False)
        zeta = operators.vorticity(torch.where(water, w, 0.0), grid)
        zeta = torch.where(away_from_coast(water[None])[0], zeta, torch.nan)
    unit = str(frame.attrs.get("time_unit", "1"))
    attrs = {"long_name": "vorticity", "units": "1" if unit == "1" else f"{unit}-1"}
    axes = {name: frame[name] for name in ("y", "x")}
    return xr.DataArray(zeta.numpy(), axes, ("y", "x"), "vorticity", attrs)


def vorticity(frame: xr.Dataset, **options: Any) -> hv.Image:
    """Vorticity as colours, red where the flow turns counter-clockwise.

    Colours end where 99 of 100 cells lie: sheets along walls would leave the rest pale.

    Args:
        frame: a flow at one time and member.
        **options: of ``field``.
    """
    zeta = vorticity_of(frame)
    options = {"shared_limits": limits(zeta.values, signed=True, share=0.99), **options}
    return field(zeta, signed=True, **options)


def compare(forecasts: xr.Dataset, leads: Sequence[int] = (1, 5, 10)) -> hv.Layout:
    """Speeds of several forecasts at several lead times, one row each, one scale of colours.

    Args:
        forecasts: a flow with the axes ``model time y x``; the first model is best the truth.
            Times are those of the forecast frames.
        leads: which forecast frames, counted from 1.

    Raises:
        ValueError: a frame beyond the forecast.
    """
    frames = forecasts.sizes["time"]
    if not all(1 <= lead <= frames for lead in leads):
        raise ValueError(f"Expected lead times between 1 and {frames} frames, got {tuple(leads)}.")
    chosen = speed(forecasts).isel(time=[lead - 1 for lead in leads])
    shared = limits(chosen.values)
    maps = [
        field(
            chosen.sel(model=model).isel(time=place),
            title=f"{model}, frame {lead}",
            signed=False,
            shared_limits=shared,
            colorbar=place == len(leads) - 1,
        )
        for model in forecasts["model"].values
        for place, lead in enumerate(leads)
    ]
    return styled(
        hv.Layout(maps).cols(len(leads)),
        matplotlib={"fig_size": 70, "hspace": 0.3, "vspace": 0.3, "sublabel_format": ""},
        bokeh={},
    )
