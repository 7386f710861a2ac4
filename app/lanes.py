"""Threads that compute: what a moving slider waits for comes first, slow models keep to themselves.

One lane has as many threads as the operator allows, and serves the most urgent work first. Models
that take long, and those of the operator until they are known, have a lane of one thread of low
priority: however many visitors wait for them, the others keep the rest of the machine.
"""

import asyncio
import heapq
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from itertools import count
from typing import Any

from .operator import operator

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


class Lane:
    """Some threads and the work that waits for them, the most urgent first.

    Args:
        name: of its threads.
        threads: how many; asked for when the first is needed.
        begin: called once in each thread.
        spare: how many of them are left for what is urgent.
    """

    def __init__(
        self,
        name: str,
        threads: Callable[[], int],
        begin: Callable[[], None] = lambda: None,
        spare: int = 0,
    ):
        self.name, self._threads, self._begin, self._spare = name, threads, begin, spare
        self._order = count()
        self._reset()
        if hasattr(os, "register_at_fork"):
            # Threads do not survive a fork, which is how a server gets several processes.
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._waiting: list[tuple[int, int, Future, Callable]] = []
        self._changed = threading.Condition()
        self._started = False
        self._room = 0

    def submit(self, function: Callable, *arguments: Any, urgency: int = URGENT) -> Future:
        """Compute when a thread is free; what is cancelled before is left off."""
        future: Future = Future()
        work = partial(function, *arguments)
        with self._changed:
            if not self._started:
                self._start()
            heapq.heappush(self._waiting, (urgency, next(self._order), future, work))
            self._changed.notify()
        return future

    async def run(self, function: Callable, *arguments: Any, urgency: int = URGENT) -> Any:
        """The result of a function that is computed here."""
        return await asyncio.wrap_future(self.submit(function, *arguments, urgency=urgency))

    def _start(self) -> None:
        self._started = True
        threads = self._threads()
        self._room = max(1, threads - self._spare)
        for number in range(threads):
            threading.Thread(target=self._serve, name=f"{self.name}-{number}", daemon=True).start()

    def _serve(self) -> None:
        self._begin()
        while True:
            with self._changed:
                while not self._waiting or (self._waiting[0][0] > URGENT and self._room < 1):
                    self._changed.wait()
                urgency, _, future, work = heapq.heappop(self._waiting)
                self._room -= urgency > URGENT
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # it belongs to the one who waits
                    future.set_exception(error)
            # While this thread waits for more it holds nothing of a session that has gone.
            del future, work
            if urgency > URGENT:
                with self._changed:
                    self._room += 1
                    self._changed.notify()


FORECASTS = Lane(
    "forecast", lambda: 1 + (operator().num_threads or max(2, os.cpu_count() or 2)), spare=1
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
