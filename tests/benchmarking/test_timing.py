"""Ratios are those of the work, whatever the machine does meanwhile."""

import pytest
import torch

from symdyn_core.benchmarking.timing import CudaStopwatch, ProcessorStopwatch, compare


class Clock:
    """Time that passes only when somebody works."""

    def __init__(self):
        self.now = 0.0
        self.slowness = 1.0

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float):
        """A piece of work that takes so long, if the machine is not slowed down."""

        def done():
            self.now += seconds * self.slowness

        return done


def test_the_ratio_is_that_of_the_work():
    clock = Clock()
    stopwatch = ProcessorStopwatch(processor=clock, wall=lambda: 2 * clock())
    found = compare(clock.work(3.0), clock.work(2.0), stopwatch, rounds=5)
    assert found.ratio == found.ratio_min == found.ratio_max == found.ratio_wall == 1.5
    assert (found.seconds, found.baseline_seconds, found.rounds) == (3.0, 2.0, 5)


def test_a_machine_that_slows_down_changes_no_ratio():
    clock = Clock()
    plain, candidate = clock.work(1.0), clock.work(1.2)

    def slowing(work):
        def done():
            work()
            clock.slowness *= 1.05

        return done

    stopwatch = ProcessorStopwatch(processor=clock, wall=clock)
    found = compare(slowing(candidate), slowing(plain), stopwatch, rounds=8)
    assert found.ratio == pytest.approx(1.2, rel=2e-3)
    # Control: one after the other, all of one and then all of the other, would be far off.
    assert 1.2 * 1.05**8 > 1.7
    assert found.ratio_min < found.ratio_low <= found.ratio <= found.ratio_high < found.ratio_max


def test_pairs_alternate_and_the_first_rounds_do_not_count():
    order, clock = [], Clock()
    works = {}
    for name, seconds in (("a", 4.0), ("b", 1.0)):
        work = clock.work(seconds)
        works[name] = lambda name=name, work=work: (order.append(name), work())
    stopwatch = ProcessorStopwatch(processor=clock, wall=clock)
    assert compare(works["a"], works["b"], stopwatch, rounds=2, warm_up=1).ratio == 4.0
    assert "".join(order) == "baabba"
    with pytest.raises(ValueError, match="at least one round"):
        compare(works["a"], works["b"], stopwatch, rounds=0)


def test_threads_that_wait_are_not_counted_as_work():
    processor, wall = Clock(), Clock()

    def work():
        processor.now += 7
        wall.now += 2

    one, two = (ProcessorStopwatch(n, processor=processor, wall=wall) for n in (1, 2))
    assert one.clock == "processor" and one.measure(work).seconds == 7
    assert two.clock == "wall" and two.measure(work).seconds == 2


class Event:
    """A mark on a stream that passes three milliseconds from one mark to the next."""

    marks = 0

    def __init__(self, enable_timing):
        assert enable_timing

    def record(self, stream):
        Event.marks += 1
        self.mark = Event.marks

    def elapsed_time(self, other):
        return 3.0 * (other.mark - self.mark)


def test_events_of_a_gpu_are_read_in_seconds_when_all_is_done(monkeypatch):
    done = []
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "stream")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append("waited"))
    found = CudaStopwatch(torch.device("cuda")).measure(lambda: done.append("worked"))
    assert found.seconds == pytest.approx(0.003) and found.wall > 0
    assert done == ["waited", "worked", "waited"]
