"""Errors window by window: hand-checkable rows, maps, distances and histograms."""

import numpy as np
import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.window_errors import (
    distance_to_edge,
    rmse_by_distance,
    window_error_steps,
)
from symdyn_core.grid import Grid
from symdyn_core.models import Persistence

GRID = Grid(8, 12, dy=1.0, dx=1.0, dt=1.0)


class Offset(torch.nn.Module):
    """Persistence that errs by a known field of its own."""

    past = 1

    def __init__(self, offset):
        super().__init__()
        self.offset = offset

    def forward(self, window):
        return window[:, -1] + self.offset


def still_flow(frames=10, members=2):
    """Flows at rest in time, so that a forecast errs by what it adds."""
    generator = torch.Generator().manual_seed(3)
    w = torch.randn(members, 1, 2, *GRID.shape, generator=generator)
    return schema.from_tensor(w.repeat(1, frames, 1, 1, 1), GRID, title="still", source="drawn")


def errors_of(forecaster, flow, future=1, **options):
    *_, (share, found) = window_error_steps(forecaster, Windows(flow, 1, future), **options)
    assert share == 1.0
    return found


def test_rows_and_maps_are_those_of_a_known_error():
    offset = torch.zeros(2, *GRID.shape)
    offset[0, 2, 3], offset[1, 5, 7] = 3.0, -4.0
    found = errors_of(Offset(offset), still_flow(), count=100, batch=3)
    assert len(found) == 2 * 9 and set(found.member) == {0, 1}
    assert found.now[:3] == [0, 1, 2]
    assert found.rmse == pytest.approx([(25 / (2 * 8 * 12)) ** 0.5] * 18)
    assert found.persistence == pytest.approx([0.0] * 18)
    expected = np.zeros(GRID.shape)
    expected[2, 3], expected[5, 7] = (9 / 2) ** 0.5, (16 / 2) ** 0.5
    np.testing.assert_allclose(found.rmse_by_cell(1), expected, atol=1e-6)
    assert found.residuals.sum() == 18 * 2 * 8 * 12


def test_errors_grow_with_the_lead_of_a_forecast_that_drifts():
    found = errors_of(Offset(torch.ones(2, *GRID.shape)), still_flow(), future=3, batch=5)
    np.testing.assert_allclose(found.rmse_by_lead, [[1.0, 2.0, 3.0]] * len(found), rtol=1e-5)
    assert found.rmse == pytest.approx([(14 / 3) ** 0.5] * len(found))


def test_the_speed_and_the_spectrum_of_persistence_are_those_of_the_flow():
    flow = still_flow()
    found = errors_of(Persistence(1), flow)
    w = Windows(flow, 1, 0).frames[:, 0]
    for member in (0, 1):
        speed = w[member].square().sum(0).mean().sqrt().item()
        assert found.speed[found.member.index(member)] == pytest.approx(speed, rel=1e-5)
    assert found.ese == pytest.approx([0.0] * len(found), abs=1e-5)
    worse = errors_of(Offset(torch.randn(2, *GRID.shape)), flow)
    assert min(worse.ese) > 1e-2


def test_land_is_counted_nowhere():
    water = torch.ones(GRID.shape, dtype=torch.bool)
    water[:, :3] = False
    w = torch.ones(6, 2, *GRID.shape)
    flow = schema.from_tensor(w, GRID.with_(water=water), title="coast", source="drawn")
    offset = torch.zeros(2, *GRID.shape)
    offset[:, :, :3] = 100.0
    offset[:, :, 3] = 2.0
    found = errors_of(Offset(offset), flow)
    assert found.rmse == pytest.approx([(4 / 9) ** 0.5] * len(found))
    assert found.water_share == pytest.approx([0.75] * len(found))
    assert np.isnan(found.rmse_by_cell(0)[:, :3]).all() and np.isnan(found.ese).all()
    distance, rmse = rmse_by_distance(found, 0, GRID.with_(water=water), width=1)
    assert distance[0] == 0.5 and rmse[0] > rmse[-1]


def test_distances_to_walls_coasts_and_across_periodic_edges():
    box = distance_to_edge(GRID)
    assert box[0, 5] == 0.5 and box[3, 5] == 3.5 and box.max() == 3.5
    both = GRID.with_(periodic_x=True, periodic_y=True)
    assert np.isinf(distance_to_edge(both)).all()
    water = torch.ones(GRID.shape, dtype=torch.bool)
    water[4, 0] = False
    island = distance_to_edge(both.with_(water=water))
    assert island[4, 11] == island[4, 1] == 0.5 and island[4, 0] <= 0
    assert island[4, 6] == 5.5


def test_windows_without_a_future_are_refused():
    with pytest.raises(ValueError, match="1 future"):
        next(window_error_steps(Persistence(1), Windows(still_flow(), 1, 0)))
    with pytest.raises(ValueError, match="at least 3 past"):
        next(window_error_steps(Persistence(3), Windows(still_flow(), 1, 1)))
