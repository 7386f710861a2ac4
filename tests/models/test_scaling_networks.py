"""Networks of the scaling kit answer a rescaled flow with the rescaled answer of another level.

    f(T_a w) = T_a f_a(w),  T_a w = a w(a x, a^2 t)

The flow is a sum of waves, known at every place and time, so that the action is exact; forecasts
are compared in the interior, where no edge is in sight, after interpolation (error below 1e-4).
"""

import copy
import math

import pytest
import torch

from symdyn_core.layers import PlainKit, ScaledKit
from symdyn_core.layers.levels import LevelLift
from symdyn_core.models import ARCHITECTURES, ForecasterSpec, ResNet, UNet
from symdyn_core.models.ahead import ahead, frames_needed
from symdyn_core.resampling import lagrange_matrix

CELLS, PAST = 96, 8
AXIS = torch.arange(CELLS, dtype=torch.float64) - (CELLS - 1) / 2
INTERIOR = slice(CELLS // 2 - 6, CELLS // 2 + 6)


def waves(frames, factor=1.0, steepest=0.3, seed=0):
    """``factor w(factor x, factor^2 t)`` for the last ``frames`` times 0, -1, ...; 1 sample."""
    generator = torch.Generator().manual_seed(seed)
    wavenumber = (torch.rand(24, 2, generator=generator, dtype=torch.float64) * 2 - 1) * steepest
    frequency = (torch.rand(24, generator=generator, dtype=torch.float64) * 2 - 1) * 0.15
    phase = torch.rand(24, 2, generator=generator, dtype=torch.float64) * 2 * math.pi
    amplitude = torch.randn(24, 2, generator=generator, dtype=torch.float64) / 24**0.5
    time = factor**2 * torch.arange(1 - frames, 1, dtype=torch.float64)
    y, x = torch.meshgrid(factor * AXIS, factor * AXIS, indexing="ij")
    place = torch.einsum("kc,cyx->kyx", wavenumber, torch.stack((x, y)))
    moving = place - (frequency[:, None] * time)[:, :, None, None].transpose(0, 1)
    values = torch.cos(moving[:, :, None] + phase[:, :, None, None])
    return factor * torch.einsum("kc,tkcyx->tcyx", amplitude, values)[None]


def forecaster(architecture, kit, seed=1):
    """Random weights and biases, an output large enough to count."""
    width = 2 if getattr(kit, "order", 1) > 1 else 5
    made = ForecasterSpec(architecture, kit, PAST, width, (1, 2)).build(seed=seed).double().eval()
    generator = torch.Generator().manual_seed(seed)
    for parameter in made.parameters():
        if parameter.ndim == 1:
            parameter.data.copy_(0.3 * torch.randn(parameter.shape, generator=generator).double())
    for parameter in made.network.project.parameters():
        parameter.data.mul_(10)
    return made


def scale_error(model, steps, steepest=0.3):
    """Relative error of ``f(T_a w) = T_a f_a(w)`` for the increments, a^2 = ``steps``."""
    factor = math.sqrt(steps)
    scaled = waves(PAST, factor, steepest)
    window = waves(max(frames_needed(model, steps), PAST), 1.0, steepest)
    with torch.no_grad():
        of_scaled = model(scaled) - scaled[:, -1]
        increment = ahead(model, window, steps) - window[:, -1]
    zoom = lagrange_matrix((factor * AXIS + (CELLS - 1) / 2).clamp(0, CELLS - 1), CELLS)
    expected = factor * torch.einsum("Yy,bcyx,Xx->bcYX", zoom, increment, zoom)
    difference = (of_scaled - expected)[..., INTERIOR, INTERIOR].norm()
    return (difference / expected[..., INTERIOR, INTERIOR].norm()).item()


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize("steps", [2, 3, 4])
def test_error_is_twenty_times_below_the_plain_networks(architecture, steps):
    plain = scale_error(forecaster(architecture, PlainKit()), steps)
    scaled = scale_error(forecaster(architecture, ScaledKit()), steps)
    assert plain > 0.4
    assert scaled < plain / 20


@pytest.mark.parametrize(
    "kit", [ScaledKit(kernel_size=5, order=8), ScaledKit(order=4, mirrored=True)]
)
def test_scaling_and_turns_live_in_one_network(kit):
    plain = scale_error(forecaster(ResNet, PlainKit()), 2)
    assert scale_error(forecaster(ResNet, kit), 2) < plain / 20


def test_error_falls_as_the_basis_is_refined():
    """The same kernels on finer lattices, and flows that vary as much more slowly."""
    errors = [
        scale_error(forecaster(ResNet, ScaledKit(kernel_size=size)), 2, steepest=1.5 / (size + 1))
        for size in (3, 5, 7)
    ]
    assert errors[1] < errors[0] / 4
    assert errors[2] < errors[1] / 2


def test_two_levels_are_really_correlated():
    """Without its second level the lift is another one, and cutting it off breaks the symmetry."""

    class Cut(LevelLift):
        """The level above factor 1 is lost at the top of the window: what truncation does."""

        def forward(self, h):
            levels = list(super().forward(h).chunk(self.extent, dim=1))
            if self.factor > 1:
                levels[-1] = torch.zeros_like(levels[-1])
            return torch.cat(levels, dim=1)

    model = forecaster(ResNet, ScaledKit())
    exact = scale_error(model, 2)
    cut = copy.deepcopy(model)
    lift = next(m for m in cut.network.modules() if isinstance(m, LevelLift))
    lift.__class__ = Cut
    assert scale_error(cut, 2) > 20 * exact


def test_frames_of_another_scale_lie_farther_apart():
    model = forecaster(ResNet, ScaledKit())
    # Four frames a level; the second level sees every other one: 2 (4 - 1) + 1 = 7.
    assert frames_needed(model, 1) == PAST
    assert frames_needed(model, 2) == 13
    assert frames_needed(model, 4) == 25
    assert frames_needed(forecaster(ResNet, PlainKit()), 4) == PAST
    window = waves(25)[..., :16, :16]
    other = model.at_scale(2)
    with torch.no_grad():
        assert torch.equal(ahead(model, window, 4), other(window))
        # Frames between those that it looks at do not matter, those that it looks at do.
        between, at = window.clone(), window.clone()
        between[:, -3] += 1
        at[:, -5] += 1
        assert torch.equal(other(between), other(window))
        assert not torch.allclose(other(at), other(window))
    assert forecaster(ResNet, PlainKit()).at_scale(2) is None


def test_reading_at_another_scale_leaves_the_network_as_it_was():
    model, window = forecaster(UNet, ScaledKit()), waves(PAST)[..., :16, :16]
    with torch.no_grad():
        before = model(window)
        assert model.at_scale(math.sqrt(2)).past > model.past
        assert torch.equal(model(window), before)


def test_impossible_scales_are_refused():
    model = forecaster(ResNet, ScaledKit())
    with pytest.raises(ValueError, match="whole number of time steps"):
        model.at_scale(1.3)
    for factor in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="factors > 0"):
            model.at_scale(factor)
    with pytest.raises(ValueError, match="needs 25 past frames, got 8"):
        ahead(model, waves(PAST), 4)
    with pytest.raises(ValueError, match="at least one step ahead"):
        frames_needed(model, 0)
    with pytest.raises(ValueError, match="at least one level"):
        ScaledKit(extent=0)
