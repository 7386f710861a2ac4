"""What files say about the flow and the models behind them, without places on this machine."""

import hashlib
from pathlib import Path

from symdyn_core.models import zoo
from symdyn_core.models.opening import SPECIFICATION
from symdyn_core.paths import data_directory

from . import catalogue
from .flows import Source


def inside(path: str) -> Path | None:
    """A path below the data directory, relative to it; None for others."""
    try:
        return Path(path).resolve().relative_to(data_directory().resolve())
    except ValueError:
        return None


def place_of(source: Source) -> str:
    """Where the flow is: an address, a path below the data directory, or the name of its file."""
    if "://" in source.path:
        return source.path
    known = inside(source.path)
    return str(known) if known is not None else Path(source.path).name


def digest(name: str) -> str:
    """SHA-256 of the card of a model, or of the specification of a run; "" for others."""
    model = catalogue.model(name)
    if name in zoo.names():
        card = zoo.directory() / f"{name}.json"
    elif model.place and Path(model.place).is_dir():
        card = Path(model.place) / SPECIFICATION
    else:
        return ""
    return hashlib.sha256(card.read_bytes()).hexdigest()
