"""The symmetries and models that a visitor can choose, and what to call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from symdyn_core import symmetries
from symdyn_core.grid import Element
from symdyn_core.models import Forecaster, Persistence, zoo
from symdyn_core.symmetries import Symmetry

PERSISTENCE = "persistence"
ORDINARY = "plain"
"""Name of the kit that respects no symmetry but translation."""

PRESETS: Mapping[str, tuple[tuple[str, Element], ...]] = {
    "translation": (("8 → east", (8.0, 0.0)), ("8 → north", (0.0, 8.0)), ("none", (0.0, 0.0))),
    "uniform_motion": (("1 → east", (1.0, 0.0)), ("1 ↗", (1.0, 1.0)), ("none", (0.0, 0.0))),
    "boost": (("¼ → east", (0.25, 0.0)), ("½ → east", (0.5, 0.0)), ("none", (0.0, 0.0))),
    "magnitude": (("2×", 2.0), ("½×", 0.5), ("4×", 4.0), ("none", 1.0)),
    "rotation": (("90°", 90.0), ("180°", 180.0), ("270°", 270.0), ("45°", 45.0), ("0°", 0.0)),
    "reflection": (("mirror", (0.0, 1.0)), ("mirror, 90°", (90.0, 1.0)), ("none", (0.0, 0.0))),
    "scaling": (("0.7×", 0.7), ("0.5×", 0.5), ("none", 1.0)),
}
"""Elements worth a button, the first of them the one to start with. Others are a slider away."""

RELATED: Mapping[str, str] = {
    "boost": "uniform_motion",
    "reflection": "rotation",
    "scaling": "magnitude",
}
"""The kit nearest to a symmetry that has none of its own yet."""

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


@dataclass(frozen=True)
class Model:
    """A forecaster that can be chosen.

    Attributes:
        name: zoo name, or "persistence".
        title: what people read.
        kit: name of the kit, and so of the symmetry it respects; "" for persistence.
        past: input frames.
        scale: velocity unit of its training data.
        dataset: what it was trained on.
    """

    name: str
    title: str
    kit: str
    past: int
    scale: float = 1.0
    dataset: str = ""


def models() -> tuple[Model, ...]:
    """Every model that can be chosen: the zoo as it is now, then persistence."""
    return _models(tuple(zoo.names()), zoo.directory())


@lru_cache(maxsize=4)
def _models(names: tuple[str, ...], folder: Path) -> tuple[Model, ...]:
    trained = [_from_card(name, zoo.card(name, folder)) for name in names]
    past = max((model.past for model in trained), default=1)
    return (*trained, Model(PERSISTENCE, "Persistence (nothing changes)", "", past))


def _from_card(name: str, card: dict) -> Model:
    spec = card["specification"]
    kit = spec["kit"]["name"]
    architecture = spec["architecture"]
    kind = "Ordinary" if kit == ORDINARY else f"{kit.replace('_', ' ').capitalize()}-equivariant"
    return Model(
        name=name,
        title=f"{kind} {architecture}",
        kit=kit,
        past=int(spec["past"]),
        scale=float(spec["scale"]),
        dataset=str(card.get("dataset", "")),
    )


def model(name: str) -> Model:
    """The model of that name.

    Raises:
        ValueError: no such model; the message lists those there are.
    """
    for candidate in models():
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in models())
    raise ValueError(f"There is no model {name!r}; choose from {known}.")


def load(name: str, scale: float | None, periodic: tuple[bool, bool] | None) -> Forecaster:
    """A forecaster, loaded once for all sessions."""
    if name == PERSISTENCE:
        return Persistence(model(name).past)
    return _load(name, scale, periodic, zoo.directory())


@lru_cache(maxsize=32)
def _load(
    name: str, scale: float | None, periodic: tuple[bool, bool] | None, folder: Path
) -> Forecaster:
    return zoo.load(name, scale=scale, periodic=periodic, folder=folder)


def equivariant_model(symmetry: Symmetry) -> Model | None:
    """The model that respects a symmetry, or its nearest relative; None where the zoo has none."""
    kit = symmetry.kit()
    wanted = kit.name if kit is not None else RELATED.get(symmetry.name, "")
    return next((m for m in models() if m.kit == wanted and m.kit != ORDINARY), None)


def ordinary_model() -> Model:
    """The model without a symmetry of its own."""
    return next((m for m in models() if m.kit == ORDINARY), models()[-1])


def respects(chosen: Model, symmetry: Symmetry) -> bool:
    """Whether a model is built to respect a symmetry."""
    if chosen.kit == "":
        return symmetry.name not in ("boost", "scaling")  # both tell frames apart by their time
    kit = symmetry.kit()
    # Every kit is made of convolutions, which commute with translations.
    return symmetry.name == "translation" or (kit is not None and kit.name == chosen.kit)


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


def named(name: str) -> Symmetry:
    """The symmetry of that name."""
    return symmetries.named(name)
