"""Lanes: the urgent first, slow models apart, nothing kept of those who left."""

import gc
import os
import threading
import weakref

import pytest

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def lanes(data):
    from app import lanes

    return lanes


def held(lane):
    """The only thread of a lane is held until the event is set."""
    begun, released = threading.Event(), threading.Event()
    lane.submit(lambda: (begun.set(), released.wait(30)))
    assert begun.wait(30)
    return released


def test_what_is_urgent_comes_first_and_the_rest_in_order(lanes):
    lane, done = lanes.Lane("test", lambda: 1), []
    released = held(lane)
    work = [
        lane.submit(done.append, name, urgency=urgency)
        for name, urgency in (("b", lanes.LATER), ("a", lanes.URGENT), ("c", lanes.LATER))
    ]
    cancelled = lane.submit(done.append, "x")
    assert cancelled.cancel()
    released.set()
    for future in work:
        future.result(timeout=30)
    assert done == ["a", "b", "c"], "what was cancelled is left off"


def test_an_error_belongs_to_the_one_who_asked(lanes):
    lane = lanes.Lane("test", lambda: 1)
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 / 0).result(timeout=30)
    assert lane.submit(lambda: 7).result(timeout=30) == 7, "the thread goes on"


def test_a_thread_that_waits_holds_nothing(lanes):
    class Question:
        def answer(self):
            return None

    lane, question = lanes.Lane("test", lambda: 1), Question()
    seen = weakref.ref(question)
    lane.submit(question.answer).result(timeout=30)
    lane.submit(lambda: None).result(timeout=30)
    del question
    gc.collect()
    assert seen() is None


def test_slow_models_have_a_lane_of_their_own(lanes):
    pace = lanes.Pace()
    assert pace.lane("zoo", trusted=True) is lanes.FORECASTS
    assert pace.lane("own", trusted=False) is lanes.SLOW_FORECASTS, "until it is known"
    for seconds in (3.0, 0.02, 5.0):
        pace.note("own", seconds)
    assert pace.lane("own", trusted=False) is lanes.FORECASTS, "the machine was busy at times"
    for _ in range(4):
        pace.note("zoo", 2.0)
    assert pace.lane("zoo", trusted=True) is lanes.SLOW_FORECASTS


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="threads have no priority here")
def test_slow_models_give_way(lanes):
    def priority():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own = priority()
    assert lanes.SLOW_FORECASTS.submit(priority).result(timeout=30) == min(own + lanes.LOWER, 19)
    assert lanes.FORECASTS.submit(priority).result(timeout=30) == own


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes that fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(lanes):
    lane = lanes.Lane("test", lambda: 1)
    lane.submit(int).result(timeout=30)
    child = os.fork()
    if child == 0:
        os._exit(lane.submit(lambda: 7).result(timeout=30))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_known_forecasts_are_handed_out_while_more_are_made(lanes, data):
    """A visitor who looks at lead 1 does not wait for another one's lead 2."""
    import torch

    from app.rollouts import Rollout

    begun, released = threading.Event(), threading.Event()

    class Slow:
        past, calls = 1, 0

        def __call__(self, window):
            self.calls += 1
            if self.calls == 2:
                begun.set()
                released.wait(30)
            return window[:, -1]

    rollout = Rollout(Slow(), torch.ones(1, 2, 8, 8))
    rollout.up_to(1)
    lane = lanes.Lane("test", lambda: 2)
    slow = lane.submit(rollout.up_to, 2)
    assert begun.wait(30)
    assert len(lane.submit(rollout.up_to, 1).result(timeout=10)) == 1
    assert not slow.done(), "control: the other one still waits"
    released.set()
    assert len(slow.result(timeout=30)) == 2


def test_what_can_wait_leaves_a_thread_for_what_cannot(lanes):
    lane, begun = lanes.Lane("test", lambda: 2, spare=1), []
    at_work, released = threading.Event(), threading.Event()

    def wait(name):
        begun.append(name)
        at_work.set()
        released.wait(30)

    later = [lane.submit(wait, name, urgency=lanes.LATER) for name in ("first", "second")]
    assert at_work.wait(30)
    assert lane.submit(lambda: 7).result(timeout=30) == 7, "a thread is left for it"
    assert begun == ["first"], "control: the other one would take it otherwise"
    released.set()
    for future in later:
        future.result(timeout=30)
    assert begun == ["first", "second"], "room comes back"


