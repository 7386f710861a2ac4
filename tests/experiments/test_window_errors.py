"""Errors window by window: hand-checkable rows, maps, distances and histograms."""

import numpy as np
import pytest
import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.error_summaries import (
    distance_to_edge,
    mosaic,
    pooled,
    rmse_by_distance,
    rmse_by_member,
    rmse_by_time,
    share_better,
    window_table,
)
from symdyn_core.experiments.window_errors import window_error_steps
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
    assert found.histogram().sum() == 18 * 2 * 8 * 12


def test_errors_grow_with_the_lead_of_a_forecast_that_drifts():
    found = errors_of(Offset(torch.ones(2, *GRID.shape)), still_flow(), future=3, batch=5)
    np.testing.assert_allclose(found.rmse_by_lead, [[1.0, 2.0, 3.0]] * len(found), rtol=1e-5)
    assert found.rmse == pytest.approx([(14 / 3) ** 0.5] * len(found))


def test_fewer_leads_than_future_frames_are_the_first_ones():
    drifting = Offset(torch.ones(2, *GRID.shape))
    found = errors_of(drifting, still_flow(), future=3, leads=2)
    np.testing.assert_allclose(found.rmse_by_lead, [[1.0, 2.0]] * len(found), rtol=1e-5)
    assert found.now == errors_of(drifting, still_flow(), future=3).now
    with pytest.raises(ValueError, match="4 future"):
        errors_of(drifting, still_flow(), future=3, leads=4)


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
    distance, rmse = rmse_by_distance(found, [GRID.with_(water=water)], width=1)
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


class Growing(torch.nn.Module):
    """Persistence that errs by as much as the first number of the flow says."""

    past = 1

    def forward(self, window):
        return window[:, -1] + window[:, -1, :1, :1, :1].abs()


def two_members(frames=6):
    """Still fields whose first number is 1 in the first member and 3 in the second."""
    w = torch.zeros(2, frames, 2, *GRID.shape)
    w[0, :, 0, 0, 0], w[1, :, 0, 0, 0] = 1.0, 3.0
    return schema.from_tensor(w, GRID, title="two", source="drawn")


def test_summaries_of_chosen_windows_know_nothing_of_the_others():
    found = errors_of(Growing(), two_members())
    second = [n for n, member in enumerate(found.member) if member == 1]
    members, rmse = rmse_by_member(found)
    assert list(members) == [0, 1] and rmse == pytest.approx([1.0, 3.0])
    assert list(rmse_by_member(found, second)[0]) == [1]
    assert pooled(found.rmse) == pytest.approx(5**0.5)
    assert pooled(found.rmse, second) == pytest.approx(3.0)
    assert np.isnan(pooled(found.rmse, []))
    times, both = rmse_by_time(found, found.rmse)
    assert list(times) == sorted(set(found.now)) and both == pytest.approx([5**0.5] * len(times))
    assert rmse_by_time(found, found.rmse, second)[1] == pytest.approx([3.0] * len(times))
    assert np.isnan(found.rmse_by_cell(0, second)).all()
    np.testing.assert_allclose(found.rmse_by_cell(1, second), 3.0, rtol=1e-6)
    assert found.histogram(second).sum() == found.histogram().sum() / 2
    grids = [GRID, GRID]
    assert rmse_by_distance(found, grids)[1] == pytest.approx([5**0.5] * 2, rel=1e-5)
    assert rmse_by_distance(found, grids, chosen=second)[1] == pytest.approx([3.0] * 2, rel=1e-5)


def test_the_share_of_windows_better_than_persistence():
    found = errors_of(Growing(), two_members())
    assert share_better(found) == 0.0
    found.persistence = [2.0] * len(found)
    assert share_better(found) == 0.5
    assert share_better(found, [n for n, m in enumerate(found.member) if m == 0]) == 1.0


def test_a_mosaic_holds_every_member_in_its_place_and_size():
    found = errors_of(Growing(), two_members())
    picture, columns = mosaic(found, 2)
    assert columns == 2 and picture.shape == (8, 24)
    np.testing.assert_allclose(picture[:, :12], 1.0, rtol=1e-6)
    np.testing.assert_allclose(picture[:, 12:], 3.0, rtol=1e-6)
    small, _ = mosaic(found, 2, most_cells=22)
    assert small.shape == (3, 8)  # blocks of 3 cells, the last row of 2
    np.testing.assert_allclose(small[:, 4:], 3.0, rtol=1e-6)
    only, _ = mosaic(found, 2, chosen=[0])
    assert np.isnan(only[:, 12:]).all() and not np.isnan(only[:, :12]).any()


def test_a_table_holds_both_forecasters_and_refuses_other_windows():
    flow = two_members()
    found = {"a": errors_of(Growing(), flow), "b": errors_of(Persistence(1), flow)}
    table = window_table(found)
    assert len(table) == len(found["a"])
    assert list(table["rmse_a"]) == found["a"].rmse and set(table["rmse_b"]) == {0.0}
    assert set(table["land"]) == {0.0}
    with pytest.raises(ValueError, match="same windows"):
        window_table({**found, "b": errors_of(Persistence(1), flow, count=3)})
