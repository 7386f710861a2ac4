"""Numbers in the tables of an audit's page."""

import math
from html import escape

from symdyn_core.plots.audit_figures import heat


def heated(row: dict) -> str:
    """A cell with the median error of a row of the audit, its interval below, coloured by size."""
    background, ink = heat(row["error_median"])
    return (
        f'<td style="background:{background};color:{ink}">{number(row["error_median"])}'
        f"<small>{interval(row['error_median_low'], row['error_median_high'])}</small></td>"
    )


def number(value: float | int) -> str:
    """Three digits, with an exponent below a thousandth; a dash for NaN."""
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    return f"{value:.2e}" if value < 1e-3 else f"{value:.3g}"


def interval(low: float | int, high: float | int) -> str:
    """From low to high; a dash where there is no interval."""
    return "–" if math.isnan(low) else f"{number(low)} to {number(high)}"


def parameters(element: float | int | list) -> str:
    """The numbers of an element."""
    values = element if isinstance(element, list) else [element]
    return escape(", ".join(f"{value:.4g}" for value in values))
