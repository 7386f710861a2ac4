"""The symmetries of Rayleigh-Benard convection, as actions on states of the staggered grid.

Gravity and the plates break most of the symmetries of a free flow: no quarter turn, no uniform
motion, no scaling is left. These three generate what remains; all of them are index operations
and therefore exact.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class StateSymmetry:
    """An action on states (u, v, T) that commutes with the equations.

    Attributes:
        name: of the group, as in ``symdyn_core.symmetries`` where it acts on velocities.
        action: formula in LaTeX.
        act: ``(state, element) -> state`` for ``q[batch, 3, y, x]`` and an integer element.
    """

    name: str
    action: str
    act: Callable[[Tensor, int], Tensor]


def _translate(q: Tensor, cells: int) -> Tensor:
    return q.roll(cells, dims=-1)


def _reflect(q: Tensor, times: int) -> Tensor:
    if times % 2 == 0:
        return q
    u, v, temperature = q.flip(-1).unbind(1)
    # u stands on left faces: the mirror image of face i is face -i, not the cell's other face.
    return torch.stack((-u.roll(1, dims=-1), v, temperature), dim=1)


def _turn_upside_down(q: Tensor, times: int) -> Tensor:
    if times % 2 == 0:
        return q
    u, v, temperature = q.flip(-2).unbind(1)
    # v stands on lower faces: row j goes to row ny - j, and the plate stays where it is.
    return torch.stack((u, -v.roll(1, dims=-2), -temperature), dim=1)


TRANSLATION = StateSymmetry("translation", r"(u, v, T)(x - a, y)", _translate)
"""Along the periodic axis, by a whole number of cells."""

REFLECTION = StateSymmetry("reflection", r"(-u, v, T)(-x, y)", _reflect)
"""Left and right exchanged."""

UPSIDE_DOWN = StateSymmetry("upside_down", r"(u, -v, -T)(x, 1 - y)", _turn_upside_down)
"""Above and below exchanged together with warm and cold; holds as the fluid's properties do not
depend on temperature. With the reflection it gives the half turn (-u, -v, -T)(-x, 1 - y)."""
