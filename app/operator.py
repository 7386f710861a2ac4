"""What the person who serves the dashboard offers and allows, as the environment says it."""

import os
from dataclasses import fields
from functools import lru_cache

import torch

from symdyn_core.serving import PREFIX, Operator

__all__ = ["Operator", "device", "operator"]

VARIABLES = tuple(PREFIX + field.name.upper() for field in fields(Operator))


def operator() -> Operator:
    """The operator of this process.

    Raises:
        ValueError: an environment variable that cannot be read, in one line.
    """
    return _operator(tuple(map(os.environ.get, VARIABLES)))


@lru_cache(maxsize=4)
def _operator(values: tuple[str | None, ...]) -> Operator:
    given = zip(VARIABLES, values, strict=True)
    return Operator.from_environment({name: value for name, value in given if value is not None})


def device() -> str:
    """Where networks compute: as the operator says, else on a GPU if there is one."""
    return operator().device or ("cuda" if torch.cuda.is_available() else "cpu")
