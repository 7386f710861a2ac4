"""The sentence over the pictures: what was done, who follows, and what has to be said about it."""

import math
from collections.abc import Mapping

from symdyn_core.symmetries import Symmetry

from .. import catalogue, elements, respected
from ..compute import scale_for
from ..model import Model
from ..results import Results
from ..scene import Scene
from ..wording import percent

REMAINDERS: Mapping[str, str] = {
    "translation": "a U-Net follows whole coarse cells, and what crosses an open edge is lost",
    "boost": "what crosses an open edge is lost",
    "rotation": "on a grid only quarter turns are exact",
    "reflection": "on a grid only quarter turns and mirrors are exact",
    "scaling": "kernels are sampled on a grid, and edges, which U-Nets see from afar, do not scale",
}
"""Why a model that is built to respect a symmetry may be off by a little."""

PATCH = "its drift and strength are those of the patch, which shows another part of the flow"
"""The same for models in a frame and unit of their own."""


KIND: Mapping[str, str] = {
    respected.ORDINARY: "an ordinary network",
    respected.UNTOLD: "a model of your own",
}
"""What to call models that are not built to respect a symmetry."""


def words(results: Results, lead: int) -> str:
    """What was done, what each model made of it, and what to look at."""
    moved = elements.moving(results.comparison.question.links)
    if not moved:
        first = "The flow is shown as recorded. Move the slider on the left to transform it."
    else:
        first = (
            f"<b>The flow is {elements.chained(moved)}; does the forecast follow?</b> "
            f"{_verdicts(results, [elements.named(name) for name, _ in moved], lead)}"
        )
    look = " <b>Look at</b> the maps on the lower right, and press <b>Play</b>."
    return f"<p>{first}{look}</p>{_notes(results)}"


def _verdicts(results: Results, symmetries: list[Symmetry], lead: int) -> str:
    scene, question = results.comparison.scene, results.comparison.question
    if not scene.pace.whole and scene.pace.rate > 1:
        return (
            "Its frames fall between those that models forecast: only √2, √3 and 2 can be compared."
        )
    names = {"a": question.model_a, "b": question.model_b}
    errors = {
        name: results.scores[name].equivariance[min(lead, results.leads) - 1] for name in names
    }
    return " ".join(
        _verdict(name.upper(), catalogue.model(model), symmetries, errors[name])
        for name, model in names.items()
    )


def _verdict(name: str, model: Model, symmetries: list[Symmetry], error: float) -> str:
    if math.isnan(error):
        return f"For {name} all cells are too near to unknown ones to tell."
    built = all(catalogue.respects(model, symmetry) for symmetry in symmetries)
    if error < 1e-3:
        return (
            f"<b>{name}</b>{', built to do so,' if built else ''} follows exactly "
            f"(off by {percent(error)})."
        )
    if built:
        remainders = (REMAINDERS[s.name] for s in symmetries if s.name in REMAINDERS)
        why = PATCH if model.wrapped else next(remainders, None)
        return (
            f"<b>{name}</b>, built to do so, is off by <b>{percent(error)}</b>"
            f"{f' ({why})' if why else ''}."
        )
    kind = KIND.get(model.symmetry, "not built for this")
    return f"<b>{name}</b>, {kind}, is off by <b>{percent(error)}</b>."


def _notes(results: Results) -> str:
    """What has to be said about these data."""
    comparison = results.comparison
    question, flow, scene = comparison.question, comparison.flow, comparison.scene
    models = [catalogue.model(n) for n in (question.model_a, question.model_b)]
    notes = _about_time(scene)
    strange = [m for m in models if m.family and m.family != flow.source.family]
    if strange:
        scaled = any(scale_for(model, flow) for model in strange)
        unit = f", in units of its strength ({flow.rms:.3g} {flow.velocity_unit})"
        notes.append(
            "Models trained on other flows are applied to these data"
            f"{unit if scaled else ''}: expect poor forecasts."
        )
    if flow.grids[question.member].water is not None:
        notes.append("Hatched: land, where the networks see still water.")
    elif not bool(scene.known.all()):
        notes.append("Hatched: outside the recorded flow, unknown and never scored.")
    if results.floor > 1e-6:
        notes.append(
            f"Interpolation alone, there and back, changes the flow by {percent(results.floor)}."
        )
    notes += _about_cells(results)
    return f'<p class="note">{" ".join(notes)}</p>' if notes else ""


def _about_time(scene: Scene) -> list[str]:
    """What a step is in a rescaled flow."""
    pace = scene.pace
    if not pace.whole:
        return [
            "Between ½, 1/√3, 1/√2 and 1 time steps are no whole ones, and the equivariance error "
            "includes interpolation between frames."
        ] * (pace.rate < 1)
    if pace.moved > 1:
        return [
            f"It runs {pace.moved} times slower, so {pace.moved} of its steps are compared with 1 "
            f"recorded step: each lead is {pace.moved} steps."
        ]
    if pace.recorded > 1:
        return [
            f"It runs {pace.recorded} times faster, so 1 of its steps is compared with "
            f"{pace.recorded} recorded steps."
        ]
    return []


def _about_cells(results: Results) -> list[str]:
    """The share of the cells that the equivariance error counts, where it is not all."""
    shares = [results.scores[name].compared[0] for name in "ab"]
    if results.comparison.scene.exact or not any(shares):
        return []
    a, b = (f"{100 * share:.0f} %" for share in shares)
    return [
        "Equivariance errors leave out what lies near edges and unknown cells: they count "
        f"{a if a == b else f'{a} of the cells for A, {b} for B'}."
    ]
