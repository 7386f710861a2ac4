"""How the channels of a field transform under turns and mirrors, at any angle.

    scalars             stay: rho(g) = 1
    vectors             turn: rho(g) = g
    functions on C_n    are permuted, (rho(g) f)_k = f_{g^-1 k}; likewise on D_n

Between the angles of a finite group its functions are read as samples of a function of the angle,
which the trigonometric polynomial through them continues (Nyquist's frequency as a cosine).
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.layers.planar_groups import PlanarGroup


@dataclass(frozen=True)
class PlanarElement:
    """An orthogonal map of the plane: first, perhaps, the mirror (u, -v), then a turn.

    Args:
        angle: of the turn, counter-clockwise [degrees].
        mirrored: whether the mirror comes first.
    """

    angle: float
    mirrored: bool = False

    def matrix(self) -> Float[Tensor, "2 2"]:
        """On (x, y) and (u, v); float64."""
        angle = math.radians(self.angle)
        cosine, sine = math.cos(angle), math.sin(angle)
        sign = -1.0 if self.mirrored else 1.0
        rows = ((cosine, -sign * sine), (sine, sign * cosine))
        return torch.tensor(rows, dtype=torch.float64)

    def is_in(self, group: PlanarGroup) -> bool:
        """Whether a finite group holds this element."""
        steps = self.angle * group.order / 360
        return abs(steps - round(steps)) < 1e-6 and (group.mirrored or not self.mirrored)


@dataclass(frozen=True)
class FieldType:
    """How one field of a layer transforms.

    Args:
        kind: "scalars", "vectors" or "functions".
        group: what functions live on.
    """

    kind: Literal["scalars", "vectors", "functions"]
    group: PlanarGroup | None = None

    @property
    def size(self) -> int:
        """Channels of one field."""
        if self.kind == "functions":
            return self._group.size
        return 2 if self.kind == "vectors" else 1

    @property
    def name(self) -> str:
        """In words: "vectors", "functions on C_8"."""
        return f"functions on {self._group.name}" if self.kind == "functions" else self.kind

    @property
    def _group(self) -> PlanarGroup:
        if self.group is None:
            raise ValueError("Functions live on a group. Name it: FieldType('functions', group).")
        return self.group

    def matrix(self, element: PlanarElement) -> Float[Tensor, "channel channel"]:
        """rho(g), float64.

        Raises:
            ValueError: a mirror, and functions on a group of turns alone.
        """
        if self.kind == "scalars":
            return torch.ones(1, 1, dtype=torch.float64)
        if self.kind == "vectors":
            return element.matrix()
        group, steps = self._group, element.angle * self._group.order / 360
        if element.mirrored and not group.mirrored:
            raise ValueError(f"{group.name} has no mirrors. Choose a group D_n.")
        a = torch.arange(group.order, dtype=torch.float64)
        if not element.mirrored:
            shift = _bump(a[:, None] - steps - a, group.order)
            return torch.block_diag(shift, shift) if group.mirrored else shift
        # g = g^-1 takes the turn a to the mirror numbered steps - a, and back.
        swap, nothing = _bump(steps - a[:, None] - a, group.order), torch.zeros_like(a.outer(a))
        return torch.cat((torch.cat((nothing, swap), 1), torch.cat((swap, nothing), 1)))


SCALARS, VECTORS = FieldType("scalars"), FieldType("vectors")


def functions_on(group: PlanarGroup) -> FieldType:
    """Functions on a group; on the trivial group they are scalars."""
    return FieldType("functions", group) if group.size > 1 else SCALARS


def _bump(distance: Tensor, count: int) -> Tensor:
    """The trigonometric polynomial that is 1 at 0 and 0 at the other count - 1 samples."""
    frequencies = torch.arange(1, (count - 1) // 2 + 1, dtype=torch.float64)
    waves = torch.cos(2 * math.pi * frequencies * distance[..., None] / count).sum(dim=-1)
    total = 1 + 2 * waves
    if count % 2 == 0:
        total = total + torch.cos(math.pi * distance)
    return total / count
