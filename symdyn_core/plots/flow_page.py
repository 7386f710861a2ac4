"""The report of a flow as one HTML page: numbers, problems, figures, how they were measured."""

from html import escape
from pathlib import PurePath

from symdyn_core.inspection.readable import facts
from symdyn_core.inspection.report import Inspection
from symdyn_core.plots import flow_figures
from symdyn_core.plots.page_parts import fact_boxes, whole_page
from symdyn_core.plots.style import pretty


def flow_page(found: Inspection) -> str:
    """The page of one inspection."""
    report = found.report
    name = PurePath(report["path"]).name or report["path"]
    data, grid, times, *flow = facts(report, pretty)
    sections = [
        fact_boxes([[data], [grid], [times, *flow[1:]], flow[:1]]),
        _problems(report),
        _figure("Maps", flow_figures.maps(found), _maps_text(report), "full"),
        _pair(found),
        _times(found),
        _methods(report),
    ]
    return whole_page("Flow", report["title"] or name, report["path"], sections, title=name)


def _problems(report: dict) -> str:
    if not report["problems"]:
        return "<section><h2>Problems</h2><p>None were found.</p></section>"
    items = "".join(f"<li>{escape(problem)}</li>" for problem in report["problems"])
    return f"<section><h2>Problems, and how to mend them</h2><ul>{items}</ul></section>"


def _figure(title: str, drawn: str, text: str, kind: str) -> str:
    if not drawn:
        return ""
    return (
        f"<section><h2>{escape(title)}</h2><p>{escape(text)}</p>"
        f'<figure class="{kind}">{drawn}</figure></section>'
    )


def _maps_text(report: dict) -> str:
    members = report["grid"]["members"]
    which = "" if members == 1 else f" Of {members} members, the first is shown."
    return f"Colours: speed; arrows: direction and speed; grey: no data.{which}"


def _pair(found: Inspection) -> str:
    """Spectrum, persistence and histogram side by side."""
    drawn = (
        ("Energy by scale", flow_figures.spectrum(found), _spectrum_text(found.report)),
        (
            "How fast it changes",
            flow_figures.persistence(found),
            "The error of the forecast “as now”. A model has to stay below this curve.",
        ),
        (
            "Velocities",
            flow_figures.histogram(found),
            f"Both components in {found.report['samples']} frames; dotted: normal distributions.",
        ),
    )
    figures = "".join(
        f"<figure><h3>{escape(title)}</h3><p>{escape(text)}</p>{svg}</figure>"
        for title, svg, text in drawn
        if svg
    )
    return f'<section><div class="grid">{figures}</div></section>' if figures else ""


def _spectrum_text(report: dict) -> str:
    spectrum = report["spectrum"] or {}
    if spectrum.get("slope") is None:
        return "Too few scales lie between the sides and the cells to fit a slope."
    return (
        f"Slope {spectrum['slope']:.2f} in the shaded range, 95 % interval "
        f"{spectrum['low']:.2f} to {spectrum['high']:.2f}; mean of {spectrum['frames']} frames, "
        f"{spectrum['region']}."
    )


def _times(found: Inspection) -> str:
    drawn = flow_figures.time_line(found)
    gaps = found.report["times"]["gaps"]
    if not drawn:
        return ""
    text = "No frame is missing." if not gaps else f"Hatched: {len(gaps)} gaps."
    rows = "".join(
        f"<tr><td>{escape(str(gap['after']))}</td><td>{escape(str(gap['before']))}</td>"
        f"<td>{gap['missing']}</td></tr>"
        for gap in gaps
    )
    table = (
        f"<table><thead><tr><th>last frame before</th><th>first frame after</th>"
        f"<th>frames missing</th></tr></thead><tbody>{rows}</tbody></table>"
        if gaps
        else ""
    )
    return (
        f"<section><h2>Times</h2><p>{text}</p>"
        f'<figure class="full">{drawn}</figure>{table}</section>'
    )


def _methods(report: dict) -> str:
    lines = [
        "Statistics, extremes and errors of persistence come from all frames and all cells of "
        "water. RMS of a component: √⟨(u² + v²) / 2⟩; RMS speed: √⟨u² + v²⟩.",
        "Standard deviation: of the departures from the time mean at each cell, both components "
        "together. Errors of persistence are divided by it; from about 1 on the present says "
        "nothing about the future, and 1.41 is the distance of two unrelated frames.",
        f"Spectrum, divergence, vorticity and histograms come from {report['samples']} frames "
        "spread evenly over members and times. Gradients: spectral along periodic axes, else "
        "fourth-order differences where all neighbours are water.",
        "E(k): energy in rings of wavenumber, per wavenumber, each scaled to the area of its ring. "
        "Axes that do not repeat are multiplied by a Hann window. Where there is land, the "
        "largest square without it is taken. Slope: least squares of log E against log k from a "
        "third of the shorter side to four cells, octaves weighted alike; interval: scatter of "
        "the rings about the line (Student's t). Neighbouring rings are not independent, so "
        "that it is rather too narrow.",
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<section><h2>How it was measured</h2><ul>{items}</ul></section>"
