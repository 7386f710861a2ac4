"""A mapped file brought into memory in the background, in one long read."""

import ctypes
import os
import sys
import threading
from pathlib import Path

import numpy as np

POPULATE = 22
"""``MADV_POPULATE_READ`` of Linux 5.14 and later: read pages and enter them into the page table."""

PIECE = 2**22
"""Bytes populated at a time; a process that ends waits for no more."""

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def read_ahead(path: Path, mapped: np.ndarray) -> threading.Thread | None:
    """Bring a mapped file into memory if it fits into half of what is free.

    One long read is many times faster than the page faults of windows in random order, and the
    table of pages is filled meanwhile: threads that copy then do not wait for it, nor for each
    other at it. Elsewhere than on Linux pages are fetched when they are used.

    Returns:
        What does it, or None where the system cannot.
    """
    if not hasattr(os, "posix_fadvise"):
        return None
    size = path.stat().st_size
    free = os.sysconf("SC_AVPHYS_PAGES") * PAGE
    if size > free // 2:
        return None
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, size, os.POSIX_FADV_WILLNEED)
    finally:
        os.close(descriptor)
    if not sys.platform.startswith("linux"):
        return None
    thread = threading.Thread(target=_populate, args=(mapped,), name="read-ahead", daemon=True)
    thread.start()
    return thread


def _populate(mapped: np.ndarray) -> None:
    """Enter all pages, piece by piece; ``mapped`` is held, and so stays mapped, until the end."""
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    begin = mapped.ctypes.data // PAGE * PAGE
    for place in range(begin, mapped.ctypes.data + mapped.nbytes, PIECE):
        if advise(place, min(PIECE, mapped.ctypes.data + mapped.nbytes - place), POPULATE):
            return  # an older system: pages come when they are used
