"""What the page of kernels says about a filter and its layer."""

import math
from html import escape

from ..kernels import DILATION, MAGNITUDE, MOTION, TURN, Action, Seen, Subject
from ..wording import number, percent
from .figures import COLOUR_A, COLOUR_B
from .labels import quoted

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

STYLE = """
:host { font: .875rem/1.45 Roboto, system-ui, sans-serif; }
h3 { font-size: .9375rem; font-weight: 600; margin: 0; }
p { margin: 0; max-width: 110ch; }
div:has(table) { overflow-x: auto; }
[title] { cursor: help; }
h3[title], u { text-decoration: underline dotted 1px; text-underline-offset: 4px; }
table { border-collapse: collapse; font-size: .8438rem; font-variant-numeric: tabular-nums; }
th, td { padding: 1px 14px 1px 0; text-align: left; vertical-align: top; font-weight: 400; }
thead th { font-weight: 500; }
td.number { font-weight: 600; white-space: nowrap; }
.scale { display: flex; align-items: center; gap: 5px; font-size: .75rem; line-height: 1.25; }
.scale i { flex: 1; height: .55rem; border: 1px solid #8888; }
i.key { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
"""

CONSTRAINT = (
    "|| K(g x) − ρ_out(g) K(x) ρ_in(g)⁻¹ || / || K ||, over all filters of the layer: how far the "
    "filters that the network holds are from being transformed copies of each other. ρ says how "
    "channels transform: vectors turn, scalars stay, functions on a group are permuted. 0 means "
    "that the layer commutes with g. No unit. Filters of ordinary networks are interpolated "
    "between their cells, except at quarter turns and mirrors."
)
WAVES = (
    "The same between the answers of the layer to waves of six cells and longer, where nothing is "
    "interpolated: how well filters sampled on square cells act as turned copies. Exact at quarter "
    "turns; between them the lattice shows through a little."
)
SCALED = (
    "Between the answer to long waves of the filter that the network holds at this scale and the "
    "answer of its original filter to waves shorter by the same factor, relative. What is left of "
    "a dilated filter is the error of sampling it on cells."
)
FRAMED = (
    "|| layer(g P) − ρ_out(g) layer(P) || / || layer(P) ||, on the neighbourhood P where the input "
    "of this layer varies most; answers may follow the action or not change at all, the better of "
    "the two counts. 0 means that the layer respects it."
)

MEASURES = {TURN: CONSTRAINT, DILATION: SCALED, MOTION: FRAMED, MAGNITUDE: FRAMED}

HEADINGS = {
    TURN: ("Turned", "Held by the network", "Difference"),
    DILATION: ("Widened", "Held by the network", "Difference"),
    MOTION: ("What the layer sees", "The same from its frame", "The filter: unchanged"),
    MAGNITUDE: (
        "What the layer sees",
        "The same in units of its strength",
        "The filter: unchanged",
    ),
}
"""Titles of the three pictures."""

BASIS = (
    "Functions of which filters are made: rings times waves around them. Turning a filter only "
    "turns their coefficients, in pairs of the same wave; the functions stay. Blue bars: "
    "coefficients of the filter on the left, or of its component u; orange: component v. "
    "Functions have the colours of signed weights, up to the largest value of them all."
)

CURVES = "The number of the table along all elements, for the layer of A and the layer of B."


def heading(text: str, definition: str) -> str:
    """The heading of a figure, with its definition on hover."""
    return f'<h3 title="{quoted(definition)}">{text}</h3>'


def described(action: Action) -> str:
    """An element in words."""
    if action.kind == TURN:
        first = "mirrored, then " if action.mirrored else ""
        return f"{first}turned by {action.value:g}°"
    if action.kind == DILATION:
        return f"widened {action.value:.3g} times"
    if action.kind == MOTION:
        return f"carried along by {action.value:g} rms to the right"
    return f"made {action.value:.3g} times as strong"


