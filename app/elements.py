"""Transformations that a visitor can choose: buttons, places where sliders rest, and words."""

import math
from collections.abc import Mapping

from symdyn_core import symmetries
from symdyn_core.grid import Element
from symdyn_core.symmetries import Scaling, Symmetry

Links = tuple[tuple[str, tuple[float, ...]], ...]
"""A chain of transformations: a symmetry and the numbers of its element each, first to last."""

ROOT_HALF, ROOT_TWO = math.sqrt(1 / 2), math.sqrt(2)

PRESETS: Mapping[str, tuple[tuple[str, Element], ...]] = {
    "translation": (("8 → east", (8.0, 0.0)), ("8 → north", (0.0, 8.0)), ("none", (0.0, 0.0))),
    "uniform_motion": (("1 → east", (1.0, 0.0)), ("1 ↗", (1.0, 1.0)), ("none", (0.0, 0.0))),
    "boost": (("¼ → east", (0.25, 0.0)), ("½ → east", (0.5, 0.0)), ("none", (0.0, 0.0))),
    "magnitude": (("2×", 2.0), ("½×", 0.5), ("4×", 4.0), ("none", 1.0)),
    "rotation": (("90°", 90.0), ("180°", 180.0), ("270°", 270.0), ("45°", 45.0), ("0°", 0.0)),
    "reflection": (("mirror", (0.0, 1.0)), ("mirror, 90°", (90.0, 1.0)), ("none", (0.0, 0.0))),
    "scaling": (
        *(("1/√2", ROOT_HALF), ("½", 0.5), ("√2", ROOT_TWO), ("2", 2.0)),
        ("none", 1.0),
    ),
}
"""Elements worth a button, the first of them the one to start with. Others are a slider away."""

WORDS: Mapping[str, str] = {
    "translation": "moved",
    "uniform_motion": "set in uniform motion",
    "boost": "boosted",
    "magnitude": "made stronger or weaker",
    "rotation": "turned",
    "reflection": "mirrored",
    "scaling": "rescaled",
}
"""What a symmetry does to a flow, in a word."""

ROOTS: Mapping[str, float] = {
    "½": 0.5,
    "1/√3": math.sqrt(1 / 3),
    "1/√2": ROOT_HALF,
    "√2": ROOT_TWO,
    "√3": math.sqrt(3),
    "2": 2.0,
}
"""Factors of scaling under which time steps stay whole numbers of time steps."""


def named(name: str) -> Symmetry:
    """The symmetry of that name."""
    return symmetries.named(name)


def presets(symmetry: Symmetry) -> tuple[tuple[str, Element], ...]:
    """Elements worth a button; a symmetry without a list of its own has its identity."""
    return PRESETS.get(symmetry.name, (("none", symmetry.identity()),))


def start_element(symmetry: Symmetry) -> tuple[float, ...]:
    """The element that a visitor meets first."""
    return as_tuple(presets(symmetry)[0][1])


def as_tuple(element: Element) -> tuple[float, ...]:
    """An element as a tuple with one number for each parameter."""
    return tuple(element) if isinstance(element, (tuple, list)) else (float(element),)


def as_element(values: tuple[float, ...]) -> Element:
    """An element as ``Symmetry`` takes it: a number where there is one parameter."""
    return values[0] if len(values) == 1 else values


def settled(symmetry: Symmetry, values: tuple[float, ...]) -> tuple[float, ...]:
    """The element that a slider stands for: 0.71 is 1/√2, where a scaling takes whole steps."""
    if not isinstance(symmetry, Scaling):
        return values
    half = symmetry.parameters[0].step / 2
    return (next((root for root in ROOTS.values() if abs(values[0] - root) < half), values[0]),)


def checked(symmetry: Symmetry, values: tuple[float, ...]) -> tuple[float, ...]:
    """The element that a slider or an address stands for.

    Raises:
        ValueError: not an element of the symmetry, or outside the range of its sliders.
    """
    if len(values) != len(symmetry.parameters):
        raise ValueError(
            f"An element of {symmetry.title.lower()} has {len(symmetry.parameters)} numbers, "
            f"got {len(values)}."
        )
    for value, parameter in zip(values, symmetry.parameters, strict=True):
        if not parameter.low <= value <= parameter.high:
            raise ValueError(
                f"The {parameter.label} lies between {parameter.low:g} and "
                f"{parameter.high:g} {parameter.unit}, got {value:g}."
            )
    return settled(symmetry, tuple(float(value) for value in values))


def nearest(symmetry: Symmetry, values: tuple[float, ...]) -> tuple[float, ...]:
    """The element within the range of the sliders that is nearest to another."""
    return tuple(
        min(max(float(value), parameter.low), parameter.high)
        for value, parameter in zip(values, symmetry.parameters, strict=True)
    )


def moving(links: Links) -> Links:
    """The links of a chain that change something."""
    return tuple(
        (name, values) for name, values in links if as_element(values) != named(name).identity()
    )


def chained(links: Links) -> str:
    """A chain in words: "turned by 90°, then mirrored"."""
    return ", then ".join(described(name, values) for name, values in links)


def described(name: str, values: tuple[float, ...]) -> str:
    """A transformation in words: "turned by 90°"."""
    symmetry = named(name)
    word = WORDS.get(name, "transformed")
    if name == "rotation":
        return f"{word} by {values[0]:g}°"
    if name == "scaling":
        return f"{word} by {_rescaled(values[0])}"
    given = ", ".join(
        f"{parameter.label} {value:g}{'' if parameter.unit == '1' else ' ' + parameter.unit}"
        for parameter, value in zip(symmetry.parameters, values, strict=True)
        if value != parameter.neutral
    )
    return f"{word} ({given})"


def _rescaled(factor: float) -> str:
    """ "½: 2 times as large, 4 times as slow"."""
    name = next((text for text, root in ROOTS.items() if math.isclose(root, factor)), f"{factor:g}")
    times = max(factor, 1 / factor)
    size, pace = ("large", "slow") if factor < 1 else ("small", "fast")
    return f"{name}: {times:.3g} times as {size} and {times**2:.3g} times as {pace}"
