"""Errors window by window: which windows a forecaster gets wrong, where in them, and when.

Every window is forecast like in an evaluation; instead of one mean over all of them, what is kept
is one row for each window, with its squared errors by cell and the histogram of its errors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from symdyn_core.datasets.windows import Windows
from symdyn_core.models.forecaster import Forecaster, rollout
from symdyn_core.spectra import energy_spectrum

HISTOGRAM_BINS = 101
"""Bins of the residual histogram."""

HISTOGRAM_REACH = 6.0
"""Largest residual in the histogram, in root mean square residuals of the first batch."""


@dataclass
class WindowErrors:
    """Errors of one forecaster over the windows of a flow, as far as they are known.

    Attributes:
        member, now: of each window; ``now`` is the index of its last input frame.
        rmse: of each window over all leads [velocity].
        rmse_by_lead: (window, lead).
        ese: root mean square difference of the log10 energy spectra at the last lead, by window;
            NaN where the flow has land.
        persistence: RMSE of repeating the last input frame, by window.
        speed: root mean square speed of the last input frame, by window.
        water_share: share of the cells that are water, by window.
        squared: of each window, squared errors by cell, summed over leads and components; 0 on
            land.
        water: (member, y, x) which cells are counted; None for all of them.
        bins, residuals: edges [velocity], and counts of the errors of components by window;
            errors beyond the edges are counted in the outermost bins.
    """

    member: list[int] = field(default_factory=list)
    now: list[int] = field(default_factory=list)
    rmse: list[float] = field(default_factory=list)
    rmse_by_lead: list[list[float]] = field(default_factory=list)
    ese: list[float] = field(default_factory=list)
    persistence: list[float] = field(default_factory=list)
    speed: list[float] = field(default_factory=list)
    water_share: list[float] = field(default_factory=list)
    squared: list[Float[np.ndarray, "y x"]] = field(default_factory=list)
    water: Bool[np.ndarray, "member y x"] | None = None
    bins: Float[np.ndarray, " edge"] = field(default_factory=lambda: np.zeros(0))
    residuals: list[Int[np.ndarray, " bin"]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rmse)

    def sums_by_cell(
        self, member: int, chosen: Sequence[int] | None = None
    ) -> tuple[Float[np.ndarray, "y x"], Float[np.ndarray, "y x"]]:
        """Sums of squared errors by cell of a member, and how many errors each sum holds.

        Args:
            chosen: which windows, by their place in the lists; all by default.
        """
        of_member = [n for n in self.among(chosen) if self.member[n] == member]
        shape = self.squared[0].shape if self.squared else (0, 0)
        squared = np.zeros(shape)
        for n in of_member:
            squared += self.squared[n]
        leads = len(self.rmse_by_lead[0]) if self.rmse_by_lead else 0
        counted = np.full(shape, 2.0 * leads * len(of_member))
        return squared, counted if self.water is None else counted * self.water[member]

    def rmse_by_cell(
        self, member: int, chosen: Sequence[int] | None = None
    ) -> Float[np.ndarray, "y x"]:
        """RMSE of each cell over windows, leads and components; NaN on land."""
        squared, counted = self.sums_by_cell(member, chosen)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.sqrt(squared / counted)

    def histogram(self, chosen: Sequence[int] | None = None) -> Int[np.ndarray, " bin"]:
        """How many errors of components lie in each bin."""
        counts = np.zeros(max(0, len(self.bins) - 1), dtype=np.int64)
        return sum((self.residuals[n] for n in self.among(chosen)), counts)

    def among(self, chosen: Sequence[int] | None) -> Sequence[int]:
        """The chosen windows; all of them where none are named."""
        return range(len(self)) if chosen is None else chosen


def window_error_steps(
    forecaster: Forecaster,
    windows: Windows,
    *,
    leads: int | None = None,
    count: int = 200,
    batch: int = 8,
) -> Iterator[tuple[float, WindowErrors]]:
    """(share done, errors so far) after each batch of windows spread over members and time.

    Args:
        windows: ``forecaster.past`` input frames, or more, and future frames.
        leads: how many future frames are forecast; all of them by default.
        count: how many windows, at most.

    Raises:
        ValueError: fewer future frames than leads, or past frames than the forecaster needs.
    """
    leads = windows.future if leads is None else leads
    if not 1 <= leads <= windows.future or windows.past < forecaster.past:
        raise ValueError(
            f"Expected windows of at least {forecaster.past} past and {max(1, leads)} future "
            f"frames, got {windows.past} and {windows.future}."
        )
    chosen = torch.linspace(0, len(windows) - 1, min(count, len(windows)), dtype=torch.float64)
    indices = chosen.round().long().unique()
    found = WindowErrors(water=None if windows.water is None else windows.water.cpu().numpy())
    for first in range(0, len(indices), batch):
        part = indices[first : first + batch]
        _add(found, forecaster, windows, part, leads)
        yield min(1.0, (first + len(part)) / len(indices)), found


def _add(
    found: WindowErrors, forecaster: Forecaster, windows: Windows, part: Tensor, leads: int
) -> None:
    """Add a batch of windows to the errors."""
    past, truth, water = windows.batch(part).split(windows.past)
    truth = truth[:, :leads]
    with torch.no_grad():
        forecast = rollout(forecaster, past[:, windows.past - forecaster.past :], leads)
    error = (forecast - truth).double()
    mask = torch.ones(len(part), 1, 1, *truth.shape[-2:], dtype=torch.bool)
    mask = mask if water is None else water.expand_as(mask)
    cells = mask.double().sum((1, 2, 3, 4))
    by_lead = _mean_square(error, mask, cells)
    still = _mean_square((past[:, -1:] - truth).double(), mask, cells)
    speed = _mean_square(past[:, -1:].double(), mask, cells)
    members, starts = zip(*(windows.start_of(int(n)) for n in part), strict=True)
    found.member += members
    found.now += [start + windows.past - 1 for start in starts]
    found.rmse += by_lead.mean(1).sqrt().tolist()
    found.rmse_by_lead += by_lead.sqrt().tolist()
    found.persistence += still.mean(1).sqrt().tolist()
    found.speed += (2 * speed[:, 0]).sqrt().tolist()
    found.water_share += mask.double().mean((1, 2, 3, 4)).tolist()
    found.ese += _spectrum_errors(forecast[:, -1], truth[:, -1], windows, members, water)
    found.squared += list((error.square() * mask).sum((1, 2)).float().numpy())
    _count_residuals(found, error, mask)


def _mean_square(
    error: Float[Tensor, "batch lead component=2 y x"],
    mask: Bool[Tensor, "batch 1 1 y x"],
    cells: Float[Tensor, " batch"],
) -> Float[Tensor, "batch lead"]:
    return (error.square() * mask).sum((2, 3, 4)) / (2 * cells[:, None])


def _spectrum_errors(forecast, truth, windows: Windows, members, water) -> list[float]:
    """ESE of each window where the whole square is water."""
    if water is not None:
        return [float("nan")] * len(members)
    errors = []
    for n, member in enumerate(members):
        lines = energy_spectrum(torch.stack((forecast[n], truth[n])), windows.grids[member])
        logs = lines[:, 1:].clamp_min(torch.finfo(lines.dtype).tiny).log10()
        errors.append((logs[0] - logs[1]).square().mean().sqrt().item())
    return errors


def _count_residuals(found: WindowErrors, error: Tensor, mask: Tensor) -> None:
    everywhere = mask.expand_as(error)
    if not len(found.bins):
        values = error.masked_select(everywhere)
        reach = HISTOGRAM_REACH * values.square().mean().sqrt().item() or 1.0
        found.bins = np.linspace(-reach, reach, HISTOGRAM_BINS + 1)
    edges = found.bins
    for one, counted in zip(error, everywhere, strict=True):
        values = one.masked_select(counted).numpy().clip(edges[0], edges[-1])
        found.residuals.append(np.histogram(values, edges)[0])
