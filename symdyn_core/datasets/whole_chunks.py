"""Chunks of a Zarr store that were cut off, refused.

A chunk that Blosc has packed begins with sixteen bytes, of which the last four are its own length
(c-blosc, README_CHUNK_FORMAT.rst). The library believes them without asking how long the chunk is
that it was given: where a file was cut off it reads on in whatever memory lies behind, and hands
that out as velocities, often without an error. Here the length is compared first.
"""

from functools import cached_property
from typing import Any

import numcodecs
import numpy as np
import zarr
from numcodecs import Blosc
from zarr.codecs import BloscCodec
from zarr.registry import register_codec

HEADER = 16
"""Bytes at the beginning of a chunk; the last four are its length, little-endian."""


class WholeBlosc(Blosc):
    """Blosc that unpacks whole chunks only; of Zarr's format 2."""

    def decode(self, buf: Any, out: Any = None) -> Any:
        """Unpack a chunk.

        Raises:
            RuntimeError: the chunk ends before the length it names.
        """
        chunk = np.frombuffer(buf, np.uint8)
        claimed = int.from_bytes(chunk[HEADER - 4 : HEADER].tobytes(), "little")
        if len(chunk) < max(HEADER, claimed):
            raise RuntimeError(
                f"error during blosc decompression: a chunk of {max(HEADER, claimed)} bytes is "
                f"cut off after {len(chunk)}"
            )
        return super().decode(buf, out)


class WholeBloscCodec(BloscCodec):
    """The same of Zarr's format 3."""

    @cached_property
    def _blosc_codec(self) -> WholeBlosc:
        settings = super()._blosc_codec.get_config()
        del settings["id"]
        return WholeBlosc(**settings)


def refuse_cut_chunks() -> None:
    """Let Zarr unpack with the classes above from now on, in this process."""
    numcodecs.register_codec(WholeBlosc, "blosc")
    register_codec("blosc", WholeBloscCodec)
    name = f"{WholeBloscCodec.__module__}.{WholeBloscCodec.__qualname__}"
    if zarr.config.get("codecs.blosc") != name:
        zarr.config.set({"codecs.blosc": name})
