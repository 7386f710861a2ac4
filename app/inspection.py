"""What the page of errors asks for: every window of a flow forecast by a model, and the gauge."""

from collections.abc import Iterator

import torch

from symdyn_core.experiments.novelty import Gauge, gauge_of, window_features
from symdyn_core.experiments.window_errors import WindowErrors, window_error_steps

from . import catalogue
from .compute import Comparison, forecaster_for
from .flows import Source, open_source, sources

GAUGE_FRAMES = 2
"""Frames of a window that the gauge looks at."""


def error_steps(
    source: Source, model: str, leads: int, count: int
) -> Iterator[tuple[float, WindowErrors]]:
    """Errors of a model on windows spread over a flow."""
    flow = open_source(source)
    forecaster = forecaster_for(catalogue.model(model), flow, 0)
    windows = flow.windows(forecaster.past, leads)
    yield 0.0, WindowErrors()
    yield from window_error_steps(forecaster, windows, count=count)


def reference(model: str, source: Source) -> Source:
    """A flow of the kind that a model was trained on; the flow at hand where none is known."""
    family = catalogue.model(model).family
    return next((s for s in sources() if family and s.family == family), source)


def gauge_steps(source: Source) -> Iterator[tuple[float, Gauge]]:
    """The gauge of a flow."""
    yield 1.0, gauge_of(open_source(source).windows(GAUGE_FRAMES))


@torch.no_grad()
def placed(gauge: Gauge, comparison: Comparison) -> tuple[float, str]:
    """How far outside the gauge's flow the transformed input lies, and its strangest feature.

    The first number is the share of the reference windows that lie nearer to their middle.
    """
    scene = comparison.scene
    features = window_features(scene.window[-GAUGE_FRAMES:], scene.moved_grid)
    return gauge.share_nearer(features), gauge.strangest(features)
