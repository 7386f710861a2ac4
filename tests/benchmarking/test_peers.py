"""Our steerable kernels are those of e2cnn up to a change of basis."""

import pytest
import torch

from symdyn_core.benchmarking import agreement, peers
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.peer_layers import PeerBench
from symdyn_core.layers.planar_groups import PlanarGroup

QUICK = Conditions(rounds=1)


def test_a_library_that_is_absent_is_skipped_with_a_reason(monkeypatch):
    monkeypatch.setattr(peers, "LIBRARIES", ("no_such_library",))
    bench = PeerBench(QUICK)
    assert bench.measurements() == []
    assert bench.skipped[0]["what"] == "no_such_library"
    assert "No module named" in bench.skipped[0]["reason"]


def test_what_is_outside_a_space():
    space = torch.eye(4, dtype=torch.float64)[:2].view(2, 1, 1, 2, 2)
    inside = torch.tensor([[3.0, 4.0, 0.0, 0.0]], dtype=torch.float64).view(1, 1, 1, 2, 2)
    half = torch.tensor([[3.0, 0.0, 4.0, 0.0]], dtype=torch.float64).view(1, 1, 1, 2, 2)
    assert agreement.outside(inside, space) < 1e-12
    assert agreement.outside(half, space) == pytest.approx(0.8)


def test_a_quarter_turn_of_the_lattice():
    kernel = torch.zeros(1, 1, 1, 3, 3, dtype=torch.float64)
    kernel[..., 2, 1] = 1  # at (x, y) = (0, 1)
    quarter = torch.tensor([[0, -1], [1, 0]])  # takes (1, 0) to (0, 1)
    assert agreement.moved(kernel, quarter)[..., 1, 2] == 1


GROUPS = {"C_8": PlanarGroup(8), "C_16": PlanarGroup(16), "D_8": PlanarGroup(8, mirrored=True)}


@pytest.fixture(scope="module")
def e2cnn():
    """The peer of the extra ``bench``."""
    found, skipped = peers.peers()
    by_name = {peer.name: peer for peer in found}
    if "e2cnn" not in by_name:
        pytest.skip(next(entry["reason"] for entry in skipped if entry["what"] == "e2cnn"))
    return by_name["e2cnn"]


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("kind", agreement.MAPS)
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_our_kernels_lie_in_the_space_of_e2cnn(e2cnn, group, kernel_size, kind):
    found = agreement.disagreement(e2cnn, group, kernel_size, kind)
    assert found["ours_outside_theirs"] < 1e-5
    assert found["dimension"] < found["peer_dimension"]
    assert found["constraint"] < 1e-10


@pytest.mark.parametrize("kind", agreement.MAPS)
def test_another_orientation_is_seen(e2cnn, kind):
    group = GROUPS["D_8"]
    ours = agreement.our_kernels(group, 3, kind)
    assert agreement.constraint(e2cnn, group, kind, ours.transpose(3, 4)) > 0.1
    assert (
        agreement.outside(ours.transpose(3, 4), agreement.peer_kernels(e2cnn, group, 3, kind)) > 0.1
    )


def test_a_layer_of_e2cnn_is_timed(e2cnn):
    bench = PeerBench(QUICK, batch=1, cells=16)
    rows = bench.rows(e2cnn, "reflection D_8", "e2cnn D_8", 16, 3)
    pairs = {(row["what"], row["baseline"]) for row in rows}
    assert pairs == {("e2cnn D_8", "plain"), ("reflection D_8", "e2cnn D_8")}
