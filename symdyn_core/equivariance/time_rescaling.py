"""Scaling of a flow whose forecaster has a fixed time step: one step becomes a^2 steps.

T_a: w -> a w(a x, a^2 t). Be n = a^2, or 1 / a^2 for a < 1, a whole number. A forecast of the
rescaled flow one step ahead is then one of the flow n steps ahead, and the other way round:

    a = sqrt(n):      f(T_a w)  against  T_a [f^n(w)],   T_a w made of every n-th stored frame
    a = 1 / sqrt(n):  f^n(T_a w)  against  T_a [f(w)],   T_a w at 1 / n of the time step

f^n, the forecast n steps ahead, is ``models.ahead``: the same network read at the scale sqrt(n)
where it has levels of scale, else n steps of its rollout. In the first line nothing is interpolated
in time. In the second one frames lie between stored ones and are interpolated (a polynomial of
degree 5 through the nearest six), unless the network at that scale reads every n-th only; the
error of that interpolation, large where data are stored coarsely, is a part of EE. In space fields
are resampled about the centre. A rescaled periodic flow repeats over the box for whole a only, so
that for other factors the open edges of the transformed flow are left out.

Other factors compare one step with one step: T_a f(w) is interpolated between the stored frames and
the forecast, which for a > 1 lies beyond all of them and cannot be measured.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.models.ahead import ahead, frames_needed
from symdyn_core.models.forecaster import Forecaster
from symdyn_core.resampling import TOLERANCE, lagrange_matrix
from symdyn_core.symmetries import Scaling, Symmetry
from symdyn_core.symmetries.symmetry import number


class TooFewFrames(ValueError):
    """A window without the frames that a rescaled one is made of."""


def steps_of(symmetry: Symmetry, element: Element) -> int | None:
    """n, if the element is a scaling by the root of a whole number n > 1 or of 1 / n; else None."""
    if not isinstance(symmetry, Scaling) or isinstance(element, tuple):
        return None
    squared = max(element, 1 / element) ** 2
    n = round(squared)
    return n if n > 1 and abs(squared - n) < TOLERANCE * n else None


def frames_for(forecaster: Forecaster, symmetry: Symmetry, element: Element) -> int:
    """Past frames that one element of a symmetry needs."""
    n = steps_of(symmetry, element)
    if n is None:
        return forecaster.past
    needed = frames_needed(forecaster, n)
    if _enlarges(element):
        return max(forecaster.past, math.ceil((needed - 1) / n) + 1)
    return max(needed, n * (forecaster.past - 1) + 1)


def cells_of_reach(element: Element, reach: int) -> int:
    """Cells of the transformed grid over which an edge is felt, after all steps of both sides."""
    factor = number(element, "scaling")
    return math.ceil(reach * (1 / factor**2 if _enlarges(element) else factor))


def rescaled_sides(
    forecaster: Forecaster,
    symmetry: Symmetry,
    element: Element,
    window: Float[Tensor, "batch time component y x"],
    grid: Grid,
    forecast: Float[Tensor, "batch component y x"] | None = None,
) -> tuple[Tensor, Tensor, Tensor, Bool[Tensor, "y x"]]:
    """(T_a w, forecast of it, transformed forecast, where known) for a root of a whole number.

    Raises:
        TooFewFrames: a window shorter than ``frames_for``.
    """
    n = steps_of(symmetry, element)
    assert n is not None
    needed = frames_for(forecaster, symmetry, element)
    if window.shape[1] < needed:
        raise TooFewFrames(
            f"Scaling by {element:.4g} compares a step with {n} steps and needs {needed} past "
            f"frames, got {window.shape[1]}. Use a longer flow."
        )
    past, frames = forecaster.past, window.shape[1]
    if _enlarges(element):
        chosen = respaced(window, 1 / n, frames_needed(forecaster, n))
        if forecast is None:
            forecast = forecaster(window[:, frames - past :])
        expected = forecast
    else:
        chosen = respaced(window, n, past)
        expected = ahead(forecaster, window, n)
    transformed, known = zoomed(symmetry, element, chosen, grid)
    expected, _ = zoomed(symmetry, element, expected[:, None], grid)
    answer = ahead(forecaster, transformed, n if _enlarges(element) else 1)
    return transformed[:, -past:], answer, expected[:, 0], known


def _enlarges(element: Element) -> bool:
    """Whether structures grow and the flow slows down."""
    return number(element, "scaling") < 1


def respaced(
    window: Float[Tensor, "*batch time component y x"], spacing: float | int, count: int
) -> Float[Tensor, "*batch count component y x"]:
    """The last ``count`` frames that lie ``spacing`` time steps apart, up to now.

    Frames between stored ones are interpolated as in ``resampling``; stored ones stay as stored.
    """
    frames = window.shape[-4]
    places = frames - 1 + spacing * torch.arange(1 - count, 1, dtype=torch.float64)
    matrix = lagrange_matrix(places.clamp(0, frames - 1), frames).to(window)
    return torch.einsum("nt,...tcyx->...ncyx", matrix, window)


def zoomed(
    symmetry: Symmetry,
    element: Element,
    w: Float[Tensor, "*batch time component y x"],
    grid: Grid,
) -> tuple[Float[Tensor, "*batch time component y x"], Bool[Tensor, "y x"]]:
    """a w(a x) of every frame by itself, not rescaled in time; and where it is known."""
    moved, known = symmetry.act_on_field(element, w.unsqueeze(-4), grid)
    return moved.squeeze(-4), known[0, 0]
