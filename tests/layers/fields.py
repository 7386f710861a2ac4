"""Random fields and biases for tests of layers; float64."""

import torch


def random_field(channels=6, cells=9, batch=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, channels, cells, cells, generator=generator, dtype=torch.float64)


def with_bias(convolution, seed=1):
    generator = torch.Generator().manual_seed(seed)
    convolution.bias.data.copy_(torch.randn(convolution.bias.shape, generator=generator))
    return convolution.double()
