"""Memory, arithmetic and modes of a convolution, counted by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from symdyn_core.benchmarking.arithmetic import operations
from symdyn_core.benchmarking.conditions import MODES, Conditions, step
from symdyn_core.benchmarking.memory import peak_bytes, saved_bytes

QUICK = Conditions(rounds=1)

X, W = 4 * 2 * 8 * 16 * 16, 4 * 8 * 8 * 3 * 3


def small_convolution():
    """An input and a kernel of X and W bytes; the output has X bytes as well."""
    x = torch.randn(2, 8, 16, 16, requires_grad=True)
    w = torch.randn(8, 8, 3, 3, requires_grad=True)
    return x, w


def test_peak_memory_of_a_convolution_by_hand():
    x, w = small_convolution()
    gradient = torch.ones_like(x)

    def training():
        return torch.autograd.grad(F.conv2d(x, w, padding=1), (x, w), gradient)

    # Held before: x, w and the gradient. Then: the output, whose gradients are x and w like.
    assert peak_bytes(training, [x, w]) == (X + W) + (X + X + W)

    def activated():
        return torch.autograd.grad(F.leaky_relu(F.conv2d(x, w, padding=1)), (x, w), gradient)

    # The convolution's output is saved until the activation's gradient is there.
    assert peak_bytes(activated, [x, w]) == (X + W) + (3 * X + W)
    assert peak_bytes(activated, [x, w]) == peak_bytes(activated, [x, w])


def test_memory_that_is_freed_or_viewed_does_not_add_up():
    x, _ = small_convolution()

    def chain():
        with torch.no_grad():
            h = x
            for _ in range(10):
                h = (2 * h).flatten(1).view_as(x)

    assert peak_bytes(chain, [x]) == X + 2 * X


def test_saved_memory_is_what_autograd_keeps():
    x, w = small_convolution()
    assert saved_bytes(lambda: F.conv2d(x, w, padding=1), [x, w]) == 0
    assert saved_bytes(lambda: F.leaky_relu(F.conv2d(x, w, padding=1)), [x, w]) == X
    assert saved_bytes(lambda: (2 * x).exp().sum(), [x]) == X


def test_operations_of_a_convolution_by_hand():
    x, w = small_convolution()
    forward = 2 * 2 * 16 * 16 * 8 * 8 * 9
    assert operations(lambda: F.conv2d(x, w, padding=1)) == forward
    module = nn.Conv2d(8, 8, 3, padding=1, bias=False)
    assert operations(step(module, x, "forward_backward", QUICK)) == 3 * forward


def test_the_modes_do_what_they_say():
    x, _ = small_convolution()
    module = nn.Conv2d(8, 8, 3)
    forward, training, evaluation = (step(module, x, mode, QUICK) for mode in MODES)
    assert forward().requires_grad and not evaluation().requires_grad
    assert not module.training
    assert [g.shape for g in training()] == [x.shape, module.weight.shape, module.bias.shape]
    assert module.weight.grad is None and x.grad is None


def test_bfloat16_and_channels_last_reach_the_convolution():
    conditions = Conditions(precision="bf16", channels_last=True)
    module = conditions.placed(nn.Conv2d(8, 8, 3))
    out = step(module, conditions.noise(1, 8, 9, 9), "forward", conditions)()
    assert out.dtype == torch.bfloat16 == conditions.hidden(2).dtype
    assert module.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"precision": "int8"}, "Unknown precision"),
        ({"rounds": 0}, "at least one"),
        ({"threads": 0}, "at least one"),
        ({"threads": 100_000}, "cores, got threads=100000"),
        ({"device": "cuda:9"}, "No device"),
    ],
)
def test_bad_conditions_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Conditions(**options)
