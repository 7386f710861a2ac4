"""What the reader of an audit must know besides its figures."""

from collections.abc import Sequence

import torch

from symdyn_core.equivariance.curves import AuditRow, planned
from symdyn_core.equivariance.samples import SampleGroup
from symdyn_core.equivariance.time_rescaling import frames_for
from symdyn_core.experiments.subject import Subject

REPEATED = 1e-5
"""Relative difference of two answers that the order of floating-point sums explains."""


def notes_of(
    rows: Sequence[AuditRow], subject: Subject, groups: Sequence[SampleGroup]
) -> list[str]:
    """What the reader must know: units, and symmetries that could not be measured."""
    notes = ["Velocities of elements are in root mean squares of the data."]
    if any(row.valid_share < 1 for row in rows):
        notes.append(
            "Cells near unknown ones and near open edges are left out, at most a quarter of the "
            "side: a network that sees farther still feels the edge."
        )
    difference = _difference_of_answers(subject, groups[0])
    if difference > REPEATED:
        notes.append(
            "The model answers one and the same window differently from call to call (relative "
            f"difference {difference:.1e}): that randomness is part of every error here."
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


def _difference_of_answers(subject: Subject, group: SampleGroup) -> float:
    """Relative difference of two forecasts of the same window."""
    window = group.window[:1, group.window.shape[1] - subject.forecaster.past :]
    with torch.no_grad():
        first, second = (subject.forecaster(window) for _ in range(2))
    size = first.norm().item()
    return (first - second).norm().item() / size if size > 0 else 0.0
