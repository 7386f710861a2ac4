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
    lane, begun, released = lanes.Lane("test", lambda: 2, spare=1), [], threading.Event()

    def wait(name):
        begun.append(name)
        released.wait(30)

    later = [lane.submit(wait, name, urgency=lanes.LATER) for name in ("first", "second")]
    assert lane.submit(lambda: 7).result(timeout=30) == 7, "a thread is left for it"
    assert begun == ["first"], "control: the other one would take it otherwise"
    released.set()
    for future in later:
        future.result(timeout=30)
    assert begun == ["first", "second"], "room comes back"
