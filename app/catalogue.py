"""The models that can be chosen: the zoo, those of the operator, and runs of this machine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from symdyn_core.grid import Grid
from symdyn_core.models import Forecaster, Persistence, zoo
from symdyn_core.models.opening import BEST_WEIGHTS, open_forecaster
from symdyn_core.models.placing import placed
from symdyn_core.paths import data_directory
from symdyn_core.symmetries import Symmetry

from . import respected
from .model import ARCHITECTURES, Model, of_callable, of_run, of_zoo
from .operator import device, operator
from .respected import MADE_FOR, ORDINARY, PERSISTENCE, RESPECTED
from .weights import Mark, Marked, mark_of

RUN = "run:"
"""Before the folder of a training run, below ``data/runs``, where it is named as a model."""


def models() -> tuple[Model, ...]:
    """Every model in the lists: the zoo as it is now, those of the operator, then persistence."""
    folder = zoo.directory()
    try:
        changed = folder.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _models(_names(folder, changed), folder, operator().models, changed)


@lru_cache(maxsize=4)
def _names(folder: Path, changed: int) -> tuple[str, ...]:
    """Names in the zoo, read again when its folder changed: every picture asks for them."""
    return tuple(zoo.names(folder))


@lru_cache(maxsize=4)
def _models(
    names: tuple[str, ...], folder: Path, others: tuple[str, ...], changed: int
) -> tuple[Model, ...]:
    """All of them; ``changed`` has their cards read again when the folder of the zoo changed."""
    trained = sorted((of_zoo(name, folder) for name in names), key=_place)
    found = [*trained, *(_of_operator(name) for name in others if name not in names)]
    titles = Counter(model.title for model in found)
    found = [
        replace(model, title=f"{model.title} ({model.name})") if titles[model.title] > 1 else model
        for model in found
    ]
    # As many frames as a trained model has: rescaled, both read the same part of the past.
    past = max((model.past for model in trained), default=1)
    return (*found, Model(PERSISTENCE, "Persistence (nothing changes)", PERSISTENCE, past))


def _of_operator(name: str) -> Model:
    return of_run(name, Path(name)) if Path(name).is_dir() else of_callable(name)


def _place(model: Model) -> tuple:
    """In lists: by training data and architecture, the ordinary one, each symmetry, all of them."""
    architectures, kinds = [*ARCHITECTURES], [*RESPECTED]
    of_architecture = (*architectures, model.architecture).index(model.architecture)
    kind = (*kinds, model.symmetry).index(model.symmetry)
    return model.family != "rbc", model.family, of_architecture, kind, model.name


def groups(others: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Titles and names of all models under headings, for the lists.

    Args:
        others: names of models outside the lists that a visitor has chosen.
    """
    found: dict[str, dict[str, str]] = {}
    listed = models()
    known = {model.name for model in listed}
    chosen = (model(name) for name in dict.fromkeys(others) if name not in known)
    for candidate in (*listed, *chosen):
        found.setdefault(_heading(candidate), {})[candidate.title] = candidate.name
    return found


def _heading(model: Model) -> str:
    kind = ARCHITECTURES.get(model.architecture, model.architecture)
    if model.place:
        return "Runs and models of your own"
    if not kind:
        return "Without a network"
    return f"{kind}s" if model.family in ("", "rbc") else f"{kind}s trained on the {model.family}"


def model(name: str) -> Model:
    """The model of that name, which may be ``run:`` and a folder below ``data/runs``.

    Raises:
        ValueError: no such model; the message lists those there are.
    """
    for candidate in models():
        if candidate.name == name:
            return candidate
    if name.startswith(RUN):
        return of_run(name, run_folder(name))
    known = ", ".join(candidate.name for candidate in models())
    raise ValueError(f"There is no model {name!r}; choose from {known}.")


def marked(name: str) -> Marked:
    """The name of a model with the mark of its weights as they are now, for what is kept of it.

    What was made with earlier weights is not what the model would make now.
    """
    chosen = model(name)
    if name == PERSISTENCE:
        return name, None
    if chosen.place:
        return name, mark_of(Path(chosen.place) / BEST_WEIGHTS)
    return name, mark_of(zoo.directory() / f"{name}.safetensors")


def run_folder(name: str) -> Path:
    """The folder of ``run:<folder>``.

    Raises:
        ValueError: a folder that is not below ``data/runs``: addresses are written by anybody.
    """
    runs = (data_directory() / "runs").resolve()
    folder = (runs / name.removeprefix(RUN)).resolve()
    if not folder.is_relative_to(runs) or not folder.is_dir():
        raise ValueError(f"There is no run {name.removeprefix(RUN)!r} below {runs}.")
    return folder


def load(
    name: str, scale: float | None, periodic: tuple[bool, bool] | None, grid: Grid
) -> Forecaster:
    """A forecaster for the data at hand, loaded once for all sessions when it is first chosen.

    It is loaded again once its weights have changed on disk.
    """
    chosen, (_, mark) = model(name), marked(name)
    if name == PERSISTENCE:
        return Persistence(chosen.past)
    if not chosen.place:
        known_grid = grid if chosen.wrapped else None
        return _load(name, mark, scale, periodic, known_grid, zoo.directory())
    return _open(chosen.place, mark, scale, periodic, grid)


@lru_cache(maxsize=32)
def _load(
    name: str,
    mark: Mark,
    scale: float | None,
    periodic: tuple[bool, bool] | None,
    grid: Grid | None,
    folder: Path,
) -> Forecaster:
    found = zoo.load(name, scale=scale, periodic=periodic, grid=grid, folder=folder)
    return placed(found, device())


@lru_cache(maxsize=32)
def _open(
    place: str,
    mark: Mark,
    scale: float | None,
    periodic: tuple[bool, bool] | None,
    grid: Grid,
) -> Forecaster:
    return placed(open_forecaster(place, scale=scale, periodic=periodic, grid=grid), device())


def equivariant_model(
    symmetry: Symmetry, architecture: str = "ResNet", family: str = "rbc"
) -> Model | None:
    """The model built for a symmetry, or its nearest relative; None where the zoo has none.

    Args:
        architecture, family: which is preferred; the family more.
    """
    for wanted in MADE_FOR.get(symmetry.name, (symmetry.name,)):
        found = [candidate for candidate in models() if candidate.symmetry == wanted]
        if found:
            return min(found, key=lambda m: (m.family != family, m.architecture != architecture))
    return None


def ordinary_model(architecture: str = "ResNet", family: str = "rbc") -> Model:
    """The model without a symmetry of its own."""
    found = [candidate for candidate in models() if candidate.symmetry == ORDINARY]
    if not found:
        return models()[-1]
    return min(found, key=lambda m: (m.family != family, m.architecture != architecture))


def relative(name: str, family: str) -> str:
    """The model that was built alike and trained on other data; the model itself if none was."""
    own = model(name)
    for candidate in models():
        alike = (candidate.symmetry, candidate.architecture) == (own.symmetry, own.architecture)
        if alike and candidate.family == family:
            return candidate.name
    return name


def respects(chosen: Model, symmetry: Symmetry) -> bool:
    """Whether a model is built to respect a symmetry."""
    return respected.respects(chosen.symmetry, symmetry.name)
