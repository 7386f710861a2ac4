"""Where the data of the package live."""

import os
from pathlib import Path

BESIDE = Path(__file__).resolve().parent.parent / "data"
"""The ``data`` folder beside the package."""


def data_directory() -> Path:
    """The folder that holds demo data, trained models and runs.

    ``SYMDYN_DATA`` names another folder; without it the ``data`` folder beside the package is
    used, so that a clone works from any current directory.
    """
    chosen = os.environ.get("SYMDYN_DATA")
    if chosen:
        return Path(chosen).expanduser()
    return BESIDE
