"""The channel's cells and the projection onto divergence-free flow."""

import pytest
import torch

from symdyn_core.solvers.boussinesq import Boussinesq
from symdyn_core.solvers.staggered import Channel, Projection

CHANNELS = [Channel(12, 20, 1.7), Channel(13, 15, 2.0, stretching=1.8)]
"""Uniform and stretched rows, even and odd numbers of cells."""


def random_state(channel: Channel, *, batch: int = 2, dtype=torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(batch, 3, channel.ny, channel.nx, generator=generator, dtype=torch.float64)
    q[:, 1, 0] = 0  # the lower plate
    return q.to(dtype)


def gradient(channel: Channel, p: torch.Tensor) -> torch.Tensor:
    """∇p at the faces as a state; zero at the plates and on the temperature."""
    along = (p - p.roll(1, -1)) / channel.dx
    across = torch.zeros_like(p)
    across[:, 1:] = (p[:, 1:] - p[:, :-1]) / channel.gaps()[1:-1, None]
    return torch.stack((along, across, torch.zeros_like(p)), dim=1)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
def test_projected_flow_is_free_of_divergence_to_rounding(channel, dtype, bound):
    projection = Projection(channel, dtype=dtype, device="cpu")
    q = random_state(channel, dtype=dtype)
    before = float(projection.divergence(q).abs().max())
    after = float(projection.divergence(projection(q)).abs().max())
    assert before > 10
    assert after < bound * before


@pytest.mark.parametrize("channel", CHANNELS)
def test_projection_removes_gradients_and_nothing_else(channel):
    projection = Projection(channel, dtype=torch.float64, device="cpu")
    q = random_state(channel)
    flow = projection(q)
    torch.testing.assert_close(projection(flow), flow, rtol=0, atol=1e-12)
    p = random_state(channel)[:, 2]
    torch.testing.assert_close(projection(q + gradient(channel, p)), flow, rtol=0, atol=1e-11)
    torch.testing.assert_close(flow[:, 2], q[:, 2], rtol=0, atol=0)
    assert float(flow[:, 1, 0].abs().max()) == 0
    # A rotational disturbance must survive: not everything is a gradient.
    assert float((projection(q + flow) - flow).abs().max()) > 0.1


@pytest.mark.parametrize("channel", CHANNELS)
def test_projection_is_orthogonal_in_the_energy_of_the_cells(channel):
    """⟨P q, q - P q⟩ = 0 with the volumes hⱼ dx of u and gⱼ dx of v: the nearest such flow."""
    projection = Projection(channel, dtype=torch.float64, device="cpu")
    q = random_state(channel)
    flow = projection(q)
    volumes = torch.stack((channel.heights(), channel.gaps()[:-1]))[:, :, None]
    removed = (q - flow)[:, :2]
    overlap = float((volumes * flow[:, :2] * removed).sum())
    assert abs(overlap) < 1e-12 * float((volumes * removed.square()).sum())
    unweighted = float((flow[:, :2] * removed).sum())
    assert channel.stretching == 0 or abs(unweighted) > 1e-3


@pytest.mark.parametrize("channel", CHANNELS)
def test_advection_neither_makes_nor_destroys_kinetic_energy(channel):
    viscosity = 1e-9  # fluxes are kept in units of ν, which may be small but not zero
    tendency = Boussinesq(channel, viscosity, 1.0, dtype=torch.float64)
    projection = Projection(channel, dtype=torch.float64, device="cpu")
    volumes = torch.stack((channel.heights(), channel.gaps()[:-1]))[:, :, None]

    def power(q):
        cold = torch.cat((q[:, :2], torch.zeros_like(q[:, 2:])), dim=1)  # no buoyancy inside
        forces = volumes * q[:, :2] * tendency(cold)[:, :2]
        return abs(float(forces.sum())) / float(forces.abs().sum())

    q = random_state(channel, batch=1)
    assert power(projection(q)) < 1e-6  # what is left is the viscosity
    assert power(q) > 1e-3  # the cancellation needs a flow without divergence


@pytest.mark.parametrize("speed", [0.7, -0.7])
@pytest.mark.parametrize("upwind", [True, False])
def test_heat_is_carried_through_faces_by_the_upwind_curvature(speed, upwind):
    """QUICK: (T₋ + T₊)/2 less an eighth of the second difference upstream; without it a sixteenth
    of both. Cell by cell, of temperatures without any order."""
    channel, u = Channel(4, 12, 3.0), torch.tensor(speed, dtype=torch.float64)
    tendency = Boussinesq(channel, 1.0, 1e-12, upwind=upwind, dtype=torch.float64)
    q = torch.zeros(1, 3, 4, 12, dtype=torch.float64)
    temperature = torch.rand(12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    q[:, 0], q[:, 2] = u, temperature
    left = temperature.roll(1)
    curvature = temperature.roll(-1) - 2 * temperature + left
    upstream, downstream = curvature.roll(1), curvature
    if speed < 0:
        upstream, downstream = downstream, upstream
    correction = upstream / 8 if upwind else (upstream + downstream) / 16
    flux = u * ((temperature + left) / 2 - correction)
    expected = -(flux.roll(-1) - flux) / channel.dx
    rate = tendency(q)[0, 2]
    torch.testing.assert_close(rate, expected.expand(4, 12), rtol=0, atol=1e-9)
    other = u * ((temperature + left) / 2 - downstream / 8)
    wrong = -(other.roll(-1) - other) / channel.dx
    assert float((rate - wrong).abs().max()) > 0.1


def test_stretched_rows_fill_the_layer_and_are_finest_at_the_plates():
    channel = Channel(16, 8, 1.0, stretching=1.5)
    heights = channel.heights()
    assert float(heights.sum()) == pytest.approx(1, abs=1e-15)
    assert float(channel.gaps().sum()) == pytest.approx(1, abs=1e-15)
    torch.testing.assert_close(heights, heights.flip(0))
    assert heights.argmin() in (0, 15)
    assert bool((heights[:8].diff() > 0).all())
    torch.testing.assert_close(Channel(16, 8, 1.0).heights(), torch.full_like(heights, 1 / 16))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 8, 1.0), "at least 4 x 4 cells"),
        ((8, 8, 0.0), "positive length"),
        ((8, 8, 1.0, -1.0), "stretching of 0 or more"),
    ],
)
def test_impossible_channels_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Channel(*arguments)
