"""What is compared, what to look at, and the numbers: one glance for a first visitor."""

from pathlib import Path

from .. import catalogue
from ..results import Results
from ..wording import number, percent
from .figures import COLOUR_A, COLOUR_B
from .sentence import words

DEFINITIONS = {
    "rmse": "Root mean square error of a velocity component against the transformed truth, over "
    "the cells that are known.",
    "rmse_pooled": "The same over all leads forecast so far: root of the mean of all squares.",
    "ese": "Energy spectrum error of this lead: root mean square difference of the log10 kinetic "
    "energy spectra of forecast and truth.",
    "ese_pooled": "Energy spectrum error of Wang, Walters & Yu (2021): from the turbulent kinetic "
    "energy over all leads forecast so far. It needs two leads.",
    "equivariance": "|| f(g w) − g f(w) || / || g f(w) ||: how far the forecast of the transformed "
    "flow is from the transformed forecast. 0 for an equivariant model. Where a transformation "
    "leaves cells unknown, those and their neighbourhood are left out. A rescaled flow runs faster "
    "or slower: then as many steps are compared as take the same time.",
    "equivariance_pooled": "The equivariance error with one norm over all leads forecast so far.",
}
"""Explanations shown on hover."""

STYLE = (Path(__file__).parents[1] / "story.css").read_text()
"""Of the sentence and the table, on all pages that have them."""


def story(results: Results, lead: int) -> str:
    """The sentence and the table over the pictures, for the lead that is shown."""
    return (
        f'<div class="words">{words(results, lead)}</div>'
        f'<div class="scroll">{table(results, lead)}</div>'
    )


def table(results: Results, lead: int) -> str:
    """RMSE, ESE and equivariance error of both models, at one lead and over all of them."""
    lead = min(lead, results.leads)
    unit = results.comparison.flow.velocity_unit
    groups = {
        "rmse": f"RMSE [{unit}]" if 0 < len(unit) < 8 else "RMSE",
        "ese": "ESE",
        "equivariance": "Equivariance error",
    }
    whole = f"1-{results.leads}" if results.leads > 1 else "all"
    head = "".join(f'<th colspan="2">{text}</th>' for text in groups.values())
    leads = "".join(
        f'<th title="{DEFINITIONS[key]}">lead {lead}</th>'
        f'<th title="{DEFINITIONS[key + "_pooled"]}">{whole}</th>'
        for key in groups
    )
    rows = "".join(_row(results, name, lead) for name in ("a", "b"))
    return (
        f'<table><thead><tr class="group"><th></th>{head}</tr><tr><th></th>{leads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(results: Results, name: str, lead: int) -> str:
    scores, colour = results.scores[name], COLOUR_A if name == "a" else COLOUR_B
    cells = {
        "rmse": number(scores.rmse[lead - 1]),
        "rmse_pooled": number(scores.rmse_pooled),
        "ese": number(results.ese[name][lead]),
        "ese_pooled": number(results.ese_pooled[name]),
        "equivariance": percent(scores.equivariance[lead - 1]),
        "equivariance_pooled": percent(scores.equivariance_pooled),
    }
    question = results.comparison.question
    title = catalogue.model(question.model_a if name == "a" else question.model_b).title
    data = "".join(
        f'<td class="{"key" if key == "equivariance" else ""}" data-{name}="{key}">{text}</td>'
        for key, text in cells.items()
    )
    dot = f'<span class="dot" style="background:{colour}"></span>'
    return f'<tr><th scope="row" title="{title}">{dot}{name.upper()}</th>{data}</tr>'
