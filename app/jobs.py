"""Long computations that several sessions share: one at a time, apart from the forecasts.

A job is a generator that yields how far it is and what it has so far. The same key is the same
job: a second visitor sees the first one's progress, and the result is kept for later ones.

A job goes on as long as somebody looks at it. Followers are not counted, as one who is lost on the
way would count for ever: each look is noted, and without any for a while the job rests. What it has
stays, and with the next look it goes on from there.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from .lanes import give_way

KEPT = 64
"""Jobs that are remembered when they are finished or rest."""

LOOK = 0.1
"""Seconds between two looks of a follower at a job."""

ALONE = 3.0
"""Seconds without a look after which a job rests; a page that is drawn may take one or two."""

TURN = 1.0
"""Seconds after which a job goes behind those that wait: a long one holds nobody up."""

POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job", initializer=give_way)
"""One thread of low priority: moving sliders and other visitors come first."""

LOG = logging.getLogger("symdyn.app")

Steps = Callable[[], Iterator[tuple[float, Any]]]


class Job:
    """One computation, under way, at rest or done.

    Attributes:
        fraction: how much is done, 0 to 1.
        result: what it has so far; None before the first.
        error: one line where it failed.
        done: whether it ended, by itself, by an error or because it was cancelled.
        cancelled: whether somebody stopped it.
        version: counts what it got farther by.
    """

    def __init__(self, steps: Steps):
        self.fraction, self.result, self.error, self.done = 0.0, None, "", False
        self.cancelled = False
        self.version = 0
        self._make: Steps | None = steps
        self._steps: Iterator[tuple[float, Any]] | None = None
        self._in_line = False
        self._lock = Lock()
        self.look()

    @property
    def resting(self) -> bool:
        """Whether it waits for somebody to look at it."""
        return not (self.done or self._in_line)

    def look(self) -> None:
        """Somebody looks at it: it goes on for a while, also where it rested."""
        with self._lock:
            self._looked = time.monotonic()
            rested = self.resting
            self._in_line = self._in_line or rested
        if rested:
            POOL.submit(self._work)

    def cancel(self) -> None:
        """Stop before the next step, for good."""
        with self._lock:
            self.cancelled = True
            if self.resting:
                self._end()

    def _work(self) -> None:
        """One turn: as many steps as fit into it."""
        until = time.monotonic() + TURN
        while self._wanted():
            self._step()
            if time.monotonic() >= until and not self.done:
                POOL.submit(self._work)
                return

    def _wanted(self) -> bool:
        """Whether it goes on; else it is done or rests from now on."""
        with self._lock:
            if self.cancelled and not self.done:
                self._end()
            alone = time.monotonic() - self._looked > ALONE
            self._in_line = not (self.done or alone)
            return self._in_line

    def _step(self) -> None:
        try:
            if self._steps is None:
                assert self._make is not None
                self._steps = iter(self._make())
            self.fraction, self.result = next(self._steps)
            self.version += 1
            return
        except StopIteration:
            self.fraction = 1.0
        except (ValueError, FileNotFoundError) as error:
            self.error = str(error).splitlines()[0]
        except Exception:
            LOG.exception("a job failed")
            self.error = "Something went wrong in the computation; the log of the server says what."
        self._end()

    def _end(self) -> None:
        """Done: what only its steps needed is let go."""
        steps, self._steps, self._make = self._steps, None, None
        if steps is not None and hasattr(steps, "close"):
            steps.close()
        self.done = True
        self.version += 1


async def changes(
    jobs: Collection[Job], there: Callable[[], bool] = lambda: True
) -> AsyncIterator[None]:
    """Follow some jobs: an item every time that one got farther, until all are done.

    They are looked at while the next item is waited for, and no longer than that: they rest soon
    after a follower was cancelled or forgotten.

    Args:
        there: whether somebody sees what the follower shows; while not, he looks at nothing.
    """
    seen: list[int] = []
    while True:
        if there():
            for job in jobs:
                job.look()
        # In this order: a job that ends in between is seen at its end with the next look.
        done, versions = all(job.done for job in jobs), [job.version for job in jobs]
        if versions != seen:
            seen = versions
            yield
        if done:
            return
        await asyncio.sleep(LOOK)


class Jobs:
    """The jobs of all sessions, by key; those that failed or were cancelled start anew."""

    def __init__(self, kept: int = KEPT):
        self.kept = kept
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, steps: Steps) -> Job:
        """The job under this key, started if it is not there."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.error or job.cancelled:
                job = self._jobs[key] = Job(steps)
            job.look()
            self._jobs.move_to_end(key)
            idle = [key for key, job in self._jobs.items() if job.done or job.resting]
            for old in idle[: max(0, len(self._jobs) - self.kept)]:
                self._jobs.pop(old).cancel()
            return job

    def forget(self, wanted: Callable[[Hashable], bool]) -> None:
        """Forget and stop some jobs, by their keys."""
        with self._lock:
            for key in [key for key in self._jobs if wanted(key)]:
                self._jobs.pop(key).cancel()

    def clear(self) -> None:
        """Forget and stop everything."""
        self.forget(lambda key: True)


JOBS = Jobs()
"""Of this server."""
