"""Errors layer by layer point at the layer that breaks a symmetry, and at no other."""

import math
from functools import cache

import pytest
import torch
from torch import nn

from symdyn_core.equivariance.features import recorded
from symdyn_core.equivariance.layers import layer_errors, lost_at
from symdyn_core.equivariance.representations import moved_pixels, probe, representations
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Grid
from symdyn_core.layers import DihedralKit, MagnitudeKit, PlainKit, SteerableKit, UniformMotionKit
from symdyn_core.layers.planar_groups import PlanarGroup
from symdyn_core.models import ForecasterSpec, ResNet, UNet
from symdyn_core.models.wrappers import Averaged
from symdyn_core.symmetries import (
    ALL,
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Translation,
    UniformMotion,
)
from tests.biases import with_random_biases
from tests.equivariance.flows import (
    PERIODIC,
    Blur,
    Chain,
    Offset,
    Saturating,
    Upwind,
    ZeroPadded,
    chain_with,
    waves,
)


def group(frames=1, grid=PERIODIC, samples=4):
    return SampleGroup(waves(batch=samples, frames=frames), grid, tuple(range(samples)))


def lost(forecaster, symmetries=ALL, **options):
    return lost_at(layer_errors(forecaster, [group(**options)], symmetries), torch.float64)


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize(
    "layer, broken",
    [
        (Upwind, {"rotation", "reflection"}),
        (ZeroPadded, {"translation", "uniform_motion"}),
        (Saturating, {"uniform_motion", "magnitude"}),
    ],
)
def test_the_layer_that_breaks_a_symmetry_is_named(layer, broken, place):
    found = lost(chain_with(layer(), place))
    assert {name for name, where in found.items() if where} == broken
    assert {found[name] for name in broken} == {f"layers.{place}"}


def test_a_chain_that_breaks_nothing_loses_nothing():
    assert set(lost(chain_with(Blur())).values()) == {None}


def test_errors_are_those_of_the_hidden_features():
    """1 added to every channel: h(2 w) = 2 w + 1 against 2 h(w) = 2 w + 2."""
    w = 5 * waves(frames=1)
    rows = layer_errors(Chain(Offset()), [SampleGroup(w, PERIODIC, (0, 1, 2, 3))], [Magnitude()])
    assert [row.layer for row in rows] == ["layers.0", "forecast"]
    sizes = (2 * w[:, -1] + 1).flatten(1).norm(dim=1)
    expected = (math.sqrt(2 * 32 * 32) / sizes).quantile(0.5).item()
    assert rows[0].error_median == pytest.approx(expected, rel=1e-9)
    assert rows[0].representation == "multiples"
    assert rows[0].fitted < 1e-9  # an affine map: 2 h - 1
    assert rows[1].error_median == rows[0].error_median and math.isnan(rows[1].fitted)
    assert lost_at(rows, torch.float64) == {"magnitude": "forecast"}


class Entangled(nn.Module):
    """Steerable in a basis of its own: vectors mixed over channels by a fixed matrix."""

    past = 1
    receptive_radius = 2

    def __init__(self, broken=False):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        matrix = torch.randn(6, 6, generator=generator, dtype=torch.float64)
        self.mix = nn.Conv2d(6, 6, 1, bias=False).double()
        self.mix.weight.data = matrix[:, :, None, None]
        self.unmix = nn.Conv2d(6, 6, 1, bias=False).double()
        self.unmix.weight.data = torch.linalg.inv(matrix)[:, :, None, None]
        self.blur = Upwind() if broken else Blur()

    def forward(self, window):
        w = window[:, -1]
        h = torch.cat((w, Blur()(w), Blur()(Blur()(w))), dim=1)
        return self.unmix(self.blur(self.mix(h)))[:, :2]


def test_a_symmetry_in_an_unknown_representation_is_found_by_the_fit():
    rows = {row.layer: row for row in layer_errors(Entangled(), [group()], [Rotation()])}
    assert rows["mix"].error_median > 0.1 and rows["mix"].fitted < 1e-4
    assert rows["unmix"].representation == "vectors" and rows["unmix"].error_median < 1e-12
    assert lost(Entangled(), [Rotation()]) == {"rotation": None}
    broken = {row.layer: row for row in layer_errors(Entangled(True), [group()], [Rotation()])}
    assert broken["mix"].fitted < 1e-4 < 1e-3 < broken["blur"].fitted
    assert lost(Entangled(True), [Rotation()]) == {"rotation": "blur"}


def test_one_window_leaves_nothing_to_hold_out():
    rows = layer_errors(chain_with(Blur()), [group(samples=1)], [Rotation()])
    assert all(math.isnan(row.fitted) for row in rows)


