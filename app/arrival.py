"""What arrives on a page: frames and numbers, ready to be drawn."""

from collections.abc import Hashable
from dataclasses import dataclass

from . import catalogue
from .compute import RESULTS, Comparison, compare
from .packets import Frame
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


@dataclass(frozen=True)
class First:
    """What is read off and drawn of a first lead, for all who ask the same."""

    results: Results
    painter: Painter
    frame: Frame

    @property
    def nbytes(self) -> int:
        """Memory beside that of the forecasts: of the frame, and of some curves."""
        shown = (*self.frame.fields.values(), *self.frame.arrows.values())
        return sum(array.nbytes for array in shown) + CURVES


CURVES = 2**14
"""Bytes of the numbers that are read off a first lead, about."""


def warm_up(question: Question, display: Display) -> None:
    """Answer a question before anybody asks it."""
    comparison = compare(question)
    for answer in (comparison.a, comparison.b):
        answer.scores(comparison.steps)
    first(comparison, display)


def first(comparison: Comparison, display: Display) -> Arrival:
    """Numbers and frames of the first lead, made once for all who ask the same."""
    return _handed_out(
        RESULTS.get(
            _name(comparison.question, comparison.marked, display),
            lambda: _first(Results(comparison), Painter(comparison, display)),
        )
    )


def _first(results: Results, painter: Painter) -> First:
    results.read(1)
    return First(results, painter, painter.frame(1, _captions(results, 1, painter.display.maps)))


def known(question: Question, display: Display) -> Arrival | None:
    """The same if somebody has asked before: at once, with nothing to compute.

    Raises:
        ValueError: no such model.
    """
    marked = catalogue.marked(question.model_a), catalogue.marked(question.model_b)
    kept = RESULTS.known(_name(question, marked, display))
    return kept if kept is None else _handed_out(kept)


def _name(question: Question, marked: tuple, display: Display) -> Hashable:
    return question, marked, display


def _handed_out(kept: First) -> Arrival:
    """For one visitor, whose numbers grow with the leads that he waits for."""
    # What holds forecasts in memory is to be dropped before they are, or they would not be counted.
    RESULTS.touch(kept.results.comparison.parts)
    painter = kept.painter.renewed()
    return Arrival(kept.results.copy(), painter.packed([kept.frame]), painter)


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
