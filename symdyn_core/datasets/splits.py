"""Cutting a flow in time: parts to train, to validate and to test."""

import numpy as np
import xarray as xr


def split_in_time(
    flow: xr.Dataset, fractions: tuple[float, ...] = (0.6, 0.2, 0.2), *, gap: int
) -> tuple[xr.Dataset, ...]:
    """Cut a flow into consecutive parts, for instance to train, to validate and to test.

    ``gap`` frames between two parts belong to neither. With a gap of past + future - 1 the parts
    are as far apart as the starts of two windows that share no frame: what is learnt from the last
    training window says nothing directly about the first test window. (Splitting a list of
    overlapping windows instead leaves past + future - 1 frames in both parts.)

    Args:
        flow: a valid flow.
        fractions: shares of the frames left after the gaps; they sum to 1.
        gap: frames dropped between two parts.

    Raises:
        ValueError: shares that are no partition, or a flow too short for its gaps.
    """
    if not fractions or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"Expected positive fractions that sum to 1, got {fractions}.")
    frames = flow.sizes["time"]
    usable = frames - gap * (len(fractions) - 1)
    # Rounded before they are truncated: 0.6 + 0.2 is a little more or less than 0.8.
    ends = [int(round(usable * share, 6)) for share in np.cumsum(fractions)]
    if gap < 0 or min(np.diff([0, *ends])) < 1:
        raise ValueError(
            f"Expected a gap of 0 or more frames that leaves each part at least one, got a flow "
            f"of {frames} frames and a gap of {gap}. Use a longer flow or shorter windows."
        )
    starts = [0, *ends[:-1]]
    return tuple(
        flow.isel(time=slice(start + part * gap, end + part * gap))
        for part, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
