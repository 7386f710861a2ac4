"""Errors window by window: which windows a forecaster gets wrong, where in them, and when.

Every window is forecast like in an evaluation; instead of one mean over all of them, what is kept
is one row for each window, and sums over windows for each cell, lead and distance to an edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from symdyn_core.datasets.windows import Windows
from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster, rollout
from symdyn_core.spectra import energy_spectrum

HISTOGRAM_BINS = 81
"""Bins of the residual histogram."""

HISTOGRAM_REACH = 4.0
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
        squared, counted: sums over windows of squared errors by (member, y, x), and how many.
        bins, residuals: edges [velocity] and counts of all errors of components; errors beyond
            the edges are counted in the outermost bins.
    """

    member: list[int] = field(default_factory=list)
    now: list[int] = field(default_factory=list)
    rmse: list[float] = field(default_factory=list)
    rmse_by_lead: list[list[float]] = field(default_factory=list)
    ese: list[float] = field(default_factory=list)
    persistence: list[float] = field(default_factory=list)
    speed: list[float] = field(default_factory=list)
    water_share: list[float] = field(default_factory=list)
    squared: Float[np.ndarray, "member y x"] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    counted: Float[np.ndarray, "member y x"] = field(default_factory=lambda: np.zeros((0, 0, 0)))
    bins: Float[np.ndarray, " edge"] = field(default_factory=lambda: np.zeros(0))
    residuals: Float[np.ndarray, " bin"] = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.rmse)

    def rmse_by_cell(self, member: int) -> Float[np.ndarray, "y x"]:
        """RMSE of each cell over windows, leads and components; NaN on land."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.sqrt(self.squared[member] / self.counted[member])


def window_error_steps(
    forecaster: Forecaster,
    windows: Windows,
    *,
    count: int = 200,
    batch: int = 8,
) -> Iterator[tuple[float, WindowErrors]]:
    """(share done, errors so far) after each batch of windows spread over members and time.

    Args:
        windows: ``forecaster.past`` input frames, or more, and as many future frames as leads.
        count: how many windows, at most.

    Raises:
        ValueError: no future frames, or fewer past frames than the forecaster needs.
    """
    if windows.future < 1 or windows.past < forecaster.past:
        raise ValueError(
            f"Expected windows of at least {forecaster.past} past and 1 future frames, got "
            f"{windows.past} and {windows.future}."
        )
    chosen = torch.linspace(0, len(windows) - 1, min(count, len(windows)), dtype=torch.float64)
    indices = chosen.round().long().unique()
    found = WindowErrors()
    shape = (windows.members, *windows.source.shape[-2:])
    found.squared, found.counted = np.zeros(shape), np.zeros(shape)
    for first in range(0, len(indices), batch):
        part = indices[first : first + batch]
        _add(found, forecaster, windows, part)
        yield min(1.0, (first + len(part)) / len(indices)), found


def _add(found: WindowErrors, forecaster: Forecaster, windows: Windows, part: Tensor) -> None:
    """Add a batch of windows to the errors."""
    past, truth, water = windows.batch(part).split(windows.past)
    with torch.no_grad():
        forecast = rollout(forecaster, past[:, windows.past - forecaster.past :], truth.shape[1])
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
    squared = (error.square() * mask).sum((1, 2)).numpy()
    times = 2 * error.shape[1] * mask[:, 0, 0].double().numpy()
    for n, member in enumerate(members):
        found.squared[member] += squared[n]
        found.counted[member] += times[n]
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
    values = error.masked_select(mask.expand_as(error)).numpy()
    if not len(found.bins):
        reach = HISTOGRAM_REACH * float(np.sqrt(np.mean(values**2))) or 1.0
        found.bins = np.linspace(-reach, reach, HISTOGRAM_BINS + 1)
        found.residuals = np.zeros(HISTOGRAM_BINS)
    edges = found.bins
    found.residuals += np.histogram(values.clip(edges[0], edges[-1]), edges)[0]


def distance_to_edge(grid: Grid) -> Float[np.ndarray, "y x"]:
    """Distance of each cell centre to the nearest wall or coast [cells]; inf without any.

    Open edges of a square that was cut out of a larger flow count as walls: there, too, a network
    has to guess what lies beyond.
    """
    water = np.ones(grid.shape, bool) if grid.water is None else grid.water.numpy()
    walls = [(0, 0) if grid.periodic_y else (1, 1), (0, 0) if grid.periodic_x else (1, 1)]
    if water.all() and not any(side for pair in walls for side in pair):
        return np.full(grid.shape, np.inf)
    # A periodic axis is repeated, so that a coast is seen across it.
    tiled = np.tile(water, (3 if grid.periodic_y else 1, 3 if grid.periodic_x else 1))
    distance = distance_transform_edt(np.pad(tiled, walls, constant_values=False)) - 0.5
    top = walls[0][0] + (grid.ny if grid.periodic_y else 0)
    left = walls[1][0] + (grid.nx if grid.periodic_x else 0)
    return distance[top : top + grid.ny, left : left + grid.nx]


def rmse_by_distance(
    errors: WindowErrors, member: int, grid: Grid, width: int = 2
) -> tuple[Float[np.ndarray, " bin"], Float[np.ndarray, " bin"]]:
    """(distance to the edge at the middle of each bin [cells], RMSE there).

    Empty where there is no edge.
    """
    distance = distance_to_edge(grid)
    known = np.isfinite(distance) & (errors.counted[member] > 0)
    if not known.any():
        return np.zeros(0), np.zeros(0)
    place = (distance[known] // width).astype(int)
    squared = np.bincount(place, errors.squared[member][known])
    counted = np.bincount(place, errors.counted[member][known])
    there = counted > 0
    middles = (np.arange(len(counted)) + 0.5) * width
    return middles[there], np.sqrt(squared[there] / counted[there])
