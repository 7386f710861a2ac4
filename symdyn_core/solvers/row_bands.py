"""Bands of rows of the staggered grid, with what the equations multiply them by."""

from dataclasses import dataclass
from itertools import count

import torch
from torch import Tensor

from symdyn_core.solvers.staggered import Channel

CELLS_IN_CACHE = 2**16
"""Cells of a band of rows that is worked on at once where memory is used again."""


@dataclass(frozen=True)
class Band:
    """Neighbouring rows and their factors, of (u, v, T) where the fields differ.

    Attributes:
        first, last: rows of the state, the last one not included.
        diffusion: of the fluxes across, ``[field, row + 1, 1]``.
        inverse_heights: of the cells that belong to each field, ``[field, row, 1]``.
        buoyancy: of twice the temperature at lower faces, ``[row, 1]``.
        below, above: weights of two rows at the face between them, ``[row, 1]``.
    """

    first: int
    last: int
    diffusion: Tensor
    inverse_heights: Tensor
    buoyancy: Tensor
    below: Tensor
    above: Tensor

    def part(self, first: int, last: int) -> "Band":
        """Some of the rows of a band that begins at row 0."""
        return Band(
            first,
            last,
            self.diffusion[:, first : last + 1],
            self.inverse_heights[:, first:last],
            self.buoyancy[first:last],
            self.below[first:last],
            self.above[first:last],
        )


def all_rows(
    channel: Channel,
    viscosity: float,
    diffusivity: float,
    *,
    dtype: torch.dtype,
    device: torch.device | str,
) -> Band:
    """The channel as one band."""
    heights, gaps = channel.heights(), channel.gaps()
    lower_gaps, lower_heights = gaps[:-1], torch.cat((heights[:1], heights[:-1]))
    interior = torch.ones(channel.ny, dtype=torch.float64)
    interior[0] = 0  # v on the lower plate does not move
    of_u, of_v = viscosity / gaps, viscosity / torch.cat((heights[:1], heights))

    def column(*values: Tensor) -> Tensor:
        return torch.stack(values).to(device=device, dtype=dtype)[..., None]

    return Band(
        0,
        channel.ny,
        diffusion=column(of_u, of_v, diffusivity / gaps),
        inverse_heights=column(1 / heights, interior / lower_gaps, 1 / heights),
        buoyancy=column(interior / 2)[0],
        below=column(lower_heights / (2 * lower_gaps))[0],
        above=column(heights / (2 * lower_gaps))[0],
    )


def equal_bands(rows: Band, nx: int) -> list[Band]:
    """All rows in bands of equal size, which can share memory, of about ``CELLS_IN_CACHE``."""
    wanted = min(rows.last, rows.last * nx / CELLS_IN_CACHE)
    number = next(n for n in count(1) if rows.last % n == 0 and n >= wanted)
    size = rows.last // number
    return [rows.part(n * size, (n + 1) * size) for n in range(number)]
