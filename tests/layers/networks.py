"""Small networks over every kit, with biases that matter."""

import pytest
import torch

from symdyn_core.layers import KITS, MagnitudeKit, SteerableKit
from symdyn_core.models import ARCHITECTURES, ForecasterSpec
from tests.biases import with_random_biases

PAST = 5
"""Past frames of the networks: as many as two levels of scale need."""

ALL_KITS = [
    *(kit() for kit in KITS),
    SteerableKit(order=4, anti_aliased=True, activation="band_limited"),
    MagnitudeKit(scale="component"),
]


def _named(kits):
    """Every architecture over these kits, as parameters of tests."""
    return [
        pytest.param(architecture, kit, id=f"{architecture.__name__}-{_name(kit)}")
        for architecture in ARCHITECTURES
        for kit in kits
    ]


def _name(kit):
    if kit is ALL_KITS[-1]:
        return f"{kit.name}-component"
    return f"{kit.name}-filtered" if kit.anti_aliased else kit.name


NETWORKS = _named(ALL_KITS)
QUICKLY_TRACED = _named(ALL_KITS[:-1])
"""All but the paper's magnitude layer, of which a whole network takes half a minute to trace."""


def small_network(architecture, kit, *, past=PAST, predicts="velocity"):
    """A network of two widths: (batch, 2 past, y, x) -> (batch, 2, y, x); float32."""
    spec = ForecasterSpec(architecture, kit, past, 2, (1, 2), predicts=predicts)
    return with_random_biases(spec.build(seed=1).network)


def random_frames(batch=2, past=PAST, cells=16):
    generator = torch.Generator().manual_seed(7)
    return torch.randn(batch, 2 * past, cells, cells, generator=generator)
