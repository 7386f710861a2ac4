"""Scalars that a flow carries beside its velocities: temperature, buoyancy, pressure, dye.

A scalar is a floating-point variable on the same members, times and cells as the velocities. It is
kept in stores, told in reports and handed out in batches where it is asked for; no forecaster needs
it, and how a symmetry changes it is not told.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.frames import block_length, water_of


def scalars_of(flow: xr.Dataset) -> tuple[str, ...]:
    """Names of the scalars of a flow, in its own order."""
    u = flow["u"]
    return tuple(
        str(name)
        for name, variable in flow.data_vars.items()
        if name not in ("u", "v", "water")
        and variable.dims == u.dims
        and np.issubdtype(variable.dtype, np.floating)
    )


def check_scalars(flow: xr.Dataset, names: Sequence[str]) -> None:
    """Refuse names of scalars that a flow lacks, and names given twice.

    Raises:
        ValueError: which ones, and what there is.
    """
    held = scalars_of(flow)
    missing = [name for name in names if name not in held]
    if missing or len(set(names)) != len(names):
        raise ValueError(
            f"Expected scalars of this flow, each once, got {tuple(names)}. It holds "
            f"{', '.join(held) or 'none'}."
        )


@dataclass(frozen=True)
class ScalarMoments:
    """A scalar in numbers, over water, all members and times."""

    minimum: float
    maximum: float
    mean: float
    std: float


def scalar_moments(flow: xr.Dataset, name: str) -> ScalarMoments | None:
    """Extremes, mean and standard deviation of a scalar; None where no value is finite.

    Values are read once, some frames of a member at a time; deviations are summed about running
    means, as sums of squares of large means would cancel (Chan, Golub & LeVeque 1983, Am. Stat.
    37, 242, Eq. 2.1).
    """
    low, high, count, mean, deviation = math.inf, -math.inf, 0, 0.0, 0.0
    for values in _finite_values(flow, name):
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        step, total = float(values.mean()) - mean, count + values.size
        deviation += float(values.var()) * values.size + step**2 * count * values.size / total
        mean += step * values.size / total
        count = total
    if not count:
        return None
    return ScalarMoments(low, high, mean, math.sqrt(deviation / count))


def _finite_values(flow: xr.Dataset, name: str) -> Iterator[np.ndarray]:
    """Values over water as float64, a block at a time; blocks without any are left out."""
    water, frames = water_of(flow), block_length(flow)
    for member in range(schema.members_of(flow)):
        scalar = flow[name]
        scalar = scalar.isel(member=member) if "member" in scalar.dims else scalar
        for start in range(0, flow.sizes["time"], frames):
            block = scalar.isel(time=slice(start, start + frames)).values.astype(np.float64)
            values = block if water is None else block[:, water[member].numpy()]
            values = values[np.isfinite(values)]
            if values.size:
                yield values
