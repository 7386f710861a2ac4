"""Numbers and units as people read them."""

import math

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Three significant digits, or a dash."""
    return f"{value:.3g}" if math.isfinite(value) else "–"


def percent(value: float) -> str:
    """A share in percent; rounding errors as a power of ten."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0 %"
    if value >= 1e-3:
        return f"{100 * value:.1f} %"
    if value >= 1e-5:
        return f"{100 * value:.3f} %"
    exponent = math.floor(math.log10(100 * value))
    digit = 100 * value / 10.0**exponent
    return f"{digit:.0f}·10{str(exponent).translate(SUPERSCRIPTS)} %"


def unit(text: str) -> str:
    """A unit with its exponents raised: "m s-1" is m s⁻¹; words stay as they are."""
    return " ".join(
        word.rstrip("-0123456789") + word[len(word.rstrip("-0123456789")) :].translate(SUPERSCRIPTS)
        for word in text.split()
    )


def step(time_unit: str, dt: float) -> dict:
    """How long a frame lasts, in a unit that suits it."""
    if time_unit != "s":
        return {"frame_time": dt, "lead_unit": time_unit}
    for seconds, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if dt >= seconds:
            return {"frame_time": dt / seconds, "lead_unit": name}
    return {"frame_time": dt, "lead_unit": "s"}
