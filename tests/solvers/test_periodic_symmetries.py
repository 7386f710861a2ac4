"""Act, then solve = solve, then act: heat, Navier-Stokes, ocean; listed symmetries and others."""

import math

import pytest
import torch
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.solvers import (
    HeatDiffusion,
    NavierStokes,
    OceanColumn,
    QuasiGeostrophic,
    random_flow,
)
from symdyn_core.solvers.fourier import resampled
from symdyn_core.solvers.held_symmetries import held, transform
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Scaling,
    Translation,
    UniformMotion,
)

FRAMES = 5
"""Of a trajectory: a scaling by 2 needs every fourth."""

CELLS = 36


def box(side: float, dt: float) -> Grid:
    return Grid(CELLS, CELLS, side / CELLS, side / CELLS, dt, periodic_y=True, periodic_x=True)


def eddies(grid: Grid, rms: float = 1.0, batch: int = 1) -> Tensor:
    """Modes up to 2, so that twice what grows of them is resolved; without symmetry themselves."""
    coarse = grid.with_(ny=8, nx=8, dy=grid.extent[0] / 8, dx=grid.extent[1] / 8)
    generator = torch.Generator().manual_seed(0)
    w = random_flow(coarse, batch, waves=2, rms=rms, generator=generator)
    return resampled(w, *grid.shape)


class Velocities:
    """A solver that goes from velocities to trajectories of velocities ``[batch, time, ...]``."""

    def __init__(self, solver, name: str, rms: float = 1.0):
        self.solver, self.name, self.rms = solver, name, rms
        self.grid = solver.grid

    def first(self) -> Tensor:
        return eddies(self.grid, self.rms)

    def __call__(self, w: Tensor) -> Tensor:
        return self.solver.trajectory(w, FRAMES)


class OceanVelocities(Velocities):
    """Both layers' velocities, ``[layer, time, component, y, x]``."""

    def first(self) -> Tensor:
        return eddies(self.grid, self.rms, batch=2)

    def __call__(self, w: Tensor) -> Tensor:
        q = self.solver.trajectory(self.solver.potential_vorticity(w[None]), FRAMES)[0]
        return self.solver.velocities(q).transpose(0, 1)


TURN, DAY = 2 * math.pi, 86400.0
EXACT = {"dtype": torch.float64}
CASES = {
    "heat": Velocities(HeatDiffusion(box(TURN, 0.3), 0.02, **EXACT), "heat"),
    "decaying": Velocities(NavierStokes(box(TURN, 0.1), 0.05, **EXACT), "decaying"),
    "dragged": Velocities(NavierStokes(box(TURN, 0.15), 0.02, drag=0.3, **EXACT), "dragged"),
    "kolmogorov": Velocities(
        NavierStokes(box(TURN, 0.15), 0.02, force=2.0, waves=2, **EXACT), "kolmogorov"
    ),
    "kolmogorov with drag": Velocities(
        NavierStokes(box(TURN, 0.15), 0.02, force=2.0, waves=2, drag=0.3, **EXACT), "kd"
    ),
    "ocean": OceanVelocities(QuasiGeostrophic(box(281e3, DAY), **EXACT), "ocean", 0.3),
    "turning ocean": OceanVelocities(
        QuasiGeostrophic(box(281e3, DAY), OceanColumn(beta=0.0, current=(0.0, 0.0)), **EXACT),
        "turning ocean",
        0.3,
    ),
}


def mismatch(case: Velocities, transformation) -> float:
    """‖solve(g w) - g solve(w)‖ after the first frame, relative to how far g w has moved."""
    with torch.inference_mode():
        moved, valid = transform(transformation, case(case.first()), case.grid, FRAMES - 1)
        again = case(moved[:, 0])
    later = valid.clone()
    later[0] = False
    difference = torch.where(later, again - moved, 0.0).norm()
    change = torch.where(later, again - again[:, :1], 0.0).norm()
    assert float(change) > 0.01 * float(again.norm())
    return float(difference / change)


LISTED = [
    pytest.param(case, symmetry, transformation, id=f"{name}-{symmetry.name}-{number}")
    for name, case in CASES.items()
    for symmetry in case.solver.symmetries
    for number, transformation in enumerate(symmetry.transformations)
]


