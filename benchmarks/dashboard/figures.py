"""Medians, percentiles, and whether the targets are met."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Target:
    """What a figure must reach.

    Attributes:
        median, high: of the median and of the 95th percentile; None where nothing is asked for.
        at_least: whether large figures are good; else small ones are.
    """

    median: float
    high: float | None = None
    at_least: bool = False

    def met(self, median: float, high: float) -> bool:
        """Whether both are reached."""
        if self.at_least:
            return median >= self.median
        return median <= self.median and (self.high is None or high <= self.high)


TARGETS = {
    "move": Target(100, 200),
    "rollout": Target(1500),
    "first page": Target(1500),
    "player": Target(15, at_least=True),
    "crowd": Target(200),
    "growth": Target(3),
    "errors": Target(0),
    "others of a slow model": Target(1.5),
    "memory after": Target(1.1),
}
"""What the dashboard promises on two cores, in the units of the rows."""


def row(what: str, unit: str, values: Sequence[float], target: str = "", **more) -> dict:
    """One line of the report.

    Args:
        target: name of the target; "" for what is told besides.
    """
    found = np.asarray(values, dtype=float)
    if not found.size:
        raise ValueError(f"Nothing was measured of {what!r}.")
    median, high = float(np.median(found)), float(np.quantile(found, 0.95))
    wanted = TARGETS.get(target)
    return {
        "what": what, "unit": unit, "median": median, "percentile_95": high,
        "lowest": float(found.min()), "highest": float(found.max()), "samples": found.size,
        "target_median": wanted and wanted.median, "target_percentile_95": wanted and wanted.high,
        "met": None if wanted is None else wanted.met(median, high), **more,
    }  # fmt: skip


def told(found: dict) -> str:
    """A row for people."""
    verdict = {True: "met", False: "MISSED", None: ""}[found["met"]]
    return (
        f"{found['what']:58} {found['median']:9.4g} {found['unit']:6} "
        f"95 %: {found['percentile_95']:9.4g}  n = {found['samples']:<4} {verdict}"
    )
