"""Telling values that stand for missing ones, which files declare well, badly or not at all."""

import numpy as np
import xarray as xr

FASTEST = 95.0
"""Speeds above this [m s⁻¹] are fill values that the file does not declare."""

NINES = np.array([999, 999.9, 999.99, 999.999, 9999, 9999.9, 99999], np.float32)
"""Numbers that stand for missing ones in files of centimetres, where they are below FASTEST."""

PACKING = (("scale_factor", 1.0), ("add_offset", 0.0))

NARROWEST = 0.01
"""A valid range of less than this share of all integers of its kind is that of the unpacked values,
rounded by the program that wrote it."""

BEYOND = 0.5
"""Values outside the declared valid range by more than this share of its width are missing. The
range itself is no limit: archives often keep that of their first file."""


def check_packing(variable: xr.DataArray) -> None:
    """Refuse numbers for packing that are written as text, which no reader can undo.

    Raises:
        ValueError: which one.
    """
    for name, _ in PACKING:
        value = variable.encoding.get(name, 1.0)
        if isinstance(value, str):
            raise ValueError(
                f"Expected the attribute '{name}' of '{variable.name}' to be a number, got the "
                f"text {value!r}. Correct it, for instance: ncatted -a {name},{variable.name},o,d,"
                f"{value} FILE."
            )


def in_metres(field: np.ndarray, variable: xr.DataArray, factor: float | int) -> np.ndarray:
    """Values of a file times the factor of their unit, NaN where they stand for missing ones."""
    bad = _is_undeclared_fill(field, variable) | _is_invalid(field, variable)
    if factor < 1:
        bad = bad | np.isin(np.abs(field).astype(np.float32), NINES)
    return np.where(bad, np.nan, field * factor) if bad.any() else field * factor


def _is_undeclared_fill(field: np.ndarray, variable: xr.DataArray) -> np.ndarray:
    """Where packed integers have the first, second or last value of their kind, which stand for
    missing ones where the file says nothing of them (-32768, and -32767 by NetCDF's own custom)."""
    packing = variable.encoding
    kind = np.dtype(packing.get("dtype") or variable.dtype)
    declared = {"_FillValue", "missing_value"} & set(packing)
    if kind.kind not in "iu" or declared:
        return np.zeros((), bool)
    limits = np.iinfo(kind)
    scale, offset = (float(packing.get(name, value)) for name, value in PACKING)
    ends = [limits.min, limits.min + 1, limits.max] if kind.kind == "i" else [limits.max]
    found = np.zeros(field.shape, bool)
    for end in ends:
        found |= np.abs(field - (end * scale + offset)) < 0.5 * abs(scale)
    return found


def _is_invalid(field: np.ndarray, variable: xr.DataArray) -> np.ndarray:
    """Where values lie far outside the range that the file declares valid."""
    limits = _valid_range(variable)
    if limits is None:
        return np.zeros((), bool)
    low, high = limits
    reach = BEYOND * (high - low)
    with np.errstate(invalid="ignore"):
        return np.asarray((field < low - reach) | (field > high + reach))


def _valid_range(variable: xr.DataArray) -> tuple[float, float] | None:
    """Smallest and largest valid value, in the unit of the decoded field; None if not declared.

    Limits that are integers, of values that are packed, are packed too (NetCDF User's Guide,
    "Attribute conventions").
    """
    ends = variable.attrs.get("valid_range")
    if ends is None:
        ends = [variable.attrs.get(name) for name in ("valid_min", "valid_max")]
    try:
        low, high = np.asarray(ends, np.float64).ravel()
    except (TypeError, ValueError):
        return None
    packed = np.dtype(variable.encoding.get("dtype", np.float32))
    if {np.asarray(ends).dtype.kind, packed.kind} <= set("iu"):
        limits = np.iinfo(packed)
        if high - low < NARROWEST * (float(limits.max) - limits.min):
            return None
        scale, offset = (float(variable.encoding.get(name, value)) for name, value in PACKING)
        low, high = sorted((low * scale + offset, high * scale + offset))
    return (low, high) if low < high else None


def without_fill(field: np.ndarray) -> np.ndarray:
    """Velocities in single precision, NaN where they are too fast to be any."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(field) < FASTEST, field, np.nan).astype(np.float32)


def without_land(u: np.ndarray, v: np.ndarray) -> list[np.ndarray]:
    """Cells at rest in both components throughout are land: they must not slow their neighbours."""
    land = ((u == 0) & (v == 0)).all(axis=1, keepdims=True)
    return [np.where(land, np.float32(np.nan), field) for field in (u, v)]
