"""Lie derivatives: generators are derivatives of the actions, exact models have none, and layers
that lose a symmetry are found."""

import pytest
import torch
from torch import nn

from symdyn_core.equivariance.generators import all_generators, generators, time_derivative_matrix
from symdyn_core.equivariance.layer_lie import layer_lie_derivatives
from symdyn_core.equivariance.lie_derivative import (
    NoForwardMode,
    compared_region,
    lie_derivative,
    lie_rows,
)
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Grid
from symdyn_core.layers import MagnitudeKit, PlainKit, UniformMotionKit
from symdyn_core.models import ForecasterSpec, Persistence, ResNet
from symdyn_core.models.opening import CallableForecaster
from symdyn_core.models.wrappers import Averaged
from symdyn_core.symmetries import ALL, Boost, Magnitude, Rotation, Translation, UniformMotion
from tests.equivariance.flows import (
    PERIODIC,
    Blur,
    Chain,
    Heat,
    Saturating,
    Upwind,
    ZeroPadded,
    chain_with,
    waves,
)

UNITS = [symmetry.in_units_of(0.7) for symmetry in ALL]
EVERY = all_generators(UNITS)
STEP = 1e-4


def group(frames=1, samples=2, grid=PERIODIC):
    return SampleGroup(waves(batch=samples, frames=frames), grid, tuple(range(samples)))


def smooth_in_time(frames=6):
    """Waves that grow and turn into one another."""
    a, b = waves(batch=1, frames=2, highest=3).split(1, dim=1)
    t = 0.3 * torch.arange(frames).double().view(1, frames, 1, 1, 1)
    return a * torch.cos(t) + b * t


@pytest.mark.parametrize("lead", [0, 1])
@pytest.mark.parametrize("generator", EVERY, ids=lambda g: f"{g.symmetry.name} {g.parameter}")
def test_generators_are_derivatives_of_the_action(generator, lead):
    w, grid = smooth_in_time(), Grid(32, 32, 0.5, 0.5, 0.2, periodic_x=True, periodic_y=True)
    there, back = (
        generator.symmetry.act_on_field(generator.element(e), w, grid, lead)[0]
        for e in (STEP, -STEP)
    )
    difference = (there - back) / (2 * STEP)
    field = generator.field(w, grid, lead)
    inside = (..., slice(4, -4), slice(4, -4))
    if generator.symmetry.name == "scaling":
        # Beyond the window the action repeats its ends: only frames inside can be compared.
        inside = (slice(None), slice(1, -1), *inside)
    error = (difference[inside] - field[inside]).norm() / field[inside].norm()
    assert error < 1e-5
    # Control: the identity's neighbourhood is not flat.
    assert field[inside].norm() > 1e-3


def test_open_axes_and_land_use_finite_differences():
    w = smooth_in_time()
    (east, _), (turn,) = generators(Translation()), generators(Rotation())
    spectral = east.field(w, PERIODIC, 0)
    local = east.field(w, Grid(32, 32), 0)
    inside = (..., slice(4, -4), slice(4, -4))
    assert (spectral[inside] - local[inside]).norm() < 2e-3 * spectral[inside].norm()
    water = torch.ones(32, 32, dtype=torch.bool)
    water[:4, :4] = False
    region = compared_region(Persistence(1), east, PERIODIC.with_(water=water))
    assert not region[:6, :6].any() and region[10:-10, 10:-10].all()
    assert compared_region(Persistence(1), east, PERIODIC).all()
    assert not compared_region(Persistence(1), turn, PERIODIC).all()


def test_time_derivatives_are_exact_for_polynomials_of_degree_five():
    t = torch.arange(8).double()
    for power in range(1, 6):
        derivative = time_derivative_matrix(8) @ t**power
        assert torch.allclose(derivative, power * t ** (power - 1), rtol=1e-9, atol=1e-6)
    assert torch.equal(time_derivative_matrix(1), torch.zeros(1, 1).double())


