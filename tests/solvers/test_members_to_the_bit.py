"""A member goes through the same numbers, to the bit, alone and among others, for every solver."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from symdyn_core.datasets.simulations import SIMULATIONS

DT = {
    "rayleigh_benard": 0.01,
    "heat_diffusion": 0.1,
    "navier_stokes": 0.02,
    "kolmogorov_flow": 0.02,
    "quasi_geostrophic": 3600.0,
}
MEMBERS = 5


def started(name: str) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Three equal steps of a flow, and members to take them."""
    simulation = SIMULATIONS[name][0]
    solver = simulation.solver()
    generator = torch.Generator().manual_seed(0)
    members = [simulation.initial(solver, generator) for _ in range(MEMBERS)]

    def steps(state: Tensor) -> Tensor:
        for _ in range(3):
            state = solver.step(state, DT[name])
        return state

    return steps, torch.cat([some[:1] for some in members])


@pytest.mark.parametrize("inference", [True, False])
@pytest.mark.parametrize("name", SIMULATIONS)
def test_members_of_any_batch_take_the_same_steps_to_the_bit(name, inference):
    steps, batch = started(name)
    with torch.inference_mode(inference):
        together = steps(batch)
        for size in (1, 2, 3):
            assert torch.equal(torch.cat([steps(some) for some in batch.split(size)]), together)
        backwards = steps(batch.flip(0)).flip(0)
    assert torch.equal(backwards, together)
    assert not torch.equal(together[0], together[1])
    assert float((together - batch).norm() / batch.norm()) > 1e-3


@pytest.mark.parametrize("name", ["rayleigh_benard", "quasi_geostrophic"])
def test_the_bit_is_seen(name):
    """A disturbance in the last digits of one member is found in that member, and in no other."""
    steps, batch = started(name)
    disturbed = batch.clone()
    disturbed[2] *= 1 + 2**-20
    same = [torch.equal(a, b) for a, b in zip(steps(batch), steps(disturbed), strict=True)]
    assert same == [True, True, False, True, True]
