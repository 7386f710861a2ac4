"""What the catalogue says about a data set."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

BYTES_PER_NUMBER = 4
"""Frames are kept in single precision."""


@dataclass(frozen=True)
class Kept:
    """Whether a data set has a symmetry.

    Attributes:
        name: of the group, as in ``symdyn_core.symmetries`` where it is one of those.
        holds: ``exactly`` (to rounding), ``approximately``, or ``no``.
        which: the elements that hold, or what breaks it.
    """

    name: str
    holds: Literal["exactly", "approximately", "no"]
    which: str


@dataclass(frozen=True)
class Size:
    """How much one preset holds.

    Attributes:
        preset: its name.
        members, frames: independent flows, and frames of each.
        ny, nx: cells of a frame.
        fields: kept in each cell: two velocities, and temperature where there is one.
    """

    preset: str
    members: int
    frames: int
    ny: int
    nx: int
    fields: int = 2

    @property
    def bytes(self) -> int:
        """Of all numbers before compression."""
        cells = self.ny * self.nx * self.fields
        return self.members * self.frames * cells * BYTES_PER_NUMBER

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"bytes": self.bytes}


@dataclass(frozen=True)
class DataSet:
    """An entry of the catalogue.

    Attributes:
        name: how it is called here; stores of it are ``<name>.zarr`` or ``<name>_<preset>.zarr``.
        what: one line.
        source: who makes it, or where it comes from.
        citation: whom to cite.
        licence: of the data.
        units: of lengths, times and velocities.
        how: the command that brings it.
        size: how large it is, where presets do not say.
        symmetries: those that hold and those that do not, with reasons.
        sizes: of its presets.
    """

    name: str
    what: str
    source: str
    citation: str
    licence: str
    units: str
    how: str
    symmetries: tuple[Kept, ...]
    sizes: tuple[Size, ...] = ()
    size: str = ""

    def described(self) -> dict[str, Any]:
        """As JSON; ``presets`` with their ``bytes``."""
        return {
            **{key: getattr(self, key) for key in (*_TEXTS, "size")},
            "presets": [size.described() for size in self.sizes],
            "symmetries": [asdict(kept) for kept in self.symmetries],
        }


_TEXTS = ("name", "what", "source", "citation", "licence", "units", "how")


def readable_bytes(count: float | int) -> str:
    """A number of bytes in two or three digits and a decimal unit."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= 0.9995 * size:
            return f"{count / size:.3g} {unit}"
    return f"{int(count)} B"
