"""A forecaster on another device takes and gives what it took and gave before."""

import copy
import threading

import pytest
import torch
from torch import nn

from symdyn_core.models import NetworkForecaster, Persistence
from symdyn_core.models.placing import placed

ELSEWHERE = "meta"
"""A device that every machine has; it knows shapes, but no numbers."""


def forecaster(past: int = 2) -> NetworkForecaster:
    return NetworkForecaster(nn.Conv2d(2 * past, 2, 3, padding=1), past=past, scale=1.0).eval()


class Watched(nn.Module):
    """A network that notes where it computes."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, h):
        self.seen.append((h.device.type, self.weight.device.type))
        return h[:, :2]


def test_windows_go_there_and_forecasts_come_back():
    network = Watched()
    there = placed(NetworkForecaster(network, past=2, scale=1.0), ELSEWHERE)
    window = torch.ones(1, 2, 2, 4, 4, device=ELSEWHERE)
    assert there(window).device.type == ELSEWHERE, "back to where the window came from"
    # A forecast without numbers cannot come back to the processor: it was on its way.
    with pytest.raises(NotImplementedError, match="meta"):
        there(window.new_ones(window.shape, device="cpu"))
    assert network.seen == [(ELSEWHERE, ELSEWHERE)] * 2


def test_on_the_processor_nothing_changes():
    own = forecaster()
    assert placed(own, "cpu") is own and not own._forward_pre_hooks
    still = Persistence(2)
    assert placed(still, ELSEWHERE) is still


def test_numbers_are_the_same_and_threads_do_not_mix():
    """Hooks that carry from the processor to the processor: only the carrying is left."""
    plain, window = forecaster(), torch.randn(1, 2, 2, 8, 8)
    carried = copy.deepcopy(plain)
    placed(carried, "cpu:0")
    assert carried._forward_pre_hooks, "control: it is carried"
    assert torch.equal(plain(window), carried(window))
    assert torch.equal(copy.deepcopy(carried)(window), plain(window)), "copies too"
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(carried(window).detach())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(torch.equal(plain(window), forecast) for forecast in found)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_forecasts_agree():
    plain, window = forecaster(), torch.randn(1, 2, 2, 8, 8)
    there = placed(copy.deepcopy(plain), "cuda")
    assert next(there.parameters()).is_cuda
    torch.testing.assert_close(there(window), plain(window), rtol=1e-4, atol=1e-5)
