"""Units of files as they come: velocities to metres per second, times to dates."""

import re

import cftime
import numpy as np
import pandas as pd
import xarray as xr

from symdyn_core.datasets.cf import attribute

METRES_PER_SECOND = {
    "m/s": 1.0,
    "cm/s": 0.01,
    "mm/s": 0.001,
    "km/h": 1 / 3.6,
    "km/s": 1000.0,
    "m/day": 1 / 86400,
    "km/day": 1000 / 86400,
    "knot": 1852 / 3600,
}
LENGTHS = {
    r"kilomet(er|re)s?": "km",
    r"met(er|re)s?": "m",
    r"centimet(er|re)s?": "cm",
    r"millimet(er|re)s?": "mm",
}
METRES = {"m": 1.0, "km": 1000.0, "cm": 0.01, "mm": 0.001}
SINCE = re.compile(r"^\s*[A-Za-z]+\s+since\s+\S+", re.IGNORECASE)


def velocity_factor(variable: xr.DataArray) -> float:
    """What a velocity is multiplied by to be in metres per second; 1 if no unit is given.

    Raises:
        ValueError: a unit that is not one of velocity.
    """
    unit = attribute(variable, "units")
    if not unit:
        return 1.0
    factor = METRES_PER_SECOND.get(_canonical(unit))
    if factor is None:
        raise ValueError(
            f"Expected '{variable.name}' in a unit of velocity such as 'm s-1' or 'cm/s', got "
            f"{unit!r}. Convert it, or correct the attribute 'units'."
        )
    return factor


def length_factor(unit: str) -> float | None:
    """What a length is multiplied by to be in metres, such as 1e5 for '100 km'; None: no length."""
    match = re.fullmatch(r"([0-9.]+(?:e[0-9]+)?)?\s*([a-z]+)", unit.strip().lower())
    if match is None:
        return None
    name = next((s for p, s in LENGTHS.items() if re.fullmatch(p, match[2])), match[2])
    if name not in METRES:
        return None
    try:
        return METRES[name] * float(match[1] or 1)
    except ValueError:
        return None


def height_factor(variable: xr.DataArray) -> float:
    """What a height of the sea surface is multiplied by to be in metres; 1 if no unit is given.

    Raises:
        ValueError: a unit that is not one of length.
    """
    unit = attribute(variable, "units")
    factor = length_factor(unit) if unit else 1.0
    if factor is None:
        raise ValueError(
            f"Expected '{variable.name}' in a unit of length such as 'm' or 'cm', got {unit!r}. "
            "Convert it, or correct the attribute 'units'."
        )
    return factor


def _canonical(unit: str) -> str:
    """'meter second-1', 'm.s^-1', 'ms-1' and 'm s**-1' are all 'm/s'."""
    text = re.sub(r"\s+per\s+", "/", unit.strip().lower())
    text = re.sub(r"^mps$", "m/s", text)
    for pattern, short in LENGTHS.items():
        text = re.sub(rf"\b{pattern}\b", short, text)
    text = re.sub(r"\b(seconds?|secs?)\b", "s", text)
    text = re.sub(r"\bknots?\b|\bkn\b|\bkts?\b", "knot", text)
    text = re.sub(r"seconds?-1", "s-1", text)
    text = text.replace("**", "").replace("^", "").replace("{", "").replace("}", "")
    text = re.sub(r"[\s.*·]+", "", text)
    return re.sub(r"(?<=m)s-1$", "/s", text)


def decoded_times(variable: xr.DataArray) -> np.ndarray:
    """Times as dates (datetime64), or as seconds [s] in calendars that are not ours.

    The reference date is taken from whichever attribute holds '<unit> since <date>'.

    Raises:
        ValueError: no reference date, or times that are missing.
    """
    values = np.atleast_1d(variable.values)
    if np.issubdtype(values.dtype, np.datetime64):
        return _all_known(values.astype("datetime64[ns]"), variable)
    if attribute(variable, "units").startswith("day as %Y%m%d"):
        return _from_digits(values, variable)
    units = next((str(v) for v in variable.attrs.values() if SINCE.match(str(v))), None)
    if units is None:
        raise ValueError(
            f"Expected an attribute of '{variable.name}' like 'days since 1950-01-01', got "
            f"{dict(variable.attrs)}. Set its attribute 'units'."
        )
    _all_known(values, variable)
    calendar = attribute(variable, "calendar").lower() or "standard"
    encoded = xr.Variable(("time",), values, {"units": units, "calendar": calendar})
    try:
        dates = xr.decode_cf(xr.Dataset({"time": encoded}))["time"].values
    except (ValueError, OverflowError, KeyError):
        raise ValueError(
            f"Cannot read the times of '{variable.name}' as {units!r} in the calendar "
            f"{calendar!r}. Correct these attributes, for instance to 'days since 1950-01-01'."
        ) from None
    if np.issubdtype(dates.dtype, np.datetime64):
        return _to_whole_seconds(_all_known(dates, variable))
    return np.asarray(cftime.date2num(dates, "seconds since 1970-01-01", calendar), np.float64)


def _all_known(values: np.ndarray, variable: xr.DataArray) -> np.ndarray:
    missing = np.flatnonzero(pd.isna(values))
    if missing.size:
        raise ValueError(
            f"Expected every time in '{variable.name}' to be known, got missing ones (NaN), the "
            f"first for frame {missing[0]}. Correct them, or leave those frames out."
        )
    return values


def _from_digits(values: np.ndarray, variable: xr.DataArray) -> np.ndarray:
    """Dates that are written as numbers, such as 20020131.5 for noon of the 31st (CDO)."""
    days = np.floor(_all_known(values.astype(np.float64), variable))
    dates = pd.to_datetime([f"{int(day):08d}" for day in days], format="%Y%m%d")
    part = ((values - days) * 86400e9).astype("timedelta64[ns]")
    return _to_whole_seconds(dates.to_numpy() + part)


def _to_whole_seconds(dates: np.ndarray) -> np.ndarray:
    """Dates without the noise of days that were stored as fractions."""
    half = np.timedelta64(500_000_000, "ns")
    seconds = (dates.astype("datetime64[ns]") + half).astype("datetime64[s]")
    return seconds.astype("datetime64[ns]")
