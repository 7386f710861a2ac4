"""Threads that compute: what a moving slider waits for comes first, slow models keep to themselves.

One lane has as many threads as the operator allows, and serves the most urgent work first. Models
that take long, and those of the operator until they are known, have a lane of one thread of low
priority: however many visitors wait for them, the others keep the rest of the machine.
"""

import asyncio
import heapq
import math
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .operator import device, operator

URGENT, LATER = 0, 1
"""What a moving slider waits for, and the rest of a rollout."""

SLOW = 0.25
"""Seconds for one forecast from which on a model is slow."""

LOWER = 10
"""Steps of priority that work in the background gives way."""


def give_way() -> None:
    """The thread that calls this leaves the processor to others; where the system knows no such
    thing of threads, nothing changes."""
    if hasattr(os, "setpriority"):
        thread = threading.get_native_id()
        own = os.getpriority(os.PRIO_PROCESS, thread)  # a server may have given way as a whole
        os.setpriority(os.PRIO_PROCESS, thread, min(own + LOWER, 19))


@dataclass(order=True)
class Work:
    """What waits for a thread.

    Attributes:
        together: what it shares with work that can be done in the same call; nothing if None.
    """

    urgency: int
    number: int
    future: Future = field(compare=False)
    function: Callable = field(compare=False)
    arguments: tuple = field(compare=False)
    together: Hashable = field(default=None, compare=False)


class Lane:
    """Some threads and the work that waits for them, the most urgent first.

    Args:
        name: of its threads.
        threads: how many; asked for when the first is needed.
        begin: called once in each thread.
        spare: how many of them are left for what is urgent.
        most: how much of what can be done together is; asked for when the first is needed.
    """

    def __init__(
        self,
        name: str,
        threads: Callable[[], int],
        begin: Callable[[], None] = lambda: None,
        spare: int = 0,
        most: Callable[[], int] = lambda: 1,
    ):
        self.name, self._threads, self._begin, self._spare = name, threads, begin, spare
        self._most = most
        self._order = count()
        self._reset()
        if hasattr(os, "register_at_fork"):
            # Threads do not survive a fork, which is how a server gets several processes.
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._waiting: list[Work] = []
        self._changed = threading.Condition()
        self._started = False
        self._room = self._count = self._together = 0

    def submit(
        self,
        function: Callable,
        *arguments: Any,
        urgency: int = URGENT,
        together: Hashable = None,
    ) -> Future:
        """Compute when a thread is free; what is cancelled before is left off.

        Args:
            together: where it is given, ``function`` takes a list of tuples of arguments and gives
                a list of results: of what waits under the same name by then, in fair shares among
                the threads.
        """
        future: Future = Future()
        with self._changed:
            if not self._started:
                self._start()
            work = Work(urgency, next(self._order), future, function, arguments, together)
            heapq.heappush(self._waiting, work)
            self._changed.notify()
        return future

    async def run(self, function: Callable, *arguments: Any, **options: Any) -> Any:
        """The result of a function that is computed here."""
        return await asyncio.wrap_future(self.submit(function, *arguments, **options))

    def _start(self) -> None:
        self._started = True
        self._count = threads = self._threads()
        self._room = max(1, threads - self._spare)
        self._together = self._most()
        for number in range(threads):
            threading.Thread(target=self._serve, name=f"{self.name}-{number}", daemon=True).start()

    def _serve(self) -> None:
        self._begin()
        while True:
            with self._changed:
                while not self._waiting or (self._waiting[0].urgency > URGENT and self._room < 1):
                    self._changed.wait()
                share = self._share()
                later = share[0].urgency > URGENT
                self._room -= later
            _compute([work for work in share if work.future.set_running_or_notify_cancel()])
            # While this thread waits for more it holds nothing of a session that has gone.
            del share
            if later:
                with self._changed:
                    self._room += 1
                    self._changed.notify()

    def _share(self) -> list[Work]:
        """The most urgent work, with what can be done together with it."""
        first = heapq.heappop(self._waiting)
        if first.together is None:
            return [first]
        alike = [
            work
            for work in self._waiting
            if work.together == first.together and work.urgency == first.urgency
        ]
        fair = math.ceil((1 + len(alike)) / self._count)
        share = heapq.nsmallest(min(fair, self._together) - 1, alike)
        for work in share:
            self._waiting.remove(work)
        heapq.heapify(self._waiting)
        return [first, *share]


def _compute(share: list[Work]) -> None:
    """Hand each its result, or the error, which belongs to the one who waits."""
    if not share:
        return
    first = share[0]
    try:
        if first.together is None:
            first.future.set_result(first.function(*first.arguments))
            return
        results = first.function([work.arguments for work in share])
    except BaseException as error:
        if len(share) == 1:
            first.future.set_exception(error)
        else:  # whose it is shows when each is computed by itself
            for work in share:
                _compute([work])
        return
    for work, result in zip(share, results, strict=True):
        work.future.set_result(result)


def most_together() -> int:
    """Windows that a network is given at once: a GPU takes many in the time of one.

    A processor does not (measured: 0 to 25 % less each), and one by one their forecasts are to the
    bit those of symdyn_core; spectra of what is almost nothing show a difference in the last bit.
    """
    return 1 if device() == "cpu" else 16


FORECASTS = Lane(
    "forecast",
    lambda: 1 + (operator().num_threads or max(2, os.cpu_count() or 2)),
    spare=1,
    most=most_together,
)
"""Everything that is not slow: as many threads as cores, and one that never makes what can wait."""

SLOW_FORECASTS = Lane("slow-forecast", lambda: 1, give_way)
"""Models that would hold others up."""


class Pace:
    """How long the forecasts of each model take, as far as they were made here."""

    def __init__(self) -> None:
        self._seconds: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=4))

    def note(self, model: str, seconds: float) -> None:
        """A forecast took so long."""
        self._seconds[model].append(seconds)

    def lane(self, model: str, *, trusted: bool) -> Lane:
        """Where forecasts of a model are made.

        Args:
            trusted: whether one that nobody has timed is taken to be fast.
        """
        # On a busy machine all forecasts take long at times: the fastest one counts.
        known = self._seconds.get(model, ())
        slow = min(known) > SLOW if known else not trusted
        return SLOW_FORECASTS if slow else FORECASTS


PACE = Pace()
"""Of this process."""
