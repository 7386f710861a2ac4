"""What arrives on a page: frames and numbers, ready to be drawn."""

from dataclasses import dataclass

from .compute import compare
from .pictures import Display, Painter
from .results import Results
from .scene import Question
from .wording import number, percent


@dataclass(frozen=True)
class Arrival:
    """New frames and numbers, ready to be drawn."""

    results: Results
    packet: bytes
    painter: Painter


def warm_up(question: Question) -> None:
    """Answer a question before anybody asks it."""
    comparison = compare(question)
    for answer in (comparison.a, comparison.b):
        answer.scores(comparison.steps)


def prepared(results: Results, display: Display, leads: range, painter: Painter | None) -> Arrival:
    """Numbers and frames of some leads, by a painter that has drawn others or by a new one."""
    painter = painter or Painter(results.comparison, display)
    if leads.stop - 1 > results.leads:
        results.read(leads.stop - 1)
    captions = {lead: _captions(results, lead, painter.display.maps) for lead in leads}
    return Arrival(results, painter.packet(leads, captions), painter)


def _captions(results: Results, lead: int, maps: str) -> dict[str, str]:
    """The number under each error map."""
    if maps == "error":
        return {f"error_{m}": f"RMSE {number(s.rmse[lead - 1])}" for m, s in results.scores.items()}
    return {f"error_{m}": percent(s.equivariance[lead - 1]) for m, s in results.scores.items()}
