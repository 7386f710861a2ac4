"""What the page of kernels asks for: the filters of a model, moved by an element, and numbers."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from symdyn_core.equivariance.kernels import FilterLayer, filters, framed, halves, wave_residual
from symdyn_core.equivariance.kernels.constraint import dilated, dilation_residual, some_fields
from symdyn_core.equivariance.kernels.field_types import PlanarElement
from symdyn_core.equivariance.kernels.framed import SPARE, neighbourhood
from symdyn_core.equivariance.kernels.turned import (
    can_dilate,
    coefficients,
    functions,
    spanned_share,
)

from . import catalogue
from .compute import forecaster_for
from .flows import Source, open_source
from .weights import Marked

TURN, DILATION, MOTION, MAGNITUDE = "turn", "dilation", "motion", "magnitude"

MOST_MOTION, MOST_STRENGTH = 2.0, 2.5
"""Ends of the sliders: a velocity in rms of what a layer sees, and a factor."""

SUITED = {"scaling": DILATION, "uniform_motion": MOTION, "magnitude": MAGNITUDE}
"""The action that shows most of a model built for a symmetry; a turn for all others."""


@dataclass(frozen=True)
class Action:
    """A group element: its kind and its numbers.

    Attributes:
        kind: TURN, DILATION, MOTION or MAGNITUDE.
        value: angle [degrees], factor, or velocity to the right [rms of the neighbourhood].
        mirrored: of a turn, whether a mirror comes first.
    """

    kind: str
    value: float
    mirrored: bool = False

    @property
    def element(self) -> PlanarElement:
        return PlanarElement(self.value, self.mirrored)


@dataclass(frozen=True)
class Pick:
    """One filter of a layer: output field and channel, input field and channel."""

    out: int = 0
    out_channel: int = 0
    into: int = 0
    in_channel: int = 0

    def within(self, layer: FilterLayer, kernel: Tensor) -> "Pick":
        """The nearest filter that there is."""
        return Pick(
            min(self.out, kernel.shape[0] - 1), min(self.out_channel, layer.type_out.size - 1),
            min(self.into, kernel.shape[2] - 1), min(self.in_channel, layer.type_in.size - 1),
        )  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """Three pictures of a filter, (ky, kx) for scalars and (2, ky, kx) for vectors.

    Attributes:
        moved, held, difference: what the symmetry makes of the filter, what the network holds in
            its place, and what is between them. Of a framed layer: the neighbourhood that moves,
            the same seen from its frame, and the filter.
        basis: the functions beneath; ``weights`` their coefficients, by component.
        inside: share of the filter that the basis holds.
        limit: largest value of the filter at rest, of vectors their length.
        weight_limit: that coefficients do not pass while it moves.
        frame: mean (u, v) of the neighbourhood or (strength, 0); None for turns and dilations.
        unit: largest value of the neighbourhood at the ends of the slider.
    """

    moved: Tensor
    held: Tensor
    difference: Tensor
    basis: Tensor
    weights: Tensor
    inside: float
    limit: float
    weight_limit: float
    frame: tuple[float, float] | None = None
    unit: float = 1.0


def layers(source: Source, model: str) -> tuple[FilterLayer, ...]:
    """The layers of a model that have filters."""
    return _layers(source, catalogue.marked(model))


@lru_cache(maxsize=16)
def _layers(source: Source, marked: Marked) -> tuple[FilterLayer, ...]:
    return tuple(filters(_forecaster(source, marked[0])))


def _forecaster(source: Source, model: str):
    return forecaster_for(catalogue.model(model), open_source(source), 0)


@lru_cache(maxsize=16)
def kernel(layer: FilterLayer) -> Tensor:
    """All filters of a layer."""
    return layer.kernel()


@lru_cache(maxsize=16)
def _compared(layer: FilterLayer) -> Tensor:
    return some_fields(layer)


@lru_cache(maxsize=16)
def _patch(source: Source, marked: Marked, place: int, member: int, now: int) -> Tensor:
    flow, forecaster = open_source(source), _forecaster(source, marked[0])
    window = flow.w[member, now - forecaster.past + 1 : now + 1][None].float()
    return neighbourhood(forecaster, _layers(source, marked)[place], window)


def counterpart(place: int, own: tuple, other: tuple) -> int:
    """The layer of another model that stands where ``own[place]`` does."""
    paths = [layer.path.rpartition("network.")[2] for layer in other]
    path = own[place].path.rpartition("network.")[2]
    if path in paths:
        return paths.index(path)
    return round(place * (len(other) - 1) / max(1, len(own) - 1))


@dataclass(frozen=True)
class Subject:
    """A layer of a model on a window of a flow."""

    source: Source
    model: str
    place: int
    member: int
    now: int

    @property
    def layer(self) -> FilterLayer:
        return layers(self.source, self.model)[self.place]

    @property
    def patch(self) -> Tensor:
        """What the layer sees where its input varies most."""
        marked = catalogue.marked(self.model)
        return _patch(self.source, marked, self.place, self.member, self.now)

    def residual(self, action: Action) -> float:
        """How far the layer is from following an element; over its filters, or its answers.

        Raises:
            ValueError: an element that the layer's group does not hold, or no velocities.
        """
        if action.kind == TURN:
            return halves(self.layer, action.element, _compared(self.layer)).residual
        if action.kind == DILATION:
            return dilation_residual(self.layer, action.value, _compared(self.layer))
        return framed(self.layer, self.patch, **_framing(action)).residual

    def on_waves(self, action: Action) -> float | None:
        """The same by responses to waves, for turns."""
        if action.kind != TURN:
            return None
        return wave_residual(self.layer, action.element, _compared(self.layer))

    def seen(self, action: Action, pick: Pick) -> Seen:
        """Pictures of one filter under an element; errors as those of ``residual``."""
        layer, whole = self.layer, kernel(self.layer)
        pick = pick.within(layer, whole)
        own = whole[pick.out : pick.out + 1, :, pick.into : pick.into + 1]
        filter_ = _entry(layer, own, pick)
        at_rest = coefficients(filter_, layer.basis)
        sizes = {
            "inside": spanned_share(filter_, layer.basis),
            "limit": _largest(filter_),
            "weight_limit": at_rest.abs().max().item() * 1.5 or 1.0,
        }
        if action.kind == TURN:
            both = halves(layer, action.element, own)
            moved, held = (_entry(layer, side, pick) for side in (both.turned, both.kept))
            weights = coefficients(moved, layer.basis)
            return Seen(moved, held, held - moved, functions(layer.basis), weights, **sizes)
        if action.kind == DILATION:
            moved, held = (_entry(layer, k, pick) for k in dilated(layer, action.value, own))
            factor = action.value if can_dilate(layer.basis) else 1.0
            shapes = functions(layer.basis, factor=factor)
            return Seen(moved, held, held - moved, shapes, at_rest, **sizes)
        found = framed(layer, self.patch, **_framing(action))
        pair = min(pick.into, found.patch.shape[0] - 1)
        basis = functions(layer.basis)
        return Seen(
            found.patch[pair], found.inside[pair], filter_, basis, at_rest, **sizes,
            frame=(found.frame[0].item(), found.frame[1].item()),
            unit=self._room(action.kind),
        )  # fmt: skip

    def _room(self, kind: str) -> float:
        """Largest value of the neighbourhood at the ends of the slider."""
        core = self.patch[:, SPARE:-SPARE, SPARE:-SPARE]
        largest, rms = core.abs().max().item(), self.patch.square().mean().sqrt().item()
        room = largest + MOST_MOTION * rms if kind == MOTION else largest * MOST_STRENGTH
        return room or 1.0


def prepare(subjects: Iterable[Subject], action: Action) -> None:
    """Compute what every element of an action needs, so that a moving slider waits for nothing."""
    for subject in subjects:
        with suppress(ValueError):
            subject.residual(action)


def curve(subject: Subject, kind: str, values: tuple[float, ...], mirrored: bool) -> list[float]:
    """Residuals along the parameter of an action; NaN where there is none."""
    found = []
    for value in values:
        try:
            found.append(subject.residual(Action(kind, value, mirrored)))
        except ValueError:
            found.append(float("nan"))
    return found


def _framing(action: Action) -> dict:
    return {"motion": (action.value, 0.0)} if action.kind == MOTION else {"factor": action.value}


def _largest(filter_: Tensor) -> float:
    """Of vectors the length, so that a turn does not change it."""
    sizes = filter_.norm(dim=0) if filter_.ndim == 3 else filter_.abs()
    return sizes.max().item() or 1.0


def _entry(layer: FilterLayer, own: Tensor, pick: Pick) -> Tensor:
    """One filter as a picture: its input vectors, its output vector, or a scalar."""
    if layer.type_in.kind == "vectors":
        return own[0, pick.out_channel, 0]
    if layer.type_out.kind == "vectors":
        return own[0, :, 0, pick.in_channel]
    return own[0, pick.out_channel, 0, pick.in_channel]
