"""A model on a flow, opened for an audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.curves import planned
from symdyn_core.equivariance.error import in_dtype
from symdyn_core.equivariance.time_rescaling import frames_for
from symdyn_core.models import Forecaster, open_forecaster
from symdyn_core.symmetries import ALL, Symmetry, named

DTYPES = {"float32": torch.float32, "float64": torch.float64}
"""Precisions of an audit."""


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
    flow = open_any(data, scalars=False, **(opening or {}))
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
    frames = past_frames(forecaster, flow, units, elements, samples)
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


def past_frames(
    forecaster: Forecaster,
    flow: xr.Dataset,
    symmetries: Sequence[Symmetry],
    elements: int,
    samples: int,
) -> int:
    """The most past frames that an element needs and the flow affords.

    A flow affords them if enough windows of that length remain, or half of those there were.
    """
    plan = planned(symmetries, elements)
    needs = {frames_for(forecaster, symmetry, element) for symmetry, element in plan}
    frames, members = flow.sizes["time"], schema.members_of(flow)
    enough = min(samples / members, (frames - forecaster.past + 1) / 2)
    afforded = [need for need in needs if frames - need + 1 >= max(1, enough)]
    return max([forecaster.past, *afforded])
