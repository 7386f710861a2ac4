"""Coarsening and refining are symmetric on grids of any size, and so are networks over them."""

import itertools

import pytest
import torch
from torch import nn

from symdyn_core.equivariance import equivariance_error
from symdyn_core.grid import Grid
from symdyn_core.layers import (
    DihedralKit,
    MagnitudeKit,
    PlainKit,
    ScaledKit,
    SteerableKit,
    UniformMotionKit,
)
from symdyn_core.layers.resolution import Coarsening, Refining
from symdyn_core.models import ForecasterSpec, ResNet, UNet
from symdyn_core.symmetries import Magnitude, Reflection, Translation, UniformMotion
from tests.biases import with_random_biases

EXACT, BROKEN = 1e-10, 1e-3
SIZES = [(8, 8), (9, 9), (10, 7), (5, 3)]
PERIODICITIES = list(itertools.product((False, True), repeat=2))


def random_field(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def random_forecaster(architecture, kit, multipliers=(1, 2, 2)):
    """Two coarsenings in a U-Net; biases that matter."""
    width = 4 if isinstance(kit, PlainKit) else 2
    forecaster = ForecasterSpec(architecture, kit, 2, width, multipliers).build(seed=1)
    return with_random_biases(forecaster.double(), gain=1.5).eval()


def error(forecaster, symmetry, element, y, x, periodic=False):
    grid = Grid(y, x, periodic_y=periodic, periodic_x=periodic)
    window = random_field(2, forecaster.past, 2, y, x)
    with torch.no_grad():
        errors, _ = equivariance_error(forecaster, symmetry, element, window, grid)
    return errors.max().item()


@pytest.mark.parametrize("anti_aliased", [False, True])
@pytest.mark.parametrize("periodic", PERIODICITIES)
def test_resampling_commutes_with_turns_and_mirrors_and_keeps_constants(periodic, anti_aliased):
    swapped = periodic[::-1]
    down, down_swapped = (Coarsening(p, anti_aliased).double() for p in (periodic, swapped))
    up, up_swapped = (Refining(p, anti_aliased).double() for p in (periodic, swapped))
    for y, x in itertools.product(range(1, 8), repeat=2):
        h = random_field(1, 2, y, x)
        coarse = down(h)
        fine = up(coarse, (y, x))
        assert coarse.shape[-2:] == ((y + 1) // 2, (x + 1) // 2)
        assert fine.shape == h.shape

        def turn(h):
            return torch.rot90(h, 1, (-2, -1))

        assert torch.allclose(down_swapped(turn(h)), turn(coarse), atol=1e-13)
        assert torch.allclose(up_swapped(turn(coarse), (x, y)), turn(fine), atol=1e-13)
        assert torch.allclose(down(h.flip(-1)), coarse.flip(-1), atol=1e-13)
        assert torch.allclose(up(coarse.flip(-2), (y, x)), fine.flip(-2), atol=1e-13)
        assert torch.allclose(up(down(h + 3.0), (y, x)), fine + 3.0, atol=1e-13)


@pytest.mark.parametrize("anti_aliased", [False, True])
@pytest.mark.parametrize("cells", [16, 17])
def test_resampling_keeps_linear_fields_and_removes_the_shortest_wave(cells, anti_aliased):
    down, up = (kind((False, False), anti_aliased).double() for kind in (Coarsening, Refining))
    ramp = torch.arange(float(cells)).double().expand(1, 1, cells, cells)
    inside = slice(6, -6)
    assert torch.allclose(up(down(ramp), (cells, cells))[..., inside], ramp[..., inside])
    stripes = (-1.0) ** ramp
    assert down(stripes)[..., 3:-3].abs().max() < 1e-14
    # Control: every other cell alone sees the stripes as a constant.
    assert stripes[..., ::2].min() == 1


def test_anti_aliasing_lets_less_through_that_the_coarse_grid_cannot_hold():
    x = torch.arange(64.0).double()
    wave = torch.cos(2 * torch.pi * x / 3).expand(1, 1, 64, 64)  # three cells: 1.5 coarse ones
    passed = [Coarsening((True, True), a).double()(wave)[..., 4:-4].std() for a in (False, True)]
    assert passed[1] < 0.2 * passed[0]


def test_refining_refuses_a_grid_that_does_not_coarsen_to_it():
    with pytest.raises(ValueError, match=r"Expected 5 x 4 coarse cells to refine to 9 x 8, got 4"):
        Refining((False, False))(torch.zeros(1, 1, 4, 4), (9, 8))


STEERABLE: list[SteerableKit] = [
    SteerableKit(order=4),
    SteerableKit(anti_aliased=True, activation="band_limited"),
    DihedralKit(order=4),
    DihedralKit(order=4, anti_aliased=True),
    DihedralKit(order=4, activation="band_limited"),
    ScaledKit(kernel_size=3, degree=1, order=4, mirrored=True, extent=1),
]


@pytest.mark.parametrize("architecture", [ResNet, UNet])
@pytest.mark.parametrize("kit", STEERABLE, ids=str)
def test_turns_and_mirrors_are_exact_on_grids_of_any_size(kit, architecture):
    forecaster = random_forecaster(architecture, kit)
    turn, mirror = (90.0, 0.0), (180.0, 1.0)
    for y, x in SIZES:
        assert error(forecaster, Reflection(), turn, y, x) < EXACT
        mirrored = error(forecaster, Reflection(), mirror, y, x)
        assert mirrored < EXACT if kit.group.mirrored else mirrored > BROKEN


@pytest.mark.parametrize("anti_aliased", [False, True])
def test_ordinary_convolutions_turn_wrongly_on_any_grid(anti_aliased):
    forecaster = random_forecaster(UNet, PlainKit(anti_aliased=anti_aliased))
    for y, x in SIZES:
        assert error(forecaster, Reflection(), (90.0, 0.0), y, x) > BROKEN


@pytest.mark.parametrize("architecture", [ResNet, UNet])
@pytest.mark.parametrize("anti_aliased", [False, True])
def test_periodic_grids_turn_exactly_too(architecture, anti_aliased):
    kit = SteerableKit((True, True), order=4, anti_aliased=anti_aliased)
    forecaster = random_forecaster(architecture, kit)
    for y, x in SIZES:
        assert error(forecaster, Reflection(), (90.0, 0.0), y, x, periodic=True) < EXACT


@pytest.mark.parametrize("anti_aliased", [False, True])
@pytest.mark.parametrize("architecture", [ResNet, UNet])
def test_framed_kits_are_exact_on_grids_of_any_size(architecture, anti_aliased):
    moving = random_forecaster(architecture, UniformMotionKit(anti_aliased=anti_aliased))
    scaled = random_forecaster(architecture, MagnitudeKit(anti_aliased=anti_aliased))
    plain = random_forecaster(architecture, PlainKit(anti_aliased=anti_aliased))
    for y, x in SIZES:
        assert error(moving, UniformMotion(), (1.7, -0.6), y, x) < EXACT
        assert error(scaled, Magnitude(), 3.7, y, x) < EXACT
        assert error(plain, UniformMotion(), (1.7, -0.6), y, x) > BROKEN
        assert error(plain, Magnitude(), 3.7, y, x) > BROKEN


@pytest.mark.parametrize("anti_aliased", [False, True])
def test_shifts_by_whole_coarse_cells_are_exact_on_even_periodic_axes(anti_aliased):
    forecaster = random_forecaster(UNet, PlainKit((True, True), anti_aliased=anti_aliased))
    assert error(forecaster, Translation(), (4.0, -8.0), 16, 24, periodic=True) < EXACT
    assert error(forecaster, Translation(), (1.0, 0.0), 16, 24, periodic=True) > BROKEN
    assert error(forecaster, Translation(), (4.0, 0.0), 16, 17, periodic=True) > BROKEN


class EveryOtherCell(nn.Module):
    """What a convolution of stride 2 keeps."""

    def forward(self, h):
        return h[..., ::2, ::2]


def test_a_stride_of_two_turns_on_odd_grids_only():
    forecaster = random_forecaster(UNet, SteerableKit(order=4), multipliers=(1, 2))
    for coarsen in forecaster.network.coarsen:
        coarsen.coarsening = EveryOtherCell()
    assert error(forecaster, Reflection(), (90.0, 0.0), 13, 13) < EXACT
    assert error(forecaster, Reflection(), (90.0, 0.0), 12, 12) > BROKEN


@pytest.mark.parametrize("architecture", [ResNet, UNet])
@pytest.mark.parametrize(
    "kit",
    [
        PlainKit(),
        PlainKit(anti_aliased=True),
        UniformMotionKit(kernel_size=5),
        SteerableKit(order=2, activation="band_limited"),
        ScaledKit(kernel_size=3, extent=1),
    ],
    ids=str,
)
def test_nothing_beyond_the_receptive_radius_is_seen(kit, architecture):
    network = random_forecaster(architecture, kit, multipliers=(1, 1)).network
    reach = network.receptive_radius
    for cells in (2 * reach + 20, 2 * reach + 21):
        w = random_field(1, 4, 5, cells)
        seen = 0
        for place in range(cells // 2 - 2, cells // 2 + 2):
            other = w.clone()
            other[..., place] += 10
            with torch.no_grad():
                changed = (network(other) - network(w)).abs().amax((0, 1, 2)) > 1e-12
            seen = max(seen, (changed.nonzero() - place).abs().max().item())
        assert seen <= reach
        # Control: it is no empty promise.
        assert seen >= 0.6 * reach
