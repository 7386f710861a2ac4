"""Long computations that several sessions share: one at a time, apart from the forecasts.

A job is a generator that yields how far it is and what it has so far. The same key is the same
job: a second visitor sees the first one's progress, and the result is kept for later ones.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

from .lanes import give_way

KEPT = 64
"""Finished jobs that are remembered."""

LOOK = 0.1
"""Seconds between two looks at a job's progress."""

POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job", initializer=give_way)
"""One thread of low priority: moving sliders and other visitors come first."""

LOG = logging.getLogger("symdyn.app")

Steps = Callable[[], Iterator[tuple[float, Any]]]


class Job:
    """One computation under way.

    Attributes:
        fraction: how much is done, 0 to 1.
        result: what it has so far; None before the first.
        error: one line where it failed.
        done: whether it ended, by itself, by an error or because it was cancelled.
    """

    def __init__(self, steps: Steps):
        self.fraction, self.result, self.error, self.done = 0.0, None, "", False
        self.version = 0
        self._cancelled = Event()
        POOL.submit(self._run, steps)

    @property
    def cancelled(self) -> bool:
        """Whether somebody stopped it."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop before the next step."""
        self._cancelled.set()

    def _run(self, steps: Steps) -> None:
        try:
            if not self.cancelled:
                for fraction, result in steps():
                    self.fraction, self.result = fraction, result
                    self.version += 1
                    if self.cancelled:
                        break
                else:
                    self.fraction = 1.0
        except (ValueError, FileNotFoundError) as error:
            self.error = str(error).splitlines()[0]
        except Exception:
            LOG.exception("a job failed")
            self.error = "Something went wrong in the computation; the log of the server says what."
        finally:
            self.done = True
            self.version += 1

    async def changes(self) -> AsyncIterator["Job"]:
        """This job, every time that it got farther, and a last time when it is done."""
        seen = -1
        while True:
            done = self.done
            if self.version != seen:
                seen = self.version
                yield self
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
            self._jobs.move_to_end(key)
            finished = [key for key, job in self._jobs.items() if job.done]
            for old in finished[: max(0, len(self._jobs) - self.kept)]:
                del self._jobs[old]
            return job

    def forget(self, wanted: Callable[[Hashable], bool]) -> None:
        """Forget and stop some jobs, by their keys."""
        with self._lock:
            for key in [key for key in self._jobs if wanted(key)]:
                self._jobs.pop(key).cancel()

    def clear(self) -> None:
        """Forget and stop everything."""
        with self._lock:
            for job in self._jobs.values():
                job.cancel()
            self._jobs.clear()


JOBS = Jobs()
"""Of this server."""
