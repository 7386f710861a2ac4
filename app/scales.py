"""Energy spectra of truth and forecasts over one and the same patch: asked of symdyn_core."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core import spectra
from symdyn_core.equivariance.spectral_patch import SpectralPatch, spectral_patch

from .compute import Answer
from .scene import Scene


def patch_of(scene: Scene, lead: int) -> SpectralPatch | None:
    """The patch for the spectra of a lead; None where too little of the field is known."""
    known = scene.truth(lead)[1]
    return spectral_patch(known, scene.moved_grid, land=scene.grid.water is not None)


def smallest_patch(scene: Scene, leads: int) -> SpectralPatch | None:
    """The patch for spectra over leads 1 to ``leads`` together."""
    patches = [patch_of(scene, lead) for lead in range(1, leads + 1)]
    if any(patch is None for patch in patches):
        return None
    return min((p for p in patches if p is not None), key=lambda p: p.grid.ny)


def truths(scene: Scene, leads: int) -> Float[Tensor, "lead component y x"]:
    """The transformed truth of leads 1 to ``leads``."""
    return torch.stack([scene.truth(lead)[0] for lead in range(1, leads + 1)])


def turbulence(
    w: Float[Tensor, "lead component y x"], patch: SpectralPatch
) -> Float[Tensor, "y x"]:
    """Map of the turbulent kinetic energy of a rollout on a patch."""
    mask = None if patch.mask is None else patch.mask.expand(len(w), *patch.mask.shape)
    return spectra.turbulent_kinetic_energy(patch.cut(w), mask)


def rollout_spectrum_error(answer: Answer, leads: int) -> float:
    """ESE of Wang et al. (2021) over leads 1 to ``leads``, from the turbulent kinetic energy.

    NaN for a single frame, which has no fluctuation in time.
    """
    patch = smallest_patch(answer.scene, leads) if leads > 1 else None
    if patch is None:
        return math.nan
    pair = (
        spectra.mean_power(turbulence(w, patch), patch.grid)[None]
        for w in (answer.moved.up_to(leads), truths(answer.scene, leads))
    )
    return spectra.ese_per_sample(*pair)
