"""Statistics of a flow of any size, in one pass over its values, by Dask.

A flow is cut into blocks: runs of frames of one member, of whole fields or, where the archive has
chunks that are smaller, of bands of rows. Each block is read once and reduced to a few numbers and
a mean field; blocks of a band are merged in a fixed tree, so that the result does not depend, to
the last bit, on the number of threads, processes or machines. No more of the archive is in memory
than the blocks at work and a few mean fields; each thread has one block at a time. Deviations are
summed about running means: sums of squares of large means would cancel. Source: Chan, Golub &
LeVeque (1983), Am. Stat. 37, 242, Eq. 2.1.
"""

from dataclasses import dataclass

import dask
import numpy as np
import xarray as xr
from torch import Tensor

from symdyn_core.datasets import schema
from symdyn_core.datasets.frames import block_length, chunk_length, read_block, water_of
from symdyn_core.freed_memory import hand_back

LEADS = (1, 2, 5)
"""Lead times [frames] at which the error of persistence is measured."""

STATISTICS_BYTES = 2**25
"""Velocities of one block [bytes]; each thread works on one at a time."""

LARGE = 2**29
"""Flows of more bytes leave much memory behind that was freed and kept."""


@dataclass(frozen=True)
class Moments:
    """What a run of frames of one member is reduced to. Components are u, v.

    Attributes:
        frames: number of frames.
        mean: time mean at each cell, ``[component, y, x]``, float64, 0 on land.
        deviation: sum over the frames of the squared deviations from it, ``[component, y, x]``.
        smallest, largest: extremes over water, by component.
        first, last: frames at both ends, for differences that reach into the next block.
        steps: sum of |w(t + n) - w(t)|² over pairs of frames within, for each lead n.
    """

    frames: int
    mean: np.ndarray
    deviation: np.ndarray
    smallest: np.ndarray
    largest: np.ndarray
    first: np.ndarray
    last: np.ndarray
    steps: np.ndarray


def flow_statistics(
    flow: xr.Dataset, leads: tuple[int, ...] = LEADS, *, block_bytes: int = STATISTICS_BYTES
) -> xr.Dataset:
    """Moments, extremes and persistence errors of the velocities, over water.

    The flow may be in memory, left on disk (``open_flow(path, lazy=True)``) or backed by Dask.
    Work is done by whatever Dask scheduler is active: threads, or the workers of a cluster that
    can open the same files.

    Args:
        flow: a valid flow.
        leads: lead times [frames]; those beyond the flow are left out.
        block_bytes: velocities that are read at once.

    Returns:
        by ``component``: ``mean``, ``std`` (about it), ``minimum``, ``maximum``; by ``lead``:
        ``persistence`` = √⟨|w(t + n) - w(t)|² / 2⟩; ``rms`` = √⟨(u² + v²) / 2⟩ as in
        ``schema.rms``; ``anomaly``, the same of the deviations from the time mean at each cell;
        ``time_mean`` ``[member, component, y, x]``, the mean flow, and ``time_std``, the standard
        deviation about it (NaN on land); and ``numbers``, values per component.

    Raises:
        ValueError: missing values on water, or a lead below 1.
    """
    if any(lead < 1 for lead in leads):
        raise ValueError(f"Expected lead times of at least one frame, got {leads}.")
    frames = flow.sizes["time"]
    kept = tuple(lead for lead in leads if lead < frames)
    # Differences reach into the next block only, which is at least as long as they are.
    length = max(block_length(flow, block_bytes), *kept, 1)
    water = water_of(flow)
    lands = [None if water is None else water[n] for n in range(schema.members_of(flow))]
    bands = _bands(flow, length, block_bytes)
    trees = [
        [_band(flow, member, rows, length, land, kept) for rows in bands]
        for member, land in enumerate(lands)
    ]
    # Dask returns the moments in the order of the members, wherever they were computed.
    members = [_stacked(found) for found in dask.compute(*trees)]
    if flow.nbytes > LARGE:
        hand_back()
    return _labelled(members, lands, kept)


