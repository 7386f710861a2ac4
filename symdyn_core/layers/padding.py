"""Padding that keeps the symmetries: an axis repeats or replicates its edge, never zeros.

A zero outside the domain is a velocity of its own: it does not follow a uniform motion. Replicated
and periodic edges commute with uniform motion, magnitude, quarter turns and reflections, and
periodic edges with cyclic shifts as well.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def pad(
    h: Float[Tensor, "batch channel y x"],
    radius: int | tuple[int, int],
    periodic: tuple[bool, bool],
) -> Float[Tensor, "batch channel padded_y padded_x"]:
    """Extend a field on every side.

    Args:
        radius: cells that are added, or their numbers (along y, along x).
        periodic: which axes repeat, (along y, along x); the others replicate their edge.
    """
    y, x = (radius, radius) if isinstance(radius, int) else radius
    if y == x == 0:
        return h
    mode_y, mode_x = ("circular" if axis else "replicate" for axis in periodic)
    if _wraps_more_than_once(h, (y, x), periodic):
        # A repeating line of n cells extended by n on both sides still repeats after n.
        first = (min(y, h.shape[-2]), min(x, h.shape[-1]))
        return pad(pad(h, first, periodic), (y - first[0], x - first[1]), periodic)
    if mode_y == mode_x:
        return F.pad(h, (x, x, y, y), mode=mode_y)
    h = F.pad(h, (x, x, 0, 0), mode=mode_x)
    return F.pad(h, (0, 0, y, y), mode=mode_y)


def _wraps_more_than_once(h: Tensor, radius: tuple[int, int], periodic: tuple[bool, bool]) -> bool:
    return any(
        repeats and cells > length
        for length, cells, repeats in zip(h.shape[-2:], radius, periodic, strict=True)
    )
