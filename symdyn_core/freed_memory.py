"""Memory that was freed, handed back to the operating system.

The C library keeps what a program frees for the next time that it asks. Threads that read blocks of
an archive ask for and free pieces of many sizes, and leave a process several times as large as what
it holds.
"""

import ctypes
from collections.abc import Callable


def hand_back() -> None:
    """Give the system all free memory, where the C library is GNU's; elsewhere nothing happens.

    It takes some milliseconds and does not stop other threads of Python.
    """
    if TRIM is not None:
        TRIM(0)


def _trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # others have none, or none by this name
        return None


TRIM = _trim()
"""GNU's function for it."""
