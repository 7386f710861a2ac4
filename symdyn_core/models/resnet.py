"""The residual network of Wang et al. (2021), written once over a kit."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from symdyn_core.layers.kit import LayerKit

PAPER_MULTIPLIERS = (1, 1, 2, 2, 4, 4, 8, 8)
"""Widths of the paper's eight blocks in units of the first: 64 64 128 128 256 256 512 512."""


class ResNet(nn.Module):
    """Lift, residual blocks at full resolution, projection.

    Args:
        kit: the building blocks, and with them the symmetry.
        past: number of input frames.
        width: hidden fields of the first block.
        multipliers: widths of the blocks in units of ``width``, rounded; the paper's by default.
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
        widths = [max(1, round(width * m)) for m in (multipliers[0], *multipliers)]
        self.lift = kit.lift(past, widths[0])
        self.blocks = nn.Sequential(*(kit.residual(a, b) for a, b in pairwise(widths)))
        self.project = kit.project(widths[-1], increment)
        half = kit.kernel_size // 2  # of the second convolution of a block, and of the projection
        self.receptive_radius = kit.lift_reach + len(multipliers) * (kit.reach + half) + half

    def forward(self, w: Float[Tensor, "batch channel y x"]) -> Float[Tensor, "batch 2 y x"]:
        return self.project(self.blocks(self.lift(w)))
