"""Filters of equivariant layers obey the kernel constraint; those of ordinary ones do not."""

import math

import pytest
import torch
from torch import nn

from symdyn_core.equivariance.kernels import (
    FieldType,
    dilated,
    filters,
    framed,
    halves,
    wave_residual,
)
from symdyn_core.equivariance.kernels.constraint import dilation_residual, level_residual
from symdyn_core.equivariance.kernels.field_types import PlanarElement
from symdyn_core.equivariance.kernels.framed import SPARE, neighbourhood
from symdyn_core.equivariance.kernels.turned import spanned_share, turned
from symdyn_core.layers import (
    DihedralKit,
    MagnitudeKit,
    PlainKit,
    ScaledKit,
    SteerableKit,
    UniformMotionKit,
)
from symdyn_core.layers.lattice_harmonics import LatticeBasis
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.models import NetworkForecaster, ResNet

ROUNDING = 1e-6
"""Kernels are built in single precision."""


def forecaster(kit, past: int = 4) -> NetworkForecaster:
    torch.manual_seed(3)
    model = NetworkForecaster(ResNet(kit, past, 4, multipliers=(1, 2)), past).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter += 0.3 * torch.randn_like(parameter)
    return model


def elements(group: PlanarGroup) -> list[PlanarElement]:
    turns = [PlanarElement(360 * a / group.order) for a in range(group.order)]
    return turns + [PlanarElement(t.angle, True) for t in turns if group.mirrored]


@pytest.mark.parametrize("group", [PlanarGroup(8), PlanarGroup(3), PlanarGroup(4, mirrored=True)])
def test_functions_on_a_group_are_permuted_by_it(group):
    functions = FieldType("functions", group)
    for number, element in enumerate(elements(group)):
        expected = torch.zeros(group.size, group.size, dtype=torch.float64)
        expected[torch.arange(group.size), group.relative()[number]] = 1
        torch.testing.assert_close(functions.matrix(element), expected, atol=1e-12, rtol=0)
        torch.testing.assert_close(element.matrix(), group.matrices()[number])


def test_between_its_angles_a_group_function_is_a_smooth_one():
    group = PlanarGroup(8)
    angles = torch.arange(8, dtype=torch.float64) * math.pi / 4
    moved = FieldType("functions", group).matrix(PlanarElement(20.0)) @ torch.cos(2 * angles)
    torch.testing.assert_close(moved, torch.cos(2 * (angles - math.radians(20))))


@pytest.mark.parametrize("kit", [SteerableKit(order=8), DihedralKit(order=4), ScaledKit(order=4)])
def test_steerable_filters_obey_the_constraint(kit):
    layers = filters(forecaster(kit))
    assert len(layers) >= 5
    for layer in layers:
        for element in elements(kit.group)[1:]:
            assert halves(layer, element).residual < ROUNDING, (layer.path, element)


def test_ordinary_filters_break_it():
    for layer in filters(forecaster(PlainKit())):
        if layer.half == 0 and layer.type_in.kind == layer.type_out.kind == "scalars":
            continue  # a pointwise map of scalars obeys it, whatever its numbers
        for element in (PlanarElement(90.0), PlanarElement(180.0, True)):
            assert halves(layer, element).residual > 0.3, (layer.path, element)
            assert wave_residual(layer, element) > 0.1


def test_a_basis_holds_steerable_filters_whole_and_ordinary_ones_in_part():
    steerable, plain = (filters(forecaster(kit))[0] for kit in (SteerableKit(), PlainKit()))
    assert spanned_share(steerable.kernel(), steerable.basis) > 1 - ROUNDING
    assert 0.3 < spanned_share(plain.kernel(), plain.basis) < 0.95


def test_a_spoilt_filter_is_noticed():
    layer = filters(forecaster(SteerableKit(order=8)))[1]
    kernel = layer.kernel()
    spoilt = kernel.clone()
    spoilt[0, 2, 0, 1, 0, 1] += 0.1 * kernel.abs().max()
    assert halves(layer, PlanarElement(90.0), kernel).residual < ROUNDING
    assert halves(layer, PlanarElement(90.0), spoilt).residual > 1e-3


def test_the_first_layer_is_steerable_at_every_angle_and_a_hidden_one_is_not():
    lift, hidden, *_ = filters(forecaster(SteerableKit(order=8)))
    odd = PlanarElement(22.5)
    assert halves(lift, odd).residual < ROUNDING
    assert halves(hidden, odd).residual > 0.1


def test_quarter_turns_act_alike_on_all_waves():
    layer = filters(forecaster(SteerableKit(order=8)))[1]
    assert wave_residual(layer, PlanarElement(90.0)) < ROUNDING
    # Between quarter turns the lattice shows through: by the leak that its basis allows.
    assert ROUNDING < wave_residual(layer, PlanarElement(45.0)) < 0.05


