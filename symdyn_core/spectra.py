"""Energy by scale: the kinetic energy spectrum, and the spectrum of Wang, Walters & Yu (2021).

Both sum or average |FFT|² over rings of wavenumber (``rings``), the mean flow in ring 0.
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Grid
from symdyn_core.rings import rings_of

NUMBERS_AT_ONCE = 2**19
"""Velocities transformed at a time: they stay in the processor's cache, three times faster."""


def wavenumbers(grid: Grid) -> Float[Tensor, " ring"]:
    """Wavenumber of each ring of the spectra on this grid, k = ring Δk [rad/length]."""
    return rings_of(grid, torch.float64, torch.device("cpu")).wavenumber


def energy_spectrum(
    w: Float[Tensor, "*batch component y x"],
    grid: Grid,
    water: Bool[Tensor, "*#batch 1 y x"] | None = None,
) -> Float[Tensor, "*batch ring"]:
    """Kinetic energy in each ring, E(k) = ½ Σ (|û|² + |v̂|²) [velocity²].

    Its sum over all rings is the mean kinetic energy ½⟨u² + v²⟩ (Parseval), exactly on periodic
    grids. Along axes that are not periodic a Hann window is laid over the departures from the mean
    flow and the sum holds on average (Σ is divided by the window's mean square). Land carries no
    departure either, and the spectrum is scaled to the energy per water cell; coasts still scatter
    energy to neighbouring wavenumbers, so compare spectra that share a mask. The mean flow is kept
    apart in ring 0, and a uniform motion changes nothing else.
    """
    return _in_parts(partial(_energy_spectrum, grid), w, water, axes=3)


def _energy_spectrum(grid: Grid, w: Tensor, water: Tensor | None) -> Tensor:
    mean, departure, mean_square = _departure(w, _window(grid, w), water)
    power = _square(torch.fft.rfft2(departure)).sum(-3)
    spectrum = rings_of(grid, w.dtype, w.device).sums(power)
    spectrum = 0.5 * spectrum / ((grid.ny * grid.nx) ** 2 * mean_square)
    spectrum[..., 0] += 0.5 * mean[..., 0, 0].square().sum(-1)
    return spectrum


