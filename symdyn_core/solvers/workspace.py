"""Memory that a solver uses again in every step, instead of asking for it anew."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import TypeVar

import torch
from torch import Tensor

Views = TypeVar("Views")


class Memory(ABC):
    """Where the results of operations go."""

    @abstractmethod
    def __call__(
        self, name: Hashable, operation: Callable[..., Tensor], *arguments, **options
    ) -> Tensor:
        """The result of an operation that takes ``out``."""

    @abstractmethod
    def views(self, name: Hashable, cut: Callable[[], Views], of: Tensor | None = None) -> Views:
        """Slices of results of this memory, or of a tensor from elsewhere."""


class Fresh(Memory):
    """Every result in memory of its own, as autograd needs it."""

    def __call__(
        self, name: Hashable, operation: Callable[..., Tensor], *arguments, **options
    ) -> Tensor:
        """The result, in new memory."""
        return operation(*arguments, **options)

    def views(self, name: Hashable, cut: Callable[[], Views], of: Tensor | None = None) -> Views:
        """The slices, cut anew."""
        return cut()


FRESH = Fresh()


class Workspace(Memory):
    """Results under a name go where the last ones of that name were, and slices are cut once.

    On grids of some ten thousand cells a third of a solver's time is spent on asking for memory
    and on cutting slices, not on numbers; on large ones, on memory that is new to the cache.
    Numbers are the same to the bit. A workspace belongs to one shape of states and to one thread
    at a time, and works where no derivatives are taken.
    """

    def __init__(self) -> None:
        self._results: dict[Hashable, Tensor] = {}
        self._views: dict[Hashable, tuple[Tensor | None, object]] = {}

    def __call__(
        self, name: Hashable, operation: Callable[..., Tensor], *arguments, **options
    ) -> Tensor:
        """The result, where the last one of this name was."""
        out = self._results.get(name)
        if out is not None:
            return operation(*arguments, out=out, **options)
        result = self._results[name] = operation(*arguments, **options)
        return result

    def views(self, name: Hashable, cut: Callable[[], Views], of: Tensor | None = None) -> Views:
        """The slices of the first call, which show whatever is in the results by now; cut anew
        where they are of another tensor than then."""
        known, found = self._views.get(name, (None, None))
        if found is None or known is not of:
            found = cut()
            self._views[name] = (of, found)
        return found  # type: ignore[return-value]


class Workspaces:
    """Workspaces that wait to be used, by the shape of states.

    Each is lent to one caller at a time, so threads that share a solver do not meet in one.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, ...], list[Workspace]] = {}

    def run(self, work: Callable[[Tensor, Memory], Tensor], q: Tensor) -> Tensor:
        """``work`` with memory for states like this: a workspace where derivatives are ruled out
        (``torch.inference_mode``) and the processor computes, new memory otherwise."""
        if not torch.is_inference_mode_enabled() or q.device.type != "cpu":
            return work(q, FRESH)
        waiting = self._waiting.setdefault(tuple(q.shape), [])
        workspace = waiting.pop() if waiting else Workspace()
        result = work(q, workspace).clone()
        waiting.append(workspace)
        return result
