"""The Lie derivative of a forecaster along a one-parameter group.

    L_X f(w) = d/de [ g_e^-1 f(g_e w) ] at e = 0  =  D f(w) [X w] - X f(w)

zero for an equivariant forecaster, and for no other along a connected group. D f(w) [X w] is one
forward-mode derivative: exact, without a step size, at about twice the cost of a forecast. It is
given relative to || X f(w) ||, where the forecast and its derivatives can be compared. Unlike EE it
needs no finite transformation, hence no interpolation: what it shows is the model alone.
Source: Gruver, Finzi, Goldblum & Wilson, The Lie derivative for measuring learned equivariance
(ICLR 2023).
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.equivariance.bootstrap import median_interval
from symdyn_core.equivariance.error import region_norm
from symdyn_core.equivariance.generators import Generator
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.grid import Grid
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.scored_region import eroded, scored_region

STENCIL_REACH = 2
"""Cells that a finite difference reaches over land or an edge."""


class NoForwardMode(ValueError):
    """A forecaster through which no forward-mode derivative goes."""


@dataclass(frozen=True)
class LieRow:
    """The Lie derivative of a forecaster along one generator, relative to X f(w).

    Attributes:
        lie_median, lie_max: over windows.
        lie_median_low, lie_median_high: 95 % confidence interval of the median (``bootstrap``).
        samples: number of windows.
    """

    symmetry: str
    parameter: str
    lie_median: float
    lie_max: float
    lie_median_low: float
    lie_median_high: float
    samples: int

    def to_json(self) -> dict:
        """Plain values."""
        return dict(self.__dict__)


def lie_derivative(
    forecaster: Forecaster,
    generator: Generator,
    window: Float[Tensor, "batch past component y x"],
    grid: Grid,
) -> tuple[Float[Tensor, "batch component y x"], Float[Tensor, "batch component y x"]]:
    """(L_X f(w), X f(w)), both on every cell.

    Raises:
        NoForwardMode: an operation of the forecaster has no forward-mode derivative.
    """
    tangent = generator.field(window, grid, 0)
    with forward_mode():
        forecast, change = torch.func.jvp(forecaster, (window,), (tangent.clone(),))[:2]
    joined = torch.cat((window, forecast[:, None]), dim=1)
    expected = generator.field(joined, grid, 1)[:, -1]
    return change - expected, expected


@contextmanager
def forward_mode() -> Iterator[None]:
    """Where forward-mode derivatives are taken; what stops them is raised as NoForwardMode."""
    with warnings.catch_warnings(), torch.no_grad():
        # At its first derivative torch compiles rules with a tool that it deprecates itself.
        warnings.filterwarnings("ignore", message=".*torch.jit", category=DeprecationWarning)
        try:
            yield
        except (RuntimeError, ValueError) as error:
            # torch raises a RuntimeError, also where a forecaster leaves it for NumPy; behind
            # ``CallableForecaster`` that is the cause of a ValueError.
            if not any(isinstance(e, RuntimeError) for e in (error, error.__cause__)):
                raise
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise NoForwardMode(reason) from error


def compared_region(
    forecaster: Forecaster, generator: Generator, grid: Grid
) -> Bool[Tensor, "y x"]:
    """Cells on which a Lie derivative means something: away from land and open edges."""
    water = torch.ones(grid.shape, dtype=torch.bool) if grid.water is None else grid.water
    if not generator.differentiates:
        return water
    box = grid
    if not generator.keeps_box or grid.water is not None:
        box = grid.with_(periodic_x=False, periodic_y=False)
    if box.periodic_x and box.periodic_y:
        return water
    known = eroded(water, box, STENCIL_REACH)
    return scored_region(forecaster, known, grid, box, exact=False)


def lie_rows(
    forecaster: Forecaster,
    groups: Sequence[SampleGroup],
    chosen: Sequence[Generator],
    progress: Callable[[int, int], None] | None = None,
) -> list[LieRow]:
    """Relative Lie derivatives along several generators, median over windows.

    Generators that leave no cell to compare have no row.

    Raises:
        NoForwardMode: see ``lie_derivative``.
    """
    rows = []
    for done, generator in enumerate(chosen):
        errors: list[Tensor] = []
        blocks: list[int] = []
        for group in groups:
            region = compared_region(forecaster, generator, group.grid)
            if not region.any():
                continue
            window = group.window[:, group.window.shape[1] - forecaster.past :]
            defect, size = lie_derivative(forecaster, generator, window, group.grid)
            norm = region_norm(defect, region)
            errors.append(torch.where(norm == 0, 0.0, norm / region_norm(size, region)))
            blocks += group.blocks
        if errors:
            rows.append(_row(generator, torch.cat(errors), blocks))
        if progress is not None:
            progress(done + 1, len(chosen))
    return rows


def _row(generator: Generator, errors: Tensor, blocks: Sequence[int]) -> LieRow:
    low, high = median_interval(errors, blocks)
    return LieRow(
        symmetry=generator.symmetry.name,
        parameter=generator.parameter,
        lie_median=errors.quantile(0.5).item(),
        lie_max=errors.max().item(),
        lie_median_low=low,
        lie_median_high=high,
        samples=errors.numel(),
    )
