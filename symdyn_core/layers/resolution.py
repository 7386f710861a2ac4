"""Halving and doubling the resolution so that turns, reflections and uniform motion survive.

Along an axis of n cells the coarse grid must be symmetric about the centre of the domain:

    n even: n / 2 cells, each the mean of two          refined: each cell twice
    n odd:  (n + 1) / 2 nodes 0, 2, 4, ..., each the   refined: nodes kept, midpoints averaged
            mean [1 2 1] / 4 of its neighbourhood

All weights sum to 1 and edges repeat or replicate, so a constant stays that constant. A convolution
of stride 2 starts at one edge: on an even grid it misses its own quarter turn by 100 %.
A shift by whole coarse cells is kept along periodic axes of even length.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class Coarsen(nn.Module):
    """Symmetric coarsening by two, then a convolution.

    Args:
        convolution: acts on the coarse grid.
        periodic: whether the domain repeats along (y, x).
    """

    def __init__(self, convolution: nn.Module, periodic: tuple[bool, bool]):
        super().__init__()
        self.convolution = convolution
        self.periodic = periodic

    def forward(
        self, h: Float[Tensor, "batch channel y x"]
    ) -> Float[Tensor, "batch channel_out coarse_y coarse_x"]:
        return self.convolution(coarsened(h, self.periodic))


class Refine(nn.Module):
    """Symmetric refining by two, then a convolution; inserts no zeros."""

    def __init__(self, convolution: nn.Module):
        super().__init__()
        self.convolution = convolution

    def forward(
        self, h: Float[Tensor, "batch channel coarse_y coarse_x"], size: tuple[int, int]
    ) -> Float[Tensor, "batch channel_out y x"]:
        return self.convolution(refined(h, size))


def coarsened(
    h: Float[Tensor, "batch channel y x"], periodic: tuple[bool, bool]
) -> Float[Tensor, "batch channel coarse_y coarse_x"]:
    """Means of two cells along even axes, [1 2 1] / 4 about every other node along odd ones."""
    odd_y, odd_x = h.shape[-2] % 2, h.shape[-1] % 2
    if odd_y or odd_x:
        # Means of neighbours, edges included, turn n nodes into n + 1 faces: an even number, and
        # the mean of the two faces of a node is [1 2 1] / 4.
        h = F.avg_pool2d(extended(h, (odd_y, odd_x), periodic), (1 + odd_y, 1 + odd_x), stride=1)
    return F.avg_pool2d(h, 2)


def refined(
    h: Float[Tensor, "batch channel coarse_y coarse_x"], size: tuple[int, int]
) -> Float[Tensor, "batch channel y x"]:
    """Cells repeated along even axes, midpoints of nodes inserted along odd ones.

    Raises:
        ValueError: a grid of ``size`` has not been coarsened to that of ``h``.
    """
    coarse_y, coarse_x = h.shape[-2:]
    y, x = size
    if (coarse_y, coarse_x) != ((y + 1) // 2, (x + 1) // 2):
        raise ValueError(
            f"Expected {(y + 1) // 2} x {(x + 1) // 2} coarse cells to refine to {y} x {x}, got "
            f"{coarse_y} x {coarse_x}. Pass the (y, x) of the grid that was coarsened."
        )
    h = F.interpolate(h, scale_factor=2, mode="nearest")
    odd_y, odd_x = y % 2, x % 2
    if odd_y or odd_x:
        # Means of neighbours: of a node with itself, or of two nodes at the point between them.
        h = F.avg_pool2d(h, (1 + odd_y, 1 + odd_x), stride=1)
    return h


def extended(
    h: Float[Tensor, "batch channel y x"], cells: tuple[int, int], periodic: tuple[bool, bool]
) -> Float[Tensor, "batch channel extended_y extended_x"]:
    """A field with ``cells`` (along y, along x) more on either side, repeated or replicated."""
    (y, x), (mode_y, mode_x) = cells, ("circular" if axis else "replicate" for axis in periodic)
    if mode_y == mode_x:
        return F.pad(h, (x, x, y, y), mode=mode_y)
    return F.pad(F.pad(h, (x, x, 0, 0), mode=mode_x), (0, 0, y, y), mode=mode_y)
