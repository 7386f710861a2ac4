"""One network, every symmetry at once: exact where the grid allows it, on a domain seen whole."""

import math

import pytest
import torch

from symdyn_core.experiments.candidates import all_symmetries
from symdyn_core.layers import PlainKit
from symdyn_core.models import ARCHITECTURES, ForecasterSpec
from symdyn_core.models.ahead import ahead, frames_needed
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Translation,
    UniformMotion,
)
from tests.models.wrapped import BROKEN, EXACT, GRID, error, flow

PERIODIC = (True, True)
PAST = 8
CELLS = 64

EXACT_ELEMENTS = [
    (Translation(), (4.0, -8.0)),
    (UniformMotion(), (1.7, -0.6)),
    (Boost(), (0.37, -0.81)),
    (Magnitude(), 1e-6),
    (Magnitude(), 1e12),
    (Rotation(), 270.0),
    (Reflection(), (90.0, 1.0)),
]


def forecaster(architecture, kit, wrappers=()):
    """Random weights and biases, an answer large enough to count."""
    width = 2 if wrappers else 5
    spec = ForecasterSpec(architecture, kit, PAST, width, (1, 2), wrappers=wrappers)
    made = spec.on(GRID).build(seed=1).double().eval()
    generator = torch.Generator().manual_seed(1)
    for name, parameter in made.named_parameters():
        if parameter.ndim == 1:
            parameter.data.copy_(0.3 * torch.randn(parameter.shape, generator=generator).double())
        elif ".project." in name:
            parameter.data.mul_(10)
    return made


def with_all(architecture, **options):
    candidate = all_symmetries(PERIODIC, **options)
    return forecaster(architecture, candidate.kit, candidate.wrappers)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
def test_every_group_that_the_grid_has_is_kept_exactly(architecture):
    everything = with_all(architecture, mirrored=True)
    plain = forecaster(architecture, PlainKit(periodic=PERIODIC))
    window = flow(PAST)
    for symmetry, element in EXACT_ELEMENTS:
        assert error(everything, symmetry, element, window) < EXACT
        if not isinstance(symmetry, Translation):
            assert error(plain, symmetry, element, window) > BROKEN


def test_turning_alone_does_not_mirror():
    assert error(with_all(ARCHITECTURES[0]), Reflection(), (90.0, 1.0), flow(PAST)) > BROKEN


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
def test_scaling_errs_twenty_times_less_than_the_plain_network(architecture):
    plain = scale_error(forecaster(architecture, PlainKit(periodic=PERIODIC)))
    assert plain > 0.2
    assert scale_error(with_all(architecture)) < plain / 20


def scale_error(model):
    """Relative error of ``f(T_2 w) = T_2 f_2(w)`` for the increments.

    The flow is periodic with CELLS cells and T_2 w with half as many: every other cell of the one
    is a cell of the other, so that nothing is interpolated and both are seen whole.
    """
    scaled = waves(PAST, 2.0, CELLS // 2)
    window = waves(max(frames_needed(model, 4), PAST), 1.0, CELLS)
    with torch.no_grad():
        of_scaled = model(scaled) - scaled[:, -1]
        increment = ahead(model, window, 4) - window[:, -1]
    expected = 2 * increment[..., ::2, ::2]
    return ((of_scaled - expected).norm() / expected.norm()).item()


def waves(frames, factor, cells):
    """``factor w(factor x, factor² t)`` in cells, at the last ``frames`` times 0, -1, ..."""
    generator = torch.Generator().manual_seed(5)
    modes = torch.randint(-3, 4, (24, 2), generator=generator).double()
    frequency = 0.1 * (torch.rand(24, generator=generator, dtype=torch.float64) * 2 - 1)
    phase = torch.rand(24, 2, generator=generator, dtype=torch.float64) * 2 * math.pi
    amplitude = torch.randn(24, 2, generator=generator, dtype=torch.float64) / 24**0.5
    time = factor**2 * torch.arange(1 - frames, 1, dtype=torch.float64)
    place = factor * torch.arange(cells, dtype=torch.float64) * 2 * math.pi / CELLS
    y, x = torch.meshgrid(place, place, indexing="ij")
    waves = torch.einsum("kc,cyx->kyx", modes, torch.stack((x, y)))
    moving = waves[None] - (time[:, None] * frequency)[:, :, None, None]
    values = torch.cos(moving[:, :, None] + phase[:, :, None, None])
    return factor * torch.einsum("kc,tkcyx->tcyx", amplitude, values)[None]
