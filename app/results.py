"""What is read off a comparison as its forecasts arrive: scores, spectra, grey baselines."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from symdyn_core import metrics
from symdyn_core.equivariance.interpolation import Interpolated, there_and_back
from symdyn_core.equivariance.spectral_patch import SpectralPatch
from symdyn_core.spectra import energy_spectrum, ese_per_sample, mean_power, wavenumbers

from . import scales
from .compute import Comparison, Scores

NAMES = ("a", "b", "persistence")


@dataclass(frozen=True)
class Spectra:
    """Energy spectra of one lead, without the mean flow (ring 0).

    Attributes:
        k: wavenumber [rad per length]; truth, a, b: E(k) [velocity²].
        error_a, error_b: spectra of forecast minus truth.
        floor: spectrum of what interpolation alone changes; None while it is not known.
        words: which part of the field they are taken of.
    """

    k: np.ndarray
    truth: np.ndarray
    a: np.ndarray
    b: np.ndarray
    error_a: np.ndarray
    error_b: np.ndarray
    words: str
    floor: np.ndarray | None = None


@dataclass
class Results:
    """Everything known so far about a comparison; grows lead by lead.

    Attributes:
        scores: by model, "a" and "b".
        persistence: RMSE by lead of repeating the last input frame.
        spectra: by lead; None where too little of the field is known.
        floor: relative change of the last input frame by moving it there and back, the error of
            interpolation alone.
        floor_rmse: what interpolation alone makes of a perfect model, by lead; known with the last.
        ese: by model, "persistence" too, and lead; ``ese_pooled`` over the rollout, after Wang et
            al. (2021).
        correlation: with the truth, by model and lead.
    """

    comparison: Comparison
    leads: int = 0
    scores: dict[str, Scores] = field(default_factory=dict)
    persistence: tuple[float, ...] = ()
    floor: float = 0.0
    floor_rmse: tuple[float, ...] = ()
    spectra: dict[int, Spectra | None] = field(default_factory=dict)
    ese: dict[str, dict[int, float]] = field(default_factory=lambda: {n: {} for n in NAMES})
    ese_pooled: dict[str, float] = field(default_factory=dict)
    correlation: dict[str, tuple[float, ...]] = field(default_factory=dict)
    interpolated: Interpolated | None = None

    def copy(self) -> "Results":
        """What is known so far, for somebody else who goes on from here."""
        return replace(
            self,
            scores=dict(self.scores),
            spectra=dict(self.spectra),
            ese={name: dict(leads) for name, leads in self.ese.items()},
            ese_pooled=dict(self.ese_pooled),
            correlation=dict(self.correlation),
        )

    @torch.no_grad()
    def read(self, leads: int) -> None:
        """Read leads 1 to ``leads``, all of them forecast by now."""
        comparison = self.comparison
        for lead in range(self.leads + 1, leads + 1):
            self._read_spectra(lead)
        for name, answer in (("a", comparison.a), ("b", comparison.b)):
            self.scores[name] = answer.scores(leads)
            self.ese_pooled[name] = scales.rollout_spectrum_error(answer, leads)
        self._read_baselines(leads)
        if leads > 1 and self.leads < 2:
            # Not for the first lead, which a moving slider waits for.
            self.floor = comparison.scene.interpolation_error()
        if leads == comparison.steps:
            self._read_floor(leads)
        self.leads = leads

    @torch.no_grad()
    def turbulence(self, lead: int) -> Spectra | None:
        """Spectra after Wang et al. (2021), of the turbulent kinetic energy of leads 1 to ``lead``.

        None for a single lead, which has no fluctuation in time.
        """
        comparison = self.comparison
        scene = comparison.scene
        patch = scales.smallest_patch(scene, lead) if lead > 1 else None
        if patch is None:
            return None
        flows = [scales.truths(scene, lead), *(m.moved.up_to(lead) for m in _models(comparison))]
        if self.interpolated is not None:
            flows.append(self.interpolated.again[:lead])
        maps = torch.stack([scales.turbulence(w, patch) for w in flows])
        lines = mean_power(maps, patch.grid)
        errors = mean_power(maps[1:] - maps[:1], patch.grid)
        return _spectra(lines, errors, patch, f"leads 1 to {lead}, {patch.words}")

    def correlation_time(self, name: str, threshold: float = 0.8) -> float:
        """Lead at which the correlation with the truth falls under a threshold; infinite if not."""
        return metrics.correlation_time(torch.tensor(self.correlation[name]), 1.0, threshold)

    def _read_spectra(self, lead: int) -> None:
        """Spectra and their errors at one lead."""
        scene = self.comparison.scene
        patch = scales.patch_of(scene, lead)
        if patch is None:
            self.spectra[lead] = None
            for name in NAMES:
                self.ese[name][lead] = math.nan
            return
        frames = [scene.truth(lead)[0]]
        frames += [answer.forecast(lead) for answer in _models(self.comparison)]
        frames.append(scene.window[-1])
        lines, errors = _energies(torch.stack(frames), patch)
        for name, line in zip(NAMES, lines[1:], strict=True):
            self.ese[name][lead] = ese_per_sample(line[None], lines[:1])
        self.spectra[lead] = _spectra(lines[:3], errors[:2], patch, patch.words)

    def _read_floor(self, leads: int) -> None:
        """What interpolation alone does to truth that is perfectly forecast."""
        scene = self.comparison.scene
        if scene.exact:
            return
        truth, known = zip(*(scene.truth(lead) for lead in range(1, leads + 1)), strict=True)
        found = there_and_back(
            scene.chain,
            scene.history,
            scene.window,
            torch.stack(truth),
            torch.stack(known),
            scene.grid,
        )
        self.interpolated = found
        self.floor_rmse = tuple(found.rmse_by_lead().tolist())
        for lead, spectra in self.spectra.items():
            patch = scales.patch_of(scene, lead)
            if patch is not None and spectra is not None:
                error = patch.cut(found.error[lead - 1])
                line = energy_spectrum(error, patch.grid, patch.mask)[patch.rings]
                self.spectra[lead] = replace(spectra, floor=line.numpy())

    def _read_baselines(self, leads: int) -> None:
        """Errors of persistence, and correlations."""
        comparison = self.comparison
        scene = comparison.scene
        truth, valid = zip(*(scene.truth(lead) for lead in range(1, leads + 1)), strict=True)
        truths, water = torch.stack(truth)[None], torch.stack(valid)[None, :, None]
        unchanged = scene.window[-1].expand_as(truths)
        self.persistence = tuple(metrics.rmse_by_lead(unchanged, truths, water).tolist())
        flows = [*(m.moved.up_to(leads)[None] for m in _models(comparison)), unchanged]
        for name, w in zip(NAMES, flows, strict=True):
            self.correlation[name] = tuple(metrics.correlation(w, truths, water).tolist())


def _models(comparison: Comparison):
    return comparison.a, comparison.b


def _energies(frames: Tensor, patch: SpectralPatch) -> tuple[Tensor, Tensor]:
    """Energy spectra of frames, the first of them the truth, and of the others minus the truth."""
    both = torch.cat((frames, frames[1:] - frames[:1]))
    lines = energy_spectrum(patch.cut(both), patch.grid, patch.mask)
    return lines[: len(frames)], lines[len(frames) :]


def _spectra(lines: Tensor, errors: Tensor, patch: SpectralPatch, words: str) -> Spectra:
    """Lines of truth, A, B and those of their errors, with that of interpolation if it is there."""
    rings = patch.rings
    k = wavenumbers(patch.grid)[rings].numpy()
    floor = errors[2, rings].numpy() if len(errors) > 2 else None
    shown = [line[rings].numpy() for line in (*lines[:3], *errors[:2])]
    return Spectra(k, *shown, words, floor)
