"""What a file is by its first bytes: names are chosen by whoever sends it."""

from pathlib import Path

HDF5, CLASSIC, ZIP = "HDF5", "classic NetCDF", "ZIP"

SIGNATURES = (
    (b"\x89HDF\r\n\x1a\n", HDF5),
    (b"CDF\x01", CLASSIC),
    (b"CDF\x02", CLASSIC),
    (b"CDF\x05", CLASSIC),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", "an empty ZIP file"),
    (b"\x1f\x8b", "a gzip file: unpack it first"),
    (b"7z\xbc\xaf", "a 7z file: send the store as ZIP"),
    (b"Rar!", "a RAR file: send the store as ZIP"),
    (b"BZh", "a bzip2 file: unpack it first"),
    (b"\xfd7zXZ", "an xz file: unpack it first"),
    (b"GRIB", "a GRIB file: convert it to NetCDF"),
    (b"\x93NUMPY", "a NumPy array, which has no coordinates: write it as NetCDF"),
    (b"\x80", "pickled Python objects, which are never opened: write the data as NetCDF"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MATLAB", "a MATLAB file: write the data as NetCDF"),
)

EXPECTED = "Expected a NetCDF file or a zipped Zarr store"


def kind_of(file: Path) -> str:
    """HDF5, CLASSIC or ZIP.

    Raises:
        ValueError: an empty file, or one of another kind; says which.
    """
    with file.open("rb") as opened:
        start = opened.read(512)
    if not start:
        raise ValueError(f"{EXPECTED}, got an empty file. Was it written completely?")
    for signature, kind in SIGNATURES:
        if start.startswith(signature):
            if kind in (HDF5, CLASSIC, ZIP):
                return kind
            raise ValueError(f"{EXPECTED}, got {kind}.")
    raise ValueError(f"{EXPECTED}, got {_described(start)}.")


def _described(start: bytes) -> str:
    try:
        text = start.decode("utf-8", errors="strict" if len(start) < 512 else "ignore").strip()
    except UnicodeDecodeError:
        return "a file of an unknown kind"
    if not text or not all(sign.isprintable() or sign.isspace() for sign in text):
        return "a file of an unknown kind"
    if text.startswith("{") or text.startswith("["):
        return "text in JSON; references to data elsewhere are not followed"
    return "text"
