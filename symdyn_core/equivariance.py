"""How far a forecaster is from equivariant: the equivariance error and the audit.

    EE_g(f) = || f(g w) - g f(w) || / || g f(w) ||

Norms run over components and valid cells. Where a transformation leaves no cell unknown and
interpolates nothing, that is everywhere; elsewhere cells within the forecaster's reach of an
unknown one, or of an open edge of the domain, are left out, for there the two sides were shown
different flows. The model is measured as deployed, its normalisation included.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.grid import Element, Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.scored_region import scored_region
from symdyn_core.symmetries import ALL, Symmetry


class NothingToMeasure(ValueError):
    """A transformation that leaves no cell on which both sides are known."""


@dataclass(frozen=True)
class AuditRow:
    """Equivariance error of one group element over a number of samples."""

    symmetry: str
    element: Element
    error_median: float
    error_max: float
    error_mean: float
    samples: int
    valid_share: float

    def to_json(self) -> dict:
        """Plain values; elements of several numbers become lists."""
        element = list(self.element) if isinstance(self.element, tuple) else self.element
        return {**self.__dict__, "element": element}


def equivariance_error(
    forecaster: Forecaster,
    symmetry: Symmetry,
    element: Element,
    window: Float[Tensor, "batch past component y x"],
    grid: Grid,
    *,
    margin: int | None = None,
) -> tuple[Float[Tensor, " batch"], float]:
    """EE of one element for each window, and the share of cells it was measured on.

    Args:
        margin: cells left out around unknown ones; by default the forecaster's reach, at most a
            quarter of the shorter side.

    Raises:
        NothingToMeasure: no cell is left to measure on.
    """
    past = forecaster.past
    window = window[:, window.shape[1] - past :]
    transformed, valid_in = symmetry.act_on_field(element, window, grid)
    with torch.no_grad():
        forecast = forecaster(window)
        forecast_of_transformed = forecaster(transformed)
    joined = torch.cat((window, forecast[:, None]), dim=1)
    transformed_forecast, valid_out = symmetry.act_on_field(element, joined, grid, lead=1)
    valid = valid_in.all(dim=0)[0] & valid_out[-1, 0]
    valid = scored_region(
        forecaster,
        valid,
        grid,
        symmetry.act_on_grid(element, grid),
        exact=symmetry.is_exact(element, grid),
        margin=margin,
    )
    if not valid.any():
        raise NothingToMeasure(
            f"No cell is left to measure {symmetry.name} {element!r} on a {grid.ny} x {grid.nx} "
            "grid. Use a larger patch, a smaller transformation or a smaller margin."
        )
    target = transformed_forecast[:, -1]
    difference = forecast_of_transformed - target
    defect, size = _norm(difference, valid), _norm(target, valid)
    # A model that answers rest with rest, both ways round, is not in error.
    return torch.where(defect == 0, 0.0, defect / size), valid.double().mean().item()


def _norm(w: Float[Tensor, "batch component y x"], valid: Bool[Tensor, "y x"]) -> Tensor:
    """Over valid cells, in float64: the squares of weak flows underflow in float32."""
    return w[..., valid].double().flatten(1).norm(dim=1)


def audit(
    forecaster: Forecaster,
    windows: WindowSource,
    *,
    samples: int = 16,
    symmetries: Sequence[Symmetry] = ALL,
    elements: int = 9,
    velocity_unit: float = 1.0,
    dtype: torch.dtype = torch.float32,
    progress: Callable[[int, int], None] | None = None,
) -> list[AuditRow]:
    """Equivariance error along the parameter of each symmetry, on windows of a flow.

    Args:
        windows: where samples are drawn from, evenly over members and time.
        samples: how many windows to measure on.
        elements: about how many elements of each group; the identity is left out.
        velocity_unit: root mean square velocity of the data, the unit of boosts and shifts.
        dtype: precision of the windows; the forecaster must compute in it (``in_dtype``).
        progress: called with (done, total).

    Raises:
        ValueError: windows shorter than the forecaster's past.
    """
    if windows.past < forecaster.past:
        raise ValueError(
            f"The forecaster needs {forecaster.past} past frames, the windows have {windows.past}."
        )
    groups = _samples_by_member(windows, samples, dtype)
    plan = [
        (symmetry.in_units_of(velocity_unit), element)
        for symmetry in symmetries
        for element in dict.fromkeys(symmetry.elements(elements))
        if not _is_neutral(symmetry, element)
    ]
    rows = []
    for done, (symmetry, element) in enumerate(plan):
        measured = _measured(forecaster, symmetry, element, groups)
        if measured:
            rows.append(_row(symmetry, element, measured))
        if progress is not None:
            progress(done + 1, len(plan))
    return rows


def _measured(
    forecaster: Forecaster, symmetry: Symmetry, element: Element, groups: list[tuple[Tensor, Grid]]
) -> list[tuple[Tensor, float]]:
    """Errors of one element group by group, without those that leave nothing to measure."""
    measured = []
    for window, grid in groups:
        try:
            measured.append(equivariance_error(forecaster, symmetry, element, window, grid))
        except NothingToMeasure:
            continue
    return measured


def _samples_by_member(
    windows: WindowSource, samples: int, dtype: torch.dtype
) -> list[tuple[Tensor, Grid]]:
    """Input windows spread evenly over the source, one batch for each member's grid."""
    count = min(samples, len(windows))
    indices = torch.linspace(0, len(windows) - 1, count, dtype=torch.float64).round().long()
    by_member: dict[int, list[int]] = {}
    for index in indices.unique().tolist():
        by_member.setdefault(windows.start_of(index)[0], []).append(index)
    return [
        (windows.batch(chosen).w[:, : windows.past].to(dtype), windows.grids[member])
        for member, chosen in by_member.items()
    ]


def _row(symmetry: Symmetry, element: Element, measured: list[tuple[Tensor, float]]) -> AuditRow:
    errors = torch.cat([errors for errors, _ in measured])
    return AuditRow(
        symmetry=symmetry.name,
        element=element,
        error_median=errors.quantile(0.5).item(),
        error_max=errors.max().item(),
        error_mean=errors.mean().item(),
        samples=errors.numel(),
        valid_share=sum(share for _, share in measured) / len(measured),
    )


def _is_neutral(symmetry: Symmetry, element: Element) -> bool:
    """Whether an element does nothing: the identity, or whole turns."""
    if symmetry.name == "rotation" and isinstance(element, float):
        return element % 360 == 0
    return element == symmetry.identity()


def in_dtype(forecaster: Forecaster, dtype: torch.dtype) -> Forecaster:
    """A copy of a forecaster that computes in another precision; the original is untouched."""
    return copy.deepcopy(forecaster).to(dtype) if isinstance(forecaster, nn.Module) else forecaster
