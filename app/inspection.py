"""What the page of errors asks for: every window of a flow forecast by a model, and the gauge."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from symdyn_core.experiments.novelty import Gauge, gauge_of, window_features
from symdyn_core.experiments.window_errors import WindowErrors, window_error_steps

from . import catalogue
from .compute import forecaster_for
from .flows import Source, open_source, sources
from .scene import STEPS, Question, Scene

GAUGE_FRAMES = 2
"""Frames of a window that the gauge looks at."""


@dataclass(frozen=True)
class Placement:
    """Where an input lies among the windows of a flow like the training data.

    Attributes:
        share: of those windows that lie nearer to their middle; 1 is outside of all.
        excess: its distance in units of that of the farthest of them.
        feature: what is most unusual about it, in words.
    """

    share: float
    excess: float
    feature: str


def error_steps(
    source: Source, model: str, past: int, leads: int, count: int
) -> Iterator[tuple[float, WindowErrors]]:
    """Errors of a model on windows spread over a flow, those that Explore can show.

    Args:
        past: input frames of the model that wants most, so that all are tested on the same.
    """
    flow = open_source(source)
    forecaster = forecaster_for(catalogue.model(model), flow, 0)
    future = max(leads, min(STEPS, flow.w.shape[1] - past))
    windows = flow.windows(past, future)
    yield 0.0, WindowErrors()
    yield from window_error_steps(forecaster, windows, leads=leads, count=count)


def reference(model: str, source: Source) -> Source:
    """A flow of the kind that a model was trained on; the flow at hand where none is known."""
    family = catalogue.model(model).family
    return next((s for s in sources() if family and s.family == family), source)


def gauge_steps(source: Source) -> Iterator[tuple[float, Gauge]]:
    """The gauge of a flow."""
    yield 1.0, gauge_of(open_source(source).windows(GAUGE_FRAMES))


@torch.no_grad()
def placed(gauge: Gauge, question: Question) -> Placement:
    """Where the transformed input of a question lies.

    Raises:
        ValueError: an input that cannot be transformed, in one line.
    """
    scene = Scene(open_source(question.source), question, GAUGE_FRAMES, GAUGE_FRAMES)
    features = window_features(scene.window[-GAUGE_FRAMES:], scene.moved_grid)
    return Placement(
        gauge.share_nearer(features), gauge.excess(features), gauge.strangest(features)
    )
