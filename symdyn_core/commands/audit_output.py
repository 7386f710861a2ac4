"""An audit as tables for people."""

import math
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

LONGEST_LAYER = 36
"""Characters of a layer's path that fit beside its numbers."""

CONTRIBUTIONS = 10
"""Layers listed by what they add to the Lie derivative."""


def show_audit(report: dict) -> None:
    """Print an audit: errors along every group, and what was found inside."""
    console = Console()
    console.print(_curves(report))
    if "layers" in report:
        for table in (_lie(report), _layers(report), _contributions(report)):
            if table is not None:
                console.print(table)
    floor = report["data_asymmetry_floor"]
    notes = [
        "EE = |f(g w) - g f(w)| / |g f(w)|, median and largest of "
        f"{_counts(report)}; 95 % interval of the median from whole blocks.",
        "data: distance of the statistics of g w from those of w, no model involved"
        + ("." if math.isnan(floor) else f"; below {floor:.2f} it is sampling."),
        *report["notes"],
    ]
    console.print(escape(" ".join(notes)), highlight=False)


def _counts(report: dict) -> str:
    samples = max((row["samples"] for row in report["rows"]), default=0)
    blocks = max((row["blocks"] for row in report["rows"]), default=0)
    return f"{samples} windows in {blocks} block{'' if blocks == 1 else 's'}"


def _curves(report: dict) -> Table:
    table = _table(f"{report['model']} on {report['dataset']} ({report['dtype']})")
    for name in ("element", "EE median", "95 % interval", "EE max", "data", "cells"):
        first = name == "element"
        table.add_column(
            name, justify="left" if first else "right", no_wrap=not first, overflow="fold"
        )
    other = _other_medians(report)
    if other is not None:
        table.add_column(escape(report["against"]["model"]), justify="right", overflow="fold")
    for symmetry, rows in groupby(report["rows"], key=lambda row: row["symmetry"]):
        table.add_section()
        table.add_row(f"[bold]{escape(symmetry)}[/bold]")
        for row in rows:
            key = (symmetry, str(row["element"]))
            compared = [] if other is None else [_error(other.get(key, math.nan))]
            table.add_row(*(escape(cell) for cell in (*_cells(row), *compared)))
    return table


def _other_medians(report: dict) -> dict[tuple[str, str], float] | None:
    if "against" not in report:
        return None
    rows = report["against"]["rows"]
    return {(row["symmetry"], str(row["element"])): row["error_median"] for row in rows}


def _cells(row: dict) -> list[str]:
    low, high = row["error_median_low"], row["error_median_high"]
    interval = "-" if math.isnan(low) else f"{low:.1e} {high:.1e}"
    asymmetry = row["data_asymmetry"]
    return [
        f"  {short(row['element'])}",
        _error(row["error_median"]),
        interval,
        _error(row["error_max"]),
        "-" if math.isnan(asymmetry) else f"{asymmetry:.2f}",
        f"{row['valid_share']:.0%}",
    ]


def _lie(report: dict) -> Table | None:
    if not report["lie"]:
        return None
    table = _table("Lie derivative |L f(w)| / |X f(w)| along each generator")
    for name in ("generator", "median", "95 % interval", "max"):
        table.add_column(name, justify="left" if name == "generator" else "right", no_wrap=True)
    for row in report["lie"]:
        low, high = row["lie_median_low"], row["lie_median_high"]
        interval = "-" if math.isnan(low) else f"{low:.1e} {high:.1e}"
        name = f"{row['symmetry']}, {row['parameter']}"
        table.add_row(escape(name), _error(row["lie_median"]), interval, _error(row["lie_max"]))
    return table


def _layers(report: dict) -> Table | None:
    """Layers in the order of execution by symmetries; the first that loses one is marked."""
    rows = report["layers"]
    if not rows:
        return None
    symmetries = list(dict.fromkeys(row["symmetry"] for row in rows))
    errors = {(row["layer"], row["symmetry"]): row["error_median"] for row in rows}
    table = _table("EE layer by layer in the best known representation; * where it is lost first")
    table.add_column("layer", no_wrap=True)
    for symmetry in symmetries:
        table.add_column(escape(symmetry.replace("_", " ")), justify="right")
    for layer in dict.fromkeys(row["layer"] for row in rows):
        cells = []
        for symmetry in symmetries:
            lost = report["lost_at"].get(symmetry) == layer
            text = _error(errors.get((layer, symmetry), math.nan), 1)
            cells.append(f"[bold]{text}*[/bold]" if lost else f"{text} ")
        table.add_row(escape(shortened(layer)), *cells)
    return table


def _contributions(report: dict) -> Table | None:
    """The layers that add most to the Lie derivative along shifts."""
    rows = sorted(report["layer_lie"], key=lambda row: -row["lie_median"])[:CONTRIBUTIONS]
    if not rows:
        return None
    table = _table(
        "Layers that add most to the Lie derivative along shifts (inside: away from open edges)"
    )
    for name in ("layer", "kind", "shift", "adds", "inside"):
        numbers = name in ("adds", "inside")
        table.add_column(name, justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(
            escape(shortened(row["layer"])),
            escape(shortened(row["kind"], 22)),
            escape(row["parameter"].split()[0]),
            _error(row["lie_median"]),
            _error(row["interior_median"]),
        )
    return table


def _table(title: str) -> Table:
    return Table(title=escape(title), title_justify="left", box=SIMPLE_HEAD)


def _error(value: float, digits: int = 2) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}e}"


def short(element: float | list[float]) -> str:
    """An element in a few characters."""
    values = element if isinstance(element, list) else [element]
    return ", ".join(f"{value:.4g}" for value in values)


def shortened(path: str, longest: int = LONGEST_LAYER) -> str:
    """The end of a long path, which tells layers apart."""
    return path if len(path) <= longest else f"…{path[1 - longest :]}"
