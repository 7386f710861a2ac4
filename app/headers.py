"""What the browser is told once about the pictures of a comparison: words, units, sizes, limits."""

from typing import TYPE_CHECKING

from symdyn_core.grid import Grid

from . import colours, elements, fields, titles, wording

if TYPE_CHECKING:
    from .pictures import Painter


def header(painter: "Painter") -> dict:
    """The header of its packets."""
    comparison, display, unit = painter.comparison, painter.display, _unit(painter)
    scene, flow = comparison.scene, comparison.flow
    step = wording.step(flow.time_unit, scene.lead_time)
    metre, length_unit = _scaled(painter)
    # Frames as recorded are told on the clock of the transformed flow, as all leads are.
    pace = float(scene.pace.rate) if display.stabilised else 1.0
    moved = elements.chained(elements.moving(comparison.question.links))
    return {
        "generation": painter.generation,
        "kind": "square" if display.square else "forecasts",
        **step,
        "history_time": scene.grid.dt / pace * step["frame_time"] / scene.lead_time,
        "steps": comparison.steps,
        "extent": _extent(painter.grid, metre),
        "length_unit": length_unit,
        "unit": unit,
        "short_unit": unit if len(unit) < 12 else "",
        "field_title": fields.TITLES[display.field],
        "about": ", ".join(filter(None, (flow.title, moved))),
        "limit": painter.limit,
        "fastest": painter.fastest,
        "sampling": [painter.every // 2, painter.every],
        "signed": painter.scalar.signed,
        "stabilised": display.stabilised,
        "models": titles.models(comparison.question),
        "pictures": _pictures(painter),
        "series": _series(display.square),
    }


def _unit(painter: "Painter") -> str:
    flow = painter.comparison.flow
    if painter.display.field not in fields.DERIVATIVES:
        return flow.velocity_unit
    if not flow.time_unit:
        return ""
    return f"({flow.time_unit})⁻¹" if " " in flow.time_unit else f"{flow.time_unit}⁻¹"


def _pictures(painter: "Painter") -> dict[str, dict]:
    """Words, size and kind of each picture."""
    question, display = painter.comparison.question, painter.display
    error, back = display.maps == "error", display.stabilised
    words = (
        titles.square(question)
        if display.square
        else titles.forecasts(question, error=error, stabilised=back)
    )
    metre, _ = _scaled(painter)
    recorded, shown = _extent(painter.comparison.scene.grid, metre), _extent(painter.grid, metre)
    return {
        key: {
            "title": title,
            "help": explanation,
            "error": key.startswith("error"),
            "extent": recorded if key.startswith(("recorded", "upright")) else shown,
        }
        for key, (title, explanation) in words.items()
    }


def _series(square: bool) -> list[dict]:
    """The curves of one point against time."""
    curves = [{"key": "truth", "label": "truth", "colour": "", "dashed": False}]
    for key, colour in (("a", colours.MODEL_A), ("b", colours.MODEL_B)):
        name, style = key.upper(), {"colour": colour}
        label = f"{name}: f(T w)" if square else name
        curves.append({"key": key, "label": label, "dashed": False, **style})
        if square:
            label = f"{name}: T f(w)"
            curves.append({"key": f"expected_{key}", "label": label, "dashed": True, **style})
    return curves


def _extent(grid: Grid, metre: float) -> list[float]:
    """Width and height, in the unit that the axes have."""
    height, width = grid.extent
    return [width * metre, height * metre]


def _scaled(painter: "Painter") -> tuple[float, str]:
    """What a unit of length of the flow is in one that gives handy numbers, and its name."""
    unit = painter.comparison.flow.length_unit
    return (0.001, "km") if unit == "m" and max(painter.grid.extent) >= 10_000 else (1.0, unit)
