"""What interpolation alone does: nothing where cells move whole, little where waves are long."""

import pytest
import torch

from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.interpolation import there_and_back
from symdyn_core.equivariance.spectral_patch import spectral_patch
from symdyn_core.grid import Grid
from symdyn_core.spectra import mean_power, turbulence_spectrum, turbulent_kinetic_energy
from symdyn_core.symmetries import Magnitude, Rotation, Scaling

GRID = Grid(48, 48, dy=1 / 48, dx=1 / 48, dt=0.1, periodic_y=True, periodic_x=True)
LEADS = 3


def waves(number: int, frames: int) -> torch.Tensor:
    """Waves of a wavenumber that drift, as (time, component, y, x)."""
    y, x = GRID.y(dtype=torch.float64)[:, None], GRID.x(dtype=torch.float64)
    phase = 2 * torch.pi * number * (x + y) - 0.1 * torch.arange(frames)[:, None, None]
    return torch.stack((phase.cos(), phase.sin()), dim=1).float()


def moved(chain: Chain, number: int = 3):
    flow = waves(number, 12)
    history, future = flow[:8], flow[8:]
    window, _ = chain.window(history, 4, GRID)
    frames = [chain.frame(history, future, lead, GRID) for lead in range(1, LEADS + 1)]
    truth, known = (torch.stack(part) for part in zip(*frames, strict=True))
    return there_and_back(chain, history, window, truth, known, GRID)


def chain_of(symmetry, element) -> Chain:
    return Chain([Link(symmetry, element)])


@pytest.mark.parametrize("symmetry, element", [(Rotation(), 90.0), (Magnitude(), 2.0)])
def test_exact_elements_have_no_floor(symmetry, element):
    found = moved(chain_of(symmetry, element))
    assert torch.equal(found.error, torch.zeros_like(found.error))
    assert float(found.rmse_by_lead().max()) == 0.0


def test_the_floor_rises_with_the_wavenumber():
    """Interpolation of degree five: long waves survive, short ones do not."""
    chain = chain_of(Rotation(), 30.0)
    long, short = (float(moved(chain, n).rmse_by_lead().max()) for n in (2, 8))
    assert 0 < 100 * long < short


def test_the_floor_has_the_unit_of_the_moved_flow():
    turned = Link(Rotation(), 30.0)
    alone = moved(Chain([turned])).rmse_by_lead()
    stronger = moved(Chain([turned, Link(Magnitude(), 3.0)])).rmse_by_lead()
    torch.testing.assert_close(stronger, 3 * alone, rtol=1e-3, atol=0.0)


def test_nothing_is_told_where_nothing_is_known():
    found = moved(chain_of(Rotation(), 45.0))
    unknown = ~found.known[:, None].expand_as(found.error)
    assert bool(unknown.any()) and bool(found.known.any())
    assert float(found.error[unknown].abs().max()) == 0.0
    assert float(found.error.abs().max()) > 0.0


def test_a_flow_rescaled_between_frames_is_taken_back():
    found = moved(chain_of(Scaling(), 0.9))
    assert len(found.rmse_by_lead()) == LEADS
    assert bool((found.rmse_by_lead()[found.known.flatten(1).any(1)] < 0.1).all())


def test_patches_lie_where_everything_is_known():
    chain = chain_of(Rotation(), 45.0)
    found = moved(chain)
    _, known = chain.frame(waves(3, 8), waves(3, 4), 1, GRID)
    patch = spectral_patch(known, chain.act_on_grid(GRID), land=False)
    assert patch is not None and bool(known[patch.cells].all())
    wider = tuple(slice(cells.start - 1, cells.stop + 1) for cells in patch.cells)
    assert not bool(known[wider].all()), "a larger square would do"
    assert patch.cut(found.moved).shape[-2:] == patch.grid.shape
    assert not (patch.grid.periodic_x or patch.grid.periodic_y)
    assert spectral_patch(torch.zeros_like(known), GRID, land=False) is None


def test_land_is_masked_and_not_cut_off():
    known = torch.ones(GRID.shape, dtype=torch.bool)
    known[:20] = False
    patch = spectral_patch(known, GRID, land=True)
    assert patch is not None and patch.grid.shape == GRID.shape
    assert torch.equal(patch.mask[0], known)
    assert spectral_patch(torch.zeros_like(known), GRID, land=True) is None


def test_the_published_spectrum_is_the_power_of_the_energy_map():
    flow = waves(3, 6)
    energy = turbulent_kinetic_energy(flow)
    torch.testing.assert_close(mean_power(energy, GRID), turbulence_spectrum(flow, GRID))
