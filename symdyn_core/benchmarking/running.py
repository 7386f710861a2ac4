"""Measurements chosen by name and run one after the other."""

from collections.abc import Callable
from dataclasses import dataclass

from symdyn_core.benchmarking.conditions import Conditions


@dataclass(frozen=True)
class Measurement:
    """Rows that belong together.

    Attributes:
        what: name of what is measured.
        where: sizes, for people who watch.
        rows: does the work.
    """

    what: str
    where: str
    rows: Callable[[], list[dict]]


def chosen(measurements: list[Measurement], only: str | None) -> list[Measurement]:
    """Those whose name is ``only`` or begins with it as a word; all without it.

    Raises:
        ValueError: no such name; the message lists those there are.
    """
    if only is None:
        return measurements
    kept = [m for m in measurements if m.what == only or m.what.startswith(f"{only} ")]
    if not kept:
        names = ", ".join(dict.fromkeys(m.what for m in measurements))
        raise ValueError(f"Nothing named {only!r} is measured here; choose from {names}.")
    return kept


def run(
    measurements: list[Measurement],
    conditions: Conditions,
    progress: Callable[..., None] = lambda *_: None,
) -> list[dict]:
    """The rows of all measurements, in order.

    Args:
        progress: called with (done, total, what is being done).
    """
    rows = []
    with conditions.threaded():
        for done, measurement in enumerate(measurements):
            progress(done, len(measurements), f"{measurement.what}, {measurement.where}")
            rows += measurement.rows()
        progress(len(measurements), len(measurements))
    return rows
