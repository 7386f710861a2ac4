"""The tables of an audit's page that look inside a network."""

import math
from html import escape

from symdyn_core.plots.audit_cells import number
from symdyn_core.plots.audit_figures import heat
from symdyn_core.symmetries import named


def layer_table(report: dict) -> str:
    rows = report.get("layers")
    if not rows:
        return ""
    symmetries = list(dict.fromkeys(row["symmetry"] for row in rows))
    found = {(row["layer"], row["symmetry"]): row for row in rows}
    layers = {row["layer"]: row for row in rows}
    head = "".join(f"<th>{escape(named(name).title)}</th>" for name in symmetries)
    body = "".join(
        f"<tr><td><code>{escape(layer)}</code><small>{escape(one['kind'])}, {one['channels']} "
        "channels</small></td>"
        + "".join(
            _layer_cell(found.get((layer, name)), report["lost_at"].get(name) == layer)
            for name in symmetries
        )
        + "</tr>"
        for layer, one in layers.items()
    )
    return (
        f"<section><h2>Layer by layer: {escape(report['model'])}</h2><p>EE of the hidden features "
        "in the order of execution, in the best of the known representations (named below the "
        "number). <b>Framed</b>: the first layer that keeps the symmetry neither in one of these "
        "nor in a fitted one. Errors of later layers are inherited.</p>"
        '<div class="scroll"><table class="layers"><thead><tr><th>layer</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _layer_cell(row: dict | None, lost: bool) -> str:
    if row is None:
        return "<td>–</td>"
    background, ink = heat(row["error_median"])
    kind = ' class="lost"' if lost else ""
    fitted = "" if math.isnan(row["fitted"]) else f"<br>fitted {number(row['fitted'])}"
    return (
        f'<td{kind} style="background:{background};color:{ink}">{number(row["error_median"])}'
        f"<small>{escape(row['representation'])}{fitted}</small></td>"
    )


def contributions(report: dict) -> str:
    """Bars of what each layer adds to the Lie derivative along shifts."""
    rows = report.get("layer_lie")
    if not rows:
        return ""
    by_layer: dict[str, dict[str, dict]] = {}
    for row in rows:
        by_layer.setdefault(row["layer"], {})[row["parameter"].split()[0]] = row
    longest = max(row["lie_median"] for row in rows) or 1.0
    body = "".join(
        f"<tr><td><code>{escape(layer)}</code><small>{escape(next(iter(found.values()))['kind'])}"
        f"</small></td>{_bar(found.get('eastward'), longest)}"
        f"{_bar(found.get('northward'), longest)}</tr>"
        for layer, found in by_layer.items()
    )
    return (
        f"<section><h2>What each layer adds under shifts: {escape(report['model'])}</h2><p>Lie "
        "derivative of every layer by itself, relative to the derivative of its features. Dark: "
        "away from open edges (aliasing); light: with edges (padding).</p>"
        '<div class="scroll"><table class="bars"><thead><tr><th>layer</th>'
        "<th>eastward shift</th><th>northward shift</th></tr></thead>"
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _bar(row: dict | None, longest: float) -> str:
    if row is None:
        return "<td>–</td>"
    whole, inside = row["lie_median"], row["interior_median"]
    inside = 0.0 if math.isnan(inside) else inside
    widths = [100 * min(1.0, value / longest) for value in (whole, min(inside, whole))]
    return (
        f'<td><div class="bar"><i style="width:{widths[0]:.1f}%"></i>'
        f'<b style="width:{widths[1]:.1f}%"></b></div>'
        f"<small>{number(whole)}, inside {number(inside)}</small></td>"
    )