def _departure(
    w: Tensor, window: Tensor | None, water: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """(weighted mean flow, weighted departures from it, mean square of the weights)."""
    if window is None and water is None:
        mean = w.mean((-2, -1), keepdim=True)
        return mean, w - mean, w.new_ones(())
    weight = w.new_ones(()) if window is None else window
    if water is not None:
        w, weight = torch.where(water, w, 0.0), weight * water
    mean = (weight * w).sum((-2, -1), keepdim=True) / weight.sum((-2, -1), keepdim=True)
    return mean, weight * (w - mean), weight.square().mean((-2, -1))


def turbulent_kinetic_energy(
    w: Float[Tensor, "*batch lead component y x"],
    water: Bool[Tensor, "*#batch #lead 1 y x"] | None = None,
) -> Float[Tensor, "*batch y x"]:
    """Map of the energy of fluctuations, ½ Σ_c mean_t (w_c - mean_t w_c)² [velocity²].

    Wang, Walters & Yu (2021). Land is filled with the mean over water, which adds no anomaly.
    """
    # From the first frame on, so that a flow at rest or in uniform motion leaves no rounding error;
    # and frame by frame: the variance over an outer axis would run through memory 20 times slower.
    first, *later = w.unbind(-4)
    mean = sum((frame - first for frame in later), torch.zeros_like(first)) / w.shape[-4]
    sums = mean.square()
    for frame in later:
        fluctuation = frame - first - mean
        sums = sums.addcmul(fluctuation, fluctuation)
    energy = sums.sum(-3) * (0.5 / w.shape[-4])
    if water is None:
        return energy
    wet = water.all(-4)[..., 0, :, :]
    energy = torch.where(wet, energy, 0.0)
    average = energy.sum((-2, -1), keepdim=True) / wet.sum((-2, -1), keepdim=True).clamp_min(1)
    return torch.where(wet, energy, average)


def turbulence_spectrum(
    w: Float[Tensor, "*batch lead component y x"],
    grid: Grid,
    water: Bool[Tensor, "*#batch #lead 1 y x"] | None = None,
    *,
    released: bool = False,
) -> Float[Tensor, "*batch ring"]:
    """Mean of |FFT|² of the turbulent kinetic energy map over each ring [velocity⁴].

    The spectrum of Wang, Walters & Yu (2021), whose log10 differences make their ESE. It is of
    fourth order in the velocity, and zero for a flow that stands still.

    Args:
        w: the frames of one forecast; fluctuations are departures from their mean over time.
        grid: spacing of the rings.
        water: valid cells.
        released: average as their released code does, for comparison with figures made by it:
            rings floor(|k - c|) around a centre half a pixel off the mean, in both axes that of
            the x axis, without the first and the last ring.
    """
    energy = _in_parts(turbulent_kinetic_energy, w, water, axes=4)
    return mean_power(energy, grid, released=released)


def mean_power(
    field: Float[Tensor, "*batch y x"], grid: Grid, *, released: bool = False
) -> Float[Tensor, "*batch ring"]:
    """Mean of |FFT|² of a scalar field over each ring [field²]; see ``turbulence_spectrum``."""
    rings = rings_of(grid, field.dtype, field.device, released)
    return rings.sums(_square(torch.fft.rfft2(field))) / rings.modes.clamp_min(1)


def ese_per_sample(
    forecast: Float[Tensor, "batch ring"], truth: Float[Tensor, "batch ring"]
) -> float:
    """Energy spectrum error, √⟨(log10 S' - log10 S)²⟩ over rings and samples (no unit).

    Spectra are compared sample by sample, as the released code of Wang et al. (2021) does last.
    """
    return float((_log(forecast) - _log(truth)).square().mean().sqrt())


def ese_of_mean_spectra(
    forecast: Float[Tensor, "batch ring"], truth: Float[Tensor, "batch ring"]
) -> float:
    """Energy spectrum error of the mean log spectra, √⟨(⟨log10 S'⟩ - ⟨log10 S⟩)²⟩ over rings.

    Log spectra are averaged over samples first, as in earlier versions of that code. It is never
    larger than ``ese_per_sample``: name the one that is reported.
    """
    return float((_log(forecast).mean(0) - _log(truth).mean(0)).square().mean().sqrt())


def _log(spectra: Float[Tensor, "batch ring"]) -> Float[Tensor, "batch ring"]:
    """log10 of spectra, with rings below rounding error raised to it.

    Rounding leaves about ε² of the largest ring in every other one. Relative to each spectrum
    itself, so that rescaled flows are raised alike; a spectrum of zeros stays minus infinity.
    """
    floor = torch.finfo(spectra.dtype).eps ** 2 * spectra.amax(-1, keepdim=True)
    return torch.maximum(spectra, floor).double().log10()


def _in_parts(
    function: Callable[[Tensor, Tensor | None], Tensor], w: Tensor, water: Tensor | None, axes: int
) -> Tensor:
    """``function`` of as many samples at a time as the cache holds; samples have ``axes`` axes."""
    batch, sample = w.shape[:-axes], w.shape[-axes:]
    some = max(1, NUMBERS_AT_ONCE // sample.numel())
    parts = w.reshape(-1, *sample).split(some)
    masks: Sequence[Tensor | None] = [None] * len(parts)
    if water is not None:
        mask = water.shape[-axes:]
        masks = water.expand(*batch, *mask).reshape(-1, *mask).split(some)
    results = [function(part, mask) for part, mask in zip(parts, masks, strict=True)]
    return torch.cat(results).unflatten(0, batch) if batch else results[0][0]


def _square(spectrum: Tensor) -> Tensor:
    """|z|², without the square root in ``abs() ** 2``."""
    return spectrum.real.square() + spectrum.imag.square()


def _window(grid: Grid, like: Tensor) -> Float[Tensor, "y x"] | None:
    """Hann window along the axes that are not periodic; None where all are."""
    if grid.periodic_y and grid.periodic_x:
        return None
    along = []
    for cells, periodic in ((grid.ny, grid.periodic_y), (grid.nx, grid.periodic_x)):
        # Cell centres of a window that vanishes at the outer edges of the domain.
        phase = 2 * torch.pi * (torch.arange(cells).to(like) + 0.5) / cells
        along.append(torch.ones_like(phase) if periodic else 0.5 * (1 - phase.cos()))
    return along[0][:, None] * along[1]
