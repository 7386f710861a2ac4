"""Curves of evaluations and audits: errors by lead time, energy by scale, errors by element."""

from typing import Any

import holoviews as hv
import numpy as np
import xarray as xr

from symdyn_core.plots.style import label, line_style, reference_style, styled

SMALLEST_ERROR = 1e-17
"""Equivariance errors of exactly zero are drawn here, on a logarithmic axis."""


def spectra(table: xr.Dataset, *, title: str = "energy spectrum of the last frame") -> hv.Overlay:
    """Kinetic energy by wavenumber of forecasts and truth, both axes logarithmic.

    Args:
        table: ``energy_spectrum`` (with an axis ``model`` or without) and
            ``truth_energy_spectrum``, as ``evaluate`` returns them.
    """
    # Ring 0, the mean flow, has no place on a logarithmic axis.
    table = table.isel(wavenumber=slice(1, None))
    curves = [_curve(table["truth_energy_spectrum"], "wavenumber", "truth", reference_style())]
    curves += _by_model(table["energy_spectrum"], "wavenumber")
    energy = f"kinetic energy{_unit(table['energy_spectrum'])}"
    return _overlay(curves, table["wavenumber"], title, energy, logx=True, logy=True)


def error_growth(table: xr.Dataset, *, title: str = "error growth") -> hv.Overlay:
    """RMSE by lead time of forecasts and of persistence, from zero on.

    Args:
        table: ``rmse_by_lead`` (with an axis ``model`` or without) and
            ``persistence_rmse_by_lead``, as ``evaluate`` returns them.
    """
    persistence = table["persistence_rmse_by_lead"]
    curves = [_curve(persistence, "lead_time", "persistence", reference_style())]
    curves += _by_model(table["rmse_by_lead"], "lead_time")
    error = f"root mean square error{_unit(table['rmse_by_lead'])}"
    highest = max(float(np.nanmax(curve.dimension_values(1))) for curve in curves)
    return _overlay(curves, table["lead_time"], title, error, ylim=(0.0, 1.05 * highest))


def equivariance_curve(table: xr.Dataset, *, title: str = "") -> hv.Overlay:
    """Median equivariance error along the elements of a symmetry, up to the largest, shaded.

    Args:
        table: ``error_median`` and ``error_max`` with the axes ``model`` and ``element``, as
            ``audit_table`` returns them.
    """
    floored = table.clip(min=SMALLEST_ERROR, keep_attrs=True)
    layers: list[Any] = []
    for index, model in enumerate(table["model"].values):
        one = floored.sel(model=model)
        style = line_style(index)
        area = hv.Area(
            (one["element"].values, one["error_median"].values, one["error_max"].values),
            kdims=["element"],
            vdims=["error_median", "error_max"],
        )
        layers.append(
            styled(
                area,
                matplotlib={"facecolor": style["color"], "edgecolor": "none"},
                bokeh={"fill_color": style["color"], "line_color": None},
                alpha=0.15,
            )
        )
        layers.append(_curve(one["error_median"], "element", str(model), style))
    title = title or f"equivariance under {str(table.attrs.get('symmetry', 'a symmetry')).lower()}"
    return _overlay(layers, table["element"], title, "equivariance error", logy=True)


def _by_model(values: xr.DataArray, axis: str) -> list[hv.Curve]:
    if "model" not in values.dims:
        return [_curve(values, axis, "forecast", line_style(0))]
    return [
        _curve(values.sel(model=model), axis, str(model), line_style(index))
        for index, model in enumerate(values["model"].values)
    ]


def _curve(values: xr.DataArray, axis: str, name: str, style: dict[str, Any]) -> hv.Curve:
    if values.dims != (axis,):
        raise ValueError(
            f"Expected a curve along {axis}, got the axes {values.dims}. Choose one test set: "
            "table.sel(test_set='original')."
        )
    curve = hv.Curve(
        (values[axis].values, values.values),
        kdims=[axis],
        vdims=[str(values.name)],
        label=name,
    )
    return curve.opts(**style)


def _overlay(
    layers: list[Any], axis: xr.DataArray, title: str, quantity: str, **options: Any
) -> hv.Overlay:
    return styled(
        hv.Overlay(layers),
        matplotlib={"aspect": "auto", "fig_inches": (6, 4.2), "legend_position": "best"},
        bokeh={"width": 480, "height": 340, "legend_position": "top_left"},
        title=title,
        xlabel=label(axis),
        ylabel=quantity,
        show_grid=True,
        **options,
    )


def _unit(values: xr.DataArray) -> str:
    text = label(values)
    return text[text.rindex(" [") :] if text.endswith("]") else ""
