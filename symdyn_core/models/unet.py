"""The U-Net of Wang et al. (2021), written once over a kit."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.kit import LayerKit

PAPER_MULTIPLIERS = (1, 2, 4, 8)
"""Widths of the paper's levels in units of the first: 64 128 256 512."""


class UNet(nn.Module):
    """Lift, residual blocks on ever coarser grids, and back with skips by concatenation.

    Coarsening and refining are symmetric about the centre of the domain on even and odd grids
    alike (``layers.resolution``), so quarter turns and reflections are exact on grids of any size;
    with a convolution of stride 2 they would not be.

    Args:
        kit: the building blocks, and with them the symmetry.
        past: number of input frames.
        width: hidden fields of the finest level.
        multipliers: widths of the levels in units of ``width``, rounded, finest first.
        increment: whether the output is the increment of a velocity.
    """

    def __init__(
        self,
        kit: LayerKit,
        past: int,
        width: float | int,
        *,
        multipliers: tuple[int, ...] = PAPER_MULTIPLIERS,
        increment: bool = True,
    ):
        super().__init__()
        widths = [max(1, round(width * m)) for m in multipliers]
        self.lift = kit.lift(past, widths[0])
        self.down = nn.ModuleList(kit.residual(a, a) for a in widths[:-1])
        levels = list(pairwise(widths))
        self.coarsen = nn.ModuleList(kit.coarsen(a, b) for a, b in levels)
        self.bottom = kit.residual(widths[-1], widths[-1])
        self.refine = nn.ModuleList(kit.refine(b, a) for a, b in reversed(levels))
        self.join = nn.ModuleList(kit.join(a, a, a) for a in reversed(widths[:-1]))
        self.project = kit.project(widths[0], increment)
        # At a level: a block, the convolutions that refine and join, and the one that coarsens on
        # the grid below, where a cell is twice as wide. At the lowest: the block alone.
        half, wide = kit.kernel_size // 2, 2 ** len(levels)
        level, bottom = 5 * kit.reach + half + kit.resampling_reach, kit.reach + half
        self.receptive_radius = kit.lift_reach + (wide - 1) * level + wide * bottom + half

    def forward(self, w: Float[Tensor, "batch channel y x"]) -> Float[Tensor, "batch 2 y x"]:
        h = self.lift(w)
        skips = []
        for block, coarsen in zip(self.down, self.coarsen, strict=True):
            h = block(h)
            skips.append(h)
            h = coarsen(h)
        h = self.bottom(h)
        for refine, join in zip(self.refine, self.join, strict=True):
            skip = skips.pop()
            h = join(refine(h, (skip.shape[-2], skip.shape[-1])), skip)
        return self.project(h)
