"""What the page of audits asks for: errors along a symmetry, and layer by layer, bit by bit."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.curves import AuditRow, audit_steps
from symdyn_core.equivariance.generators import all_generators
from symdyn_core.equivariance.layer_lie import LayerLieRow, layer_lie_derivatives
from symdyn_core.equivariance.layers import LayerRow, layer_errors, lost_at
from symdyn_core.equivariance.lie_derivative import LieRow, NoForwardMode, lie_rows
from symdyn_core.equivariance.samples import sample_groups
from symdyn_core.experiments.subject import past_frames
from symdyn_core.models import Forecaster
from symdyn_core.symmetries import ALL, Symmetry

from . import catalogue, elements
from .compute import forecaster_for
from .flows import Flow, Source, open_source

ELEMENTS = {"rotation": 25, "reflection": 17}
"""Elements of a curve: every 15 degrees; nine of the others."""

LAYER_SAMPLES = 4
"""Windows for what is measured layer by layer."""


@dataclass(frozen=True)
class Curve:
    """Equivariance errors of one model along one symmetry, as far as they are known.

    Attributes:
        rows: one for each element.
        floor: by element, the relative change of the flow by moving it there and back: the error
            that interpolation alone makes, which no model is to blame for.
    """

    rows: tuple[AuditRow, ...] = ()
    floor: tuple[float, ...] = ()


@dataclass(frozen=True)
class Inside:
    """Where a model loses symmetries.

    Attributes:
        layers: equivariance errors of the features of every layer.
        lost_at: the first layer that does not carry a symmetry, by symmetry.
        lie: Lie derivative of the whole forecaster by generator; ``layer_lie`` of every layer.
        note: why something was not measured; "" where all was.
    """

    layers: tuple[LayerRow, ...] = ()
    lost_at: dict[str, str | None] | None = None
    lie: tuple[LieRow, ...] = ()
    layer_lie: tuple[LayerLieRow, ...] = ()
    note: str = ""


def curve_steps(
    source: Source, model: str, name: str, samples: int
) -> Iterator[tuple[float, Curve]]:
    """Errors of a model along a symmetry, element by element."""
    flow = open_source(source)
    symmetry = elements.named(name).in_units_of(flow.rms)
    forecaster = forecaster_for(catalogue.model(model), flow, 0)
    count = ELEMENTS.get(name, 9)
    past = past_frames(forecaster, flow.squares, [symmetry], count, samples)
    windows = flow.windows(past)
    curve = Curve()
    steps = audit_steps(
        forecaster, windows, samples=samples, symmetries=[symmetry], elements=count,
        velocity_unit=flow.rms,
    )  # fmt: skip
    for done, total, row in steps:
        if row is not None:
            floor = _floor(flow, symmetry, row)
            curve = Curve((*curve.rows, row), (*curve.floor, floor))
        yield done / total, curve


def _floor(flow: Flow, symmetry: Symmetry, row: AuditRow) -> float:
    member, now = row.worst or (0, 0)
    chain, grid = Chain((Link(symmetry, row.element),)), flow.grids[member]
    w = flow.w[member, now : now + 1]
    there, _ = chain.window(w, 1, grid)
    back, known = chain.inverse.window(there, 1, chain.act_on_grid(grid))
    size = w[..., known].norm().item()
    return (back - w)[..., known].norm().item() / size if size else 0.0


@torch.no_grad()
def inside_steps(source: Source, model: str) -> Iterator[tuple[float, Inside]]:
    """Errors layer by layer and Lie derivatives of a model."""
    flow = open_source(source)
    symmetries = [symmetry.in_units_of(flow.rms) for symmetry in ALL]
    forecaster = forecaster_for(catalogue.model(model), flow, 0)
    groups = sample_groups(flow.windows(forecaster.past), LAYER_SAMPLES, torch.float32)
    yield 0.05, Inside()
    layers = tuple(layer_errors(forecaster, groups, symmetries))
    if not layers:
        yield 1.0, Inside()
        return
    found = Inside(layers, lost_at(layers, torch.float32))
    yield 0.6, found
    yield 1.0, _with_derivatives(found, forecaster, groups, symmetries)


def _with_derivatives(found: Inside, forecaster: Forecaster, groups, symmetries) -> Inside:
    try:
        lie = tuple(lie_rows(forecaster, groups, all_generators(symmetries)))
        layer_lie = tuple(layer_lie_derivatives(forecaster, groups))
    except NoForwardMode as error:
        note = f"No Lie derivatives: forward-mode derivatives do not pass ({error})."
        return Inside(found.layers, found.lost_at, note=note)
    return Inside(found.layers, found.lost_at, lie, layer_lie)
