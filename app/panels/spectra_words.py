"""The sentence and the table of the page of spectra."""

import math

from .. import catalogue, elements, wording
from ..results import Results
from ..wording import number
from .curves import FLOOR, THRESHOLD
from .figures import COLOUR_A, COLOUR_B, COLOUR_TRUTH
from .labels import quoted
from .story import DEFINITIONS

HELP = {
    "standard": "Kinetic energy spectrum E(k) = ½ Σ (|û|² + |v̂|²) over the ring of wavenumbers "
    "around k [velocity²]; its sum is the mean kinetic energy. Where the flow does not repeat, a "
    "Hann window is laid over truth and forecasts alike, on the same patch.",
    "paper": "Spectrum of Wang, Walters & Yu (2021): mean |FFT|² over each ring of the turbulent "
    "kinetic energy map, ½ Σ ⟨(w − ⟨w⟩)²⟩ over the leads so far [velocity⁴]. It needs two leads.",
    "ratio": "log₁₀ of the energy of the forecast over that of the truth: above 0 too much, under "
    "0 too little energy at that scale. Its root mean square over all rings is the ESE.",
    "difference": "Energy of forecast minus truth over the energy of the truth, by scale: near 0 "
    "the scale is forecast well, at 1 the error is as large as the flow itself, at 2 forecast and "
    "truth have nothing in common but their energy.",
    "correlation": "Pattern correlation of forecast and truth, of the departures from their means, "
    "over the cells that are known.",
    "time": "Lead time at which the correlation first falls under 0.8, straight between leads.",
}
"""Explanations shown on hover."""

ROWS = {"a": COLOUR_A, "b": COLOUR_B, "persistence": COLOUR_TRUTH}


def sentence(results: Results, lead: int) -> str:
    """What is compared, and how long each forecast holds."""
    question = results.comparison.question
    moved = elements.chained(elements.moving(question.links)) or "as recorded"
    parts = []
    for name, model in (("A", question.model_a), ("B", question.model_b)):
        time, text = correlation_span(results, name.lower())
        title = f"<b>{name}, {catalogue.model(model).title}</b>"
        if math.isfinite(time):
            parts.append(f"{title} follows the truth for {text}")
        else:
            parts.append(f"{title} still follows it after {results.leads} leads")
    tail = "; ".join(parts)
    return (
        f'<p title="{quoted(HELP["time"])}"><b>{results.comparison.flow.title}, {moved}.</b> '
        f"{tail} (correlation {THRESHOLD:g}).</p>{_floor_note(results, lead)}"
    )


def correlation_span(results: Results, name: str) -> tuple[float, str]:
    """Correlation time in leads, and in words."""
    leads = results.correlation_time(name, THRESHOLD)
    if not math.isfinite(leads):
        return leads, f"more than {results.leads} leads"
    comparison = results.comparison
    step = wording.step(comparison.flow.time_unit, comparison.scene.lead_time)
    unit = step["lead_unit"] if len(step["lead_unit"]) < 8 else "time units"
    own = f" ({leads * step['frame_time']:.3g} {unit})" if unit else ""
    return leads, f"{leads:.1f} leads{own}"


def _floor_note(results: Results, lead: int) -> str:
    if not results.floor_rmse:
        return ""
    value = number(results.floor_rmse[lead - 1])
    return (
        f'<p class="note" title="{quoted(FLOOR)}">Grey, dashed or dotted: interpolation alone, the '
        f"score of a perfect model under this transformation (RMSE {value}).</p>"
    )


def table(results: Results, lead: int) -> str:
    """RMSE, ESE, correlation and correlation time of both models and of persistence."""
    unit = results.comparison.flow.velocity_unit
    heads = {
        f"RMSE{f' [{unit}]' if 0 < len(unit) < 8 else ''}": DEFINITIONS["rmse"],
        "ESE": DEFINITIONS["ese"],
        f"ESE 1-{results.leads}, paper": DEFINITIONS["ese_pooled"],
        "Correlation": HELP["correlation"],
        "Correlation time": HELP["time"],
    }
    head = "".join(f'<th title="{quoted(text)}">{name}</th>' for name, text in heads.items())
    rows = "".join(_row(results, name, lead) for name in ROWS)
    return (
        f'<table><thead><tr><th scope="col">lead {lead}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(results: Results, name: str, lead: int) -> str:
    rmse = results.persistence if name == "persistence" else results.scores[name].rmse
    cells = {
        "rmse": number(rmse[lead - 1]),
        "ese": number(results.ese[name][lead]),
        "ese_pooled": number(results.ese_pooled.get(name, math.nan)),
        "correlation": f"{results.correlation[name][lead - 1]:.3f}",
        "time": correlation_span(results, name)[1],
    }
    data = "".join(f'<td data-{name}="{key}">{text}</td>' for key, text in cells.items())
    title = name.upper() if len(name) == 1 else name
    dot = f'<span class="dot" style="background:{ROWS[name]}"></span>'
    return f'<tr><th scope="row">{dot}{title}</th>{data}</tr>'