@pytest.mark.parametrize("size", [1, 3, 5])
def test_quarter_turns_and_mirrors_move_the_cells_of_any_filter(size):
    kernel = torch.randn(2, 3, size, size, dtype=torch.float64)
    quarter = turned(kernel, LatticeBasis(size), PlanarElement(90.0))
    torch.testing.assert_close(quarter, torch.rot90(kernel, -1, (-2, -1)))
    mirrored = turned(kernel, LatticeBasis(size), PlanarElement(0.0, True))
    torch.testing.assert_close(mirrored, kernel.flip(-2))


def test_filters_of_levels_are_dilated_copies():
    layers = filters(forecaster(ScaledKit(extent=2)))
    assert [layer.levels for layer in layers[:2]] == [2, 1]
    assert level_residual(layers[0]) < ROUNDING
    assert level_residual(layers[1]) is None
    wide, held = dilated(layers[0], math.sqrt(2))
    assert wide.shape[-1] > layers[0].kernel().shape[-1]
    torch.testing.assert_close(wide, held)


def test_scaled_filters_answer_wider_waves_alike_and_ordinary_ones_do_not():
    scaled, plain = (filters(forecaster(kit))[0] for kit in (ScaledKit(), PlainKit()))
    assert dilation_residual(scaled, 2.0) < 0.03
    assert dilation_residual(plain, 2.0) > 5 * dilation_residual(scaled, 2.0)
    assert dilation_residual(plain, 1.0) == 0


def answers(kit, number: int, **action):
    model = forecaster(kit)
    window = torch.randn(1, 4, 2, 24, 24, generator=torch.Generator().manual_seed(0))
    layer = filters(model)[number]
    return framed(layer, neighbourhood(model, layer, window), **action)


@pytest.mark.parametrize("number", range(6))
def test_a_framed_layer_follows_uniform_motion(number):
    moved = answers(UniformMotionKit(), number, motion=(1.5, -0.5))
    assert moved.residual < 1e-5
    still = answers(UniformMotionKit(), number, motion=(0.0, 0.0))
    torch.testing.assert_close(moved.inside, still.inside, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("number", range(6))
def test_a_framed_layer_follows_magnitude(number):
    moved = answers(MagnitudeKit(), number, factor=3.0)
    assert moved.residual < 1e-5
    assert moved.follows
    still = answers(MagnitudeKit(), number, factor=1.0)
    torch.testing.assert_close(moved.inside, still.inside, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(moved.frame, 3 * still.frame)


def test_an_ordinary_layer_follows_neither():
    assert answers(PlainKit(), 0, motion=(1.5, -0.5)).residual > 0.1
    assert answers(PlainKit(), 0, factor=3.0).residual > 0.02


def test_an_odd_number_of_answers_is_taken_as_invariant():
    model = NetworkForecaster(ResNet(PlainKit(), 4, 5, multipliers=(1,)), 4).eval()
    layer = filters(model)[0]
    patch = neighbourhood(model, layer, torch.randn(1, 4, 2, 24, 24))
    moved = framed(layer, patch, motion=(1.0, 0.0))
    assert not moved.follows
    assert moved.residual > 0.1
    with pytest.raises(ValueError, match="odd"):
        framed(filters(model)[1], torch.zeros(5, 11, 11), motion=(1.0, 0.0))


def test_the_neighbourhood_is_the_input_of_the_layer():
    model = forecaster(PlainKit(), past=1)
    window = torch.zeros(1, 1, 2, 24, 24)
    window[0, 0, 0, 13, 15] = 7.0
    layer = filters(model)[0]
    patch = neighbourhood(model, layer, window)
    assert patch.shape[-1] == 2 * (layer.half + SPARE) + 1
    assert patch.max() == 7.0
    with pytest.raises(ValueError, match="neighbourhood"):
        neighbourhood(model, layer, window[..., :6, :6])


class Foreign(nn.Module):
    """A network that knows nothing of this package."""

    past = 1

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 5, 3, padding=1)
        self.strided = nn.Conv2d(5, 5, 4, stride=2)
        self.last = nn.Conv2d(5, 2, 3, padding=1)

    def forward(self, window):
        return self.last(self.first(window[:, -1]))


def test_foreign_networks_are_looked_into_and_functions_are_not():
    layers = filters(Foreign())
    assert [layer.path for layer in layers] == ["first", "last"]
    assert (layers[0].type_in.kind, layers[1].type_out.kind) == ("vectors", "vectors")
    assert halves(layers[0], PlanarElement(90.0)).residual > 0.3
    assert filters(lambda window: window[:, -1]) == []


def test_bad_requests_are_told():
    with pytest.raises(ValueError, match="no mirrors"):
        FieldType("functions", PlanarGroup(8)).matrix(PlanarElement(0.0, True))
    layer = filters(forecaster(PlainKit()))[0]
    with pytest.raises(ValueError, match="either"):
        framed(layer, torch.zeros(8, 11, 11), motion=(1.0, 0.0), factor=2.0)
