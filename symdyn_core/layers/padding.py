"""Padding that keeps the symmetries: an axis repeats or replicates its edge, never zeros.

A zero outside the domain is a velocity of its own: it does not follow a uniform motion. Replicated
and periodic edges commute with uniform motion, magnitude, quarter turns and reflections, and
periodic edges with cyclic shifts as well.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def pad(
    h: Float[Tensor, "batch channel y x"], radius: int, periodic: tuple[bool, bool]
) -> Float[Tensor, "batch channel padded_y padded_x"]:
    """Extend a field by ``radius`` cells on every side; ``periodic`` is (along y, along x)."""
    if radius == 0:
        return h
    mode_y, mode_x = ("circular" if axis else "replicate" for axis in periodic)
    if mode_y == mode_x:
        return F.pad(h, (radius, radius, radius, radius), mode=mode_y)
    h = F.pad(h, (radius, radius, 0, 0), mode=mode_x)
    return F.pad(h, (0, 0, radius, radius), mode=mode_y)
