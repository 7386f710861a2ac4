"""A store of results with bounded memory, shared by all sessions of the server."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Protocol, TypeVar


class Sized(Protocol):
    """A result that knows how much memory it will take once it is complete."""

    @property
    def nbytes(self) -> int: ...


Result = TypeVar("Result", bound=Sized)


class BoundedCache:
    """Keeps the results used last, at most ``limit`` bytes of them together.

    A result larger than the limit is handed out but not kept.
    """

    def __init__(self, limit: int):
        self.limit, self.used = limit, 0
        self._results: OrderedDict[Hashable, Sized] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._results)

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result kept under ``key``, else a new one."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            # Another thread may have been faster: everyone shares its result.
            kept = self._results.setdefault(key, made)
            if kept is made:
                self.used += made.nbytes
            self._results.move_to_end(key)
            while self.used > self.limit and self._results:
                _, dropped = self._results.popitem(last=False)
                self.used -= dropped.nbytes
            return kept  # type: ignore[return-value]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self.used = 0
