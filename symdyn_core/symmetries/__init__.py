"""The symmetries, one file for each group.

translation     w(x - a, t)
uniform_motion  w + c (bare shift), and w(x - c t, t) + c (Galilean boost)
magnitude       a w
rotation        R w(R^-1 x, t), rotations and reflections
scaling         a w(a x, a^2 t)
"""

from symdyn_core.symmetries.magnitude import Magnitude
from symdyn_core.symmetries.rotation import Reflection, Rotation
from symdyn_core.symmetries.scaling import Scaling
from symdyn_core.symmetries.symmetry import Parameter, Symmetry
from symdyn_core.symmetries.translation import Translation
from symdyn_core.symmetries.uniform_motion import Boost, UniformMotion

ALL: tuple[Symmetry, ...] = (
    Translation(),
    UniformMotion(),
    Boost(),
    Magnitude(),
    Rotation(),
    Reflection(),
    Scaling(),
)
"""Every symmetry. Tests, transformed test sets, audit, app and README iterate this list."""


def named(name: str) -> Symmetry:
    """The symmetry of that name.

    Raises:
        ValueError: no such symmetry; the message lists those there are.
    """
    for symmetry in ALL:
        if symmetry.name == name:
            return symmetry
    raise ValueError(f"Unknown symmetry {name!r}; choose from {', '.join(s.name for s in ALL)}.")


__all__ = [
    "ALL",
    "Boost",
    "Magnitude",
    "Parameter",
    "Reflection",
    "Rotation",
    "Scaling",
    "Symmetry",
    "Translation",
    "UniformMotion",
    "named",
]
