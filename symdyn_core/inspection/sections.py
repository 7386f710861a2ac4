"""Parts of a report: variables, grid, spectrum, errors of persistence."""

from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.scalars import scalar_moments, scalars_of
from symdyn_core.inspection.samples import Samples
from symdyn_core.inspection.slopes import Slope
from symdyn_core.inspection.specimen import Specimen


def variables_section(flow: xr.Dataset, statistics: xr.Dataset | None) -> dict[str, dict[str, Any]]:
    """Units and meanings; extremes, mean and spread of velocities and scalars."""
    variables: dict[str, dict[str, Any]] = {
        str(name): {
            "units": str(variable.attrs.get("units", "1")),
            "long_name": str(variable.attrs.get("long_name", "")),
        }
        for name, variable in flow.data_vars.items()
    }
    if statistics is None:
        return variables
    for name in ("u", "v"):
        one = statistics.sel(component=name)
        keys = ("minimum", "maximum", "mean", "std")
        variables[name] |= {key: float(one[key]) for key in keys}
    for name in scalars_of(flow):
        moments = scalar_moments(flow, name)
        variables[name] |= {} if moments is None else asdict(moments)
    return variables


def persistence_section(statistics: xr.Dataset, flow: xr.Dataset) -> list[dict[str, Any]]:
    """How far the flow moves away from itself: the error of the forecast "as now".

    Relative ones are near 0 where the flow hardly changes; from about 1 on the present says
    nothing.
    """
    anomaly = float(statistics["anomaly"])
    errors = []
    for lead in statistics["lead"].values.tolist():
        rmse = float(statistics["persistence"].sel(lead=lead))
        relative = rmse / anomaly if anomaly > 0 else None
        time = float(f"{lead * float(flow.attrs['dt']):.9g}")
        errors.append({"lead": lead, "time": time, "rmse": rmse, "relative": relative})
    return errors


def grid_section(specimen: Specimen) -> dict[str, Any]:
    """Members, cells, spacings, periodicity, and the extent on the globe."""
    flow = specimen.flow
    described = {
        "members": schema.members_of(flow),
        "ny": flow.sizes["y"],
        "nx": flow.sizes["x"],
        "dy": float(flow.attrs["dy"]),
        "dx": float(flow.attrs["dx"]),
        "length_unit": str(flow.attrs.get("length_unit", "1")),
        "periodic_y": bool(flow.attrs.get("periodic_y", 0)),
        "periodic_x": bool(flow.attrs.get("periodic_x", 0)),
        "regular": specimen.regular,
        "rows": specimen.rows,
    }
    for name in ("latitude", "longitude"):
        if name in flow.coords:
            values = flow[name].values
            described[name] = [float(values.min()), float(values.max())]
    return described


def spectrum_section(
    samples: Samples | None, slope: Slope | None, energy: np.ndarray, wavenumber: np.ndarray
) -> dict[str, Any] | None:
    """Slope with its interval, range and rings, where it was measured, energy by wavenumber."""
    if samples is None or samples.spectrum is None:
        return None
    grid = samples.region.grid
    open_axes = [axis for axis in ("x", "y") if not getattr(grid, f"periodic_{axis}")]
    described: dict[str, Any] = {
        "slope": None if slope is None else slope.slope,
        "low": None if slope is None else slope.low,
        "high": None if slope is None else slope.high,
        "wavelengths": None if slope is None else [2 * np.pi / k for k in slope.wavenumbers[::-1]],
        "rings": 0 if slope is None else slope.rings,
        "frames": samples.spectra,
        "region": samples.region.words,
        "window": f"Hann along {' and '.join(open_axes)}" if open_axes else "none",
    }
    finite = np.isfinite(energy)
    described["wavenumber"] = wavenumber[finite].tolist()
    described["energy"] = energy[finite].tolist()
    return described
