"""From the solver's cells to uniform ones."""

import numpy as np
import pytest
import torch

from symdyn_core.solvers.convection import RayleighBenard
from symdyn_core.solvers.sampling import FaceSampler, UniformSampler, averaging_matrix, centred
from symdyn_core.solvers.staggered import Channel, Projection

STRETCHED = Channel(24, 8, 1.0, stretching=1.5).faces().numpy()


def averages(integral, faces: np.ndarray) -> np.ndarray:
    """Cell averages of a function from its integral."""
    return np.diff(integral(faces)) / np.diff(faces)


@pytest.mark.parametrize("rows", [10, 16, 24, 30])
def test_totals_are_conserved(rows):
    """∑ new width x new average = ∑ old width x old average for every field."""
    faces = np.linspace(0, 1, rows + 1)
    matrix = averaging_matrix(STRETCHED, faces)
    np.testing.assert_allclose(np.diff(faces) @ matrix, np.diff(STRETCHED), atol=1e-14)
    # Interpolating between centres, which is easier, loses some.
    old, new = (STRETCHED[1:] + STRETCHED[:-1]) / 2, (faces[1:] + faces[:-1]) / 2
    pointwise = np.stack([np.interp(new, old, row) for row in np.eye(len(old))], axis=1)
    assert np.abs(np.diff(faces) @ pointwise - np.diff(STRETCHED)).max() > 1e-3


@pytest.mark.parametrize("periodic", [False, True])
def test_equal_cells_are_copied(periodic):
    matrix = averaging_matrix(STRETCHED, STRETCHED, periodic=periodic)
    np.testing.assert_allclose(matrix, np.eye(24), atol=1e-12)


def test_quadratic_profiles_are_exact():
    """Their integral is a cubic, which the spline reproduces."""
    faces = np.linspace(0, 1, 17)
    matrix = averaging_matrix(STRETCHED, faces)
    np.testing.assert_allclose(
        matrix @ averages(lambda y: y**3, STRETCHED), averages(lambda y: y**3, faces), atol=1e-13
    )
    quintic = matrix @ averages(lambda y: y**6, STRETCHED) - averages(lambda y: y**6, faces)
    assert 1e-8 < np.abs(quintic).max() < 1e-2


def test_smooth_periodic_fields_converge():
    errors = []
    for cells in (12, 24, 48):
        old, new = np.linspace(0, 1, cells + 1), np.linspace(0, 1, 2 * cells // 3 + 1)
        matrix = averaging_matrix(old, new, periodic=True)
        wave = averages(lambda x: -np.cos(2 * np.pi * x + 0.3), old)
        errors.append(
            np.abs(matrix @ wave - averages(lambda x: -np.cos(2 * np.pi * x + 0.3), new)).max()
        )
    assert np.log2(errors[0] / errors[1]) > 2.5
    assert np.log2(errors[1] / errors[2]) > 2.5


def test_waves_too_short_for_the_output_are_damped_not_folded():
    """Three cells in four make a wave that 4-to-1 subsampling would turn into a constant."""
    wave = np.cos(np.pi / 2 * np.arange(64))
    matrix = averaging_matrix(np.linspace(0, 1, 65), np.linspace(0, 1, 17), periodic=True)
    assert np.abs(matrix @ wave).max() < 1e-12
    assert np.abs(wave[::4]).min() == pytest.approx(1)


def test_different_intervals_are_refused():
    with pytest.raises(ValueError, match="cover the same interval"):
        averaging_matrix(np.linspace(0, 1, 5), np.linspace(0, 2, 5))


def test_faces_are_averaged_to_centres():
    """u = x and v = y on their faces give x and y at the centres, away from the seam."""
    channel = Channel(4, 6, 6.0)
    q = torch.zeros(1, 3, 4, 6, dtype=torch.float64)
    q[0, 0] = torch.arange(6)
    q[0, 1] = channel.faces()[:-1, None]
    centres = centred(q)[0]
    torch.testing.assert_close(centres[0, :, :-1], q[0, 0, :, :-1] + 0.5)
    rows = channel.faces()[:-2, None] + 1 / 8
    torch.testing.assert_close(centres[1, :-1], rows.expand(3, 6))
    # The upper plate is not stored: v = 0 there.
    torch.testing.assert_close(centres[1, -1], torch.full((6,), 0.375, dtype=torch.float64))


def test_sampler_keeps_means_of_all_fields():
    channel = Channel(24, 36, 3.0, stretching=1.5)
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(2, 3, 24, 36, generator=generator, dtype=torch.float64)
    out = UniformSampler(channel, 16, 48, dtype=torch.float64)(q)
    assert out.shape == (2, 3, 16, 48)
    expected = (centred(q).mean(-1) * channel.heights()).sum(-1)
    torch.testing.assert_close(out.mean((-1, -2)), expected)
    assert float((q.mean((-1, -2)) - expected).abs().max()) > 1e-3  # rows are not equal


@pytest.mark.parametrize(("ny", "nx"), [(8, 24), (6, 10), (24, 48)])
def test_faces_of_larger_cells_keep_the_flow_free_of_divergence(ny, nx):
    """A divergence-free state on stretched rows, on cells that divide the old ones or do not."""
    channel = Channel(24, 48, 2.0, 1.5)
    solver = RayleighBenard(channel, 1e6, dtype=torch.float64)
    noise = white(2, 3, 24, 48)
    noise[:, 1, 0] = 0
    state = solver.projection(noise)
    coarse = Channel(ny, nx, 2.0)
    divergence = Projection(coarse, dtype=torch.float64, device="cpu").divergence
    kept = FaceSampler(channel, ny, nx, dtype=torch.float64)(state)
    assert kept.shape == (2, 3, ny, nx)
    assert float(divergence(kept).abs().max()) < 1e-11 * float(kept.abs().max()) / coarse.dx
    assert float(kept[:, 1, 0].abs().max()) < 1e-12
    # Means over the cells, which damp short waves more, are not made for that.
    means = UniformSampler(channel, ny, nx, dtype=torch.float64)(state)
    assert float(divergence(means).abs().max()) > 1e-2 * float(means.abs().max()) / coarse.dx
    torch.testing.assert_close(kept[:, 2], means[:, 2])
    torch.testing.assert_close(kept[:, 0].mean((-2, -1)), weighted_mean(channel, state[:, 0]))


def white(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def weighted_mean(channel: Channel, u: torch.Tensor) -> torch.Tensor:
    return (u.mean(-1) * channel.heights()).sum(-1)


def test_faces_that_coincide_are_averages_of_what_flows_through_them():
    channel = Channel(16, 32, 2.0)
    state = white(1, 3, 16, 32)
    kept = FaceSampler(channel, 4, 8, dtype=torch.float64)(state)
    u = state[:, 0, :, ::4].unfold(1, 4, 4).mean(-1)
    v = state[:, 1, ::4].unfold(-1, 4, 4).mean(-1)
    torch.testing.assert_close(kept[:, 0], u)
    torch.testing.assert_close(kept[:, 1], v)
