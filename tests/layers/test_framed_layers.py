"""Frames of uniform motion and magnitude: what they keep, at every strength of a flow, and why
convolutions cannot do without them."""

import pytest
import torch

from symdyn_core.layers import MagnitudeKit, PlainKit, UniformMotionKit
from symdyn_core.layers.component_magnitude import ComponentMagnitudeConvolution
from symdyn_core.layers.convolution import LEAKY_SLOPE, activate
from symdyn_core.layers.magnitude import MagnitudeConvolution, local_magnitude
from symdyn_core.layers.plain import PlainConvolution
from symdyn_core.layers.uniform_motion import (
    CentredConvolution,
    UniformMotionConvolution,
    centred,
)
from symdyn_core.models import ARCHITECTURES
from tests.layers.fields import random_field, with_bias
from tests.layers.networks import small_network

OPTIONS = {"kernel_size": 3, "periodic": (False, False), "gain": 1.0}
EXACT = {torch.float32: 1e-5, torch.float64: 1e-12}
ONE, COMPONENT = MagnitudeKit(), MagnitudeKit(scale="component")


def biased_network(architecture, kit, dtype):
    return small_network(architecture, kit, past=3, predicts="increment").to(dtype)


def relative(actual, expected):
    """Size of the difference, found in float64: squares of 1e-30 are nothing in float32."""
    actual, expected = actual.double(), expected.double()
    return ((actual - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("factor", [1e-30, 1e-12, 3.7, 1e12, 1e30])
@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize("kit", [ONE, COMPONENT], ids=lambda kit: kit.scale)
def test_magnitude_is_kept_at_every_strength_and_so_are_gradients(kit, architecture, dtype, factor):
    network = biased_network(architecture, kit, dtype)
    weak = random_field(6, 8).to(dtype).requires_grad_()
    strong = (weak.detach() * factor).requires_grad_()
    # Ranges that happen to be small divide: the paper's layer loses digits where they are.
    loss_of_digits = 1 if kit is ONE else 100
    first, second = network(weak), network(strong)
    assert relative(second, first.double() * factor) < loss_of_digits * EXACT[dtype]
    first.sum().backward()
    second.sum().backward()
    # A map of degree 1 has a gradient of degree 0: the same at every strength.
    assert relative(strong.grad, weak.grad) < loss_of_digits * EXACT[dtype]
    plain = biased_network(architecture, PlainKit(), dtype)
    assert relative(plain(strong), plain(weak).double() * factor) > 1e-2


def test_an_absolute_floor_would_lose_weak_flows():
    """Control: the released code adds 1e-6 to the scale."""
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    h = random_field()
    layer = MagnitudeConvolution(convolution)

    def with_floor(h):
        s = local_magnitude(h, 1, (False, False)) + 1e-6
        bias = convolution.bias.view(-1, 1, 1)
        return activate(convolution(h) + (s - 1) * bias)

    assert relative(layer(h * 1e-4), layer(h) * 1e-4) < 1e-12
    assert relative(with_floor(h * 1e-4), with_floor(h) * 1e-4) > 1e-3


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize(
    "kit", [UniformMotionKit(), ONE, COMPONENT], ids=["motion", "one", "component"]
)
def test_water_at_rest_has_finite_gradients(kit, architecture, dtype):
    network = biased_network(architecture, kit, dtype)
    patch = torch.ones(8, 8, dtype=torch.bool)
    patch[:5, :5] = False
    moving = random_field(6, 8).to(dtype)
    fields = [torch.zeros_like(moving), *(moving * patch * a for a in (1e-30, 1, 1e30))]
    one_component = moving.clone()
    one_component[:, ::2] = 0
    for h in (*fields, one_component):
        h.requires_grad_()
        network.zero_grad()
        out = network(h)
        out.sum().backward()
        gradients = [h.grad, *(p.grad for p in network.parameters() if p.grad is not None)]
        assert out.isfinite().all()
        assert all(gradient.isfinite().all() for gradient in gradients)
    if isinstance(kit, MagnitudeKit):
        assert not network(fields[0]).any()
    assert biased_network(architecture, PlainKit(), dtype)(fields[0]).any()


def test_a_scale_for_each_component_has_a_symmetry_that_no_flow_has():
    """(u, v) -> (a u, b v): kept by the paper's magnitude layer, and by no other."""
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    stretch = torch.tensor([3.0, 0.2], dtype=torch.float64)

    def asymmetry(layer):
        h = random_field()
        stretched = h * stretch.repeat(3).view(-1, 1, 1)
        return relative(layer(stretched), layer(h) * stretch.repeat(2).view(-1, 1, 1))

    assert asymmetry(ComponentMagnitudeConvolution(convolution)) < 1e-12
    assert asymmetry(MagnitudeConvolution(convolution)) > 1e-2
    assert asymmetry(convolution) > 1e-2


def shift_equivariant_convolution():
    """K * (h + c) = K * h + c: a centred kernel and the mean of each component."""
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    mean = torch.eye(2, dtype=torch.float64).repeat(2, 3)[:, :, None, None] / (3 * 9)
    convolution.weight.data = centred(convolution.weight.data) + mean.expand(-1, -1, 3, 3)
    return convolution


SHIFT = torch.tensor([0.8, -0.5], dtype=torch.float64)


def test_equivariance_to_uniform_motion_leaves_activations_no_choice_but_to_be_affine():
    """Wang et al. (2021): q = act(K * h + b) with q(h + c) = q(h) + c for all c is affine.

    The activation is sought, not given: among all piecewise linear functions with these knots, the
    condition on fields and shifts singles out act(z) = z + constant.
    """
    convolution = shift_equivariant_convolution()
    knots = torch.linspace(-12, 12, 25, dtype=torch.float64)

    def hats(z):
        """Values of the hat functions of all knots, of which ``act`` is a sum."""
        return (1 - (z.flatten()[:, None] - knots).abs() / (knots[1] - knots[0])).clamp(min=0)

    h = 2 * random_field(batch=4)
    rows, shifts = [], []
    for factor in (0.4, 1.0, 2.7):
        c = factor * SHIFT
        moved, still = (convolution(field) for field in (h + c.repeat(3).view(-1, 1, 1), h))
        shift = c.repeat(2).view(-1, 1, 1).expand_as(still)
        assert torch.allclose(moved, still + shift, atol=1e-12)  # the convolution does its part
        assert moved.abs().max() < 12 and still.abs().max() < 12
        rows.append(hats(moved) - hats(still))
        shifts.append(shift.flatten())
    conditions, shifts = torch.cat(rows), torch.cat(shifts)
    reached = conditions.abs().sum(0) > 0
    conditions, knots = conditions[:, reached], knots[reached]
    assert torch.linalg.matrix_rank(conditions) == len(knots) - 1  # all but the constant
    found = torch.linalg.lstsq(conditions, shifts[:, None], driver="gelsd").solution[:, 0]
    assert (conditions @ found - shifts).abs().max() < 1e-10
    assert (found - knots).std() < 1e-8
    # Control: the activation of our layers does not meet the condition.
    leaky = torch.where(knots > 0, knots, LEAKY_SLOPE * knots)
    assert (conditions @ leaky - shifts).abs().max() > 0.1


def test_a_frame_gives_equivariance_to_uniform_motion_without_being_affine():
    centred_convolution = with_bias(CentredConvolution(6, 4, **OPTIONS))
    framed = UniformMotionConvolution(centred_convolution)
    unframed = shift_equivariant_convolution()
    h, other = random_field(), random_field(seed=5)

    def asymmetry(layer):
        moved = layer(h + SHIFT.repeat(3).view(-1, 1, 1))
        return relative(moved, layer(h) + SHIFT.repeat(2).view(-1, 1, 1))

    def curvature(layer):
        return relative(layer((h + other) / 2), (layer(h) + layer(other)) / 2)

    assert asymmetry(framed) < 1e-12 and curvature(framed) > 1e-2
    # Controls: without a frame one has either the symmetry or the curvature.
    assert asymmetry(unframed) < 1e-12 and curvature(unframed) < 1e-12
    assert asymmetry(lambda h: activate(unframed(h))) > 1e-2
    assert curvature(lambda h: activate(unframed(h))) > 1e-2
