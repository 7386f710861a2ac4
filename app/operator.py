"""What the person who serves the dashboard offers and allows, as the environment says it."""

import os
from functools import lru_cache

import torch

from symdyn_core.serving import PREFIX, Operator

__all__ = ["Operator", "device", "operator"]


def operator() -> Operator:
    """The operator of this process.

    Raises:
        ValueError: an environment variable that cannot be read, in one line.
    """
    return _operator(
        tuple((name, value) for name, value in os.environ.items() if name.startswith(PREFIX))
    )


@lru_cache(maxsize=4)
def _operator(variables: tuple[tuple[str, str], ...]) -> Operator:
    return Operator.from_environment(dict(variables))


def device() -> str:
    """Where networks compute: as the operator says, else on a GPU if there is one."""
    return operator().device or ("cuda" if torch.cuda.is_available() else "cpu")
