"""What simulations of public benchmarks carry beside the velocity, and how it is called."""

from dataclasses import dataclass

import dask.array

MEANINGS = {
    "particles": "density of the particles that the flow carries",
    "smoke": "density of the smoke",
    "tracer": "passive tracer",
}
"""Scalars that their names do not tell enough of."""

TAKEN = ("u", "v", "water", "member", "time", "y", "x", "dx", "dy", "latitude", "longitude")
"""Names that mean something else in a flow."""


@dataclass(frozen=True)
class Scalar:
    """A field beside the velocities, at the centres of their cells.

    Attributes:
        field: ``member time y x``, yet to be read.
    """

    name: str
    field: dask.array.Array

    @property
    def label(self) -> str:
        """Its name in a flow."""
        return f"{self.name}_field" if self.name in TAKEN else self.name


def words(name: str) -> dict[str, str]:
    """Attributes of a variable of a benchmark, all of which are nondimensional."""
    if name in ("u", "v"):
        axis = {"u": "x", "v": "y"}[name]
        standard = f"{axis}_velocity"
        return {"long_name": f"velocity along {axis}", "units": "1", "standard_name": standard}
    plain = name.removesuffix("_field")
    return {"long_name": MEANINGS.get(plain, plain.replace("_", " ")), "units": "1"}