@pytest.mark.parametrize(("case", "symmetry", "transformation"), LISTED)
def test_listed_symmetries_commute_with_the_solver(case, symmetry, transformation):
    """To rounding, or to the error that the list states."""
    assert mismatch(case, transformation) < (symmetry.error or 1e-10)
    w = case.first()[:, None]
    moved, valid = transform(transformation, w, case.grid)
    # The flow has not the symmetry itself, which would prove nothing.
    assert float(torch.where(valid, moved - w, 0.0).norm() / w.norm()) > 0.1


QUARTER, MIRROR = (Rotation(), 90.0), (Reflection(), (0.0, 1.0))
MOTION, BOOST = (UniformMotion(), (0.7, -0.4)), (Boost(), (0.7, -0.4))
STRONGER, SMALLER = (Magnitude(), 1.5), (Scaling(), 2.0)
NORTH = (Translation(), (0.0, 5.0))
OTHERS = {
    "heat": (BOOST,),
    "decaying": (MOTION, STRONGER),
    "dragged": (MOTION, STRONGER, BOOST, SMALLER),
    "kolmogorov": (QUARTER, MIRROR, MOTION, STRONGER, BOOST, SMALLER, NORTH),
    "kolmogorov with drag": (QUARTER, MIRROR, STRONGER, (Boost(), (0.7, 0.0)), SMALLER, NORTH),
    "ocean": (QUARTER, (Rotation(), 180.0), (Reflection(), (180.0, 1.0)), STRONGER, SMALLER),
    "turning ocean": (STRONGER, SMALLER),
}
UNLISTED = [
    pytest.param(CASES[name], element, id=f"{name}-{element[0].name}-{number}")
    for name, elements in OTHERS.items()
    for number, element in enumerate(elements)
]


@pytest.mark.parametrize(("case", "element"), UNLISTED)
def test_other_actions_visibly_do_not(case, element):
    assert mismatch(case, (element,)) > 0.03


def test_every_group_is_listed_or_tried_for_every_solver():
    """Uniform motions of an ocean belong to its mean current: states are departures from it."""
    groups = {s.name for s in (Translation(), *(e[0] for e in OTHERS["kolmogorov"]))}
    assert groups == {
        *("translation", "rotation", "reflection", "uniform_motion", "boost"),
        *("magnitude", "scaling"),
    }
    for name, case in CASES.items():
        known = {s.name for s in case.solver.symmetries} | {e[0].name for e in OTHERS[name]}
        allowed = {"uniform_motion", "boost"} if "ocean" in name else set()
        assert groups - known <= allowed | ({"uniform_motion"} if name.startswith("k") else set())


def test_scaling_is_limited_by_resolution_alone():
    """A third more cells leave less than an eighth of the error."""
    errors = []
    for cells in (CELLS, 4 * CELLS // 3):
        grid = box(TURN, 0.1).with_(ny=cells, nx=cells, dy=TURN / cells, dx=TURN / cells)
        solver = NavierStokes(grid, 0.05, **EXACT)
        errors.append(mismatch(Velocities(solver, "finer"), ((Scaling(), 2.0),)))
    assert errors[1] < errors[0] / 8


@pytest.mark.parametrize("name", ["decaying", "heat"])
def test_shifts_between_cells_commute_too(name):
    assert mismatch(CASES[name], ((Translation(), (0.5, 0.25)),)) < 1e-4


def test_a_current_common_to_both_layers_only_carries_the_eddies():
    """The Galilean symmetry of an ocean acts on its mean current, not on the eddies."""
    still = CASES["ocean"]
    shift = still.grid.dx / DAY  # one cell a day
    carried = QuasiGeostrophic(still.grid, OceanColumn(current=(0.06 + shift, shift)), **EXACT)
    q = still.solver.potential_vorticity(still.first()[None])
    with torch.inference_mode():
        here, there = (s.steps(q, DAY / 40, 40) for s in (still.solver, carried))
    change = float((here - q).norm())
    assert float((there - here.roll(1, -1)).norm()) < 1e-4 * change
    assert float((there - here).norm()) > 0.1 * change


def test_actions_reject_nothing_to_do():
    grid = box(TURN, 1.0)
    with pytest.raises(ValueError, match="at least one group element"):
        transform((), torch.zeros(1, 1, 2, CELLS, CELLS), grid)
    assert held(Rotation(), "all", 90.0).name == "rotation"
