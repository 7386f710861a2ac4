"""What is read off a comparison as its forecasts arrive: scores, spectra, and the grey baseline."""

import math
from dataclasses import dataclass, field

import numpy as np
import torch

from symdyn_core import metrics
from symdyn_core.spectra import energy_spectrum, ese_per_sample, wavenumbers

from . import scales
from .compute import Comparison, Scores


@dataclass(frozen=True)
class Spectra:
    """Energy spectra of one lead, without the mean flow (ring 0).

    Attributes:
        k: wavenumber [rad per length]; truth, a, b: E(k) [velocity²].
        words: which part of the field they are taken of.
    """

    k: np.ndarray
    truth: np.ndarray
    a: np.ndarray
    b: np.ndarray
    words: str


@dataclass
class Results:
    """Everything known so far about a comparison; grows lead by lead.

    Attributes:
        scores: by model, "a" and "b".
        persistence: RMSE by lead of repeating the last input frame.
        spectra: by lead; None where too little of the field is known.
        floor: relative change of the last input frame by moving it there and back, the error of
            interpolation alone.
        ese: by model and lead; ``ese_pooled`` over the rollout, after Wang et al. (2021).
    """

    comparison: Comparison
    leads: int = 0
    scores: dict[str, Scores] = field(default_factory=dict)
    persistence: tuple[float, ...] = ()
    floor: float = 0.0
    spectra: dict[int, Spectra | None] = field(default_factory=dict)
    ese: dict[str, dict[int, float]] = field(default_factory=lambda: {"a": {}, "b": {}})
    ese_pooled: dict[str, float] = field(default_factory=dict)

    @torch.no_grad()
    def read(self, leads: int) -> None:
        """Read leads 1 to ``leads``, all of them forecast by now."""
        comparison = self.comparison
        for lead in range(self.leads + 1, leads + 1):
            self._read_spectra(lead)
        for name, answer in (("a", comparison.a), ("b", comparison.b)):
            self.scores[name] = answer.scores(leads)
            self.ese_pooled[name] = scales.rollout_spectrum_error(answer, leads)
        self.persistence = self._persistence(leads)
        if leads > 1 and self.leads < 2:
            # Not for the first lead, which a moving slider waits for.
            self.floor = comparison.scene.interpolation_error()
        self.leads = leads

    def _read_spectra(self, lead: int) -> None:
        """Spectra and their errors at one lead."""
        patch = scales.patch_of(self.comparison.scene, lead)
        if patch is None:
            self.spectra[lead] = None
            self.ese["a"][lead] = self.ese["b"][lead] = math.nan
            return
        comparison = self.comparison
        frames = [comparison.scene.truth(lead)[0]]
        frames += [answer.forecast(lead) for answer in (comparison.a, comparison.b)]
        lines = energy_spectrum(patch.cut(torch.stack(frames)), patch.grid, patch.mask)
        for name, line in zip("ab", lines[1:], strict=True):
            self.ese[name][lead] = ese_per_sample(line[None], lines[:1])
        # Rings beyond the Nyquist wavenumber hold only the corners of the plane of modes.
        rings = slice(1, min(patch.grid.shape) // 2 + 1)
        k = wavenumbers(patch.grid)[rings].numpy()
        self.spectra[lead] = Spectra(k, *lines[:, rings].numpy(), patch.words)

    def _persistence(self, leads: int) -> tuple[float, ...]:
        scene = self.comparison.scene
        truth, valid = zip(*(scene.truth(lead) for lead in range(1, leads + 1)), strict=True)
        truths, water = torch.stack(truth)[None], torch.stack(valid)[None, :, None]
        unchanged = scene.window[-1].expand_as(truths)
        return tuple(metrics.rmse_by_lead(unchanged, truths, water).tolist())
