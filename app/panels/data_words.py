"""What the page of data says: the flow, its symmetries and its report, as HTML."""

from html import escape

from symdyn_core import symmetries
from symdyn_core.datasets.catalogued import DataSet
from symdyn_core.datasets.patches import Overview, Patch
from symdyn_core.untrusted.limits import readable

from ..intake import Report, Subject

STYLE = """
:host { font: .875rem/1.45 Roboto, system-ui, sans-serif; }
h3 { font-size: .875rem; margin: 0 0 4px; }
p { margin: 0 0 6px; max-width: 90ch; }
table { border-collapse: collapse; width: 100%; font-size: .8125rem; }
td, th { text-align: left; padding: 3px 10px 3px 0; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
td.holds { white-space: nowrap; font-weight: 500; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 18px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 12px; margin: 0;
  font-size: .8125rem; }
dt { opacity: .75; } dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 12px; }
figure { margin: 0; background: #fff; color: #1b2026; border-radius: 8px; padding: 10px; }
figure.wide { grid-column: 1 / -1; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-weight: 600; margin-bottom: 4px; }
ul { margin: 0 0 8px; padding-left: 20px; }
.colours { font-size: .8125rem; }
.colours i { display: inline-block; width: 120px; height: 10px; margin: 0 6px; border-radius: 2px; }
.colours i.land { width: 14px; background: #8d8d86; margin: 0 2px 0 12px; }
.mark { display: inline-block; width: 1.3em; }
"""

MARKS = {"exactly": "●", "approximately": "◐", "no": "○"}
"""Told apart without colours."""

TIPS = {
    "exactly": "A transformed recording is a recording of the same flow, to rounding.",
    "approximately": "A transformed recording is nearly one of the same flow.",
    "no": "A transformed recording belongs to another flow: a model need not respect it here.",
}

TITLES = {
    "reflection": "Reflection",
    "upside_down": "Upside down",
    "shifted_reflection": "Reflection with a shift",
}


def introduction(subject: Subject) -> str:
    """What the flow is, in a sentence."""
    seen, source = subject.seen, subject.source
    ny, nx = seen.cells
    many = f", {seen.members} members" if seen.members > 1 else ""
    what = f" {escape(subject.kin.what[0].upper() + subject.kin.what[1:])}." if subject.kin else ""
    large = (
        " It is <b>too large to be used whole</b>: cut a patch out of it." if subject.large else ""
    )
    return (
        f"<p><b>{escape(source.label)}</b>: {nx} x {ny} cells{many}, {seen.frames} frames from "
        f"{escape(seen.times[0])} to {escape(seen.times[1])}, {readable(seen.nbytes)}.{what}"
        f"{large}</p>"
    )


def symmetry_table(kin: DataSet | None) -> str:
    """Which symmetries hold for the flow, and why others do not."""
    if kin is None:
        return (
            "<h3>Symmetries of this flow</h3><p>It does not say what made it. Page <b>Audit</b> "
            "measures how far models are from each symmetry, and how unlike the moved flow is.</p>"
        )
    rows = "".join(
        f'<tr><td>{_title(kept.name)}</td><td class="holds" title="{TIPS[kept.holds]}">'
        f'<span class="mark" aria-hidden="true">{MARKS[kept.holds]}</span>{kept.holds}</td>'
        f"<td>{escape(kept.which)}</td></tr>"
        for kept in kin.symmetries
    )
    return (
        "<h3>Symmetries of this flow</h3><table><thead><tr><th>symmetry</th><th>holds</th>"
        f"<th>for, or broken by</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _title(name: str) -> str:
    known = {symmetry.name: symmetry.title for symmetry in symmetries.ALL}
    return escape(TITLES.get(name) or known.get(name) or name.replace("_", " ").capitalize())


def report_html(report: Report) -> str:
    """Numbers, problems and figures."""
    boxes = "".join(
        f"<div><h3>{escape(title)}</h3><dl>"
        + "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows.items())
        + "</dl></div>"
        for title, rows in report.facts
    )
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in report.problems)
    listed = f"<h3>Be careful</h3><ul>{problems}</ul>" if problems else ""
    drawn = "".join(
        f'<figure class="{"wide" if title == "Maps" else ""}">'
        f"<figcaption>{escape(title)}</figcaption>{svg}</figure>"
        for title, svg in report.figures.items()
    )
    return f'{listed}<div class="facts">{boxes}</div><br><div class="figures">{drawn}</div>'


def patch_words(patch: Patch, seen: Overview) -> str:
    """The patch in numbers."""
    places = []
    for axis, first, cells in (("x", patch.x, patch.nx), ("y", patch.y, patch.ny)):
        low, high = getattr(seen, axis)
        size = (high - low) / seen.cells[1 if axis == "x" else 0]
        name = seen.labels[0 if axis == "x" else 1]
        places.append(f"{name} {low + first * size:.4g} to {low + (first + cells) * size:.4g}")
    return (
        f"<p><b>{patch.nx} x {patch.ny} cells</b>, {patch.frames} frames, "
        f"{readable(patch.nbytes)}; {escape(', '.join(places))}.</p>"
    )


def waiting(text: str) -> str:
    """A line while something is on its way."""
    return f'<p role="status">{escape(text)}</p>'
