"""An audit as a table for people."""

from symdyn_core.commands.reporting import show_table

COLUMNS = ["symmetry", "element", "EE median", "EE max", "samples", "cells"]


def show_audit(report: dict) -> None:
    """Print the rows of an audit, one for each element."""
    rows = [
        [
            row["symmetry"],
            _short(row["element"]),
            f"{row['error_median']:.2e}",
            f"{row['error_max']:.2e}",
            str(row["samples"]),
            f"{row['valid_share']:.0%}",
        ]
        for row in report["rows"]
    ]
    title = f"{report['model']} on {report['dataset']} ({report['dtype']})"
    note = "EE = |f(g w) - g f(w)| / |g f(w)|. " + " ".join(report["notes"])
    show_table(title, COLUMNS, rows, note)


def _short(element: float | list[float]) -> str:
    values = element if isinstance(element, list) else [element]
    return ", ".join(f"{value:g}" for value in values)