def _bands(flow: xr.Dataset, length: int, size: int) -> list[slice]:
    """Rows that are read together: whole chunks of the archive, about ``size`` bytes."""
    ny = flow.sizes["y"]
    chunk = chunk_length(flow, "y")
    row = length * 2 * flow.sizes["x"] * flow["u"].dtype.itemsize
    rows = max(1, size // (row * chunk)) * chunk if 1 < chunk < ny else ny
    return [slice(start, min(start + rows, ny)) for start in range(0, ny, rows)]


def _band(
    flow: xr.Dataset,
    member: int,
    rows: slice,
    length: int,
    land: Tensor | None,
    leads: tuple[int, ...],
):
    """The moments of some rows of one member, still to be computed."""
    part = flow[["u", "v"]].isel(y=rows)
    part = part.isel(member=member, drop=True) if "member" in part.dims else part
    water = None if land is None else land[rows]
    starts = range(0, flow.sizes["time"], length)
    runs = [part.isel(time=slice(start, start + length)) for start in starts]
    return _tree([_REDUCE(run, water, leads) for run in runs], leads)


def _stacked(bands: list[Moments]) -> Moments:
    """The bands of rows of one member as one."""
    first, *others = bands
    if not others:
        return first
    joined = {
        name: np.concatenate([getattr(band, name) for band in bands], axis=-2)
        for name in ("mean", "deviation", "first", "last")
    }
    return Moments(
        frames=first.frames,
        smallest=np.min([band.smallest for band in bands], axis=0),
        largest=np.max([band.largest for band in bands], axis=0),
        steps=np.sum([band.steps for band in bands], axis=0),
        **joined,
    )


def _moments(part: xr.Dataset, land: Tensor | None, leads: tuple[int, ...]) -> Moments:
    """One block; ``land`` is the mask of its water."""
    w = read_block(part, 0, slice(0, part.sizes["time"]), land).numpy()
    wet = w if land is None else w[:, :, land.numpy()][..., None]
    mean, deviation = _mean_and_deviation(w)
    reach = max(leads, default=0)
    return Moments(
        frames=len(w),
        mean=mean,
        deviation=deviation,
        # A band may be land altogether.
        smallest=wet.min((0, 2, 3), initial=np.inf),
        largest=wet.max((0, 2, 3), initial=-np.inf),
        first=w[:reach].copy(),
        last=w[max(0, len(w) - reach) :].copy(),
        steps=np.array([_squared_steps(w[:-lead], w[lead:]) for lead in leads]),
    )


def _mean_and_deviation(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the frames and summed squared deviations from it, in float64, a frame at a time."""
    total, squares = np.zeros(w.shape[1:]), np.zeros(w.shape[1:])
    for frame in w:
        total += frame
    mean = total / len(w)
    near = mean.astype(w.dtype)
    for frame in w:
        difference = frame - near
        squares += difference * difference
    # The mean was rounded to the precision of the data: put back what that added.
    return mean, np.maximum(squares - len(w) * np.square(mean - near), 0)


def _squared_steps(earlier: np.ndarray, later: np.ndarray) -> float:
    """Σ |later - earlier|² over pairs of frames: rows in the data's precision, then in float64."""
    total = 0.0
    for before, after in zip(earlier, later, strict=True):
        step = after - before
        total += float(np.einsum("cyx,cyx->cy", step, step).sum(dtype=np.float64))
    return total


def _tree(parts: list, leads: tuple[int, ...]):
    """Neighbours merged pairwise until one is left."""
    while len(parts) > 1:
        pairs = [_MERGE(*parts[n : n + 2], leads) for n in range(0, len(parts) - 1, 2)]
        parts = pairs + ([parts[-1]] if len(parts) % 2 else [])
    return parts[0]


def _merged(a: Moments, b: Moments, leads: tuple[int, ...]) -> Moments:
    """Two runs of frames, one right after the other, as one (Chan et al. 1983, Eq. 2.1)."""
    frames = a.frames + b.frames
    difference = b.mean - a.mean
    shared = np.square(difference) * (a.frames * b.frames / frames)
    across = [
        _squared_steps(a.last[len(a.last) - lead :][: len(b.first)], b.first[:lead])
        for lead in leads
    ]
    reach = max(leads, default=0)
    ends = np.concatenate((a.last, b.last))
    return Moments(
        frames=frames,
        mean=a.mean + difference * (b.frames / frames),
        deviation=a.deviation + b.deviation + shared,
        smallest=np.minimum(a.smallest, b.smallest),
        largest=np.maximum(a.largest, b.largest),
        first=a.first,
        last=ends[len(ends) - reach :],
        steps=a.steps + b.steps + np.array(across),
    )


_REDUCE = dask.delayed(_moments, pure=False)
_MERGE = dask.delayed(_merged, pure=False)


def _labelled(
    members: list[Moments], lands: list[Tensor | None], leads: tuple[int, ...]
) -> xr.Dataset:
    """The moments of all members as one table."""
    frames = members[0].frames
    cells = [np.ones(one.mean.shape[1:], bool) if land is None else land.numpy()
             for one, land in zip(members, lands, strict=True)]  # fmt: skip
    wet = sum(int(mask.sum()) for mask in cells)
    means = np.concatenate(
        [one.mean[:, mask] for one, mask in zip(members, cells, strict=True)], axis=1
    )
    deviation = sum(one.deviation.sum((1, 2)) for one in members)  # 0 on land
    mean = means.mean(1)
    variance = deviation / (frames * wet) + np.square(means - mean[:, None]).mean(1)
    steps = np.sum([one.steps for one in members], axis=0)
    pairs = np.array([(frames - lead) * wet * 2 for lead in leads])
    time_mean = [np.where(mask, one.mean, np.nan) for one, mask in zip(members, cells, strict=True)]
    spread = [np.where(mask, np.sqrt(one.deviation / frames), np.nan)
              for one, mask in zip(members, cells, strict=True)]  # fmt: skip
    squares = deviation / (frames * wet) + np.square(means).mean(1)
    return xr.Dataset(
        {
            "mean": ("component", mean),
            "std": ("component", np.sqrt(variance)),
            "minimum": ("component", np.min([one.smallest for one in members], axis=0)),
            "maximum": ("component", np.max([one.largest for one in members], axis=0)),
            "rms": float(np.sqrt(squares.mean())),
            "anomaly": float(np.sqrt((deviation / (frames * wet)).mean())),
            "persistence": ("lead", np.sqrt(steps / pairs)),
            "time_mean": (("member", "component", "y", "x"), np.stack(time_mean)),
            "time_std": (("member", "component", "y", "x"), np.stack(spread)),
            "numbers": frames * wet,
        },
        coords={"component": ["u", "v"], "lead": list(leads)},
    )
