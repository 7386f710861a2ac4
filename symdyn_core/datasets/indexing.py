"""Reading any part of an array whose reader knows nothing but boxes of consecutive entries.

Dask hands on to a reader what is done to an array next: one frame by its number, every second row,
some columns. The smallest box that covers it is read, and the part taken from that.
"""

from collections.abc import Callable

import numpy as np

Part = slice | int | np.integer | np.ndarray | list
"""What an axis may be indexed by."""


def part_of(
    read: Callable[[tuple[slice, ...]], np.ndarray], index: tuple[Part, ...], shape: tuple[int, ...]
) -> np.ndarray:
    """Part of an array of some shape; axes that are indexed by one number are dropped.

    Args:
        read: gives a box, with start and stop along every axis.
        index: one entry for each axis.
    """
    cuts = [_covering(part, size) for part, size in zip(index, shape, strict=True)]
    values = read(tuple(box for box, _ in cuts))
    for axis, (_, inside) in reversed([*enumerate(cuts)]):
        if inside is not None:
            values = values.take(inside, axis=axis)
    return values


def _covering(part: Part, size: int) -> tuple[slice, np.ndarray | None]:
    """The box that holds all of an index along one axis, and where in it the index is."""
    wanted = np.arange(size)[part]
    if not wanted.size:
        return slice(0, 0), None
    low, high = int(np.min(wanted)), int(np.max(wanted))
    whole = isinstance(part, slice) and part.step in (None, 1)
    return slice(low, high + 1), None if whole else np.asarray(wanted - low)
