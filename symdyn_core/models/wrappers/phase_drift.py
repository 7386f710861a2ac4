"""A drift that is measured in the window: from the phases of the gravest waves."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.grid import Grid


@dataclass(frozen=True)
class PhaseDrift:
    """The drift that keeps the longest wave along each axis where it is, from frame to frame.

    With a_n the Fourier coefficient of wavenumber (1, 0) of both components in frame n,

        d_x = -N_x / (2 pi) arg sum_n conj(a_n) . a_{n+1}

    cells a step, and likewise d_y. A drift of the whole flow by d cells a step adds d to it (up to
    whole lengths of the domain), a uniform velocity or another strength of the flow nothing: a
    frame that drifts with the waves is equivariant to boosts *and* magnitude on one grid, where
    one that drifts by the mean velocity cannot be (a flow twice as strong drifts twice as far).
    The price is one symmetry too many: any drift with any uniform velocity. It reads no grid.
    Defined unless a longest wave is absent or the sum cancels; for flows of which that is nearly
    true, the frame is a matter of chance.
    """

    @property
    def periodic(self) -> tuple[bool, bool]:
        """Waves have phases only on axes that repeat."""
        return True, True

    def displacement(
        self,
        window: Float[Tensor, "batch past component y x"],
        velocity: Float[Tensor, "batch 2"],
    ) -> Float[Tensor, "batch 2"]:
        """(d_x, d_y) [cells a step] of each sample.

        Raises:
            ValueError: a single frame, in which nothing moves.
        """
        if window.shape[1] < 2:
            raise ValueError("A drift is measured between frames: give windows of two or more.")
        w = window if window.dtype in (torch.float32, torch.float64) else window.float()
        peak = w.detach().abs().amax((1, 2, 3, 4), keepdim=True)
        w = w / torch.where(peak > 0, peak, 1)
        return torch.stack((_drift_of_wave(w.mean(-2)), _drift_of_wave(w.mean(-1))), dim=-1)

    def on(self, grid: Grid) -> "PhaseDrift":
        """The same: it reads no spacing.

        Raises:
            ValueError: an axis that does not repeat.
        """
        if not (grid.periodic_x and grid.periodic_y):
            raise ValueError(
                "The phase of a wave tells a drift only on axes that repeat, got an open one. "
                "Let the frame drift by the mean velocity: DriftRate.of(grid)."
            )
        return self


def _drift_of_wave(line: Float[Tensor, "batch past component cell"]) -> Float[Tensor, " batch"]:
    """Cells a step by which the longest wave along the last axis moves; 0 where there is none."""
    cells = line.shape[-1]
    angle = 2 * math.pi * torch.arange(cells, device=line.device, dtype=line.dtype) / cells
    with torch.autocast(line.device.type, enabled=False):
        even, odd = line @ torch.cos(angle), line @ torch.sin(angle)
    (even_0, even_1), (odd_0, odd_1) = ((a[:, :-1], a[:, 1:]) for a in (even, odd))
    real = (even_0 * even_1 + odd_0 * odd_1).sum((1, 2))
    imaginary = (even_0 * odd_1 - odd_0 * even_1).sum((1, 2))
    there = (real != 0) | (imaginary != 0)
    return torch.atan2(imaginary, torch.where(there, real, 1)) * (cells / (2 * math.pi))
