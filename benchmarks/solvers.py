"""Solvers beside other people's on the same problem at the same accuracy, and steps per second.

Ocean beside pyqg-jax: a day of smooth eddies in two layers, in float32, errors of both end states
against this package in float64 with short steps. Navier-Stokes beside exponax, jax-cfd and
torch-cfd, and heat beside exponax: see ``solver_comparisons``. Of 64 cells exponax keeps fewer
modes than this package (20 and 21): there the two are equally accurate in time, not in space; on
256 cells they differ by 9e-6. Both runs of a pair are timed in alternation; a peer that is not
installed is skipped, and the report says why. Writes ``benchmarks/results/solvers-cpu.json``.

    python benchmarks/solvers.py [--rounds 7] [--cells 64 128] [--out FILE]
"""

import argparse
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

# One thread for the peer as well, which reads this when it is imported.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import torch
from solver_comparisons import heat, navier_stokes
from torch import Tensor

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.reports import default_path, report, write_report
from symdyn_core.benchmarking.rows import row, timed_row
from symdyn_core.benchmarking.timing import compare
from symdyn_core.grid import Grid
from symdyn_core.solvers import (
    Channel,
    NavierStokes,
    OceanColumn,
    QuasiGeostrophic,
    RayleighBenard,
    random_flow,
)
from symdyn_core.solvers.fourier import resampled

GROUP = "solvers"
VISCOSITY = 5e-3
DAY = 86400.0
OUR_STEPS, PEER_STEPS = 12, 96
"""Of a day. The peer's third-order scheme takes a quarter of the work in each and needs more."""

OCEAN = OceanColumn(smallest_decay=0.0)


def eddies(cells: int, side: float, batch: int, rms: float) -> tuple[Grid, Tensor]:
    """A periodic box and smooth velocities in it."""
    grids = [
        Grid(n, n, side / n, side / n, 1.0, periodic_y=True, periodic_x=True) for n in (16, cells)
    ]
    generator = torch.Generator().manual_seed(0)
    w = random_flow(grids[0], batch, waves=3, rms=rms, generator=generator)
    return grids[1], resampled(w, cells, cells)


def quasi_geostrophic(cells: int, conditions: Conditions) -> Iterator[dict]:
    """A day of an ocean beside pyqg-jax."""
    import jax
    import numpy as np
    from pyqg_jax import qg_model, steppers

    grid, w = eddies(cells, 500e3, 2, 0.2)
    exact = QuasiGeostrophic(grid, OCEAN, dtype=torch.float64)
    q = exact.potential_vorticity(w[None])
    end = exact.steps(q, DAY / 200, 200)
    solver, first = QuasiGeostrophic(grid, OCEAN), q.float()

    def ours() -> Tensor:
        return solver.steps(first, DAY / OUR_STEPS, OUR_STEPS)

    model = qg_model.QGModel(
        nx=cells,
        L=500e3,
        rek=OCEAN.bottom_drag,
        beta=OCEAN.beta,
        rd=OCEAN.deformation_radius,
        delta=OCEAN.thickness_ratio,
        U1=OCEAN.current[0],
        U2=OCEAN.current[1],
    )
    start = model.create_initial_state(jax.random.key(0))
    start = start.update(q=jax.numpy.asarray(first[0].numpy()))

    stepped = steppers.SteppedModel(model, steppers.AB3Stepper(DAY / PEER_STEPS))
    state = stepped.initialize_stepper_state(start)
    steps = jax.jit(
        lambda s: jax.lax.fori_loop(0, PEER_STEPS, lambda _, x: stepped.step_model(x), s)
    )

    def theirs() -> Tensor:
        return torch.from_numpy(np.array(steps(state).state.q))[None]

    error, their_error = (
        float((run().double() - end).norm() / (end - q).norm()) for run in (ours, theirs)
    )
    comparison = compare(ours, theirs, conditions.stopwatch(), conditions.rounds)
    yield timed_row(
        GROUP,
        "quasi_geostrophic",
        "run",
        "pyqg-jax",
        comparison,
        target=1.0,
        cells=cells,
        error=error,
        baseline_error=their_error,
        milliseconds_per_step=1e3 * comparison.seconds / OUR_STEPS,
        baseline_milliseconds_per_step=1e3 * comparison.baseline_seconds / PEER_STEPS,
    )


def throughput(conditions: Conditions) -> Iterator[dict]:
    """Steps of the solvers by themselves, and what a batch of 16 saves per member."""

    def convection(ny: int, nx: int, batch: int) -> Callable[[], object]:
        solver = RayleighBenard(Channel(ny, nx, 7.0, 1.5), 1e7, device=conditions.device)
        q = solver.conduction(batch, generator=torch.Generator().manual_seed(0))
        return lambda: solver.step(q, 1e-3)

    def box(cells: int, batch: int) -> Callable[[], object]:
        grid, w = eddies(cells, 2 * math.pi, batch, 1.0)
        solver = NavierStokes(grid, VISCOSITY, device=conditions.device)
        first = w.to(solver.device, solver.dtype)
        return lambda: solver.steps(first, 1e-3, 4)

    for what, sixteen, one, steps, cells in (
        ("rayleigh_benard", convection(64, 448, 16), convection(64, 448, 1), 1, 64 * 448),
        ("navier_stokes", box(64, 16), box(64, 1), 4, 64 * 64),
        ("navier_stokes", box(128, 16), box(128, 1), 4, 128 * 128),
    ):
        with torch.inference_mode():
            found = compare(sixteen, one, conditions.stopwatch(), conditions.rounds)
        yield row(
            GROUP,
            f"{what}, {cells} cells, 16 members",
            "per_member",
            "1 member",
            found.ratio / 16,
            milliseconds_per_step=1e3 * found.baseline_seconds / steps,
            million_cells_per_second=cells * steps / found.baseline_seconds / 1e6,
            million_cells_per_second_in_batch=16 * cells * steps / found.seconds / 1e6,
        )


def beside_peers(sizes: list[int], conditions: Conditions) -> Iterator[dict]:
    """A row for each size and peer, or the reason why there is none."""
    for cells in sizes:
        try:
            yield from quasi_geostrophic(cells, conditions)
        except ImportError as error:
            yield {"name": f"quasi_geostrophic, {cells} cells, pyqg-jax", "reason": str(error)}
        yield from navier_stokes(cells, conditions)
        yield from heat(cells, conditions)


def main() -> None:
    """Measure all, print the ratios and write them down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cells", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--out", type=Path, help="default: benchmarks/results/solvers-<device>.json"
    )
    options = parser.parse_args()
    conditions = Conditions(rounds=options.rounds, device=options.device)
    rows: list[dict] = []
    skipped: list[dict] = []
    with conditions.threaded():
        if conditions.device == "cpu":
            with torch.inference_mode():
                for found in beside_peers(options.cells, conditions):
                    (rows if "ratio" in found else skipped).append(found)
        rows += throughput(conditions)
    for found in rows:
        extra = {
            k: v
            for k, v in found.items()
            if any(word in k for word in ("steps", "error", "milli", "distance"))
        }
        print(f"{found['what']:40} {found['ratio']:6.3f} of {found['baseline']:18} {extra}")
    for missing in skipped:
        print(f"skipped {missing['name']}: {missing['reason']}")
    path = options.out or default_path(GROUP, conditions)
    write_report(path, report(rows, conditions, skipped))


if __name__ == "__main__":
    main()
