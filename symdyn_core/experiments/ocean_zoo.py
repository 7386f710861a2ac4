"""The zoo of the quasi-geostrophic ocean: ResNets for the symmetries that the paper's ocean has.

data/raw/quasi_geostrophic_<preset>.zarr             the simulation (made if missing)
data/raw/quasi_geostrophic_<preset>_elsewhere.zarr   another ocean, for the test set "elsewhere"
data/runs/zoo-ocean-<preset>/<model>                 the training runs (resumed if interrupted)
data/zoo/<model>.safetensors, .json                  weights and cards
data/demo/quasi_geostrophic.zarr                     the last frames of the test part

The ocean table of Wang et al. (2021) tests later times and another ocean. Here the original test
set is later in time than all training, and "elsewhere" is an ocean with another deformation radius,
another beta and another current.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import xarray as xr

from symdyn_core.datasets.demo import SIDE, write_demo_of
from symdyn_core.datasets.quasi_geostrophic import OceanPreset, preset_named
from symdyn_core.datasets.simulation import make_simulation
from symdyn_core.datasets.squares import cut_squares
from symdyn_core.datasets.store import open_flow
from symdyn_core.experiments.budgets import FORECAST_STEPS, Budget, budget_named
from symdyn_core.experiments.candidates import candidate_named
from symdyn_core.experiments.zoo_making import (
    Progress,
    Zoo,
    ZooModel,
    chosen_among,
    part,
    runs_directory,
    written_to,
)
from symdyn_core.models import ResNet
from symdyn_core.paths import data_directory
from symdyn_core.solvers.ocean_column import OceanColumn

BUILT_FOR = ("plain", "uniform_motion", "magnitude", "rotation", "all")
"""What the models are built for; see ``candidates``."""

ELSEWHERE = "elsewhere"
"""Name of the test set from another ocean."""

OTHER_COLUMN = OceanColumn(deformation_radius=15e3, beta=1.1e-11, current=(0.035, 0.0))
"""The other ocean: nearer to the pole, with smaller eddies in a slower current."""

OTHER_FRAMES = 200
"""Days that are kept of the other ocean, at most."""

SMALL_UPDATES = 1200
"""Updates of each training of the small preset, six epochs: an hour less of two cores."""

DEMO_FRAMES = 48
"""Frames of the demo flow, all from the test part of the first member."""


def members() -> list[ZooModel]:
    """The models of the zoo."""
    return [ZooModel("ocean", ResNet, candidate_named(name)) for name in BUILT_FOR]


def build_zoo(
    preset: str = "small",
    *,
    seed: int = 0,
    only: Sequence[str] | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> list[dict]:
    """Simulate, train, test and write the zoo and its demo flow; returns the cards.

    Arguments, errors and what is resumed are those of ``rbc_zoo.build_zoo``.
    """
    chosen = chosen_among(members(), only)
    budget, ocean = ocean_budget(preset), preset_named(preset)
    runs = runs_directory("zoo-ocean", preset, seed)
    path = _path(preset)
    flow = _simulated(path, ocean, seed, "simulation", progress)
    other = _simulated(
        _path(f"{preset}_{ELSEWHERE}"), elsewhere(ocean), seed + 1, "another ocean", progress
    )
    zoo = Zoo(flow, budget, seed, runs, written_to(folder, preset, runs), {ELSEWHERE: other})
    cards = zoo.build(chosen, progress)
    if folder is None and preset == "small" and only is None:
        write_demo(path, budget.past)
    return cards


def ocean_budget(preset: str) -> Budget:
    """The budget of a preset: that of the convection zoo, the small one with fewer updates.

    Raises:
        ValueError: no such preset.
    """
    budget = budget_named(preset)
    if preset != "small":
        return budget
    return replace(budget, settings=replace(budget.settings, updates=SMALL_UPDATES))


def elsewhere(ocean: OceanPreset) -> OceanPreset:
    """One member of another ocean, as large as ``ocean``."""
    frames = min(ocean.frames, OTHER_FRAMES)
    name = f"{ocean.name}, {ELSEWHERE}"
    return replace(ocean, name=name, members=1, frames=frames, column=OTHER_COLUMN)


def open_squares(path: str | Path) -> xr.Dataset:
    """The squares of simulated oceans as members: 64 x 64 cells side by side, or smaller oceans."""
    flow = open_flow(path)
    return cut_squares(flow, size=min(SIDE, flow.sizes["y"]))


def write_demo(path: Path, past: int) -> Path:
    """Cut the demo flow from the test part of a simulation: the first member, four squares."""
    gap = past + FORECAST_STEPS - 1
    first = open_flow(path).isel(member=0, drop=True)
    return write_demo_of(first, "quasi_geostrophic", DEMO_FRAMES, gap=gap)


def _path(name: str) -> Path:
    return data_directory() / "raw" / f"quasi_geostrophic_{name}.zarr"


def _simulated(
    path: Path, ocean: OceanPreset, seed: int, what: str, progress: Progress | None
) -> xr.Dataset:
    if not path.exists():
        make_simulation(path, ocean, seed=seed, progress=part(progress, what))
    return open_squares(path)
