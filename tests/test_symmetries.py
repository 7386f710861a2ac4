"""The groups: axioms, orientation, and exactness where it is promised."""

import math

import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.symmetries import ALL, Boost, Magnitude, Rotation, Scaling, Translation, named

GRID = Grid(32, 32, dy=0.1, dx=0.1, dt=0.2, periodic_y=True, periodic_x=True)
OPEN = GRID.with_(periodic_x=False, periodic_y=False)


def smooth_window(frames=6, cells=32, modes=4, seed=0):
    """A random periodic window with a few Fourier modes."""
    generator = torch.Generator().manual_seed(seed)
    w_hat = torch.zeros(frames, 2, cells, cells, dtype=torch.complex128)
    shape = (frames, 2, modes, modes)
    w_hat[..., :modes, :modes] = torch.complex(
        torch.randn(shape, generator=generator, dtype=torch.float64),
        torch.randn(shape, generator=generator, dtype=torch.float64),
    )
    return torch.fft.ifft2(w_hat).real * cells


def relative(a, b, valid=None):
    """Relative l2 difference over valid cells."""
    mask = torch.ones_like(a, dtype=torch.bool) if valid is None else valid.expand_as(a)
    return ((a - b)[mask].norm() / b[mask].norm()).item()


def random_elements(symmetry, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return symmetry.random_element(generator), symmetry.random_element(generator)


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_identity_changes_nothing(symmetry):
    w = smooth_window()
    moved, valid = symmetry.act_on_field(symmetry.identity(), w, GRID)
    assert torch.equal(moved, w) and bool(valid.all())


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
@pytest.mark.parametrize("grid", [GRID, OPEN], ids=["periodic", "open"])
def test_inverse_undoes(symmetry, grid):
    w = smooth_window()
    element, _ = random_elements(symmetry)
    moved, _ = symmetry.act_on_field(element, w, grid)
    new_grid = symmetry.act_on_grid(element, grid)
    back, valid = symmetry.act_on_field(symmetry.inverse(element), moved, new_grid)
    tolerance = 1e-12 if symmetry.is_exact(element, grid) else 2e-2
    assert relative(back, w, valid) < tolerance
    # Control: acting twice instead of undoing is something else.
    if symmetry.compose(element, element) != symmetry.identity():
        twice, known = symmetry.act_on_field(element, moved, new_grid)
        assert relative(twice, w, known) > 1e-2


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_composition_is_acting_in_turn(symmetry):
    w = smooth_window()
    first, second = random_elements(symmetry, seed=5)
    once, valid_once = symmetry.act_on_field(symmetry.compose(first, second), w, GRID)
    inner, _ = symmetry.act_on_field(second, w, GRID)
    grid = symmetry.act_on_grid(second, GRID)
    twice, valid_twice = symmetry.act_on_field(first, inner, grid)
    tolerance = 1e-4 if symmetry.name == "scaling" else 1e-11
    assert relative(twice, once, valid_once & valid_twice) < tolerance


def test_a_quarter_turn_of_a_hand_drawn_field_is_counter_clockwise():
    # One cell east of the centre flows east; turned, a cell north of the centre flows north.
    w = torch.zeros(1, 2, 3, 3)
    w[0, 0, 1, 2] = 1.0
    turned, _ = Rotation().act_on_field(90.0, w, Grid(3, 3))
    expected = torch.zeros(1, 2, 3, 3)
    expected[0, 1, 2, 1] = 1.0
    assert torch.equal(turned, expected)


def test_a_turn_between_quarter_turns_goes_the_same_way():
    x, y = torch.meshgrid(OPEN.x(), OPEN.y(), indexing="xy")
    blob = torch.exp(-((x - 0.8) ** 2 + y**2) / 0.1)
    w = torch.stack((blob, torch.zeros_like(blob)))[None].double()
    turned, valid = Rotation().act_on_field(30.0, w, OPEN)
    angle = math.radians(30)
    centre = 0.8 * math.cos(angle), 0.8 * math.sin(angle)
    moved = torch.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / 0.1).double()
    expected = torch.stack((math.cos(angle) * moved, math.sin(angle) * moved))[None]
    assert relative(turned, expected, valid) < 1e-3


def test_interpolated_and_index_rotations_agree():
    w = smooth_window()
    exact, _ = Rotation().act_on_field(90.0, w, OPEN)
    nearly, valid = Rotation().act_on_field(90.0 + 1e-6, w, OPEN)
    assert relative(nearly, exact, valid) < 1e-6


def test_a_quarter_turn_swaps_the_sides_of_a_rectangle():
    grid = Grid(4, 6, dy=1.0, dx=2.0, periodic_x=True)
    turned, _ = Rotation().act_on_field(90.0, torch.randn(2, 2, 4, 6), grid)
    new_grid = Rotation().act_on_grid(90.0, grid)
    assert turned.shape[-2:] == new_grid.shape == (6, 4)
    assert (new_grid.dy, new_grid.dx, new_grid.periodic_y) == (2.0, 1.0, True)


def test_subcell_translation_is_spectral_on_periodic_grids():
    x = torch.arange(32).double()
    w = torch.cos(2 * math.pi * 5 * x / 32).expand(1, 2, 32, 32)
    moved, _ = Translation().act_on_field((0.37, 0.0), w, GRID)
    expected = torch.cos(2 * math.pi * 5 * (x - 0.37) / 32).expand(1, 2, 32, 32)
    assert relative(moved, expected) < 1e-12


