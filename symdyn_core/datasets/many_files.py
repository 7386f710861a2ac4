"""The same question to many files: asked of several at once, answered in their order.

Files on slow disks and at addresses mostly make one wait: threads wait side by side. What the
libraries of a format must do one at a time they still do so (``netcdf_lock``).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 8
"""Files that are opened at the same time: what a server or a shared disk bears without complaint,
and enough to hide most of its delay."""

Answer = TypeVar("Answer")


def of_each(ask: Callable[[str], Answer], files: Sequence[str]) -> list[Answer]:
    """What ``ask`` answers for each file, in the order of the files.

    Raises:
        Exception: that of the first file in this order that has one; later ones are not begun.
    """
    if len(files) < 2:
        return [ask(file) for file in files]
    pool = ThreadPoolExecutor(min(AT_ONCE, len(files)), thread_name_prefix="file-reader")
    try:
        return list(pool.map(ask, files))
    finally:
        pool.shutdown(cancel_futures=True)
