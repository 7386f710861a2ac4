"""Initial weights, the same rule for every kit so that comparisons are fair."""

import math

import torch
from torch import nn

RESIDUAL_GAIN = 0.5
"""Initial gain of the second convolution of a block: a deep stack starts near the identity, which
stands in for the batch normalisation that uniform motion and magnitude forbid."""

PROJECTION_GAIN = 0.1
"""Initial gain of the output: a forecast starts near persistence."""


def free_kernel(channels_in: int, channels_out: int, kernel_size: int, gain: float) -> nn.Parameter:
    """A free kernel with normal entries of variance gain^2 / fan-in (He et al. 2015)."""
    shape = (channels_out, channels_in, kernel_size, kernel_size)
    deviation = gain / math.sqrt(channels_in * kernel_size**2)
    return nn.Parameter(torch.randn(shape) * deviation)