def test_translation_marks_what_comes_in_from_outside():
    w = smooth_window()
    _, valid = Translation().act_on_field((3.0, -2.0), w, OPEN)
    expected = torch.zeros(32, 32, dtype=torch.bool)
    expected[:-2, 3:] = True
    assert torch.equal(valid[0, 0], expected)


def test_boost_moves_each_frame_by_its_own_time():
    w = smooth_window(frames=4)
    c_x = 0.25  # 0.25 * 0.2 / 0.1 = half a cell a frame
    boosted, _ = Boost().act_on_field((c_x, 0.0), w, GRID)
    for n, lag in enumerate((-3, -2, -1, 0)):
        moved, _ = Translation().act_on_field((0.5 * lag, 0.0), w[n : n + 1], GRID)
        moved = moved + torch.tensor([c_x, 0.0]).double()[:, None, None]
        assert relative(boosted[n : n + 1], moved) < 1e-12
    # Control: the bare shift is not the boost.
    bare, _ = named("uniform_motion").act_on_field((c_x, 0.0), w, GRID)
    assert relative(boosted, bare) > 1e-2


def test_the_lead_of_a_forecast_places_it_in_time():
    w = smooth_window(frames=5)
    whole, _ = Boost().act_on_field((0.3, -0.2), w, GRID, lead=1)
    past, _ = Boost().act_on_field((0.3, -0.2), w[:-1], GRID)
    assert torch.allclose(whole[:-1], past)


def test_scaling_follows_a_closed_form():
    t = torch.arange(-8, 1).double() * 0.2
    y, x = torch.meshgrid(OPEN.y().double(), OPEN.x().double(), indexing="ij")
    phase = 2.0 * x[None] - 1.5 * y[None] - 0.8 * t[:, None, None]
    w = torch.stack((torch.sin(phase), torch.cos(phase)), dim=1)
    factor = 0.7
    scaled, valid = Scaling().act_on_field(factor, w, OPEN)
    phase = 2.0 * factor * x[None] - 1.5 * factor * y[None] - 0.8 * factor**2 * t[:, None, None]
    expected = factor * torch.stack((torch.sin(phase), torch.cos(phase)), dim=1)
    assert relative(scaled, expected, valid) < 1e-6
    # Control: forgetting the square of the time factor is seen.
    phase = 2.0 * factor * x[None] - 1.5 * factor * y[None] - 0.8 * factor * t[:, None, None]
    wrong = factor * torch.stack((torch.sin(phase), torch.cos(phase)), dim=1)
    assert relative(scaled, wrong, valid) > 1e-2


def test_scaling_up_marks_frames_the_window_does_not_hold():
    _, valid = Scaling().act_on_field(2.0, smooth_window(frames=6), GRID)
    assert valid[:, 0, 0, 0].tolist() == [False, False, False, False, True, True]


def test_turned_corners_and_land_are_invalid():
    water = torch.ones(32, 32, dtype=torch.bool)
    water[:, :4] = False  # land in the west
    grid = OPEN.with_(water=water)
    _, valid = Rotation().act_on_field(180.0, smooth_window(), grid)
    assert not valid[0, 0][:, -4:].any() and valid[0, 0][:, :-4].all()
    _, valid = Rotation().act_on_field(45.0, smooth_window(), grid)
    assert not valid[0, 0, 0, 0] and valid[0, 0, 20, 20]


@pytest.mark.parametrize("symmetry", ALL, ids=lambda s: s.name)
def test_parameters_describe_sliders(symmetry):
    assert symmetry.parameters and symmetry.action and symmetry.title
    for parameter in symmetry.parameters:
        assert parameter.low <= parameter.neutral <= parameter.high and parameter.step > 0
    element = symmetry.identity()
    values = element if isinstance(element, tuple) else (element,)
    assert values == tuple(p.neutral for p in symmetry.parameters)


def test_bad_elements_are_refused_with_a_reason():
    w = smooth_window()
    with pytest.raises(ValueError, match="must be positive, got -1"):
        Magnitude().act_on_field(-1.0, w, GRID)
    with pytest.raises(TypeError, match="pair of numbers"):
        Translation().act_on_field(3.0, w, GRID)
    with pytest.raises(TypeError, match="one number"):
        Rotation().act_on_field((3.0, 1.0), w, GRID)
    with pytest.raises(ValueError, match=r"component=2.*got \(6, 3, 32, 32\)"):
        Rotation().act_on_field(30.0, torch.zeros(6, 3, 32, 32), GRID)
    with pytest.raises(ValueError, match="finite numbers, got nan"):
        Rotation().act_on_field(float("nan"), w, GRID)
    with pytest.raises(ValueError, match="choose from translation"):
        named("teleportation")


def test_a_wide_periodic_cell_turns_in_little_memory():
    """Weights in closed form: a sum over modes would hold gigabytes here."""
    grid = Grid(64, 448, periodic_x=True)
    x = torch.arange(448).double()
    w = torch.cos(2 * math.pi * 9 * x / 448).expand(1, 2, 64, 448)
    turned, valid = Rotation().act_on_field(37.0, w, grid)
    assert turned.shape == w.shape and 0.05 < valid.double().mean() < 0.9
