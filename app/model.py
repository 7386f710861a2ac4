"""A model that can be chosen: what to call it, and what it was built for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from symdyn_core.models import zoo
from symdyn_core.models.opening import SPECIFICATION, open_forecaster

from .respected import ORDINARY, UNTOLD

ARCHITECTURES: Mapping[str, str] = {"ResNet": "ResNet", "UNet": "U-Net"}
"""Names of architectures as people write them, in the order of the lists."""

KINDS: Mapping[str, str] = {
    ORDINARY: "Ordinary",
    "scaling": "Scale-equivariant",
    "all": "All-symmetries",
}
"""The first word of a title where it is not "<Symmetry>-equivariant"."""

FAMILIES: Mapping[str, str] = {"rbc": "", "ocean": " · ocean"}
"""What is added to the titles of models of the zoo, by the first word of their names."""


@dataclass(frozen=True)
class Model:
    """A forecaster that can be chosen.

    Attributes:
        name: zoo name, "persistence", ``run:`` and a folder, or what the operator named.
        title: what people read.
        symmetry: what it was built for: the name of a symmetry, "plain", "all" or "persistence".
        architecture: "ResNet", "UNet", or "" for others.
        past: input frames.
        scale: velocity unit of its training data; None where it has none of its own.
        dataset: what it was trained on.
        family: models trained alike: "rbc", "ocean"; "" for others.
        wrapped: whether it may measure in the cells and time steps of the data at hand.
        place: run directory or ``package.module:callable``, for models outside the zoo.
    """

    name: str
    title: str
    symmetry: str
    past: int
    architecture: str = ""
    scale: float | None = None
    dataset: str = ""
    family: str = ""
    wrapped: bool = False
    place: str = ""


def of_zoo(name: str, folder: Path) -> Model:
    """A model of the zoo, from its card."""
    card = zoo.card(name, folder)
    family = name.partition("-")[0]
    return _trained(
        name,
        card["specification"],
        # The kit alone does not say: all symmetries at once are dilatable kernels and wrappers.
        symmetry=str(card.get("symmetry") or card["specification"]["kit"]["name"]),
        after=FAMILIES.get(family, f" · {family}"),
        dataset=_title(card.get("dataset", "")),
        family=family,
    )


def of_run(name: str, folder: Path) -> Model:
    """A model that was trained on this machine, from its run directory.

    Raises:
        ValueError: not a run directory.
    """
    path = folder / SPECIFICATION
    try:
        spec = json.loads(path.read_text())
        symmetry = "all" if spec.get("wrappers") else str(spec["kit"]["name"])
        return _trained(
            name, spec, symmetry=symmetry, after=f" · run {folder.name}", place=str(folder)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} is not a run directory: {error}.") from error


def of_callable(name: str) -> Model:
    """A model of the operator's own: it does not say what it respects.

    Raises:
        ValueError: it cannot be opened.
    """
    past = int(open_forecaster(name).past)
    return Model(name, name.rpartition(":")[2], UNTOLD, past, place=name)


def kind_title(symmetry: str, architecture: str) -> str:
    """What a network is, as people read it: "Rotation-equivariant U-Net"."""
    kind = KINDS.get(symmetry, f"{symmetry.replace('_', '-').capitalize()}-equivariant")
    return f"{kind} {ARCHITECTURES.get(architecture, architecture)}"


def _trained(name: str, spec: dict, *, symmetry: str, after: str, **others) -> Model:
    architecture = spec["architecture"]
    return Model(
        name=name,
        title=f"{kind_title(symmetry, architecture)}{after}",
        symmetry=symmetry,
        past=int(spec["past"]),
        architecture=architecture,
        scale=float(spec["scale"]),
        wrapped=bool(spec.get("wrappers")),
        **others,
    )


def _title(dataset: dict | str) -> str:
    return str(dataset.get("title", "")) if isinstance(dataset, dict) else dataset
