"""The fast forms of the layers equal the definitions of the paper; kernels and caches are right."""

import copy

import pytest
import torch
import torch.nn.functional as F

from symdyn_core.layers import (
    KITS,
    MagnitudeKit,
    UniformMotionKit,
)
from symdyn_core.layers.convolution import activate
from symdyn_core.layers.magnitude import ComponentMagnitudeConvolution, MagnitudeConvolution
from symdyn_core.layers.plain import PlainConvolution
from symdyn_core.layers.uniform_motion import CentredConvolution, UniformMotionConvolution
from tests.layers.fields import random_field, with_bias

OPTIONS = {"kernel_size": 3, "periodic": (False, False), "gain": 1.0}


def patches(h, kernel_size=3):
    """(batch, pair, component, taps, y, x): every sliding block with replicated edges."""
    r = kernel_size // 2
    unfolded = F.unfold(F.pad(h, (r, r, r, r), mode="replicate"), kernel_size)
    return unfolded.unflatten(1, (h.shape[1] // 2, 2, kernel_size**2)).unflatten(-1, h.shape[-2:])


def correlate(weight, blocks):
    return torch.einsum("opck,bpckyx->boyx", weight.unflatten(1, (-1, 2)).flatten(3), blocks)


def test_uniform_motion_layer_is_the_papers():
    torch.manual_seed(0)
    convolution = with_bias(CentredConvolution(6, 4, **OPTIONS))
    h = random_field()
    blocks = patches(h)
    mean = blocks.mean(dim=(1, 3), keepdim=True)
    q = correlate(convolution.weight, blocks - mean) + convolution.bias.view(-1, 1, 1)
    expected = activate(q) + mean[:, 0, :, 0].repeat(1, 2, 1, 1)
    assert torch.allclose(UniformMotionConvolution(convolution)(h), expected, atol=1e-12)
    # Control: without the frame the layer is another one.
    assert not torch.allclose(activate(q), expected, atol=1e-2)


def test_one_scale_magnitude_layer_is_the_papers_with_one_scale():
    torch.manual_seed(0)
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    h = random_field()
    blocks = patches(h)
    s = blocks.abs().mean(dim=(1, 2, 3))[:, None]
    q = correlate(convolution.weight, blocks / s[:, :, None, None])
    expected = s * activate(q + convolution.bias.view(-1, 1, 1))
    assert torch.allclose(MagnitudeConvolution(convolution)(h), expected, atol=1e-12)
    unframed = activate(correlate(convolution.weight, blocks) + convolution.bias.view(-1, 1, 1))
    assert not torch.allclose(unframed, expected, atol=1e-2)


def test_component_magnitude_layer_is_the_papers():
    torch.manual_seed(0)
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    h = random_field()
    blocks = patches(h)
    s = blocks.amax(dim=(1, 3)) - blocks.amin(dim=(1, 3))
    q = correlate(convolution.weight, blocks / s[:, None, :, None])
    expected = activate(q + convolution.bias.view(-1, 1, 1)) * s.repeat(1, 2, 1, 1)
    assert torch.allclose(ComponentMagnitudeConvolution(convolution)(h), expected, atol=1e-12)


def test_component_magnitude_survives_still_water():
    convolution = with_bias(PlainConvolution(6, 4, **OPTIONS))
    h = random_field()
    h[:, :, :5] = 0
    assert torch.isfinite(ComponentMagnitudeConvolution(convolution)(h)).all()


@pytest.mark.parametrize("kit", KITS, ids=lambda k: k.__name__)
def test_cached_kernels_follow_the_weights(kit):
    torch.manual_seed(0)
    block = kit().residual(2, 2).eval()
    h = torch.randn(1, kit().channels(2), 8, 8)
    with torch.no_grad():
        first = block(h)
        assert torch.equal(block(h), first)
        parameter = next(p for p in block.parameters() if p.ndim > 1)
        parameter.add_(0.1)  # an optimiser's step in place
        edited = block(h)
        assert not torch.allclose(edited, first)
        fresh = kit().residual(2, 2).eval()
        fresh(h)
        fresh.load_state_dict(block.state_dict())
        assert torch.equal(fresh(h), edited)
        double = copy.deepcopy(block).double()(h.double())
        assert torch.allclose(double.float(), edited, atol=1e-5)
        assert double.dtype == torch.float64
    assert block.train()(h).requires_grad


@pytest.mark.parametrize("kit", KITS, ids=lambda k: k.__name__)
def test_cached_kernels_follow_optimisers_that_count_no_steps(kit):
    torch.manual_seed(0)
    block = kit().residual(2, 2).eval()
    h = torch.randn(1, kit().channels(2), 8, 8)
    optimiser = torch.optim.AdamW(block.parameters(), lr=0.1, fused=True)
    with torch.no_grad():
        first = block(h)
    block(h).square().sum().backward()
    optimiser.step()
    with torch.no_grad():
        stepped = block(h)
        assert not torch.allclose(stepped, first)
        assert torch.equal(stepped, copy.deepcopy(block)(h))


@pytest.mark.parametrize("kit", KITS, ids=lambda k: k.__name__)
def test_features_keep_their_size_through_a_deep_stack(kit):
    torch.manual_seed(0)
    made = kit()
    width = 24 if made.channels(1) == 1 else 12 if made.channels(1) == 2 else 4
    h = torch.randn(2, 16, 24, 24)
    with torch.no_grad():
        h = made.lift(8, width)(h)
        first = h.std().item()
        for _ in range(8):
            h = made.residual(width, width)(h)
    assert 0.3 * first < h.std().item() < 10 * first


def test_bad_kits_are_refused():
    with pytest.raises(ValueError, match="'one' or 'component', got 'two'"):
        MagnitudeKit(scale="two")
    for kit in KITS:
        for size in (4, 0, -3):
            with pytest.raises(ValueError, match=f"odd number of cells.* got kernel_size={size}"):
                kit(kernel_size=size)
    assert UniformMotionKit().channels(3) == 6
