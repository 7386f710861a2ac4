"""A small training that somebody wants, within limits."""

import json
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import xarray as xr

from symdyn_core.datasets.splits import split_in_time
from symdyn_core.experiments.budgets import FORECAST_STEPS, FRACTIONS, TRIAL
from symdyn_core.experiments.candidates import candidates
from symdyn_core.experiments.run_progress import WISH
from symdyn_core.models import ARCHITECTURES
from symdyn_core.whole_files import write_whole

UPDATES, PARAMETERS, SEED = (10, 2000), (2_000, 50_000), (0, 9999)
"""Least and most that may be asked for."""


@dataclass(frozen=True)
class Wish:
    """A training that somebody wants.

    Attributes:
        data: path of the flow.
        symmetry: name of what is built in; see ``candidates``.
        architecture: ResNet or UNet.
        parameters: size of the network; its width is solved for it.
        updates: optimiser steps.
        seed: of weights and sample order.
        patch: cut squares of so many cells; None for the flow as it is.

    Raises:
        ValueError: outside the limits, or unknown names.
    """

    data: str
    symmetry: str = "plain"
    architecture: str = "ResNet"
    parameters: int = TRIAL.resnet.parameters
    updates: int = TRIAL.settings.updates
    seed: int = 0
    patch: int | None = None

    def __post_init__(self):
        for name, (low, high) in {
            "updates": UPDATES, "parameters": PARAMETERS, "seed": SEED,
        }.items():  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(
                    f"A training has {name} between {low} and {high}, got {value}. Larger ones "
                    "are for the command line: symdyn train."
                )
        known = {
            "symmetry": [candidate.name for candidate in candidates()],
            "architecture": [architecture.__name__ for architecture in ARCHITECTURES],
        }
        for name, names in known.items():
            if getattr(self, name) not in names:
                raise ValueError(
                    f"Unknown {name} {getattr(self, name)!r}; choose from {', '.join(names)}."
                )

    @property
    def name(self) -> str:
        """Of its folder: rayleigh-benard-resnet-rotation-seed-0."""
        stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(self.data).stem)[:40].strip("-") or "flow"
        return f"{stem}-{self.architecture.lower()}-{self.symmetry}-seed-{self.seed}"

    def write(self, folder: Path) -> None:
        """Put it into the folder of its run, so that the run can be continued."""
        write_whole(folder / WISH, (json.dumps(asdict(self), indent=2) + "\n").encode())

    @classmethod
    def read(cls, folder: Path) -> "Wish | None":
        """That of a run; None without one, or where the file is not one."""
        try:
            return cls(**json.loads((folder / WISH).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def command(self, folder: Path) -> list[str]:
        """The command that trains in a folder; it gives way to everything else on the machine."""
        polite = [shutil.which("nice") or "", "-n", "10"] if shutil.which("nice") else []
        command = [*polite, sys.executable, "-m", "symdyn_core.cli", "train"]
        options = {
            "data": self.data, "out": folder, "symmetry": self.symmetry,
            "architecture": self.architecture, "preset": "trial", "seed": self.seed,
            "updates": self.updates, "parameters": self.parameters, "patch": self.patch,
        }  # fmt: skip
        for name, value in options.items():
            command += [] if value is None else [f"--{name}", str(value)]
        return command


def check_long_enough(flow: xr.Dataset) -> None:
    """Whether a flow has frames for the parts of a small training.

    Raises:
        ValueError: it is too short, in one line.
    """
    past, steps = TRIAL.past, FORECAST_STEPS
    wanted = past + steps
    problem = (
        f"This flow has {flow.sizes['time']} frames; a training needs about "
        f"{round(wanted / min(FRACTIONS)) + 2 * (wanted - 1)}: {wanted} to validate and as many "
        "to test on, which share none with those it learns from. Choose a longer flow."
    )
    try:
        parts = split_in_time(flow, FRACTIONS, gap=wanted - 1)
    except ValueError:
        raise ValueError(problem) from None
    if min(part.sizes["time"] for part in parts) < wanted:
        raise ValueError(problem)
