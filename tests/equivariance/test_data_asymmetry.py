"""Data asymmetry: zero for isotropic flows, by hand for simple ones, and gravity shows."""

import math

import pytest
import torch

from symdyn_core.datasets.demo import open_demo
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.data_asymmetry import asymmetry, sampling_floor, statistics
from symdyn_core.equivariance.samples import SampleGroup, sample_groups
from symdyn_core.grid import Grid
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Translation,
    UniformMotion,
)
from tests.equivariance.flows import PERIODIC, plane_wave, waves


def of(symmetry, element, w, grid=PERIODIC):
    moved, valid = symmetry.act_on_field(element, w, grid)
    region = valid.all(dim=0)[0]
    same = region if region.shape == grid.shape else None
    theirs = statistics(moved, symmetry.act_on_grid(element, grid), region)
    return asymmetry(statistics(w, grid, same), theirs)


def test_isotropic_flows_have_no_direction_and_stretched_ones_have():
    many = waves(batch=64)
    assert of(Rotation(), 90.0, many) < 0.1
    assert of(Reflection(), (180.0, 1.0), many) < 0.1
    stretched = waves(batch=64, stretch=2.5)
    assert of(Rotation(), 90.0, stretched) > 0.8
    assert of(Reflection(), (180.0, 1.0), stretched) < 0.1


def test_a_shear_flow_turned_by_a_quarter_has_nothing_in_common_with_itself():
    """u(y) alone: D = diag(d, 0) along y and 0 along x; turned, diag(0, d) along x. A = sqrt 2."""
    u = torch.sin(plane_wave())[:, None].expand(32, 32)
    w = torch.stack((u, torch.zeros_like(u))).expand(1, 2, 2, 32, 32)
    assert of(Rotation(), 90.0, w) == pytest.approx(math.sqrt(2), abs=1e-12)
    assert of(Rotation(), 180.0, w) < 1e-6


def test_a_shift_is_seen_in_the_mean_alone():
    """m' - m = c; U^2 = 1, U'^2 = 1 + c^2: A^2 = c^2 / (1 + c^2 / 2)."""
    w = waves(batch=2)
    c = 1.5
    expected = math.sqrt(c**2 / (1 + c**2 / 2))
    # Waves have no mean, so that the energy of a sum is the sum of the energies.
    assert of(UniformMotion(), (c, 0.0), w) == pytest.approx(expected, rel=0.02)


def test_a_magnitude_is_seen_in_every_structure_function():
    """D' = a^2 D: A^2 = (a^2 - 1)^2 / ((a^4 + 1) / 2)."""
    a = 2.0
    expected = (a**2 - 1) / math.sqrt((a**4 + 1) / 2)
    assert of(Magnitude(), a, waves()) == pytest.approx(expected, abs=1e-9)


def test_periodic_shifts_change_no_statistics_but_those_across_the_seam():
    w = waves(batch=16)
    assert of(Translation(), (5.0, -3.0), w) < 0.05


def test_boosts_change_structure_in_time():
    still = waves(batch=4, frames=1).expand(4, 6, 2, 32, 32)
    bare = of(UniformMotion(), (0.3, 0.0), still)
    boosted = of(Boost(), (0.3, 0.0), still)
    assert boosted > bare + 0.3  # a steady flow turns unsteady


def test_mirrored_correlations_change_sign():
    """u = v: D_uv = D_uu. Mirrored, D_uv = -D_uu: sum |dD|^2 = 2 (2 d)^2, sum |D|^2 = 4 d^2."""
    u = torch.sin(plane_wave())[:, None] + torch.sin(plane_wave())[None]
    w = torch.stack((u, u)).expand(1, 1, 2, 32, 32)
    assert of(Reflection(), (0.0, 1.0), w) == pytest.approx(math.sqrt(2), abs=1e-9)


def test_land_and_spacing_are_respected():
    water = torch.ones(32, 32, dtype=torch.bool)
    water[:16, :16] = False
    w = waves()
    filled = torch.where(water, w, 0.0)
    poisoned = torch.where(water, w, 1e6)
    grid = PERIODIC.with_(water=water)
    ours, theirs = statistics(filled, grid), statistics(poisoned, grid)
    assert asymmetry(ours, theirs) == 0
    # Cells twice as wide as high: separations are lengths, four of them up to a quarter of the box.
    wide = statistics(w, Grid(32, 32, dx=2.0, dy=1.0))
    assert torch.allclose(wide.space[0, 0], statistics(w, PERIODIC).space[0, 0])
    assert torch.allclose(wide.space[0, 1], statistics(w, PERIODIC).space[1, 1])


def test_no_flow_has_no_asymmetry_to_speak_of():
    assert math.isnan(asymmetry(*[statistics(torch.zeros(1, 1, 2, 8, 8), Grid(8, 8))] * 2))


def test_the_floor_falls_with_the_number_of_samples():
    def group(batch):
        return SampleGroup(waves(batch=batch, seed=3), PERIODIC, tuple(range(batch)))

    assert sampling_floor([group(64)]) < 0.6 * sampling_floor([group(4)])
    assert math.isnan(sampling_floor([SampleGroup(waves(batch=2), PERIODIC, (0, 0))]))


def test_gravity_shows_in_convection():
    """A quarter turn changes the statistics of convection far more than the mirror x -> -x."""
    groups = sample_groups(Windows(open_demo(), past=4, future=0), 28, torch.float32)

    def pooled(symmetry, element):
        flow = moved = None
        for group in groups:
            w, _ = symmetry.act_on_field(element, group.window, group.grid)
            a, b = statistics(group.window, group.grid), statistics(w, group.grid)
            flow, moved = (a, b) if flow is None else (flow + a, moved + b)
        return asymmetry(flow, moved)

    quarter, mirror = pooled(Rotation(), 90.0), pooled(Reflection(), (180.0, 1.0))
    assert quarter > 3 * mirror
    assert quarter > sampling_floor(groups)
