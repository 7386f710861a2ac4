"""HDF5 files (NetCDF-4 among them) that point at nothing outside themselves.

The format can show the content of other files of the machine as its own: by external links, by
virtual datasets, and by raw storage in external files.
"""

from collections.abc import Iterator

import h5py

from symdyn_core.untrusted.limits import Limits

MOST_OBJECTS = 20_000


def check_self_contained(file: h5py.File, limits: Limits | None = None) -> None:
    """Refuse HDF5 files that refer to other files, or claim more than can be read.

    Args:
        limits: of what the datasets claim together; None: any size.

    Raises:
        ValueError: one line: which object points outside.
    """
    claimed = 0
    for path, dataset in _datasets(file):
        if dataset.external:
            raise ValueError(_pointing(path, "keeps its values in another file"))
        if dataset.is_virtual:
            raise ValueError(_pointing(path, "shows values of other files"))
        if dataset.dtype.kind == "O" and h5py.check_string_dtype(dataset.dtype) is None:
            continue  # references and lists of any length: never read as velocities
        claimed += dataset.nbytes
    if limits is not None:
        limits.check_claim(claimed, "The file")


def _datasets(file: h5py.File) -> Iterator[tuple[str, h5py.Dataset]]:
    """All datasets; links are looked at before they are followed."""
    waiting: list[tuple[str, h5py.Group]] = [("", file)]
    seen: set[int] = set()
    while waiting:
        place, group = waiting.pop()
        for name in group:
            path = f"{place}/{name}"
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise ValueError(_pointing(path, "is a link to another file"))
            if isinstance(link, h5py.SoftLink):
                continue  # leads to an object that is visited by its own name, or to none
            found = group[name]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > MOST_OBJECTS:
                raise ValueError(f"The file holds more than {MOST_OBJECTS} objects.")
            if isinstance(found, h5py.Dataset):
                yield path, found
            elif isinstance(found, h5py.Group):
                waiting.append((path, found))


def _pointing(path: str, what: str) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in path)[:80]
    return (
        f"'{shown}' {what}, which are not opened. Copy the values into one file, "
        "for instance with ncks or h5repack."
    )