def table(numbers: dict[str, tuple], titles: dict[str, str], action: Action) -> str:
    """Residuals of both models.

    Args:
        numbers: by "a" and "b": (path of the layer, residual, on waves, why not).
    """
    waves = action.kind == TURN
    head = f'<th></th><th>layer</th><th title="{quoted(MEASURES[action.kind])}"><u>constraint '
    head += "error</u></th>"
    head += f'<th title="{quoted(WAVES)}"><u>on waves</u></th>' if waves else ""
    lines = []
    for name, colour in (("a", COLOUR_A), ("b", COLOUR_B)):
        path, residual, on_waves, problem = numbers[name]
        value = escape(problem) if problem else percent(residual)
        kind = "" if problem else ' class="number"'
        extra = f"<td>{'–' if on_waves is None else percent(on_waves)}</td>" if waves else ""
        lines.append(
            f'<tr><th scope="row"><i class="key" style="background:{colour}"></i>{name.upper()} · '
            f"{escape(titles[name])}</th><td><code>{escape(path)}</code></td>"
            f'<td{kind} data-model="{name}">{value}</td>{extra}</tr>'
        )
    return (
        f"<div><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def sentence(subject: Subject, action: Action, seen: Seen, residual: float) -> str:
    """What to look at, in plain words."""
    layer = subject.layer
    kinds = f"{_kind(layer.type_in)} to {_kind(layer.type_out)}"
    made = f"This layer maps <b>{kinds}</b>; its filters are {_made(layer.family, seen)}."
    return f"<p>{made} {_OF[action.kind](layer, action, residual)}{_frame(seen, action)}</p>"


def _kind(kind) -> str:
    """What a field is: "functions on C₈"."""
    return kind.name.replace("_", "").translate(SUBSCRIPTS)


def _made(family: str, seen: Seen) -> str:
    if family == "steerable":
        return "sums of the functions below, and nothing else"
    return f"free numbers ({seen.inside:.0%} of this one lie in the functions below)"


def _of_turn(layer, action: Action, residual: float) -> str:
    group = layer.type_in.group or layer.type_out.group
    done = described(action)
    if residual < 1e-5:
        return f"The filter {done} is what the network holds for that turn: the two are equal."
    if group is not None and not action.element.is_in(group):
        step = 360 / group.order
        return (
            f"{action.value:g}° is none of its own angles (every {step:g}°): the filter held is "
            "mixed from its neighbours."
        )
    return (
        f"No filter of the network is this one {done}: "
        "it answers a turned flow with another forecast."
    )


def _of_dilation(layer, action: Action, residual: float) -> str:
    if layer.half == 0:
        return "It looks at single cells, which are alike at every scale."
    if layer.family == "steerable" and residual < 0.1:
        return (
            f"Read at another scale the network widens all of its filters: {described(action)}, "
            "with the same integral."
        )
    return "The network has this filter at one scale only."


def _of_motion(layer, action: Action, residual: float) -> str:
    if layer.frameless:
        return "Its input is free of the mean already: the layers before have taken it off."
    if layer.family == "uniform motion":
        return (
            "It takes off the mean of what it sees (orange arrow) before it filters: the arrows in "
            "the middle stand still while the flow is carried along."
        )
    return "It filters the flow as it is, mean included: its answer depends on who looks."


def _of_magnitude(layer, action: Action, residual: float) -> str:
    if layer.family == "magnitude":
        return (
            "It measures what it sees in units of its own strength (orange): the arrows in the "
            "middle stand still while the flow gets stronger."
        )
    return "It adds the same bias to weak and to strong flows: its answer is no multiple."


_OF = {TURN: _of_turn, DILATION: _of_dilation, MOTION: _of_motion, MAGNITUDE: _of_magnitude}


def _frame(seen: Seen, action: Action) -> str:
    """The frame of a neighbourhood, in numbers."""
    if seen.frame is None:
        return ""
    u, v = seen.frame
    if action.kind == MOTION:
        return f" Mean: ({number(u)}, {number(v)})."
    return f" Strength: {number(math.hypot(u, v))}."
