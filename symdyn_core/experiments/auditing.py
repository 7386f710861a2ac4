"""Audit a named model on a named flow: what ``symdyn audit`` does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import xarray as xr
from torch import nn

from symdyn_core.datasets import schema
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.curves import AuditRow, audit, planned
from symdyn_core.equivariance.data_asymmetry import sampling_floor
from symdyn_core.equivariance.error import in_dtype
from symdyn_core.equivariance.generators import all_generators
from symdyn_core.equivariance.layer_lie import layer_lie_derivatives
from symdyn_core.equivariance.layers import layer_errors, lost_at
from symdyn_core.equivariance.lie_derivative import NoForwardMode, lie_rows
from symdyn_core.equivariance.samples import fewer, sample_groups
from symdyn_core.equivariance.time_rescaling import frames_for
from symdyn_core.experiments.audit_facts import data_facts, model_facts
from symdyn_core.models import Forecaster, open_forecaster
from symdyn_core.symmetries import ALL, Symmetry, named

DTYPES = {"float32": torch.float32, "float64": torch.float64}
"""Precisions of an audit."""

LAYER_SAMPLES = 8
"""Windows, at most, for what is measured layer by layer."""

Progress = Callable[..., None]


@dataclass(frozen=True)
class Subject:
    """A forecaster on the windows of a flow, ready to be audited.

    Attributes:
        model, data: their names.
        flow: the flow; ``scale`` is its root mean square velocity.
        forecaster: in the precision ``dtype``.
        windows: with the past frames that the forecaster and its scalings need.
        symmetries: what is measured, in the unit of the data.
        elements, samples: how many.
    """

    model: str
    data: str
    flow: xr.Dataset
    scale: float
    forecaster: Forecaster
    windows: Windows
    dtype: str
    symmetries: tuple[Symmetry, ...]
    elements: int
    samples: int


def open_subject(
    model: str,
    data: str,
    *,
    symmetries: Sequence[str] | None = None,
    elements: int = 9,
    samples: int = 16,
    dtype: str = "float32",
    opening: Mapping[str, Any] | None = None,
    past: int | None = None,
) -> Subject:
    """Open a model and a flow for an audit.

    Networks of this package are measured in the unit of the data at hand (its root mean square)
    and padded as its grid asks; a callable of the user is measured as it is.

    Raises:
        ValueError: an unknown model, symmetry or precision, or unusable data.
    """
    if dtype not in DTYPES:
        raise ValueError(f"Unknown precision {dtype!r}; choose from {', '.join(DTYPES)}.")
    chosen = [named(name) for name in symmetries] if symmetries else list(ALL)
    flow = open_any(data, **(opening or {}))
    scale = schema.rms(flow)
    if not scale > 0:
        raise ValueError(f"The flow in {data} is at rest everywhere; there is nothing to measure.")
    grid = schema.grid_of(flow)
    periodic = (grid.periodic_y, grid.periodic_x)
    forecaster = in_dtype(
        open_forecaster(model, scale=scale, periodic=periodic, past=past, grid=grid),
        DTYPES[dtype],
    )
    units = tuple(symmetry.in_units_of(scale) for symmetry in dict.fromkeys(chosen))
    frames = _past_frames(forecaster, flow, units, elements, samples)
    return Subject(
        model=model,
        data=data,
        flow=flow,
        scale=scale,
        forecaster=forecaster,
        windows=Windows(flow, frames, 0, dtype=DTYPES[dtype]),
        dtype=dtype,
        symmetries=units,
        elements=elements,
        samples=samples,
    )


def _past_frames(forecaster, flow, symmetries, elements: int, samples: int) -> int:
    """The most past frames that an element needs and the flow affords.

    A flow affords them if enough windows of that length remain, or half of those there were.
    """
    plan = planned(symmetries, elements)
    needs = {frames_for(forecaster, symmetry, element) for symmetry, element in plan}
    frames, members = flow.sizes["time"], schema.members_of(flow)
    enough = min(samples / members, (frames - forecaster.past + 1) / 2)
    afforded = [need for need in needs if frames - need + 1 >= max(1, enough)]
    return max([forecaster.past, *afforded])


def audit_model(
    model: str,
    data: str,
    *,
    layers: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> dict:
    """The public report of an audit: model, dataset, dtype, rows, and what else was measured.

    Args:
        layers: whether to look inside: EE and Lie derivative layer by layer.
        progress: called with (done, total).
        **options: of ``open_subject``.

    Raises:
        ValueError: an unknown model, symmetry or precision, or unusable data.
    """
    return audit_subject(open_subject(model, data, **options), layers=layers, progress=progress)


def audit_subject(
    subject: Subject, *, layers: bool = False, progress: Progress | None = None
) -> dict:
    """The public report of an audit; see ``audit_model``."""
    dtype = DTYPES[subject.dtype]
    rows = audit(
        subject.forecaster,
        subject.windows,
        samples=subject.samples,
        symmetries=subject.symmetries,
        elements=subject.elements,
        velocity_unit=subject.scale,
        dtype=dtype,
        progress=progress,
    )
    groups = sample_groups(subject.windows, subject.samples, dtype)
    notes = _notes(rows, subject)
    report = {
        "model": subject.model,
        "dataset": subject.data,
        "dtype": subject.dtype,
        "velocity_unit": subject.scale,
        "rows": [row.to_json() for row in rows],
        "data_asymmetry_floor": sampling_floor(groups),
        "facts": {
            "model": model_facts(subject.model, subject.forecaster),
            "data": data_facts(subject.flow, subject.scale),
        },
        "notes": notes,
    }
    if layers:
        report |= _inside(subject, fewer(groups, LAYER_SAMPLES), notes, progress)
    return report


def _inside(subject: Subject, groups, notes: list[str], progress: Progress | None) -> dict:
    """Layers and Lie derivatives; what a forecaster does not allow is noted instead."""
    forecaster = subject.forecaster
    if not isinstance(forecaster, nn.Module) or not _has_layers(forecaster):
        notes.append("The model is no torch module with layers: it was measured as a whole only.")
    rows = layer_errors(forecaster, groups, subject.symmetries, progress)
    found: dict[str, Any] = {
        "layers": [row.to_json() for row in rows],
        "lost_at": lost_at(rows, DTYPES[subject.dtype]),
        "lie": [],
        "layer_lie": [],
    }
    try:
        whole = lie_rows(forecaster, groups, all_generators(subject.symmetries), progress)
        found["lie"] = [row.to_json() for row in whole]
        if "translation" in {symmetry.name for symmetry in subject.symmetries}:
            inner = layer_lie_derivatives(forecaster, groups, progress)
            found["layer_lie"] = [row.to_json() for row in inner]
    except NoForwardMode as error:
        notes.append(f"No Lie derivative: forward-mode derivatives do not pass ({error}).")
    return found


def _has_layers(forecaster: nn.Module) -> bool:
    function = getattr(forecaster, "function", forecaster)
    return isinstance(function, nn.Module) and next(function.children(), None) is not None


def _notes(rows: Sequence[AuditRow], subject: Subject) -> list[str]:
    """What the reader must know: units, and symmetries that could not be measured."""
    notes = ["Velocities of elements are in root mean squares of the data."]
    if any(row.valid_share < 1 for row in rows):
        notes.append(
            "Cells near unknown ones and near open edges are left out, at most a quarter of the "
            "side: a network that sees farther still feels the edge."
        )
    measured = {row.symmetry for row in rows}
    missing = [s.name for s in subject.symmetries if s.name not in measured]
    if missing:
        notes.append(f"Not measurable on patches of this size: {', '.join(missing)}.")
    plan = planned(subject.symmetries, subject.elements)
    needs = {element: frames_for(subject.forecaster, s, element) for s, element in plan
             if s.name == "scaling"}  # fmt: skip
    short = {f"{a:.3g}": need for a, need in needs.items() if need > subject.windows.past}
    if short:
        listed = ", ".join(f"{factor} ({need})" for factor, need in short.items())
        notes.append(
            f"Too few frames for scalings by factor (past frames needed): {listed}; windows have "
            f"{subject.windows.past}."
        )
    if any(row.symmetry == "scaling" and row.element < 1 for row in rows):  # type: ignore[operator]
        notes.append(
            "Scalings below 1 interpolate between stored frames; for coarsely stored data that "
            "error is part of EE."
        )
    return notes
