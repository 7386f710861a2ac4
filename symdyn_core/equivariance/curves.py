"""The audit: equivariance errors of a forecaster along the parameter of each symmetry."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.equivariance.bootstrap import median_interval
from symdyn_core.equivariance.data_asymmetry import Statistics, asymmetry, statistics
from symdyn_core.equivariance.error import NothingToMeasure, Sides, sides
from symdyn_core.equivariance.samples import SampleGroup, sample_groups
from symdyn_core.grid import Element
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.symmetries import ALL, Symmetry


@dataclass(frozen=True)
class AuditRow:
    """Equivariance error of one group element over a number of samples.

    Attributes:
        error_median, error_max, error_mean: over samples.
        samples: number of windows.
        valid_share: share of the cells that were compared.
        error_median_low, error_median_high: 95 % confidence interval of the median
            (``bootstrap``); NaN where all samples overlap.
        blocks: number of independent stretches of the flow that the samples come from.
        data_asymmetry: distance of the flow's statistics from those of the transformed flow
            (``data_asymmetry``).
        worst: (member, last input frame) of the window with the largest error.
    """

    symmetry: str
    element: Element
    error_median: float
    error_max: float
    error_mean: float
    samples: int
    valid_share: float
    error_median_low: float = math.nan
    error_median_high: float = math.nan
    blocks: int = 0
    data_asymmetry: float = math.nan
    worst: tuple[int, int] | None = None

    def to_json(self) -> dict:
        """Plain values; elements of several numbers become lists."""
        element = list(self.element) if isinstance(self.element, tuple) else self.element
        return {**self.__dict__, "element": element}


def audit(
    forecaster: Forecaster,
    windows: WindowSource,
    *,
    samples: int = 16,
    symmetries: Sequence[Symmetry] = ALL,
    elements: int = 9,
    velocity_unit: float | int = 1.0,
    dtype: torch.dtype = torch.float32,
    progress: Callable[[int, int], None] | None = None,
) -> list[AuditRow]:
    """Equivariance error along the parameter of each symmetry, on windows of a flow.

    Elements that leave nothing to measure, or need more past frames than the windows have, have
    no row.

    Args:
        windows: where samples are drawn from, evenly over members and time. The scalings by the
            root of a whole number n need about n times the forecaster's past.
        samples: how many windows to measure on.
        elements: about how many elements of each group; the identity is left out.
        velocity_unit: root mean square velocity of the data, the unit of boosts and shifts.
        dtype: precision of the windows; the forecaster must compute in it (``in_dtype``).
        progress: called with (done, total).

    Raises:
        ValueError: windows shorter than the forecaster's past.
    """
    rows = []
    chosen = audit_steps(
        forecaster, windows, samples=samples, symmetries=symmetries, elements=elements,
        velocity_unit=velocity_unit, dtype=dtype,
    )  # fmt: skip
    for done, total, row in chosen:
        if row is not None:
            rows.append(row)
        if progress is not None:
            progress(done, total)
    return rows


def audit_steps(
    forecaster: Forecaster,
    windows: WindowSource,
    *,
    samples: int = 16,
    symmetries: Sequence[Symmetry] = ALL,
    elements: int = 9,
    velocity_unit: float | int = 1.0,
    dtype: torch.dtype = torch.float32,
) -> Iterator[tuple[int, int, AuditRow | None]]:
    """An audit as it goes: (done, total, row) after each element, None where nothing is left.

    Its arguments and errors are those of ``audit``.
    """
    if windows.past < forecaster.past:
        raise ValueError(
            f"The forecaster needs {forecaster.past} past frames, the windows have {windows.past}."
        )
    groups = [_Measured(forecaster, group) for group in sample_groups(windows, samples, dtype)]
    plan = planned([s.in_units_of(velocity_unit) for s in symmetries], elements)
    for done, (symmetry, element) in enumerate(plan, start=1):
        yield done, len(plan), _row(symmetry, element, groups)


def planned(symmetries: Sequence[Symmetry], elements: int) -> list[tuple[Symmetry, Element]]:
    """What an audit measures: about ``elements`` elements of each group, none that does nothing."""
    return [
        (symmetry, element)
        for symmetry in symmetries
        for element in dict.fromkeys(symmetry.elements(elements))
        if not _is_neutral(symmetry, element)
    ]


class _Measured:
    """Samples of one member with what is the same for all elements: forecasts and statistics."""

    def __init__(self, forecaster: Forecaster, group: SampleGroup):
        self.forecaster, self.group = forecaster, group
        self.window = group.window[:, group.window.shape[1] - forecaster.past :]
        with torch.no_grad():
            self.forecast: Tensor = forecaster(self.window)
        self._statistics: Statistics | None = None

    def sides(self, symmetry: Symmetry, element: Element) -> Sides:
        group = self.group
        return sides(
            self.forecaster, symmetry, element, group.window, group.grid, forecast=self.forecast
        )

    def statistics(self, both: Sides) -> tuple[Statistics, Statistics]:
        """Those of the flow and of the transformed flow, over the same cells where that exists."""
        grid = self.group.grid
        theirs = statistics(both.transformed, both.grid, both.known)
        if bool(both.known.all()) or both.known.shape != grid.shape:
            if self._statistics is None:
                self._statistics = statistics(self.window, grid)
            return self._statistics, theirs
        water = both.known if grid.water is None else both.known & grid.water
        return statistics(self.window, grid, water), theirs


def _row(symmetry: Symmetry, element: Element, groups: Sequence[_Measured]) -> AuditRow | None:
    """One row of the audit; None if no group leaves anything to measure."""
    errors: list[Tensor] = []
    blocks: list[int] = []
    shares: list[float] = []
    places: list[tuple[int, int]] = []
    flow: list[Statistics] = []
    moved_flow: list[Statistics] = []
    for measured in groups:
        try:
            both = measured.sides(symmetry, element)
        except NothingToMeasure:
            continue
        errors.append(both.errors())
        blocks += measured.group.blocks
        places += measured.group.places
        shares.append(both.share)
        ours, theirs = measured.statistics(both)
        flow.append(ours)
        moved_flow.append(theirs)
    if not errors:
        return None
    joined = torch.cat(errors)
    low, high = median_interval(joined, blocks)
    return AuditRow(
        symmetry=symmetry.name,
        element=element,
        error_median=joined.quantile(0.5).item(),
        error_max=joined.max().item(),
        error_mean=joined.mean().item(),
        samples=joined.numel(),
        valid_share=sum(shares) / len(shares),
        error_median_low=low,
        error_median_high=high,
        blocks=len(set(blocks)),
        data_asymmetry=asymmetry(_pooled(flow), _pooled(moved_flow)),
        worst=places[int(joined.argmax())] if places else None,
    )


def _pooled(parts: Sequence[Statistics]) -> Statistics:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _is_neutral(symmetry: Symmetry, element: Element) -> bool:
    """Whether an element does nothing: the identity, or whole turns."""
    if symmetry.name == "rotation" and isinstance(element, float):
        return element % 360 == 0
    return element == symmetry.identity()