def network(kit, architecture=ResNet, past=2):
    spec = ForecasterSpec(architecture, kit, past, 2, (1, 2), scale=0.7)
    return with_random_biases(spec.build(seed=1).double())


OPEN = Grid(32, 32)
KITS = [
    (UniformMotionKit(), {"uniform_motion"}, {"moving pairs", "invariant"}),
    (MagnitudeKit(), {"magnitude"}, {"multiples"}),
    (SteerableKit(order=4), {"rotation"}, {"functions on C_4", "vectors"}),
    (DihedralKit(order=4), {"rotation", "reflection"}, {"functions on D_4", "vectors"}),
]


ACTED_ON = [UniformMotion(), Magnitude(), Rotation(), Reflection()]


@cache
def inside(architecture, kit):
    return layer_errors(
        network(kit, architecture), [group(frames=2, grid=OPEN, samples=2)], ACTED_ON
    )


@pytest.mark.parametrize("kit, kept, names", KITS, ids=lambda value: getattr(value, "name", ""))
def test_kits_keep_their_symmetry_in_every_layer(kit, kept, names):
    architecture = UNet if isinstance(kit, SteerableKit) else ResNet
    rows = inside(architecture, kit)
    own = [row for row in rows if row.symmetry in kept]
    assert max(row.error_median for row in own) < 1e-10
    assert {row.representation for row in own} <= names | {"scalars", "velocity"}
    found = lost_at(rows, torch.float64)
    assert {name for name, where in found.items() if where is None} == kept
    # Control: the plain network loses them all.
    assert None not in lost_at(inside(architecture, PlainKit()), torch.float64).values()


def test_layers_are_listed_as_they_run_and_shared_ones_twice():
    blur = Blur()
    features = recorded(Chain(blur, blur, nn.ReLU(inplace=True)), waves(batch=1, frames=1))
    assert [feature.layer for feature in features] == [
        "layers.0", "layers.0#2", "layers.2", "forecast",
    ]  # fmt: skip
    # What a layer did in place does not change what was noted before.
    assert (features[1].h < 0).any() and not (features[2].h < 0).any()


def test_boosts_and_functions_have_no_layers():
    assert layer_errors(chain_with(Blur()), [group()], [Boost()]) == []

    class Plain:
        past = 1

        def __call__(self, window):
            return window[:, -1]

    assert layer_errors(Plain(), [group()], ALL) == []


def test_what_a_wrapper_restores_is_not_lost():
    broken = chain_with(Upwind())
    assert lost(broken, [Rotation()]) == {"rotation": "layers.2"}
    assert lost(Averaged(broken, Rotation()), [Rotation()]) == {"rotation": None}


def test_shifts_of_coarse_features_are_whole_cells_or_left_out():
    h = waves(batch=1, frames=1)[:, 0]
    assert torch.equal(
        moved_pixels(Translation(), (8.0, -4.0), h, PERIODIC), h.roll((-4, 8), (2, 3))
    )
    coarse = h[..., ::2, ::2]
    moved = moved_pixels(Translation(), (8.0, -4.0), coarse, PERIODIC)
    assert torch.equal(moved, coarse.roll((-2, 4), (2, 3)))
    assert moved_pixels(Translation(), (3.0, 0.0), coarse, PERIODIC) is None
    assert probe(Translation()) == (8.0, 8.0)


def test_representations_agree_with_the_action_on_velocities():
    w = waves(batch=2, frames=1)
    for symmetry in (UniformMotion(velocity_unit=0.3), Magnitude(), Rotation(), Reflection()):
        element = probe(symmetry)
        expected, _ = symmetry.act_on_field(element, w, PERIODIC)
        moved = moved_pixels(symmetry, element, w[:, 0], PERIODIC)
        ways = {way.name: way for way in representations(symmetry, element, 2)}
        name = {"uniform_motion": "moving pairs", "magnitude": "multiples"}
        way = ways[name.get(symmetry.name, "vectors")]
        assert torch.allclose(way.act(moved), expected[:, 0], atol=1e-12)


def test_groups_without_the_element_offer_no_permutation():
    ways = representations(Rotation(), 90.0, 12, [PlanarGroup(6), PlanarGroup(4)])
    assert [way.name for way in ways] == ["scalars", "vectors", "functions on C_4"]
    ways = representations(Reflection(), (180.0, 1.0), 16, [PlanarGroup(8), PlanarGroup(4, True)])
    assert [way.name for way in ways] == ["scalars", "vectors", "functions on D_4"]
