"""The models that a visitor can choose, what to call them, and what they are built to respect."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from symdyn_core.grid import Grid
from symdyn_core.models import Forecaster, Persistence, zoo
from symdyn_core.symmetries import Symmetry

PERSISTENCE = "persistence"
ORDINARY = "plain"
"""What the models are built for that respect no symmetry but translation."""

ARCHITECTURES: Mapping[str, str] = {"ResNet": "ResNet", "UNet": "U-Net"}
"""Names of architectures as people write them, in the order of the lists."""

RESPECTED: Mapping[str, frozenset[str]] = {
    ORDINARY: frozenset({"translation"}),
    "uniform_motion": frozenset({"translation", "uniform_motion"}),
    "magnitude": frozenset({"translation", "magnitude"}),
    "rotation": frozenset({"translation", "rotation"}),
    "reflection": frozenset({"translation", "rotation", "reflection"}),
    "scaling": frozenset({"translation", "scaling"}),
    "all": frozenset(
        {"translation", "uniform_motion", "boost", "magnitude", "rotation", "scaling"}
    ),
    PERSISTENCE: frozenset(
        {"translation", "uniform_motion", "magnitude", "rotation", "reflection", "scaling"}
    ),
}
"""The symmetries that a model respects, by what it was built for.

All of them are made of convolutions, which commute with translations. "All" are all but mirrors: it
takes off the mean velocity and follows the drift of the pattern apart from it, so that boosts and
bare shifts are the same to it. Persistence cannot know that a boosted flow moves on.
"""

MADE_FOR: Mapping[str, tuple[str, ...]] = {
    "uniform_motion": ("uniform_motion",),
    "boost": ("all", "uniform_motion"),
    "magnitude": ("magnitude",),
    "rotation": ("rotation",),
    "reflection": ("reflection", "rotation"),
    "scaling": ("scaling", "magnitude"),
}
"""What to show beside the ordinary model: built for the symmetry, else its nearest relative."""

KINDS: Mapping[str, str] = {
    ORDINARY: "Ordinary",
    "scaling": "Scale-equivariant",
    "all": "All-symmetries",
}
"""The first word of a title where it is not "<Symmetry>-equivariant"."""


@dataclass(frozen=True)
class Model:
    """A forecaster that can be chosen.

    Attributes:
        name: zoo name, or "persistence".
        title: what people read.
        symmetry: what it was built for: the name of a symmetry, "plain", "all" or "persistence".
        architecture: "ResNet", "UNet", or "" for persistence.
        past: input frames.
        scale: velocity unit of its training data.
        dataset: what it was trained on.
        wrapped: whether it may measure in the cells and time steps of the data at hand.
    """

    name: str
    title: str
    symmetry: str
    past: int
    architecture: str = ""
    scale: float = 1.0
    dataset: str = ""
    wrapped: bool = False


def models() -> tuple[Model, ...]:
    """Every model that can be chosen: the zoo as it is now, then persistence."""
    return _models(tuple(zoo.names()), zoo.directory())


@lru_cache(maxsize=4)
def _models(names: tuple[str, ...], folder: Path) -> tuple[Model, ...]:
    trained = sorted((_from_card(name, zoo.card(name, folder)) for name in names), key=_place)
    titles = Counter(model.title for model in trained)
    trained = [
        replace(model, title=f"{model.title} ({model.name})") if titles[model.title] > 1 else model
        for model in trained
    ]
    past = max((model.past for model in trained), default=1)
    return (*trained, Model(PERSISTENCE, "Persistence (nothing changes)", PERSISTENCE, past))


def _from_card(name: str, card: dict) -> Model:
    spec = card["specification"]
    # The kit alone does not say: all symmetries at once are dilatable kernels and wrappers.
    symmetry = str(card.get("symmetry") or spec["kit"]["name"])
    kind = KINDS.get(symmetry, f"{symmetry.replace('_', '-').capitalize()}-equivariant")
    architecture = spec["architecture"]
    return Model(
        name=name,
        title=f"{kind} {ARCHITECTURES.get(architecture, architecture)}",
        symmetry=symmetry,
        past=int(spec["past"]),
        architecture=architecture,
        scale=float(spec["scale"]),
        dataset=_title(card.get("dataset", "")),
        wrapped=bool(spec.get("wrappers")),
    )


def _title(dataset: dict | str) -> str:
    return str(dataset.get("title", "")) if isinstance(dataset, dict) else dataset


def _place(model: Model) -> tuple[int, int, str]:
    """In lists: by architecture, then the ordinary one, each symmetry, and all of them."""
    architectures, kinds = [*ARCHITECTURES], [*RESPECTED]
    of_architecture = (*architectures, model.architecture).index(model.architecture)
    return of_architecture, (*kinds, model.symmetry).index(model.symmetry), model.name


def groups() -> dict[str, dict[str, str]]:
    """Titles and names of all models under headings, for the lists."""
    found: dict[str, dict[str, str]] = {}
    for chosen in models():
        kind = ARCHITECTURES.get(chosen.architecture, chosen.architecture)
        heading = f"{kind}s" if kind else "Without a network"
        found.setdefault(heading, {})[chosen.title] = chosen.name
    return found


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


def load(
    name: str, scale: float | None, periodic: tuple[bool, bool] | None, grid: Grid
) -> Forecaster:
    """A forecaster for the data at hand, loaded once for all sessions when it is first chosen."""
    chosen = model(name)
    if name == PERSISTENCE:
        return Persistence(chosen.past)
    return _load(name, scale, periodic, grid if chosen.wrapped else None, zoo.directory())


@lru_cache(maxsize=32)
def _load(
    name: str,
    scale: float | None,
    periodic: tuple[bool, bool] | None,
    grid: Grid | None,
    folder: Path,
) -> Forecaster:
    return zoo.load(name, scale=scale, periodic=periodic, grid=grid, folder=folder)


def equivariant_model(symmetry: Symmetry, architecture: str = "ResNet") -> Model | None:
    """The model built for a symmetry, or its nearest relative; None where the zoo has none.

    Args:
        architecture: which is preferred.
    """
    for wanted in MADE_FOR.get(symmetry.name, (symmetry.name,)):
        found = [candidate for candidate in models() if candidate.symmetry == wanted]
        if found:
            return next((one for one in found if one.architecture == architecture), found[0])
    return None


def ordinary_model() -> Model:
    """The model without a symmetry of its own."""
    return next((m for m in models() if m.symmetry == ORDINARY), models()[-1])


def respects(chosen: Model, symmetry: Symmetry) -> bool:
    """Whether a model is built to respect a symmetry."""
    own = frozenset({"translation", chosen.symmetry})
    return symmetry.name in RESPECTED.get(chosen.symmetry, own)
