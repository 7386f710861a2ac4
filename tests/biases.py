"""Biases that matter: a network without them keeps magnitude, and hides faults, by accident."""

import torch


def with_random_biases(module, gain=1.0, seed=4):
    """The module with biases of order 1, its other weights ``gain`` times as large.

    An increment is a small part of a forecast: enlarged, it cannot hide its errors.
    """
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        if parameter.ndim == 1:
            values = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.data.copy_(values)
        else:
            parameter.data.mul_(gain)
    return module
