"""Noticing damage that the readers of a format let pass.

The NetCDF library reads zeros where a classic file is cut off, which would pass for still water
or land. The header of such a file says where each variable ends; it is read here after the format
specification of Unidata (NetCDF User's Guide, "NetCDF classic format"). NetCDF-4 files need
no such check: their own sizes fail; the chunks of Zarr stores are checked by ``whole_chunks``.
"""

import math
import os
from dataclasses import dataclass
from typing import Any

CLASSIC = {b"CDF\x01": (4, 4), b"CDF\x02": (4, 8), b"CDF\x05": (8, 8)}
"""First bytes of a file: width of its counts and of its offsets [bytes]."""

BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}


@dataclass(frozen=True)
class Extent:
    """Where a variable lies in the file [bytes]; ``size`` is that of one record, if it has any."""

    begin: int
    size: int
    has_records: bool


def check_not_truncated(file: str) -> None:
    """Refuse a classic NetCDF file that ends before its last value.

    Raises:
        EOFError: the file is cut off.
    """
    with open(file, "rb") as opened:
        check_stream_not_truncated(opened)


def check_stream_not_truncated(opened: Any) -> None:
    """The same for a file that is open, on disk or at an address; leaves it at its start.

    Raises:
        EOFError: the file is cut off.
    """
    size = opened.seek(0, os.SEEK_END)
    opened.seek(0)
    widths = CLASSIC.get(opened.read(4))
    if widths is not None and size < _expected_size(opened, *widths):
        raise EOFError("the file is cut off before its last value")
    opened.seek(0)


def _expected_size(file: Any, count_width: int, offset_width: int) -> int:
    """The position after the last value that the header speaks of."""

    def number(width: int) -> int:
        content = file.read(width)
        if len(content) < width:
            raise EOFError("the file is cut off within its header")
        return int.from_bytes(content, "big")

    def skip(size: int) -> None:
        file.seek(size + -size % 4, os.SEEK_CUR)  # everything is padded to four bytes

    def counted() -> int:
        number(4)  # the kind of list
        return number(count_width)

    def skip_attributes() -> None:
        for _ in range(counted()):
            skip(number(count_width))
            kind = number(4)
            skip(number(count_width) * BYTES_OF_TYPE.get(kind, 0))

    def dimension() -> int:
        skip(number(count_width))
        return number(count_width)

    def variable() -> Extent:
        skip(number(count_width))
        shape = [lengths[number(count_width)] for _ in range(number(count_width))]
        skip_attributes()
        kind = number(4)
        number(count_width)  # a size that overflows for large variables
        # The dimension that counts records has length 0 and always comes first.
        fixed = shape[1:] if shape and shape[0] == 0 else shape
        size = BYTES_OF_TYPE.get(kind, 0) * math.prod(fixed)
        return Extent(number(offset_width), size, len(fixed) < len(shape))

    records = number(count_width)
    lengths = [dimension() for _ in range(counted())]
    skip_attributes()
    extents = [variable() for _ in range(counted())]
    return _end(extents, records, streaming=records == 256**count_width - 1)


def _end(extents: list[Extent], records: int, streaming: bool) -> int:
    """The largest end; records of several variables alternate, each padded to four bytes."""
    sizes = [extent.size for extent in extents if extent.has_records]
    stride = sizes[0] if len(sizes) == 1 else sum(size + -size % 4 for size in sizes)
    ends = [extent.begin + extent.size for extent in extents if not extent.has_records]
    if records and not streaming:
        last = (records - 1) * stride
        ends += [extent.begin + last + extent.size for extent in extents if extent.has_records]
    return max(ends, default=0)
