"""Halving and doubling the resolution so that turns, reflections and uniform motion survive.

Along an axis of n cells the coarse grid must be symmetric about the centre of the domain:

             coarse grid                    coarsened by      refined by
    n even   n / 2 cells between pairs      [1 1] / 2         [1 3 3 1] / 4
    n odd    (n + 1) / 2 nodes 0, 2, 4 ...  [1 2 1] / 4       [1 2 1] / 2 (linear, as above)

and anti-aliased by the binomial rows of five and six steps, [1 5 10 10 5 1] and
[1 6 15 20 15 6 1], both ways. All weights are positive and sum to 1 at every point, and edges
repeat or replicate, so a constant stays that constant. A convolution of stride 2 starts at one
edge: on an even grid it misses its own quarter turn by 100 %. Shifts by whole coarse cells are
kept along periodic axes of even length.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.padding import pad

ANTI_ALIASING = 6
"""Taps of the anti-aliasing filter on even axes; one more on odd ones."""


class Coarsen(nn.Module):
    """Symmetric coarsening by two, then a convolution.

    Args:
        convolution: acts on the coarse grid.
        periodic: whether the domain repeats along (y, x).
        anti_aliased: whether the low-pass filter is the long one.
    """

    def __init__(
        self, convolution: nn.Module, periodic: tuple[bool, bool], anti_aliased: bool = False
    ):
        super().__init__()
        self.coarsening = Coarsening(periodic, anti_aliased)
        self.convolution = convolution

    def forward(
        self, h: Float[Tensor, "batch channel y x"]
    ) -> Float[Tensor, "batch channel_out coarse_y coarse_x"]:
        return self.convolution(self.coarsening(h))


class Refine(nn.Module):
    """Symmetric refining by two to a grid of given size, then a convolution.

    Args:
        convolution: acts on the fine grid.
        periodic: whether the domain repeats along (y, x).
        anti_aliased: whether the interpolation is the smoother one.
    """

    def __init__(
        self, convolution: nn.Module, periodic: tuple[bool, bool], anti_aliased: bool = False
    ):
        super().__init__()
        self.refining = Refining(periodic, anti_aliased)
        self.convolution = convolution

    def forward(
        self, h: Float[Tensor, "batch channel coarse_y coarse_x"], size: tuple[int, int]
    ) -> Float[Tensor, "batch channel_out y x"]:
        return self.convolution(self.refining(h, size))


class BinomialFilter(nn.Module):
    """Low-pass filters for even and odd axes that have no ripples: rows of Pascal's triangle.

    Args:
        even, odd: taps along axes of even and of odd length, themselves even and odd.
        periodic: whether the domain repeats along (y, x).
    """

    even: Tensor
    odd: Tensor

    def __init__(self, even: int, odd: int, periodic: tuple[bool, bool]):
        super().__init__()
        self.periodic = periodic
        # Sums of powers of two: exact in every floating point format.
        self.register_buffer("even", binomial(even), persistent=False)
        self.register_buffer("odd", binomial(odd), persistent=False)

    def _apply(self, fn, recurse: bool = True):
        super()._apply(fn, recurse)
        # Networks made on the meta device get memory without numbers, and no file holds these.
        self.even, self.odd = (binomial(len(row)).to(row) for row in (self.even, self.odd))
        return self

    def weight(
        self, size: tuple[int, int], gain: float | int, like: Tensor
    ) -> Float[Tensor, "channel 1 ky kx"]:
        """The separable kernel for a fine grid of ``size``, the same for every channel."""
        along_y, along_x = (self.odd if cells % 2 else self.even for cells in size)
        kernel = gain * along_y.to(like.dtype)[:, None] * along_x.to(like.dtype)
        return kernel.expand(like.shape[1], 1, -1, -1)


class Coarsening(BinomialFilter):
    """Fields on the grid of half the resolution: a low-pass filter at every other point."""

    def __init__(self, periodic: tuple[bool, bool], anti_aliased: bool = False):
        even = ANTI_ALIASING if anti_aliased else 2
        super().__init__(even, even + 1, periodic)

    def forward(
        self, h: Float[Tensor, "batch channel y x"]
    ) -> Float[Tensor, "batch channel coarse_y coarse_x"]:
        y, x = h.shape[-2:]
        if len(self.even) == 2 and y % 2 == 0 and x % 2 == 0:
            return F.avg_pool2d(h, 2)
        weight = self.weight((y, x), 1, h)
        reach_y, reach_x = ((taps - 1) // 2 for taps in weight.shape[-2:])
        padded = pad(h, (reach_y, reach_x), self.periodic)
        return F.conv2d(padded, weight, stride=2, groups=h.shape[1])


class Refining(BinomialFilter):
    """Fields on the grid of twice the resolution: linear or, anti-aliased, spline interpolation."""

    def __init__(self, periodic: tuple[bool, bool], anti_aliased: bool = False):
        super().__init__(*((6, 7) if anti_aliased else (4, 3)), periodic)

    def forward(
        self, h: Float[Tensor, "batch channel coarse_y coarse_x"], size: tuple[int, int]
    ) -> Float[Tensor, "batch channel y x"]:
        """
        Args:
            size: (y, x) of the fine grid, the one that was coarsened.

        Raises:
            ValueError: that grid does not coarsen to the grid of ``h``.
        """
        coarse_y, coarse_x = h.shape[-2:]
        y, x = size
        if (coarse_y, coarse_x) != ((y + 1) // 2, (x + 1) // 2):
            raise ValueError(
                f"Expected {(y + 1) // 2} x {(x + 1) // 2} coarse cells to refine to {y} x {x}, "
                f"got {coarse_y} x {coarse_x}. Pass the (y, x) of the grid that was coarsened."
            )
        weight = self.weight((y, x), 4, h)  # inserting zeros divides the mean by 2 on each axis
        taps_y, taps_x = weight.shape[-2:]
        edge_y, edge_x = taps_y // 4, taps_x // 4  # coarse cells outside that reach inside
        return F.conv_transpose2d(
            pad(h, (edge_y, edge_x), self.periodic),
            weight,
            stride=2,
            padding=((taps_y - 1) // 2 + 2 * edge_y, (taps_x - 1) // 2 + 2 * edge_x),
            groups=h.shape[1],
        )


def binomial(taps: int) -> Float[Tensor, " tap"]:
    """The row of Pascal's triangle with that many entries, summing to 1."""
    return torch.tensor([math.comb(taps - 1, k) / 2 ** (taps - 1) for k in range(taps)])
