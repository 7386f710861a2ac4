"""What the page of audits says: where models fail, the legend of its figures, and bad states."""

import math
from collections.abc import Collection, Iterable, Mapping
from html import escape

from .. import audits, elements
from ..wording import percent
from .audit_dial import SMALLEST
from .figures import COLOUR_TRUTH, COLOURS
from .labels import quoted

STYLE = """
:host { font: .875rem/1.45 Roboto, system-ui, sans-serif; }
h3 { font-size: .9375rem; font-weight: 600; margin: 0 0 2px; }
p { margin: 0; max-width: 110ch; }
p.note { font-size: .8125rem; opacity: .85; }
[title] { cursor: help; }
h3[title], u { text-decoration: underline dotted 1px; text-underline-offset: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: .8438rem; padding: 2px 0 4px; }
.legend i { display: inline-block; width: 22px; height: 0; border-top: 3px solid; margin-right: 7px;
  vertical-align: 4px; }
.legend i.dashed { border-top: 2px dashed; }
"""

ERROR = (
    "Equivariance error: || f(g w) − g f(w) || / || g f(w) ||, median over windows spread over the "
    "whole flow. It has no unit. 0 for a model that respects the symmetry, however good its "
    "forecasts are."
)

FLOOR = (
    "How much the flow itself changes when it is moved there and back on its grid: what "
    "interpolation alone does to any model. An error below this line says nothing against a model."
)

HEAT = (
    "The equivariance error of the features that each layer puts out, relative to their size. "
    "Turns are by 90°, shifts by 8 cells; channels may transform in any of the ways that layers of "
    "this package use, the best counts. Dark: kept. Bright: lost. Later layers inherit an error."
)

LIE = (
    "The Lie derivative under an eastward shift: how much each layer adds to the change of its "
    "features beyond their being shifted, relative to the size of their derivative. 0 for a layer "
    "that commutes with shifts; activations and changes of resolution add aliasing, padding adds "
    "an error at the edges."
)


def heading(text: str, definition: str) -> str:
    """The heading of a figure, with its definition on hover."""
    return f'<h3 title="{quoted(definition)}">{text}</h3>'


def legend(titles: Iterable[str], floor: bool) -> str:
    """Which colour is which model."""
    keys = [
        f'<span role="listitem"><i style="border-color:{colour}"></i>{escape(title)}</span>'
        for title, colour in zip(titles, COLOURS, strict=False)
    ]
    if floor:
        keys.append(
            f'<span role="listitem" title="{quoted(FLOOR)}">'
            f'<i class="dashed" style="border-color:{COLOUR_TRUTH}">'
            "</i><u>interpolation alone</u></span>"
        )
    return f'<div class="legend" role="list">{"".join(keys)}</div>'


def sentence(
    symmetry: str,
    curves: Mapping[str, audits.Curve],
    titles: Mapping[str, str],
    problems: Mapping[str, str],
    unfinished: Collection[str],
    done: float,
) -> str:
    """Where each model fails worst, in words; what is being measured until all of them are.

    Args:
        problems: by model, why it was not measured.
        unfinished: the models that are being measured, or will be next.
        done: the share of all elements that have been measured.
    """
    if unfinished:
        models = " and ".join(f"<b>{escape(titles[name])}</b>" for name in unfinished)
        parts = [f"Measuring {models} …"]
    else:
        parts = [_of_model(symmetry, titles[name], curve) for name, curve in curves.items()]
    parts += [
        f"<b>{escape(titles[name])}</b> could not be measured: {escape(line)}"
        for name, line in problems.items()
    ]
    text = "<br>".join(part for part in parts if part)
    return f'<p title="{quoted(ERROR)}" data-measured="{math.floor(100 * done)}">{text}</p>'


def _of_model(symmetry: str, title: str, curve: audits.Curve) -> str:
    if not curve.rows:
        return ""
    worst = max(curve.rows, key=lambda row: row.error_median)
    done = elements.described(symmetry, elements.as_tuple(worst.element))
    if worst.error_median < 1e-5:
        return f"<b>{escape(title)}</b> follows everywhere (error at most {_size(worst)})."
    place = curve.rows.index(worst)
    excuse = ""
    if curve.floor[place] > 0.3 * worst.error_median:
        excuse = f"; {percent(curve.floor[place])} of change come from interpolation alone"
    return (
        f"<b>{escape(title)}</b> fails worst where the flow is {done}: "
        f"<b>{percent(worst.error_median)}</b>{excuse}."
    )


def _size(row) -> str:
    return percent(max(row.error_median, SMALLEST))


def layers_sentence(title: str, inside: audits.Inside) -> str:
    """Where a model loses symmetries for the first time."""
    if not inside.layers:
        return f"<p><b>{escape(title)}</b> is no network: it has no layers to look into.</p>"
    lost = {s: layer for s, layer in (inside.lost_at or {}).items() if layer is not None}
    places = "; ".join(
        f"{elements.named(name).title.split(' (')[0].lower()} first at <code>{escape(layer)}</code>"
        for name, layer in lost.items()
    )
    text = f"loses {places}." if lost else "loses no symmetry in any layer."
    frames = " Orange frames mark where; later layers inherit the error." if lost else ""
    note = f" {escape(inside.note)}" if inside.note else ""
    return f"<p><b>{escape(title)}</b> {text}{frames}{note}</p>"
