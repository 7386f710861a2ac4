"""Zarr stores whose chunks only numbers can be read from.

The format leaves it to the metadata which codecs turn bytes into values. Some of them, such as
pickle, run code of whoever wrote the store; so only those that do arithmetic are let through.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from symdyn_core.untrusted.limits import Limits

MARKS = ("zarr.json", ".zgroup", ".zmetadata", ".zarray")
METADATA = (*MARKS, ".zattrs")
LARGEST_METADATA = 4 * 2**20

CODECS = frozenset(
    {
        *("bytes", "transpose", "blosc", "gzip", "zstd", "crc32c", "sharding_indexed"),
        *("zlib", "lz4", "bz2", "lzma", "shuffle", "delta", "fixedscaleoffset", "quantize"),
        *("bitround", "packbits", "astype", "adler32", "crc32", "fletcher32", "zfpy", "pcodec"),
        *("scale_offset", "cast_value", "vlen-utf8", "string"),
    }
)
"""Codecs that turn bytes into numbers or text and do nothing else; of format 2 and 3."""

TYPES_2 = frozenset("biufcmMSU")
"""Kinds of NumPy types, of format 2: no objects, no structures."""

TYPES_3 = ("bool", "int", "uint", "float", "complex", "numpy.datetime64", "numpy.timedelta64")
TEXT_3 = frozenset({"string", "fixed_length_utf32", "null_terminated_bytes"})


def store_in(folder: Path) -> Path:
    """The one Zarr store in an unpacked folder, at its top or a few folders down.

    Raises:
        ValueError: none, or several.
    """
    level = [folder]
    while level:
        found = [place for place in level if any((place / mark).is_file() for mark in MARKS)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(sorted(place.name for place in found)[:4])
            raise ValueError(f"Expected one Zarr store in the ZIP file, got several: {names}.")
        level = [inner for place in level for inner in sorted(place.iterdir()) if inner.is_dir()]
    names = ", ".join(sorted(entry.name for entry in folder.iterdir())[:4])
    raise ValueError(
        f"Expected a Zarr store in the ZIP file, got {names or 'nothing'}. "
        "Pack the folder that holds zarr.json or .zgroup."
    )


def check_store(store: Path, limits: Limits) -> None:
    """Refuse stores whose values would be more than numbers, or more than can be read.

    Raises:
        ValueError: one line: what the metadata ask for.
    """
    claimed: dict[str, int] = {}
    for file in sorted(path for path in store.rglob("*") if path.name in METADATA):
        for path, array in _arrays(_read(file, store), str(file.parent.relative_to(store))):
            _check_codecs(array, path)
            _check_type(array, path)
            claimed[path] = max(claimed.get(path, 0), _bytes_of(array, path))
    limits.check_claim(sum(claimed.values()), "The Zarr store")


def _read(file: Path, store: Path) -> Any:
    name = file.relative_to(store)
    if file.stat().st_size > LARGEST_METADATA:
        raise ValueError(f"The metadata '{name}' of the Zarr store are too large.")
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise ValueError(f"The metadata '{name}' of the Zarr store are damaged.") from None


def _arrays(node: Any, path: str) -> Iterator[tuple[str, dict]]:
    """Everything in metadata that describes an array, consolidated ones too."""
    waiting = [(path, node)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, list):
            waiting += [(path, entry) for entry in node]
        if not isinstance(node, dict):
            continue
        if "shape" in node and ("dtype" in node or "data_type" in node):
            yield path.removesuffix("/.zarray"), node
        for key, entry in node.items():
            if key != "attributes":
                inside = "/" in key or key in METADATA or isinstance(entry, dict)
                below = key if path in (".", "") else f"{path}/{key}"
                waiting.append((below if inside and key not in _FRAMES else path, entry))


_FRAMES = ("metadata", "consolidated_metadata", "configuration")


def _check_codecs(array: dict, path: str) -> None:
    if array.get("storage_transformers"):
        raise ValueError(f"'{path}' of the Zarr store is kept in a way that is not read here.")
    given = [array.get("compressor"), *_list(array.get("filters")), *_list(array.get("codecs"))]
    while given:
        codec = given.pop()
        if codec is None:
            continue
        name = codec.get("id", codec.get("name")) if isinstance(codec, dict) else codec
        if not isinstance(name, str) or name.removeprefix("numcodecs.") not in CODECS:
            raise ValueError(
                f"'{path}' of the Zarr store is coded by {str(name)[:40]!r}, which may run code of "
                "its author or is unknown. Write it again with standard compression."
            )
        inner = codec.get("configuration", {}) if isinstance(codec, dict) else {}
        if isinstance(inner, dict):
            given += [*_list(inner.get("codecs")), *_list(inner.get("index_codecs"))]


def _list(value: Any) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _check_type(array: dict, path: str) -> None:
    kind = array.get("dtype", array.get("data_type"))
    if isinstance(kind, dict):
        kind = kind.get("name")
    known = isinstance(kind, str) and (
        (kind[:1] in "<>|" and kind[1:2] in TYPES_2)
        if "dtype" in array
        else (kind.startswith(TYPES_3) or kind in TEXT_3)
    )
    if not known:
        raise ValueError(
            f"'{path}' of the Zarr store holds objects of the type {str(kind)[:40]!r}. "
            "Write numbers: float32 velocities."
        )


def _bytes_of(array: dict, path: str) -> int:
    shape = array["shape"]
    if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(f"'{path}' of the Zarr store has no sensible shape.")
    digits = "".join(sign for sign in str(array.get("dtype", "")) if sign.isdigit())
    return math.prod(shape) * min(int(digits[:6] or 8), 10**6)
