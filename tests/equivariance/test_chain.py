"""Chains of group elements: as many actions one after the other, undone in reverse order."""

import math

import pytest
import torch

from symdyn_core.equivariance import Chain, Link
from symdyn_core.grid import Grid
from symdyn_core.symmetries import (
    Boost,
    Magnitude,
    Reflection,
    Rotation,
    Scaling,
    Translation,
    UniformMotion,
)

PERIODIC = Grid(24, 24, dy=1.0, dx=1.0, dt=0.5, periodic_y=True, periodic_x=True)
OPEN = PERIODIC.with_(periodic_y=False, periodic_x=False)


@pytest.fixture
def w():
    """Twelve smooth frames of a flow that drifts."""
    y, x = torch.meshgrid(PERIODIC.y().double(), PERIODIC.x().double(), indexing="ij")
    k, frames = 2 * torch.pi / 24, []
    for n in range(12):
        phase = 0.3 * n
        u = torch.sin(k * y + phase) + 0.5 * torch.cos(2 * k * x - phase)
        v = torch.cos(k * x - 2 * phase) - 0.3 * torch.sin(k * (x + y))
        frames.append(torch.stack((u, v)))
    return torch.stack(frames)


EXACT = (
    Link(Rotation(), 90.0),
    Link(Translation(), (3.0, -2.0)),
    Link(Magnitude(), 2.0),
    Link(Reflection(), (180.0, 1.0)),
    Link(UniformMotion(), (0.5, -1.0)),
)


def test_links_act_from_first_to_last(w):
    moved, known = Chain(EXACT).window(w, len(w), PERIODIC)
    expected, grid = w, PERIODIC
    for link in EXACT:
        expected, _ = link.symmetry.act_on_field(link.element, expected, grid)
        grid = link.symmetry.act_on_grid(link.element, grid)
    torch.testing.assert_close(moved, expected, rtol=0, atol=0)
    assert bool(known.all()) and Chain(EXACT).is_exact(PERIODIC)
    # The order matters: a control that would not notice it proves nothing.
    other, _ = Chain(reversed(EXACT)).window(w, len(w), PERIODIC)
    assert (other - moved).norm() > 0.1 * moved.norm()


def test_the_inverse_undoes_a_chain(w):
    chain = Chain(EXACT)
    moved, _ = chain.window(w, len(w), PERIODIC)
    back, _ = chain.inverse.window(moved, len(w), chain.act_on_grid(PERIODIC))
    torch.testing.assert_close(back, w, rtol=0, atol=1e-12)


def test_a_boost_knows_the_time_of_a_lead(w):
    """A frame of a continuation is that of the window that holds it."""
    chain = Chain((Link(Boost(), (0.5, -0.25)), Link(Rotation(), 90.0)))
    whole, _ = Boost().act_on_field((0.5, -0.25), w, PERIODIC, lead=4)
    whole, _ = Rotation().act_on_field(90.0, whole, PERIODIC)
    for lead in (1, 4):
        frame, known = chain.frame(w[:8], w[8:], lead, PERIODIC)
        torch.testing.assert_close(frame, whole[7 + lead], rtol=0, atol=1e-10)
        assert bool(known.all())


@pytest.mark.parametrize("factor", [math.sqrt(2), math.sqrt(1 / 2), 0.8])
@pytest.mark.parametrize("boost_first", [True, False])
def test_a_boost_sees_the_clock_of_the_flow_that_it_acts_on(w, factor, boost_first):
    """A boost by c before a scaling by a is one by a c after it: both chains move a flow alike."""
    scaling = Link(Scaling(), factor)
    c = (0.4, -0.2)
    scaled = tuple(factor * value for value in c)
    chain = Chain((Link(Boost(), c), scaling) if boost_first else (scaling, Link(Boost(), scaled)))
    plain = Chain((scaling,))
    steady = torch.zeros_like(w)  # rest is the same at every pace: only the boost is left
    moved, _ = chain.window(steady, 3, OPEN)
    assert plain.pace == chain.pace
    torch.testing.assert_close(
        moved, torch.tensor(scaled, dtype=w.dtype)[:, None, None].expand_as(moved)
    )


def test_boost_and_scaling_commute_up_to_the_factor(w):
    """Along x only, on a flow that is smooth in time: g_a B_c = B_(a c) g_a."""
    factor, c = math.sqrt(1 / 2), (0.4, 0.0)
    scaling = Link(Scaling(), factor)
    first = Chain((Link(Boost(), c), scaling))
    second = Chain((scaling, Link(Boost(), (factor * c[0], 0.0))))
    for lead in (1, 2):
        one, known_one = first.frame(w[:8], w[8:], lead, PERIODIC)
        two, known_two = second.frame(w[:8], w[8:], lead, PERIODIC)
        both = known_one & known_two
        assert bool(both.any())
        torch.testing.assert_close(one[:, both], two[:, both], rtol=0, atol=2e-2)
    # With the clock of the other flow they would not agree.
    wrong, _ = Chain((scaling, Link(Boost(), c))).frame(w[:8], w[8:], 2, PERIODIC)
    assert (wrong - one).abs().max() > 5e-2


def test_what_a_link_leaves_unknown_stays_unknown(w):
    chain = Chain((Link(Rotation(), 30.0), Link(Translation(), (5.0, 0.0))))
    _, turned = Chain(chain.links[:1]).window(w, len(w), OPEN)
    _, known = chain.window(w, len(w), OPEN)
    assert not bool(turned.all()) and known.sum() < turned.sum()
    assert torch.equal(known[:, 5:], turned[:, :-5] & known[:, 5:])
    assert not chain.is_exact(OPEN)


def test_two_scalings_are_refused():
    with pytest.raises(ValueError, match="at most once, got 2"):
        Chain((Link(Scaling(), 0.5), Link(Rotation(), 90.0), Link(Scaling(), 2.0)))
    assert Chain((Link(Scaling(), 0.5), Link(Scaling(), 1.0))).pace.moved == 4


def test_a_chain_of_identities_changes_nothing(w):
    chain = Chain((Link(Rotation(), 0.0), Link(Magnitude(), 1.0)))
    assert chain.is_identity and not Chain(EXACT).is_identity
    moved, _ = chain.window(w, len(w), OPEN)
    torch.testing.assert_close(moved, w, rtol=0, atol=0)
