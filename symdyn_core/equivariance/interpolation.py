"""What interpolation alone does to a transformed flow: the least error that can be told.

Between grid points a transformation interpolates, and a flow that is moved there and back is not
what it was. A perfect model is scored with that difference, so no smaller error says anything about
a model. Exact transformations (quarter turns, whole cells) have none.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core import metrics
from symdyn_core.equivariance.chain import Chain
from symdyn_core.grid import Grid


class Interpolated(NamedTuple):
    """A moved flow after g⁻¹ and g once more.

    Attributes:
        moved: the flow as it was, g w.
        again: g g⁻¹ g w where that is known, g w elsewhere.
        known: where it is known.
    """

    moved: Float[Tensor, "lead component y x"]
    again: Float[Tensor, "lead component y x"]
    known: Bool[Tensor, "lead y x"]

    @property
    def error(self) -> Float[Tensor, "lead component y x"]:
        """The difference, zero where it is not known."""
        return self.again - self.moved

    def rmse_by_lead(self) -> Float[Tensor, " lead"]:
        """Its root mean square at each lead [velocity], NaN where nothing is known."""
        return metrics.rmse_by_lead(self.again[None], self.moved[None], self.known[None, :, None])


def there_and_back(
    chain: Chain,
    history: Float[Tensor, "time component y x"],
    window: Float[Tensor, "frame component new_y new_x"],
    moved: Float[Tensor, "lead component new_y new_x"],
    known: Bool[Tensor, "lead new_y new_x"],
    grid: Grid,
) -> Interpolated:
    """Take the frames of a moved flow back, and move them once more.

    Args:
        chain: g.
        history: recorded frames up to now; ``window`` the same, moved.
        moved: what followed, moved, one frame for each lead, ``known`` where that is known.
        grid: of the recorded flow.
    """
    if chain.is_exact(grid):
        return Interpolated(moved, moved, known)
    leads = range(1, len(moved) + 1)
    inverse, moved_grid = chain.inverse, chain.act_on_grid(grid)
    back = [inverse.frame(window, moved, lead, moved_grid) for lead in leads]
    flow = torch.stack([w for w, _ in back])
    recorded = grid
    seen = torch.stack([mask for _, mask in back]).all(0)
    if not bool(seen.all()):
        recorded = grid.with_(water=seen if grid.water is None else seen & grid.water)
    frames, masks = zip(
        *(chain.frame(history, flow, lead, recorded) for lead in leads), strict=True
    )
    both = torch.stack(masks) & known
    again = torch.where(both[:, None], torch.stack(frames), moved)
    return Interpolated(moved, again, both)
