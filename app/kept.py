"""The last few results of a function, which can be forgotten one by one."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Kept(Generic[Key, Result]):
    """A function of one argument whose last results are remembered.

    Unlike those of ``functools.lru_cache`` they can be forgotten one by one: what a visitor sent
    is not kept when he has gone.
    """

    def __init__(self, function: Callable[[Key], Result], count: int):
        self.function, self.count = function, count
        self._results: OrderedDict[Key, Result] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._results)

    def __call__(self, key: Key) -> Result:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        made = self.function(key)
        with self._lock:
            # Another thread may have been faster: everyone shares its result.
            kept = self._results.setdefault(key, made)
            while len(self._results) > self.count:
                self._results.popitem(last=False)
            return kept

    def forget(self, wanted: Callable[[Key], bool]) -> None:
        """Drop the results of some arguments."""
        with self._lock:
            for key in [key for key in self._results if wanted(key)]:
                del self._results[key]
