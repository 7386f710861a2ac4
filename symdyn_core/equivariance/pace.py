"""Time in a rescaled flow: it runs faster or slower than the recorded one, in whole steps or not.

Under w -> a w(a x, a^2 t) a step of the flow becomes a^2 of them. Where a^2 or 1 / a^2 is a whole
number n, n steps of one flow are compared with a single step of the other, and frames are rescaled
one by one; see ``time_rescaling``. Anywhere else a forecast has to be interpolated between frames,
as ``Scaling`` does.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from symdyn_core.equivariance.time_rescaling import steps_of
from symdyn_core.grid import Element
from symdyn_core.symmetries import Scaling, Symmetry


@dataclass(frozen=True)
class Pace:
    """How far a forecast of one lead reaches.

    Attributes:
        recorded, moved: in frames of the recorded and of the moved flow; 1 and 1 but for scalings
            by the root of a whole number.
        rate: frames of the recorded flow in one of the moved flow.
        whole: whether leads are whole numbers of frames of both flows.
    """

    recorded: int = 1
    moved: int = 1
    rate: Fraction | float = Fraction(1)
    whole: bool = True

    def history(self, recorded: int, moved: int) -> int:
        """Frames up to now that hold ``recorded`` of them and ``moved`` ones of the moved flow."""
        return max(recorded, math.ceil((moved - 1) * self.rate) + 1)

    def future(self, leads: int) -> int:
        """Frames after now that hold the truth of all leads up to ``leads``."""
        return self.recorded * leads if self.whole else math.ceil(max(1.0, self.rate) * leads)

    def leads(self, future: int) -> int:
        """Leads whose truth lies within ``future`` frames."""
        return future // self.recorded if self.whole else math.floor(future / max(1.0, self.rate))


def pace_of(symmetry: Symmetry, element: Element) -> Pace:
    """The pace of a flow moved by one element."""
    if not isinstance(symmetry, Scaling) or element == symmetry.identity():
        return Pace()
    factor = float(element)  # type: ignore[arg-type]
    n = steps_of(symmetry, element)
    if n is None:
        return Pace(rate=factor**2, whole=False)
    faster = factor > 1
    return Pace(n, 1, Fraction(n)) if faster else Pace(1, n, Fraction(1, n))
