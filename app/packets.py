"""Numbers on their way to the browser.

A packet is: length of the header (uint32, little-endian), the header (JSON, padded with spaces to
whole words), and float32 fields one after the other. NaN is land or unknown.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

KINDS = ("fields", "arrows")


@dataclass(frozen=True)
class Frame:
    """What is shown of one lead.

    Attributes:
        error_limit: the largest value that the colours of error maps tell apart.
        captions: a text beside the title of some pictures.
        fields: scalars (y, x) by picture; ``history`` has a leading axis of time.
        arrows: velocities (component, y, x) at some of the cells.
    """

    lead: int
    error_limit: float
    captions: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, np.ndarray] = field(default_factory=dict)
    arrows: Mapping[str, np.ndarray] = field(default_factory=dict)


def encoded(header: Mapping, frames: Sequence[Frame]) -> bytes:
    """A packet; in its header each array is the offset in the numbers, and its shape."""
    entries, blocks, offset = [], [], 0
    for frame in frames:
        entry: dict = {
            "lead": frame.lead,
            "error_limit": frame.error_limit,
            "captions": dict(frame.captions),
        }
        for kind in KINDS:
            entry[kind] = {}
            for name, array in getattr(frame, kind).items():
                entry[kind][name] = [offset, *array.shape]
                offset += array.size
                blocks.append(np.ascontiguousarray(array, dtype=np.float32))
        entries.append(entry)
    text = json.dumps({**header, "frames": entries}).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(block.tobytes() for block in blocks)
