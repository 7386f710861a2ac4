"""Audit a named model on a named flow: what ``symdyn audit`` does."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from symdyn_core.datasets import schema
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance import audit, in_dtype
from symdyn_core.models import open_forecaster
from symdyn_core.symmetries import ALL, named

DTYPES = {"float32": torch.float32, "float64": torch.float64}
"""Precisions of an audit."""


def audit_model(
    model: str,
    data: str,
    *,
    symmetries: Sequence[str] | None = None,
    elements: int = 9,
    samples: int = 16,
    dtype: str = "float32",
    opening: Mapping[str, Any] | None = None,
    past: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict:
    """The public report of an audit: model, dataset, dtype, rows.

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
    forecaster = in_dtype(
        open_forecaster(
            model,
            scale=scale,
            periodic=(grid.periodic_y, grid.periodic_x),
            past=past,
            grid=grid,
        ),
        DTYPES[dtype],
    )
    windows = Windows(flow, forecaster.past, 0, dtype=DTYPES[dtype])
    rows = audit(
        forecaster,
        windows,
        samples=samples,
        symmetries=chosen,
        elements=elements,
        velocity_unit=scale,
        dtype=DTYPES[dtype],
        progress=progress,
    )
    return {
        "model": model,
        "dataset": data,
        "dtype": dtype,
        "velocity_unit": scale,
        "rows": [row.to_json() for row in rows],
        "notes": _notes(rows, chosen),
    }


def _notes(rows, chosen) -> list[str]:
    """What the reader must know: units, and symmetries that could not be measured."""
    notes = ["Velocities of elements are in root mean squares of the data."]
    if any(row.valid_share < 1 for row in rows):
        notes.append(
            "Cells near unknown ones and near open edges are left out, at most a quarter of the "
            "side: a network that sees farther still feels the edge."
        )
    measured = {row.symmetry for row in rows}
    missing = [symmetry.name for symmetry in chosen if symmetry.name not in measured]
    if missing:
        notes.append(f"Not measurable on patches of this size: {', '.join(missing)}.")
    return notes