def test_what_waits_for_the_same_network_is_done_in_one_call(lanes):
    lane, calls = lanes.Lane("test", lambda: 1, most=lambda: 4), []
    released = held(lane)

    def doubled(asked):
        calls.append([number for (number,) in asked])
        return [2 * number for (number,) in asked]

    work = [lane.submit(doubled, n, together="a" if n < 6 else "b") for n in range(8)]
    alone = lane.submit(lambda: "alone")
    assert work[2].cancel()
    released.set()
    found = [future.result(timeout=30) for n, future in enumerate(work) if n != 2]
    assert found == [0, 2, 6, 8, 10, 12, 14] and alone.result(timeout=30) == "alone"
    # At most four at a time, the cancelled one among them, and never those of another name.
    assert calls == [[0, 1, 3], [4, 5], [6, 7]]


def test_threads_take_fair_shares_and_what_is_urgent_does_not_wait_for_what_is_not(lanes):
    lane, calls = lanes.Lane("test", lambda: 1, most=lambda: 16), []
    released = held(lane)
    lane._count = 2  # as if another thread were about to be free

    def noted(asked):
        calls.append([number for (number,) in asked])
        return [None] * len(asked)

    urgencies = [lanes.LATER, lanes.URGENT, lanes.URGENT, lanes.URGENT, lanes.URGENT]
    work = [
        lane.submit(noted, n, urgency=urgency, together="a") for n, urgency in enumerate(urgencies)
    ]
    released.set()
    for future in work:
        future.result(timeout=30)
    assert calls == [[1, 2], [3], [4], [0]]


def test_an_error_in_a_shared_call_is_only_of_the_one_whose_it_is(lanes):
    lane = lanes.Lane("test", lambda: 1, most=lambda: 16)
    released = held(lane)
    work = [
        lane.submit(lambda asked: [1 / n for (n,) in asked], n, together="a") for n in (1, 0, 2)
    ]
    released.set()
    assert work[0].result(timeout=30) == 1.0 and work[2].result(timeout=30) == 0.5
    with pytest.raises(ZeroDivisionError):
        work[1].result(timeout=30)


def test_windows_alike_are_forecast_in_one_call(data):
    """The same numbers as one by one, whatever has been forecast of each before."""
    import torch

    from app.rollouts import Rollout, forecast_together

    class Network(torch.nn.Module):
        past = 2

        def __init__(self):
            super().__init__()
            self.batches = []
            self.mix = torch.nn.Conv2d(4, 2, 3, padding=1).double()

        def forward(self, window):
            self.batches.append(len(window))
            return self.mix(window[:, -2:].flatten(1, 2))

    torch.manual_seed(0)
    network, windows = Network(), torch.randn(3, 2, 2, 8, 8).double()
    alone = [Rollout(network, window).up_to(3) for window in windows]
    network.batches.clear()
    one, two, three = (Rollout(network, window) for window in windows)
    one.up_to(1)
    forecast_together([one, two, three, two], 3)
    assert network.batches == [1, 2, 3, 3], "the two that are behind catch up first"
    for rollout, expected in zip((one, two, three), alone, strict=True):
        torch.testing.assert_close(rollout.up_to(3), expected, rtol=1e-12, atol=1e-12)
    assert two._leads[0].untyped_storage().nbytes() == two.window[0].nbytes, "no batch is kept"


def test_on_a_processor_windows_are_forecast_one_by_one(lanes, monkeypatch):
    """Their numbers are to the bit those of symdyn_core then; a GPU takes many at once."""
    monkeypatch.setattr(lanes, "device", lambda: "cpu")
    assert lanes.most_together() == 1
    monkeypatch.setattr(lanes, "device", lambda: "cuda:1")
    assert lanes.most_together() > 1
