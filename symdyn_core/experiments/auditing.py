"""Audit a named model on a named flow: what ``symdyn audit`` does."""

from collections.abc import Callable
from typing import Any

from torch import nn

from symdyn_core.equivariance.curves import audit
from symdyn_core.equivariance.data_asymmetry import sampling_floor
from symdyn_core.equivariance.generators import all_generators
from symdyn_core.equivariance.layer_lie import layer_lie_derivatives
from symdyn_core.equivariance.layers import layer_errors, lost_at
from symdyn_core.equivariance.lie_derivative import NoForwardMode, lie_rows
from symdyn_core.equivariance.samples import fewer, sample_groups
from symdyn_core.experiments.audit_facts import data_facts, model_facts
from symdyn_core.experiments.audit_notes import notes_of
from symdyn_core.experiments.subject import DTYPES, Subject, open_subject

LAYER_SAMPLES = 8
"""Windows, at most, for what is measured layer by layer."""

Progress = Callable[..., None]


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
    notes = notes_of(rows, subject, groups)
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