def relative(forecaster, symmetries, frames=1):
    rows = lie_rows(forecaster, [group(frames)], all_generators(symmetries))
    return {(row.symmetry, row.parameter): row.lie_max for row in rows}


def test_equivariant_forecasters_have_no_lie_derivative():
    found = relative(Persistence(2), UNITS, frames=2)
    for (symmetry, _), value in found.items():
        assert (value > 1e-3) == (symmetry in ("boost", "scaling")) or value < 1e-12
    heat = relative(Heat(), [Translation(), Magnitude()])
    assert max(heat.values()) < 1e-9
    shifted = relative(Heat(), [UniformMotion()])
    assert max(shifted.values()) < 1e-9


def test_a_lie_derivative_is_the_limit_of_the_equivariance_error():
    forecaster, (generator,) = chain_with(Upwind()), generators(Rotation())
    w = waves(batch=1, frames=1)
    derivative, _ = lie_derivative(forecaster, generator, w, PERIODIC)

    def defect(e):
        there, _ = Rotation().act_on_field(generator.element(e), w, PERIODIC)
        expected, _ = Rotation().act_on_field(
            generator.element(e), forecaster(w)[:, None], PERIODIC, 1
        )
        return forecaster(there) - expected[:, 0]

    difference = (defect(STEP) - defect(-STEP)) / (2 * STEP)
    inside = (..., slice(6, -6), slice(6, -6))
    assert (difference[inside] - derivative[inside]).norm() < 1e-4 * derivative[inside].norm()
    assert derivative[inside].norm() > 1e-3


@pytest.mark.parametrize(
    "kit, symmetry",
    [(UniformMotionKit((True, True)), UniformMotion()), (MagnitudeKit((True, True)), Magnitude())],
)
def test_kits_have_no_lie_derivative_along_their_symmetry(kit, symmetry):
    def largest(kit):
        spec = ForecasterSpec(ResNet, kit, 2, 3, (1,), "velocity")
        forecaster = spec.build().double()
        for parameter in forecaster.parameters():
            if parameter.ndim == 1:
                parameter.data.fill_(0.3)
        return max(relative(forecaster, [symmetry], frames=2).values())

    assert largest(kit) < 1e-10
    assert largest(PlainKit((True, True))) > 1e-3


def contributions(forecaster, grid=PERIODIC, frames=1):
    rows = layer_lie_derivatives(forecaster, [group(frames, grid=grid)])
    assert {row.parameter for row in rows} == {"eastward shift", "northward shift"}
    found: dict[str, float] = {}
    for row in rows:
        found[row.layer] = max(found.get(row.layer, 0.0), row.lie_median)
    return found


def test_convolutions_add_nothing_and_zero_padding_does():
    assert max(contributions(chain_with(Blur())).values()) < 1e-12
    assert max(contributions(chain_with(Upwind())).values()) < 1e-12
    found = contributions(chain_with(ZeroPadded(), 3))
    assert max(found, key=found.__getitem__) == "layers.3"
    assert found.pop("layers.3") > 0.05 and max(found.values()) < 1e-12


def test_padding_is_told_from_aliasing_by_the_interior():
    rows = layer_lie_derivatives(chain_with(ZeroPadded()), [group(grid=Grid(32, 32))])
    padded = [row for row in rows if row.layer == "layers.2"]
    assert all(row.interior_median < 1e-12 < 0.05 < row.lie_median for row in padded)
    rough = layer_lie_derivatives(Chain(nn.ReLU()), [group(grid=Grid(32, 32))])
    assert all(row.interior_median > 1e-3 for row in rough)


def test_activations_alias_the_more_the_rougher():
    def aliasing(layer, highest):
        windows = SampleGroup(waves(batch=2, frames=1, highest=highest), PERIODIC, (0, 1))
        return max(row.lie_median for row in layer_lie_derivatives(Chain(layer), [windows]))

    assert aliasing(Saturating(), 2) < 0.05 * aliasing(Saturating(), 12)
    assert aliasing(Saturating(), 4) < aliasing(nn.ReLU(), 4)


