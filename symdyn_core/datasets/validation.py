"""What makes an ``xarray.Dataset`` a flow, checked one property at a time.

Every message says what was expected, what was found, and how to mend it. ``schema`` describes the
format itself.
"""

import numpy as np
import xarray as xr

SPACING_TOLERANCE = 1e-3
"""Largest relative deviation of a coordinate step from the stated spacing. Degrees stored in
float32 deviate by 1e-4 at 1/12 degree, a missing frame by 1."""

FRAMES_PER_BLOCK = 64
"""Frames read at once when values are checked or summed, so that a store larger than the memory
can be checked too."""


def check_flow(flow: xr.Dataset, values: bool = True) -> None:
    """Raise an error that explains the first property of a flow that ``flow`` lacks."""
    if not isinstance(flow, xr.Dataset):
        raise TypeError(
            f"A flow is an xarray.Dataset, got {type(flow).__name__}. "
            "Build one from a tensor with schema.from_tensor(w, grid)."
        )
    check_velocity(flow)
    check_spacings(flow)
    for name in ("y", "x", "time"):
        check_coordinate(flow, name)
    check_water(flow)
    if values:
        check_values(flow)


def check_velocity(flow: xr.Dataset) -> None:
    """Both components, floating point, ordered ``[member] time y x``, at least one cell each."""
    missing = [name for name in ("u", "v") if name not in flow.data_vars]
    if missing:
        raise ValueError(
            f"A flow needs the velocity components 'u' and 'v', missing {missing}, got variables "
            f"{sorted(map(str, flow.data_vars))}. Rename yours with flow.rename(...), or open "
            "ocean files with open_ocean_currents."
        )
    expected = ("member", "time", "y", "x") if "member" in flow.dims else ("time", "y", "x")
    for name in ("u", "v"):
        if flow[name].dims != expected:
            raise ValueError(
                f"Expected the axes of '{name}' to be {expected}, got {flow[name].dims}. "
                f"Reorder them with flow.transpose({', '.join(map(repr, expected))})."
            )
        if not np.issubdtype(flow[name].dtype, np.floating):
            raise ValueError(
                f"Expected floating-point velocities, got {flow[name].dtype} in '{name}'. "
                "Convert them with flow.astype('float32')."
            )
    if 0 in flow["u"].shape:
        raise ValueError(
            f"Expected at least one cell and one frame, got the shape {dict(flow['u'].sizes)}. "
            "Check the region, the times or the patch size that were selected."
        )


def check_spacings(flow: xr.Dataset) -> None:
    """Attributes dx, dy, dt are positive numbers; the periodicity flags are 0 or 1."""
    for name in ("dx", "dy", "dt"):
        spacing = flow.attrs.get(name)
        if not _is_positive_number(spacing):
            raise ValueError(
                f"Expected the attribute '{name}' to be a positive number, got {spacing!r}. "
                f"Set it with flow.attrs[{name!r}] = ... in the units of the coordinates "
                "(seconds for times that are dates)."
            )
    for name in ("periodic_x", "periodic_y"):
        if flow.attrs.get(name, 0) not in (0, 1):
            raise ValueError(
                f"Expected the attribute '{name}' to be 0 or 1, got {flow.attrs[name]!r}. "
                "1 means that the flow repeats along that axis."
            )
    for name in ("dx", "dy"):
        if name in flow.coords and not bool((flow[name] > 0).all()):
            raise ValueError(
                f"Expected positive spacings '{name}(member)', got {flow[name].values.tolist()}. "
                "Give every member the spacing at its own centre."
            )


def _is_positive_number(value: object) -> bool:
    return (
        isinstance(value, (int, float, np.number))
        and bool(np.isfinite(float(value)))
        and float(value) > 0
    )


def check_coordinate(flow: xr.Dataset, name: str) -> None:
    """A coordinate is one-dimensional, increasing, and as uniform as its attribute says."""
    if name not in flow.coords:
        raise ValueError(
            f"A flow needs the coordinate '{name}', got coordinates "
            f"{sorted(map(str, flow.coords))}. Add it with flow.assign_coords({name}=...)."
        )
    steps = np.diff(seconds(flow["time"]) if name == "time" else flow[name].values)
    if steps.size == 0:
        return
    if not bool((steps > 0).all()):
        raise ValueError(
            f"Expected the coordinate '{name}' to increase, got a step of {steps.min():g}. "
            f"Sort it with flow.sortby({name!r}) and drop repeated values."
        )
    spacing = float(flow.attrs["d" + ("t" if name == "time" else name)])
    if not np.allclose(steps, spacing, rtol=SPACING_TOLERANCE, atol=0):
        raise ValueError(
            f"Expected uniform steps of {spacing:g} along '{name}', got steps between "
            f"{steps.min():g} and {steps.max():g}. Interpolate onto uniform values, or select a "
            "uniform part."
        )


def check_water(flow: xr.Dataset) -> None:
    """The land mask, if there is one, is boolean, constant in time, and leaves some fluid."""
    if "water" not in flow.variables:
        return
    water = flow["water"]
    allowed = {("y", "x"), ("member", "y", "x")}
    if water.dtype != np.bool_ or water.dims not in allowed:
        raise ValueError(
            "Expected 'water' to be boolean with the axes ([member,] y, x), got "
            f"{water.dtype} with {water.dims}. Use flow['water'].astype(bool).any('time')."
        )
    if not bool(water.any()):
        raise ValueError(
            "Expected some fluid, got a 'water' mask that is false everywhere. "
            "True marks the cells that hold fluid."
        )


def check_values(flow: xr.Dataset) -> None:
    """Velocities are finite on every cell of water, in every frame."""
    water = flow["water"] if "water" in flow.variables else xr.DataArray(True)
    for name in ("u", "v"):
        for start in range(0, flow.sizes["time"], FRAMES_PER_BLOCK):
            block = flow[name].isel(time=slice(start, start + FRAMES_PER_BLOCK))
            bad = int((~np.isfinite(block) & water).sum())
            if bad:
                raise ValueError(
                    f"Expected finite velocities on water, got {bad} missing or infinite values "
                    f"of '{name}' in frames {start} to {start + block.sizes['time'] - 1}. "
                    "Mark cells without data as land: flow['water'] = "
                    "np.isfinite(flow.u + flow.v).all('time')."
                )


def seconds(time: xr.DataArray) -> np.ndarray:
    """Times as floats [s, or the flow's own unit], from the first frame on.

    Dates count seconds; plain numbers stay in the unit they have.
    """
    values = time.values
    if np.issubdtype(values.dtype, np.datetime64) or np.issubdtype(values.dtype, np.timedelta64):
        return (values - values[:1]) / np.timedelta64(1, "s")
    return (values - values[:1]).astype(np.float64)
