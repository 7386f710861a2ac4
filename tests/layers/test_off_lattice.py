"""Between the quarter turns: what the lattice breaks, and how far filters mend it.

The figures of e2cnn and escnn for such chains are in ``benchmarks/off_lattice.py``.
"""

import math
from dataclasses import replace
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from symdyn_core.benchmarking.off_lattice import (
    PlaneWaves,
    chain,
    chain_cells,
    mean_turning_error,
    turned_vectors,
    turning_error,
)
from symdyn_core.grid import Grid
from symdyn_core.layers import DihedralKit, ScaledKit, SteerableKit
from symdyn_core.layers.activation import FILTER_REACH, BandLimited
from symdyn_core.layers.convolution import LEAKY_SLOPE, activate
from symdyn_core.models import UNet
from symdyn_core.symmetries import Rotation

WIDTH, SEEDS = 2, 3


def chain_error(kit):
    flows = PlaneWaves(4, shortest=8)
    return mean_turning_error(partial(chain, kit, WIDTH), flows, chain_cells(kit), SEEDS)


def test_turned_waves_are_the_flow_turned():
    flows = PlaneWaves(2, past=2)
    rest = flows.turned(0, 9)
    quarter = turned_vectors(torch.rot90(rest, -1, (-2, -1)).unflatten(1, (2, 2)), math.pi / 2)
    assert torch.allclose(flows.turned(math.pi / 2, 9), quarter.flatten(1, 2), atol=1e-12)
    # The library's own action, which interpolates, agrees inside.
    moved, valid = Rotation().act_on_field(30.0, flows.turned(0, 41)[:, None, :2], Grid(41, 41))
    expected = flows.turned(math.pi / 6, 41)[:, None, :2]
    assert ((moved - expected) * valid)[..., 8:-8, 8:-8].abs().max() < 2e-3


@pytest.mark.parametrize(
    "kit, factor",
    [
        (SteerableKit(), 3),
        (SteerableKit(kernel_size=5), 4),
        (SteerableKit(order=16), 4),
        (DihedralKit(), 3),
    ],
    ids=str,
)
def test_band_limited_activations_turn_better(kit, factor):
    pointwise, limited = chain_error(kit), chain_error(replace(kit, activation="band_limited"))
    assert limited < pointwise / factor
    assert limited < 0.03


def test_quarter_turns_stay_exact_and_other_groups_stay_wrong():
    kit = SteerableKit(activation="band_limited")
    flows, cells = PlaneWaves(4), chain_cells(kit)
    assert turning_error(chain(kit, WIDTH, 0), flows, cells, math.pi / 2) < 1e-12
    # Control: filters do not make a network of another group turn.
    assert turning_error(chain(replace(kit, order=1), WIDTH, 0), flows, cells) > 0.3


def unet_error(**options):
    def build(seed):
        torch.manual_seed(seed)
        return UNet(SteerableKit(**options), 1, WIDTH, multipliers=(1, 1)).double().eval()

    # The centre is a node of the coarse grid too, and sees no edge.
    cells = 4 * math.ceil(build(0).receptive_radius / 2) + 1
    return mean_turning_error(build, PlaneWaves(4, shortest=16), cells, 4)


def test_filters_make_unets_turn_better():
    default = unet_error()
    assert unet_error(anti_aliased=True) < 0.7 * default
    assert unet_error(anti_aliased=True, activation="band_limited") < 0.2 * default


@pytest.mark.parametrize("periodic", [(False, False), (True, False), (True, True)])
def test_the_filter_is_binomial_and_keeps_constants(periodic):
    h = torch.randn(2, 3, 7, 6, dtype=torch.float64)
    layer = BandLimited(periodic).double()
    taps = torch.tensor([1.0, 4, 6, 4, 1], dtype=torch.float64) / 16
    r, modes = FILTER_REACH, ["circular" if axis else "replicate" for axis in periodic]
    padded = F.pad(F.pad(activate(h), (0, 0, r, r), mode=modes[0]), (r, r, 0, 0), mode=modes[1])
    windows = padded.unfold(2, 5, 1).unfold(3, 5, 1)
    expected = torch.einsum("bcyxij,i,j->bcyx", windows, taps, taps)
    assert torch.allclose(layer(h), expected, atol=1e-14)
    assert torch.allclose(layer(torch.full_like(h, -3)), torch.full_like(h, -3 * LEAKY_SLOPE))
    # Like the activation itself it has no unit.
    assert torch.allclose(layer(1e-8 * h), 1e-8 * layer(h), rtol=1e-12)
    for bits in (torch.bfloat16, torch.float16):
        assert BandLimited(periodic).to(bits)(torch.ones(1, 1, 4, 4, dtype=bits)).eq(1).all()


def test_the_activation_is_named_and_does_not_dilate():
    with pytest.raises(ValueError, match="'pointwise' or 'band_limited', got 'smooth'"):
        SteerableKit(activation="smooth")
    with pytest.raises(ValueError, match="does not dilate"):
        ScaledKit(activation="band_limited")