def test_every_second_pixel_is_worse_than_a_mean():
    class Sub(nn.Module):
        def forward(self, h):
            return h[..., ::2, ::2]

    class Halved(nn.Module):
        past = 1
        receptive_radius = 2

        def __init__(self, coarsen):
            super().__init__()
            self.coarsen = coarsen
            self.refine = nn.Upsample(scale_factor=2, mode="bilinear")

        def forward(self, window):
            return self.refine(self.coarsen(window[:, -1]))

    rough = SampleGroup(waves(batch=2, frames=1, highest=12), PERIODIC, (0, 1))

    def coarsening(layer):
        rows = layer_lie_derivatives(Halved(layer), [rough])
        return max(row.lie_median for row in rows if row.layer == "coarsen")

    assert 1e-3 < coarsening(nn.AvgPool2d(2)) < coarsening(Sub())


def test_functions_between_layers_are_found():
    class Hidden(nn.Module):
        past = 1
        receptive_radius = 3

        def __init__(self):
            super().__init__()
            self.first, self.second = Blur(), Blur()

        def forward(self, window):
            return self.second(torch.relu(self.first(window[:, -1])))

    found = contributions(Hidden())
    assert found["before second"] > 1e-3 and found["first"] < 1e-12 > found["second"]


def test_wrappers_that_turn_windows_are_no_loss_under_shifts():
    averaged = Averaged(chain_with(ZeroPadded(), 3), Rotation(), grid=PERIODIC)
    found = contributions(averaged)
    assert found.pop("forecaster.layers.3") > 0.05 and max(found.values()) < 1e-12


def test_foreign_modules_without_forward_mode_say_why():
    class Opaque(torch.autograd.Function):
        @staticmethod
        def forward(ctx, w):
            return w.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    class Foreign(nn.Module):
        past = 1

        def forward(self, window):
            return Opaque.apply(window[:, -1])

    with pytest.raises(NoForwardMode):
        lie_rows(Foreign(), [group()], all_generators([Magnitude()]))

    class Numpy(nn.Module):
        past = 1

        def forward(self, window):
            return torch.from_numpy(window[:, -1].numpy())

    for forecaster in (Numpy(), CallableForecaster(Numpy(), 1)):
        with pytest.raises(NoForwardMode, match="storage"):
            lie_rows(forecaster, [group()], all_generators([Magnitude()]))


@pytest.mark.parametrize("mistake", [TypeError, ValueError, AttributeError, IndexError])
def test_mistakes_in_a_forecaster_are_no_lack_of_forward_mode(mistake):
    class Wrong(nn.Module):
        past = 1
        receptive_radius = 0

        def forward(self, window):
            raise mistake("a mistake")

    with pytest.raises(mistake, match=r"^a mistake$"):
        lie_rows(Wrong(), [group()], all_generators([Magnitude()]))
    with pytest.raises(mistake, match=r"^a mistake$"):
        layer_lie_derivatives(Wrong(), [group()])
    with pytest.raises(ValueError, match=f"{mistake.__name__}: a mistake"):
        lie_rows(CallableForecaster(Wrong(), 1), [group()], all_generators([Magnitude()]))


def test_boosts_move_past_frames_each_by_its_own_time():
    """Advection of the last frame by the mean of u and v: exact for boosts to first order."""

    class Advected(nn.Module):
        past = 2
        receptive_radius = 0

        def forward(self, window):
            w = window[:, -1]
            c = w.mean(dim=(-1, -2))
            k = torch.fft.fftfreq(32, 1 / 32).to(w) * 2 * torch.pi / 32
            phase = c[:, 0, None, None] * k[None, None] + c[:, 1, None, None] * k[None, :, None]
            moved = torch.fft.fft2(w) * torch.exp(-1j * phase)[:, None]
            return torch.fft.ifft2(moved).real

    exact = relative(Advected(), [Boost()], frames=2)
    assert max(exact.values()) < 1e-9
    assert min(relative(Persistence(2), [Boost()], frames=2).values()) > 0.05
