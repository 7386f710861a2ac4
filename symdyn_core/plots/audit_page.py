"""An audit as one HTML page: figures, tables and definitions, nothing to load from elsewhere."""

from collections.abc import Hashable, Mapping
from html import escape
from typing import Any

from symdyn_core.experiments.worst_case import WorstCase
from symdyn_core.plots.audit_cells import heated, interval, number, parameters
from symdyn_core.plots.audit_figures import OTHER, OURS, ROUNDING, curve, overview, pictures
from symdyn_core.plots.audit_layers import contributions, layer_table
from symdyn_core.plots.audit_methods import methods
from symdyn_core.plots.page_parts import fact_boxes, key, whole_page
from symdyn_core.plots.style import REFERENCE, pretty
from symdyn_core.symmetries import Symmetry, named


def audit_page(
    report: dict, case: WorstCase | None, attributes: Mapping[Hashable, Any] | None = None
) -> str:
    """The page of one audit.

    Args:
        report: of ``audit_subject``; with the key ``against``, a second one is drawn beside it.
        case: of ``worst_case``, to be pictured.
        attributes: of the flow, for units.
    """
    names = list(dict.fromkeys(row["symmetry"] for row in report["rows"]))
    symmetries = [named(name) for name in names]
    title = f"{report['model']} on {report['dataset']}"
    sections = [
        _facts(report),
        *([_summary(report, symmetries), _curves(report, symmetries)] if symmetries else []),
        _worst(case, attributes or {}),
        *(layer_table(one) for one in _both(report)),
        *(contributions(one) for one in _both(report)),
        _notes(report),
        methods(symmetries),
        _rows(report),
    ]
    on = f"on {report['dataset']}, {report['dtype']}{_opponent(report)}"
    return whole_page("Equivariance audit", report["model"], on, sections, title=f"Audit: {title}")


def _both(report: dict) -> list[dict]:
    return [report, report["against"]] if "against" in report else [report]


def _opponent(report: dict) -> str:
    other = report.get("against")
    return f", compared with {other['model']}" if other else ""


def _facts(report: dict) -> str:
    measured = {
        "windows": max((row["samples"] for row in report["rows"]), default=0),
        "blocks": max((row["blocks"] for row in report["rows"]), default=0),
        "velocity unit": f"{report['velocity_unit']:.4g}",
        "sampling floor": number(report["data_asymmetry_floor"]),
    }
    boxes = [("Model", report["facts"]["model"])]
    if "against" in report:
        other = report["against"]
        boxes.append((f"Against {other['model']}", other["facts"]["model"]))
    boxes += [("Data", report["facts"]["data"]), ("Measurement", measured)]
    return fact_boxes([box] for box in boxes)


