"""The times that files hold: first, last, usual step, gaps, repetitions, calendar."""

from dataclasses import dataclass
from typing import Any

import numpy as np

EVEN = 0.05
"""Steps that differ from the usual one by less than this share of it are even."""

GAP = 1.5
"""Steps of more than this many usual ones leave out frames; shorter ones are merely uneven."""

DATES = "standard"
"""The calendar of times that are dates (mixed Julian and Gregorian, as in CF)."""

LISTED = 50
"""Gaps that a report lists one by one."""


@dataclass(frozen=True)
class TimeAxis:
    """Times as files give them.

    Attributes:
        values: increasing, repetitions included: dates, or numbers in ``unit``.
        unit: of the steps.
        calendar: ``standard``, another one of CF, or "" where times are no dates.
        ordered: whether the files held them in this order.
    """

    values: np.ndarray
    unit: str
    calendar: str
    ordered: bool = True

    @classmethod
    def of(cls, values: np.ndarray, unit: str = "s", calendar: str = "") -> "TimeAxis":
        """The axis of times in any order."""
        dated = np.issubdtype(values.dtype, np.datetime64)
        ordered = bool((values[1:] >= values[:-1]).all())
        name = calendar or (DATES if dated else "")
        return cls(np.sort(values), unit, name, ordered)

    @property
    def dated(self) -> bool:
        """Whether times are dates rather than numbers."""
        return bool(np.issubdtype(self.values.dtype, np.datetime64))

    @property
    def distinct(self) -> np.ndarray:
        """Every time once."""
        return np.unique(self.values)

    @property
    def steps(self) -> np.ndarray:
        """From each distinct time to the next [s for dates, else ``unit``]."""
        steps = np.diff(self.distinct)
        return steps / np.timedelta64(1, "s") if self.dated else steps.astype(np.float64)

    @property
    def usual(self) -> float | None:
        """The median step, to nine digits; None for a single time."""
        return float(f"{np.median(self.steps):.9g}") if self.steps.size else None

    @property
    def even(self) -> bool:
        """Whether all steps are the usual one."""
        usual = self.usual
        return usual is None or bool((np.abs(self.steps - usual) < EVEN * usual).all())

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """Where frames are missing: ``after``, ``before`` and how many (``missing``)."""
        usual = self.usual
        if usual is None:
            return []
        times = self.distinct
        return [
            {
                "after": readable(times[n]),
                "before": readable(times[n + 1]),
                "missing": round(self.steps[n] / usual) - 1,
            }
            for n in np.flatnonzero(self.steps > GAP * usual)
        ]

    def longest_stretch(self) -> tuple[int, int]:
        """(first, one past the last) of ``distinct`` in the longest run of frames without a gap."""
        usual = self.usual
        if usual is None:
            return 0, len(self.values[:1])
        edges = np.flatnonzero(self.steps > GAP * usual) + 1
        starts = np.concatenate(([0], edges))
        ends = np.concatenate((edges, [len(self.distinct)]))
        longest = int(np.argmax(ends - starts))
        return int(starts[longest]), int(ends[longest])

    def described(self) -> dict[str, Any]:
        """The axis as plain numbers and text, ready for JSON.

        Keys: ``count`` (frames, repetitions included), ``first``, ``last``, ``dt`` (the usual
        step; None for one frame), ``time_unit``, ``calendar``, ``even``, ``gaps`` (the first
        ones; see ``TimeAxis.gaps``), ``missing`` (frames in all gaps), ``duplicates``.
        """
        gaps = self.gaps
        return {
            "count": len(self.values),
            "first": readable(self.values[0]),
            "last": readable(self.values[-1]),
            "dt": self.usual,
            "time_unit": self.unit,
            "calendar": self.calendar or None,
            "even": self.even,
            "gaps": gaps[:LISTED],
            "missing": sum(gap["missing"] for gap in gaps),
            "duplicates": len(self.values) - len(self.distinct),
        }


def readable(time: Any) -> str | float:
    """A date without fractions of a second, or a number."""
    return str(time.astype("datetime64[s]")) if isinstance(time, np.datetime64) else float(time)
