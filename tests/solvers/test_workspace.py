"""Memory that is used again changes no number and leaks none from one call into another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from symdyn_core.solvers import Channel, RayleighBenard, row_bands
from symdyn_core.solvers.workspace import FRESH, Workspace, Workspaces


def cells(ny: int = 24, nx: int = 40, **options) -> tuple[RayleighBenard, torch.Tensor]:
    solver = RayleighBenard(Channel(ny, nx, 2.0, 1.0), 1e6, **options)
    q = solver.conduction(2, noise=0.4, generator=torch.Generator().manual_seed(0))
    return solver, solver.advance(q, 1.0)[0]


@pytest.mark.parametrize("upwind", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bands", [1, 3, 24])
def test_steps_are_the_same_to_the_bit_with_and_without_it(monkeypatch, bands, dtype, upwind):
    """In one piece of all rows, in bands of some and in single rows."""
    monkeypatch.setattr(row_bands, "CELLS_IN_CACHE", 24 * 40 // bands)
    solver, q = cells(dtype=dtype, upwind=upwind)
    expected = q
    for dt in (0.01, 0.02, 0.01):
        expected = solver.step(expected, dt)
    with torch.inference_mode():
        found = q
        for dt in (0.01, 0.02, 0.01):
            found = solver.step(found, dt)
        assert len(solver.tendency._bands) == bands
        workspace = Workspace()
        for _ in range(2):
            rate = solver.tendency(q, workspace)
            assert torch.equal(rate, solver.tendency(q))
    assert torch.equal(found, expected)
    assert float((found - q).abs().max()) > 1e-3


def test_earlier_results_stay_as_they_are():
    solver, q = cells()
    with torch.inference_mode():
        first = solver.step(q, 0.01)
        kept = first.clone()
        second = solver.step(first, 0.01)
        assert torch.equal(first, kept)
        assert not torch.equal(second, first)
        # A tendency in a workspace, by contrast, holds until the next one.
        workspace = Workspace()
        rate = solver.tendency(q, workspace)
        before = rate.clone()
        solver.tendency(second, workspace)
        assert not torch.equal(rate, before)


def test_threads_that_share_a_solver_do_not_meet():
    solver, q = cells()
    states = [member[None] for _ in range(4) for member in q]

    def run(state: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            for _ in range(20):
                state = solver.step(state, 0.01)
        return state

    alone = [run(state) for state in states]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(run, states))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_views_follow_the_tensor_that_they_are_of():
    workspace, (a, b) = Workspace(), torch.arange(6.0).reshape(2, 3).unbind(0)
    for row in (a, b, a):
        (last,) = workspace.views("last", lambda row=row: (row[-1:],), of=row)
        assert torch.equal(last, row[-1:])
    total = workspace("sum", torch.add, a, b)
    again = workspace("sum", torch.add, b, b)
    assert again.data_ptr() == total.data_ptr()
    assert torch.equal(total, 2 * b)
    assert FRESH("sum", torch.add, a, b).data_ptr() != FRESH("sum", torch.add, b, b).data_ptr()


def test_derivatives_keep_memory_of_their_own():
    """Where a gradient may be asked for nothing is used again."""
    used = []

    def work(q, memory):
        used.append(memory)
        return 2 * q

    workspaces = Workspaces()
    workspaces.run(work, torch.ones(2))
    with torch.no_grad():
        workspaces.run(work, torch.ones(2))
    with torch.inference_mode():
        for shape in (2, 2, 3):
            workspaces.run(work, torch.ones(shape))
    assert used[0] is used[1] is FRESH
    assert used[2] is used[3] is not FRESH
    assert used[4] is not used[3]
