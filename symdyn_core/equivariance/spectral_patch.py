"""Where the energy spectra of a transformed flow are taken: one patch for truth and forecasts.

A flow turned by anything but a quarter turn is known inside an octagon only. Its corners would add
energy at small scales that no flow has, so spectra are taken over the largest square around the
centre that is known everywhere, under the Hann window of ``symdyn_core.spectra``.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid

SMALLEST = 16
"""Cells along the side of a square under which a spectrum says little."""

LEAST_WATER = 0.25
"""Share of known water under which a spectrum says little."""


@dataclass(frozen=True)
class SpectralPatch:
    """The part of a field whose spectrum is taken.

    Attributes:
        grid: its grid; ``cells`` what to cut from the field.
        water: mask, for flows with land; None where every cell counts.
        words: a description for people.
    """

    grid: Grid
    cells: tuple[slice, slice]
    water: Bool[Tensor, "y x"] | None
    words: str

    def cut(self, w: Float[Tensor, "*batch component y x"]) -> Tensor:
        """The patch of a field."""
        return w[..., self.cells[0], self.cells[1]]

    @property
    def mask(self) -> Bool[Tensor, "1 y x"] | None:
        """The water mask as the spectra take it."""
        return None if self.water is None else self.water[None]

    @property
    def rings(self) -> slice:
        """The rings up to the Nyquist wavenumber, without the mean flow.

        Those beyond hold only the corners of the plane of modes.
        """
        return slice(1, min(self.grid.shape) // 2 + 1)


def spectral_patch(known: Bool[Tensor, "y x"], grid: Grid, *, land: bool) -> SpectralPatch | None:
    """The patch of a field; None where too little of it is known.

    Args:
        known: where the field is known.
        grid: of the field.
        land: whether the flow has land: then the known water counts, wherever it is.
    """
    everywhere = (slice(None), slice(None))
    open_grid = grid.with_(water=None)
    if bool(known.all()):
        words = f"over all {grid.ny} × {grid.nx} cells"
        return SpectralPatch(open_grid, everywhere, None, words)
    if land:
        share = float(known.float().mean())
        words = f"over the {share:.0%} known water"
        found = SpectralPatch(open_grid, everywhere, known, words)
        return found if share >= LEAST_WATER else None
    side = _known_square(known)
    if side < SMALLEST:
        return None
    top, left = (grid.ny - side) // 2, (grid.nx - side) // 2
    inner = open_grid.with_(ny=side, nx=side, periodic_y=False, periodic_x=False)
    cells = slice(top, top + side), slice(left, left + side)
    return SpectralPatch(inner, cells, None, f"central {side} × {side} cells")


def _known_square(known: Bool[Tensor, "y x"]) -> int:
    """Side of the largest square around the centre without an unknown cell."""
    rows, columns = (torch.arange(n) - (n - 1) / 2 for n in known.shape)
    distance = torch.maximum(rows.abs()[:, None], columns.abs()[None, :])
    nearest = float(distance[~known].min())
    side = 2 * math.floor(nearest)
    return max(0, side - (side - min(known.shape)) % 2)