def _summary(report: dict, symmetries: list[Symmetry]) -> str:
    head = "<tr><th>symmetry</th><th>worst element</th><th>EE median</th><th>EE max</th>"
    head += "<th>data asymmetry</th>"
    inside = "lie" in report
    if inside:
        head += "<th>Lie derivative</th><th>lost first at</th>"
    if "against" in report:
        head += f"<th>EE median, {escape(report['against']['model'])}</th>"
    rows = "".join(_summary_row(report, symmetry, inside) for symmetry in symmetries)
    return (
        "<section><h2>At a glance</h2>"
        f'<figure class="wide">{overview(report, symmetries)}</figure>'
        f'<div class="scroll"><table class="glance"><thead>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _summary_row(report: dict, symmetry: Symmetry, inside: bool) -> str:
    rows = [row for row in report["rows"] if row["symmetry"] == symmetry.name]
    worst = max(rows, key=lambda row: row["error_median"])
    exact = max(row["error_max"] for row in rows) <= ROUNDING[report["dtype"]]
    badge = ' <span class="badge">exact</span>' if exact else ""
    cells = [
        f"<td>{escape(symmetry.title)}{badge}</td>",
        f"<td>{parameters(worst['element'])}</td>",
        heated(worst),
        f"<td>{number(worst['error_max'])}</td>",
        f"<td>{number(worst['data_asymmetry'])}</td>",
    ]
    if inside:
        lie = [row["lie_median"] for row in report["lie"] if row["symmetry"] == symmetry.name]
        cells.append(f"<td>{number(max(lie))}</td>" if lie else "<td>–</td>")
        cells.append(f"<td><code>{escape(_lost(report, symmetry.name))}</code></td>")
    if "against" in report:
        others = [
            row
            for row in report["against"]["rows"]
            if row["symmetry"] == symmetry.name and row["element"] == worst["element"]
        ]
        cells.append(heated(others[0]) if others else "<td>–</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _lost(report: dict, symmetry: str) -> str:
    if symmetry not in report["lost_at"]:
        return "–"
    return report["lost_at"][symmetry] or "nowhere"


def _curves(report: dict, symmetries: list[Symmetry]) -> str:
    legend = key(OURS, report["model"])
    if "against" in report:
        legend += key(OTHER, report["against"]["model"])
    legend += key(REFERENCE, "data asymmetry (dashed)")
    figures = "".join(f"<figure>{curve(report, symmetry)}</figure>" for symmetry in symmetries)
    return (
        "<section><h2>Error along each group</h2>"
        f'<p class="key">{legend} line: median, band: its 95 % interval, dots: largest</p>'
        f'<div class="grid">{figures}</div></section>'
    )


def _worst(case: WorstCase | None, attributes: Mapping[Hashable, Any]) -> str:
    if case is None:
        return ""
    unit = pretty(str(attributes.get("velocity_unit", "1")))
    drawn = pictures(case, "" if unit == "1" else f" [{unit}]")
    element = list(case.element) if isinstance(case.element, tuple) else case.element
    return (
        "<section><h2>Where it is farthest off</h2>"
        f"<p>{escape(case.symmetry.title)}, element {parameters(element)}: the window with the "
        f"largest error, EE = {case.error:.2e}. Grey: unknown or not compared.</p>"
        f'<figure class="full">{drawn}</figure></section>'
    )


def _notes(report: dict) -> str:
    """Notes that hold for all models once, others with the name of their model."""
    reports = _both(report)
    listed = []
    for note in dict.fromkeys(note for one in reports for note in one["notes"]):
        owners = [one["model"] for one in reports if note in one["notes"]]
        listed.append(note if len(owners) == len(reports) else f"{owners[0]}: {note}")
    items = "".join(f"<li>{escape(note)}</li>" for note in listed)
    return f"<section><h2>Notes</h2><ul>{items}</ul></section>" if items else ""


def _rows(report: dict) -> str:
    tables = []
    for one in _both(report):
        body = "".join(
            f"<tr><td>{escape(row['symmetry'])}</td><td>{parameters(row['element'])}</td>"
            f"<td>{number(row['error_median'])}</td>"
            f"<td>{interval(row['error_median_low'], row['error_median_high'])}</td>"
            f"<td>{number(row['error_mean'])}</td><td>{number(row['error_max'])}</td>"
            f"<td>{number(row['data_asymmetry'])}</td><td>{row['samples']}</td>"
            f"<td>{row['blocks']}</td><td>{row['valid_share']:.0%}</td></tr>"
            for row in one["rows"]
        )
        tables.append(
            f"<details><summary>All elements: {escape(one['model'])}</summary>"
            '<div class="scroll"><table><thead><tr><th>symmetry</th><th>element</th>'
            "<th>EE median</th><th>95 % interval</th><th>EE mean</th><th>EE max</th>"
            "<th>data asymmetry</th><th>windows</th><th>blocks</th><th>cells</th></tr></thead>"
            f"<tbody>{body}</tbody></table></div></details>"
        )
    return f"<section>{''.join(tables)}</section>"
