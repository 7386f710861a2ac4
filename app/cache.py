"""A store of results with bounded memory, shared by all sessions of the server."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from threading import Lock
from typing import Protocol, TypeVar


class Sized(Protocol):
    """A result that knows how much memory it takes; it may grow while it is kept."""

    @property
    def nbytes(self) -> int: ...


Result = TypeVar("Result", bound=Sized)


GROWING = 40
"""Results used last that are counted anew for each new one: forecasts go on for a while."""


class BoundedCache:
    """Keeps the results used last, at most ``limit`` bytes of them together.

    A result larger than the limit is handed out but not kept. What has grown is counted anew when
    it is used again, and for a while when others come.
    """

    def __init__(self, limit: int):
        self.limit, self.used = limit, 0
        self._results: OrderedDict[Hashable, Sized] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._results)

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result kept under ``key``, else a new one."""
        with self._lock:
            if key in self._results:
                return self._used(key)  # type: ignore[return-value]
        made = make()
        with self._lock:
            # Another thread may have been faster: everyone shares its result.
            self._results.setdefault(key, made)
            for growing in islice(reversed(self._results), GROWING):
                self._count(growing)
            return self._used(key)  # type: ignore[return-value]

    def known(self, key: Hashable) -> Sized | None:
        """The result kept under ``key``, if it is there."""
        with self._lock:
            return self._used(key) if key in self._results else None

    def touch(self, keys: Iterable[Hashable]) -> None:
        """Keep some results, as far as they are there, longer than what was used before."""
        with self._lock:
            for key in keys:
                if key in self._results:
                    self._results.move_to_end(key)

    def _used(self, key: Hashable) -> Sized:
        """A kept result, as the one used last; those used longest ago make room for it."""
        result = self._results[key]
        self._results.move_to_end(key)
        self._count(key)
        while self.used > self.limit and self._results:
            dropped, _ = self._results.popitem(last=False)
            self.used -= self._sizes.pop(dropped)
        return result

    def _count(self, key: Hashable) -> None:
        size = self._results[key].nbytes
        self.used += size - self._sizes.get(key, 0)
        self._sizes[key] = size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self._sizes.clear()
            self.used = 0
