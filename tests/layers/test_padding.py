"""Padding: values, gradients, forward mode, precision and memory format."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F

from symdyn_core.layers.padding import _concatenated, _folded, _scattered, pad
from tests.layers.fields import random_field

PERIODICITIES = list(product((False, True), repeat=2))
RADII = [1, 3, (1, 2), (0, 2), (2, 0)]


def by_index(h, radius, periodic):
    """The definition: every padded cell is a cell of the field."""
    radii = (radius, radius) if isinstance(radius, int) else radius
    y, x = (
        torch.arange(-r, n + r) % n if repeats else torch.arange(-r, n + r).clamp(0, n - 1)
        for n, r, repeats in zip(h.shape[-2:], radii, periodic, strict=True)
    )
    return h[..., y[:, None], x]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("periodic", PERIODICITIES)
def test_cells_and_gradients_are_those_of_the_definition(periodic, radius, layout):
    h = random_field(3, 5)[..., :4].contiguous(memory_format=layout).requires_grad_()
    padded, expected = pad(h, radius, periodic), by_index(h, radius, periodic)
    assert torch.equal(padded, expected)
    assert padded.is_contiguous(memory_format=layout)
    with torch.no_grad():
        assert torch.equal(pad(h, radius, periodic), expected)
    upstream = torch.randn_like(padded)
    gradient, expected = (torch.autograd.grad(p, h, upstream)[0] for p in (padded, expected))
    assert torch.allclose(gradient, expected, atol=1e-13)
    assert gradient.is_contiguous(memory_format=layout)


# PyTorch itself compiles its forward-mode rules by the old scripting.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
@pytest.mark.parametrize("periodic", PERIODICITIES)
def test_derivatives_of_both_modes_and_of_second_order(periodic):
    h = random_field(1, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda h: pad(h, 2, periodic), h, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda h: pad(h, 2, periodic), h)
    jacobian = torch.func.jacrev(lambda h: pad(h, 1, periodic))(h)
    assert torch.equal(jacobian, torch.func.jacfwd(lambda h: pad(h, 1, periodic))(h))


@pytest.mark.parametrize("radii", [(1, 1), (2, 3)])
def test_every_way_of_padding_is_the_same(radii):
    h = random_field(2, 6)
    for periodic in PERIODICITIES:
        assert torch.equal(_concatenated(h, radii, periodic), pad(h, radii, periodic))
    gradient = random_field(2, 10)
    open_ends = (False, False)
    assert torch.allclose(
        _scattered(gradient, radii, open_ends), _folded(gradient, radii, open_ends), atol=1e-13
    )


def test_lines_shorter_than_the_radius_repeat_more_than_once():
    h = random_field(1, 3)
    assert torch.equal(pad(h, 7, (True, True)), by_index(h, 7, (True, True)))


def test_low_precision_survives_autocast_and_what_is_padded_is_let_go():
    h = random_field(2, 6).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        for periodic in PERIODICITIES:
            assert pad(h, 1, periodic).dtype == torch.bfloat16
        # Control: PyTorch's replication comes back in float32.
        assert F.pad(h, (1, 1, 1, 1), mode="replicate").dtype == torch.float32

    def kept(padding):
        tensors = []
        with torch.autograd.graph.saved_tensors_hooks(tensors.append, lambda _: None):
            padding(random_field().requires_grad_())
        return len(tensors)

    assert kept(lambda h: pad(h, 1, (False, False))) == 0
    assert kept(lambda h: F.pad(h, (1, 1, 1, 1), mode="replicate")) == 1
