"""A record of measured currents, cut in time: to learn from, and later days to test on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from symdyn_core.datasets import schema
from symdyn_core.datasets.ocean_currents import open_ocean_currents
from symdyn_core.datasets.splits import split_in_time
from symdyn_core.datasets.windows import Windows
from symdyn_core.experiments.runs import Split

LEAD_DAYS = 5
"""Frames of a forecast: days, in a daily record."""

FRACTIONS = (0.85, 0.15)
"""Shares of the training period to train and to validate on."""


@dataclass(frozen=True)
class CurrentRecord:
    """A record of currents, cut in time: to fine-tune, to validate, and later days to test on.

    Attributes:
        split: the windows and the root mean square of the training part.
        title: of the record.
        land: share of its cells.
        train, test: first and last day of each period.
        key: the first digits of the fingerprint of what is trained on.
    """

    split: Split
    title: str
    key: str
    land: float
    train: tuple[str, str]
    test: tuple[str, str]


def open_record(
    data: str | Path, train: tuple[str, str], test: tuple[str, str], past: int, **opening: Any
) -> CurrentRecord:
    """Open currents of two periods that share no day.

    Args:
        data: files of currents; see ``open_ocean_currents``.
        train, test: first and last date of a period, such as ("2002-01", "2002-08").
        past: frames that the models see.
        **opening: further options of ``open_ocean_currents``.

    Raises:
        ValueError: periods that overlap or are too short for the windows, or what is wrong with
            the files.
    """
    learnt, later = (open_ocean_currents(data, period=dates, **opening) for dates in (train, test))
    ends, begins = learnt["time"].values[-1], later["time"].values[0]
    if ends >= begins:
        raise ValueError(
            "Expected a test period after the training period, got training to "
            f"{_day(ends)} and tests from {_day(begins)}. Choose later days to test on."
        )
    parts = split_in_time(learnt, FRACTIONS, gap=past + LEAD_DAYS - 1)
    split = Split(
        train=Windows(parts[0], past, LEAD_DAYS),
        valid=Windows(parts[1], past, LEAD_DAYS),
        test=Windows(later, past, LEAD_DAYS),
        scale=schema.rms(parts[0]),
    )
    return CurrentRecord(
        split=split,
        title=str(learnt.attrs.get("title", "")),
        key=schema.fingerprint(parts[0])[:8],
        land=1 - float(later["water"].mean()) if "water" in later else 0.0,
        train=_ends(learnt),
        test=_ends(later),
    )


def _ends(flow: xr.Dataset) -> tuple[str, str]:
    return _day(flow["time"].values[0]), _day(flow["time"].values[-1])


def _day(time: Any) -> str:
    return str(time)[:10]
