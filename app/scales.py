"""Energy spectra of truth and forecasts over one and the same patch.

A flow turned by anything but a quarter turn is known inside an octagon only. Its corners would add
energy at small scales that no flow has, so spectra are taken over the largest square around the
centre that is known everywhere, under the Hann window of ``symdyn_core.spectra``.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core import spectra
from symdyn_core.grid import Grid

from .compute import Answer
from .scene import Scene

SMALLEST = 16
"""Cells along the side of a square under which a spectrum says little."""


@dataclass(frozen=True)
class Patch:
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


def patch_of(scene: Scene, lead: int) -> Patch | None:
    """The patch for the spectra of a lead; None where too little of the field is known."""
    known = scene.truth(lead)[1]
    grid = scene.moved_grid
    everywhere = (slice(None), slice(None))
    if bool(known.all()):
        return Patch(grid.with_(water=None), everywhere, None, _whole(grid))
    if scene.grid.water is not None:
        share = float(known.float().mean())
        words = f"over the {share:.0%} known water"
        return Patch(grid.with_(water=None), everywhere, known, words) if share >= 0.25 else None
    side = _known_square(known)
    if side < SMALLEST:
        return None
    top, left = (grid.ny - side) // 2, (grid.nx - side) // 2
    inner = grid.with_(ny=side, nx=side, periodic_y=False, periodic_x=False, water=None)
    words = f"central {side} × {side} cells"
    return Patch(inner, (slice(top, top + side), slice(left, left + side)), None, words)


def _whole(grid: Grid) -> str:
    return f"over all {grid.ny} × {grid.nx} cells"


def _known_square(known: Bool[Tensor, "y x"]) -> int:
    """Side of the largest square around the centre without an unknown cell."""
    rows, columns = (torch.arange(n) - (n - 1) / 2 for n in known.shape)
    distance = torch.maximum(rows.abs()[:, None], columns.abs()[None, :])
    nearest = float(distance[~known].min())
    side = 2 * math.floor(nearest)
    return max(0, side - (side - min(known.shape)) % 2)


def rollout_spectrum_error(answer: Answer, leads: int) -> float:
    """ESE of Wang et al. (2021) over leads 1 to ``leads``, from the turbulent kinetic energy.

    NaN for a single frame, which has no fluctuation in time.
    """
    patches = [patch_of(answer.scene, lead) for lead in range(1, leads + 1)]
    if leads < 2 or any(patch is None for patch in patches):
        return math.nan
    patch = min((p for p in patches if p is not None), key=lambda p: p.grid.ny)
    mask = None if patch.mask is None else patch.mask.expand(leads, *patch.mask.shape)
    truth = torch.stack([answer.scene.truth(lead)[0] for lead in range(1, leads + 1)])
    pair = (
        spectra.turbulence_spectrum(patch.cut(w), patch.grid, mask)[None]
        for w in (answer.moved.up_to(leads), truth)
    )
    return spectra.ese_per_sample(*pair)
