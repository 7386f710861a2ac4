"""What a file is that is no NetCDF file, told by its first bytes, and what to do with it."""

import zipfile
from pathlib import Path

OTHER_KINDS = {
    b"GRIB": "a GRIB file. Convert it first, for instance: cdo -f nc4 copy FILE FILE.nc",
    b"\x1f\x8b": "a compressed file. Unpack it first: gunzip FILE",
    b"BZh": "a compressed file. Unpack it first: bunzip2 FILE",
    b"\xfd7zXZ": "a compressed file. Unpack it first: unxz FILE",
    b"\x28\xb5\x2f\xfd": "a compressed file. Unpack it first: unzstd FILE",
    b"\x0e\x03\x13\x01": "an HDF4 file. Convert it first, for instance: h4toh5 FILE",
    b"<!": "a web page, often that of a login or of an error. Download the file again",
    b"<html": "a web page, often that of a login or of an error. Download the file again",
    b"<?xml": "an XML document, often an error of a server. Download the file again",
    b"\x93NUMPY": "an array without positions and times. Give them in a NetCDF file or Zarr store",
    b"%PDF": "a PDF document. Name the file of the data",
}
"""First bytes: what such a file is, and what to do."""

ROOTS = ("zarr.json", ".zmetadata", ".zgroup")
"""Files at the root of a Zarr store."""


def refuse_other_kinds(file: str | Path) -> None:
    """Name what a file on disk is if it is known to hold no NetCDF data.

    Raises:
        ValueError: one line: the file, what it is, what to do.
    """
    name = Path(file).name
    with open(file, "rb") as content:
        start = content.read(16)
    if not start:
        raise ValueError(f"'{name}' is empty (0 bytes). Copy or download it again.")
    for first, what in OTHER_KINDS.items():
        if start.lstrip()[: len(first)].lower() == first.lower():
            raise ValueError(f"Expected '{name}' to be a NetCDF file or Zarr store, got {what}.")
    if start.startswith(b"PK\x03\x04"):
        raise ValueError(
            f"Expected '{name}' to be a NetCDF file or Zarr store, got an archive (zip) without a "
            "Zarr store in it. Unpack it first: unzip FILE."
        )


def store_in_zip(file: Path) -> str | None:
    """The address of the Zarr store in a zip archive, at its root or in one folder, or None."""
    if file.suffix != ".zip" or not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    folders = {name.rpartition("/")[0] for name in names if name.rpartition("/")[2] in ROOTS}
    if not folders:
        return None
    return f"zip://{min(folders, key=len)}::{file.absolute()}"
