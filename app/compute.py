"""One comparison: two models forecast a transformed window, step by step.

Everything here is symdyn_core applied in order; results are kept, so that what several sessions or
several settings share is computed once.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core import metrics
from symdyn_core.grid import Grid
from symdyn_core.models import Forecaster

from . import catalogue
from .cache import BoundedCache
from .flows import Flow, open_source
from .model import Model
from .rollouts import Rollout, frames_needed
from .scene import Question, Scene
from .scoring import equivariance_error
from .weights import Marked

SAME_STRENGTH = (0.8, 1.25)
"""Ratio of the strengths of two flows under which the scale of the training data is kept."""

RESULTS = BoundedCache(256 * 2**20)
"""What was computed last, for all sessions."""


@dataclass(frozen=True)
class Scores:
    """Errors of one model at each lead so far, and over all of them.

    Attributes:
        rmse: by lead [velocity]; ``rmse_pooled`` over all leads.
        equivariance: equivariance error by lead; ``equivariance_pooled`` with one norm over all.
        compared: by lead, the share of the cells that the equivariance error counts.
    """

    rmse: tuple[float, ...]
    rmse_pooled: float
    equivariance: tuple[float, ...]
    equivariance_pooled: float
    compared: tuple[float, ...]


class Answer:
    """What one model makes of a scene: f(g w), g f(w) and g⁻¹ f(g w)."""

    def __init__(self, scene: Scene, recorded: Rollout, moved: Rollout):
        self.scene, self.recorded, self.moved = scene, recorded, moved
        self._expected: dict[int, tuple[Tensor, Tensor]] = {}
        self._regions: dict[int, Bool[Tensor, "y x"]] = {}
        self._scores: dict[int, Scores] = {}

    @property
    def nbytes(self) -> int:
        """Memory of the forecast of the moved window and of the moved forecast."""
        return 2 * self.moved.nbytes

    def forecast(self, lead: int) -> Float[Tensor, "component y x"]:
        """f(g w), ``lead`` steps ahead."""
        return self.moved.up_to(lead)[-1]

    def expected(self, lead: int) -> tuple[Float[Tensor, "component y x"], Bool[Tensor, "y x"]]:
        """g f(w): what an equivariant model forecasts; and where it is known."""
        if lead not in self._expected:
            self._expected[lead] = self.scene.act(self.recorded.up_to(lead), lead)
        return self._expected[lead]

    def stabilised(self, lead: int) -> tuple[Float[Tensor, "component y x"], Bool[Tensor, "y x"]]:
        """g⁻¹ f(g w), which does not depend on g for an equivariant model."""
        return self.scene.undo(self.moved.up_to(lead), lead)

    def scores(self, leads: int) -> Scores:
        """Errors of leads 1 to ``leads``."""
        if leads not in self._scores:
            self._scores[leads] = self._scored(leads)
        return self._scores[leads]

    def _scored(self, leads: int) -> Scores:
        scene, n = self.scene, range(1, leads + 1)
        truth, valid = zip(*(scene.truth(lead) for lead in n), strict=True)
        expected, known = zip(*(self.expected(lead) for lead in n), strict=True)
        forecasts, water = self.moved.up_to(leads), torch.stack(valid)[None, :, None]
        truths = torch.stack(truth)[None]
        regions = [self._region(lead, mask) for lead, mask in zip(n, known, strict=True)]
        targets = torch.stack(expected)
        return Scores(
            rmse=tuple(metrics.rmse_by_lead(forecasts[None], truths, water).tolist()),
            rmse_pooled=_or_nan(metrics.rmse(forecasts[None], truths, water), water),
            equivariance=tuple(
                equivariance_error(forecasts[i : i + 1], targets[i : i + 1], regions[i : i + 1])
                for i in range(leads)
            ),
            equivariance_pooled=equivariance_error(forecasts, targets, regions),
            compared=tuple(region.double().mean().item() for region in regions),
        )

    def _region(self, lead: int, known: Bool[Tensor, "y x"]) -> Bool[Tensor, "y x"]:
        """The cells that the equivariance error of a lead counts."""
        if lead not in self._regions:
            scene = self.scene
            self._regions[lead] = scene.chain.compared(
                self.moved.forecaster, scene.known & known, scene.grid
            )
        return self._regions[lead]


def _or_nan(value: float, water: Tensor) -> float:
    return value if bool(water.any()) else math.nan


@dataclass(frozen=True)
class Comparison:
    """Two models on one scene.

    Attributes:
        marked: names of A and B with the marks of the weights that forecast here.
        parts: what it is made of, as ``RESULTS`` names it.
    """

    question: Question
    marked: tuple[Marked, Marked]
    flow: Flow
    scene: Scene
    a: Answer
    b: Answer
    parts: tuple[Hashable, ...] = ()

    @property
    def current(self) -> bool:
        """Whether both models still have these weights: a run may train on meanwhile."""
        return all(marked == catalogue.marked(marked[0]) for marked in self.marked)

    @property
    def steps(self) -> int:
        """Leads that can be compared."""
        return self.scene.steps

    @property
    def leads(self) -> int:
        """Leads forecast so far by both models."""
        return min(self.steps, self.a.moved.leads, self.b.moved.leads)


def compare(question: Question) -> Comparison:
    """The comparison that answers a question; nothing is forecast yet.

    Raises:
        ValueError: data or models that do not serve, in one line.
    """
    flow = open_source(question.source)
    # Before they are loaded: should weights change in between, nothing is kept under a later mark.
    marked = catalogue.marked(question.model_a), catalogue.marked(question.model_b)
    forecasters = [
        forecaster_for(catalogue.model(name), flow, question.member) for name, _ in marked
    ]
    pace = question.pace
    recorded = max(frames_needed(forecaster, pace.recorded) for forecaster in forecasters)
    moved = max(frames_needed(forecaster, pace.moved) for forecaster in forecasters)
    place = (*question.moved, recorded, moved)
    scene = RESULTS.get(place, lambda: Scene(flow, question, recorded, moved))
    a, b = (
        _answer(question, scene, name, forecaster)
        for name, forecaster in zip(marked, forecasters, strict=True)
    )
    parts = place, *(part for name in marked for part in _parts(question, name))
    return Comparison(question, marked, flow, scene, a, b, parts)


def forecaster_for(model: Model, flow: Flow, member: int) -> Forecaster:
    grid = flow.grids[member]
    return catalogue.load(model.name, scale_for(model, flow), _periodic(grid), grid)


def _answer(question: Question, scene: Scene, marked: Marked, forecaster: Forecaster) -> Answer:
    """The part of one model, from rollouts that other elements and partners may share."""

    def rolled(window: Tensor, steps: int) -> Rollout:
        return Rollout(forecaster, window[-frames_needed(forecaster, steps) :], steps)

    pace, (upright, turned) = scene.pace, _parts(question, marked)
    recorded = RESULTS.get(upright, lambda: rolled(scene.history, pace.recorded))
    return RESULTS.get(turned, lambda: Answer(scene, recorded, rolled(scene.window, pace.moved)))


def _parts(question: Question, marked: Marked) -> tuple[Hashable, Hashable]:
    """What ``RESULTS`` calls the rollout of a model from the window as recorded, and its answer."""
    return (*question.place, marked, question.pace.recorded), (*question.moved, marked)


def scale_for(model: Model, flow: Flow) -> float | None:
    """The velocity unit for a flow of another strength than the training data, else None."""
    if model.scale is None:
        return None
    low, high = SAME_STRENGTH
    return None if low <= flow.rms / model.scale <= high else flow.rms


def _periodic(grid: Grid) -> tuple[bool, bool] | None:
    """Padding along (y, x); None, as in training, unless both axes repeat.

    Where only one does, a quarter turn would call for another padding.
    """
    return (True, True) if grid.periodic_y and grid.periodic_x else None
