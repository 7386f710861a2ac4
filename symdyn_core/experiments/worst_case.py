"""The window and the element for which a model is farthest from equivariant, to look at."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from symdyn_core.equivariance.error import NothingToMeasure, sides
from symdyn_core.equivariance.samples import sample_groups
from symdyn_core.experiments.subject import DTYPES, Subject
from symdyn_core.grid import Element
from symdyn_core.symmetries import Symmetry


@dataclass(frozen=True)
class WorstCase:
    """Both sides of f(g w) = g f(w) on one window; NaN where they are not compared.

    Attributes:
        symmetry, element: g.
        error: EE of this window.
        flow: w now; ``transformed``: g w now.
        forecast: f(g w); ``expected``: g f(w); ``difference``: of the two.
    """

    symmetry: Symmetry
    element: Element
    error: float
    flow: Float[np.ndarray, "component=2 y x"]
    transformed: Float[np.ndarray, "component=2 new_y new_x"]
    forecast: Float[np.ndarray, "component=2 new_y new_x"]
    expected: Float[np.ndarray, "component=2 new_y new_x"]
    difference: Float[np.ndarray, "component=2 new_y new_x"]


def worst_case(subject: Subject, report: dict) -> WorstCase | None:
    """The worst window of the element with the largest median error; None without any row."""
    if not report["rows"]:
        return None
    worst = max(report["rows"], key=lambda row: row["error_median"])
    symmetry = next(s for s in subject.symmetries if s.name == worst["symmetry"])
    element = worst["element"]
    element = tuple(element) if isinstance(element, list) else element
    return pictured(subject, symmetry, element)


def pictured(subject: Subject, symmetry: Symmetry, element: Element) -> WorstCase | None:
    """The window with the largest error under one element; None where nothing can be measured."""
    found: WorstCase | None = None
    for group in sample_groups(subject.windows, subject.samples, DTYPES[subject.dtype]):
        try:
            both = sides(subject.forecaster, symmetry, element, group.window, group.grid)
        except NothingToMeasure:
            continue
        errors = both.errors()
        n = int(errors.argmax())
        if found is not None and found.error >= errors[n].item():
            continue
        water = group.grid.water
        found = WorstCase(
            symmetry=symmetry,
            element=element,
            error=errors[n].item(),
            flow=_masked(group.window[n, -1], water),
            transformed=_masked(both.transformed[n, -1], both.known),
            forecast=_masked(both.forecast[n], both.known),
            expected=_masked(both.expected[n], both.known),
            difference=_masked(both.forecast[n] - both.expected[n], both.scored),
        )
    return found


def _masked(w: torch.Tensor, known: torch.Tensor | None) -> np.ndarray:
    values = w.double() if known is None else torch.where(known, w.double(), torch.nan)
    return values.cpu().numpy()
