"""The finite groups of turns and mirrors of the plane: C_n and D_n.

Elements of C_n are the turns by 2 pi a / n, a = 0..n-1. D_n adds for each of them the turn that
follows the mirror (u, v)(x, y) -> (u, -v)(x, -y), numbered a = n..2n-1.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class PlanarGroup:
    """C_n, or D_n if ``mirrored``.

    Args:
        order: n, the number of turns.
        mirrored: whether the group holds the n reflections as well.

    Raises:
        ValueError: fewer than one turn, or no whole number of them.
    """

    order: int
    mirrored: bool = False

    def __post_init__(self):
        if not isinstance(self.order, int) or self.order < 1:
            raise ValueError(
                "A planar group needs at least one turn (a whole order >= 1), got "
                f"order={self.order!r}."
            )

    @property
    def size(self) -> int:
        """Number of elements."""
        return 2 * self.order if self.mirrored else self.order

    @property
    def name(self) -> str:
        """C_8, D_8."""
        return f"{'D' if self.mirrored else 'C'}_{self.order}"

    def matrices(self) -> Float[Tensor, "element 2 2"]:
        """The elements as matrices on (x, y) and (u, v); float64."""
        angle = 2 * math.pi * torch.arange(self.order, dtype=torch.float64) / self.order
        cosine, sine = torch.cos(angle), torch.sin(angle)
        turns = torch.stack((torch.stack((cosine, -sine), -1), torch.stack((sine, cosine), -1)), -2)
        if not self.mirrored:
            return turns
        return torch.cat((turns, turns @ torch.diag(turns.new_tensor((1.0, -1.0)))))

    def relative(self) -> Int[Tensor, "element element"]:
        """``relative[g, h]``, the number of g^-1 h."""
        turn, mirror = self._parts(torch.arange(self.size))
        difference = turn[None, :] - turn[:, None]
        # A mirror in g undoes itself and reverses the sense of the turns after it.
        signed = torch.where(mirror[:, None], -difference, difference) % self.order
        return signed + self.order * (mirror[:, None] ^ mirror[None, :])

    def _parts(self, element: Tensor) -> tuple[Tensor, Tensor]:
        return element % self.order, element >= self.order
