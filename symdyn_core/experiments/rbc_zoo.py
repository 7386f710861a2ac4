"""The zoo of Rayleigh-Benard convection: a ResNet and a U-Net for each symmetry, equal budgets.

data/raw/rayleigh_benard_<preset>.zarr     the simulation (made if missing)
data/runs/zoo-<preset>/<model>             the training runs (resumed if interrupted)
data/zoo/<model>.safetensors, .json        weights and cards
data/demo/rayleigh_benard.zarr             the last frames of the test part
"""

from collections.abc import Sequence
from pathlib import Path

from symdyn_core.datasets.convection_presets import preset_named
from symdyn_core.datasets.demo import write_demo_of
from symdyn_core.datasets.rayleigh_benard import make_rayleigh_benard, open_rayleigh_benard
from symdyn_core.datasets.store import open_flow
from symdyn_core.experiments.budgets import FORECAST_STEPS, budget_named
from symdyn_core.experiments.candidates import candidates
from symdyn_core.experiments.zoo_cards import SYMMETRIES
from symdyn_core.experiments.zoo_making import (
    Progress,
    Zoo,
    ZooModel,
    chosen_among,
    part,
    runs_directory,
    written_to,
)
from symdyn_core.models import ResNet, UNet
from symdyn_core.paths import data_directory

__all__ = ["DEMO_FRAMES", "SYMMETRIES", "build_zoo", "members", "write_demo"]

DEMO_FRAMES = 120
"""Frames of the demo flow, all from the test part."""


def members() -> list[ZooModel]:
    """The models of the zoo: both architectures over every candidate."""
    return [
        ZooModel("rbc", architecture, one)
        for architecture in (ResNet, UNet)
        for one in candidates()
    ]


def build_zoo(
    preset: str = "small",
    *,
    seed: int = 0,
    only: Sequence[str] | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[dict]:
    """Simulate, train, test and write the zoo and its demo flow; returns the cards.

    Whatever is there already is used: the simulation, finished and interrupted runs.

    Args:
        preset: "smoke", "small" or "paper": the sizes of simulation and training alike.
        seed: of weights, sample order and transformed test sets.
        only: names of models to build; all by default.
        folder: where the zoo is written; by default ``data/zoo`` for the preset "small", and beside
            the runs for the others, so that a trial never replaces the zoo in use.

    Raises:
        ValueError: an unknown preset or model.
    """
    chosen = chosen_among(members(), only)
    budget, simulation = budget_named(preset), preset_named(preset)
    runs = runs_directory("zoo", preset, seed)
    path = data_directory() / "raw" / f"rayleigh_benard_{preset}.zarr"
    if not path.exists():
        make_rayleigh_benard(path, simulation, seed=seed, progress=part(progress, "simulation"))
    flow = open_rayleigh_benard(path)
    cards = Zoo(flow, budget, seed, runs, written_to(folder, preset, runs)).build(chosen, progress)
    if folder is None and preset == "small" and only is None:
        write_demo(path, budget.past)
    return cards


def write_demo(path: Path, past: int) -> Path:
    """Cut the demo flow from the test part of a simulation."""
    gap = past + FORECAST_STEPS - 1
    return write_demo_of(open_flow(path), "rayleigh_benard", DEMO_FRAMES, gap=gap)
