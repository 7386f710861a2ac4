"""The scene of a comparison: a window of a flow and its truth, moved by one element."""

import math
from dataclasses import dataclass
from threading import RLock

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.grid import Element, Grid
from symdyn_core.symmetries import Scaling, Symmetry

from . import catalogue
from .flows import Flow, Source

STEPS = 10
"""Leads of a rollout."""


@dataclass(frozen=True)
class Question:
    """What is asked: which window, moved by what, forecast by whom."""

    source: Source
    member: int
    now: int
    symmetry: str
    element: tuple[float, ...]
    model_a: str
    model_b: str

    @property
    def place(self) -> tuple[Source, int, int]:
        """The window that is moved."""
        return self.source, self.member, self.now

    @property
    def moved(self) -> tuple:
        """The window and its transformation."""
        return *self.place, self.symmetry, self.element


class Scene:
    """A window and its truth, moved by one element.

    Attributes:
        history, future: the frames as recorded, up to now and after it.
        window: the transformed input; ``known`` says where it is known in all frames.
        grid, moved_grid: of the recorded and of the transformed flow.
    """

    def __init__(self, flow: Flow, question: Question, past: int):
        symmetry = catalogue.named(question.symmetry).in_units_of(flow.rms)
        self.symmetry: Symmetry = symmetry
        self.element: Element = catalogue.as_element(question.element)
        self.grid: Grid = flow.grids[question.member]
        self.moved_grid: Grid = symmetry.act_on_grid(self.element, self.grid)
        self.exact: bool = symmetry.is_exact(self.element, self.grid)
        back, ahead = _reach_in_time(symmetry, self.element, past)
        w, now = flow.w[question.member], question.now
        self.history = w[max(0, now + 1 - back) : now + 1]
        self.future = w[now + 1 : now + 1 + ahead]
        moved, valid = symmetry.act_on_field(self.element, self.history, self.grid)
        self.window, self.known = moved[-past:], valid[-past:].all(dim=0)[0]
        self._truth: dict[int, tuple[Tensor, Tensor]] = {}
        self._lock = RLock()

    @property
    def nbytes(self) -> int:
        """Memory of the window, the transformed truth and their masks."""
        frame = self.window[0].nbytes
        return (len(self.window) + STEPS) * frame + STEPS * frame // 8

    @property
    def steps(self) -> int:
        """Leads with a truth."""
        return min(STEPS, len(self.future))

    def truth(self, lead: int) -> tuple[Float[Tensor, "component y x"], Bool[Tensor, "y x"]]:
        """The transformed truth of a lead, and where it is known."""
        with self._lock:
            if lead not in self._truth:
                self._truth[lead] = self.act(self.future, lead)
            return self._truth[lead]

    def act(self, future: Float[Tensor, "time component y x"], lead: int):
        """Frame ``lead`` of a continuation of the recorded window, moved, and where it is known."""
        return _acted(self.symmetry, self.element, self.history, future, lead, self.grid)

    def undo(self, future: Float[Tensor, "time component y x"], lead: int):
        """Frame ``lead`` of a continuation of the moved window, moved back."""
        inverse = self.symmetry.inverse(self.element)
        return _acted(self.symmetry, inverse, self.window, future, lead, self.moved_grid)

    def interpolation_error(self) -> float:
        """|| g⁻¹ g w - w || / || w || of the last input frame, where it is known."""
        frames = self.window if isinstance(self.symmetry, Scaling) else self.window[-1:]
        inverse = self.symmetry.inverse(self.element)
        back, valid = self.symmetry.act_on_field(inverse, frames, self.moved_grid)
        now, known = self.history[-1], valid[-1, 0]
        size = now[..., known].norm().item()
        return (back[-1] - now)[..., known].norm().item() / size if size else 0.0


def _reach_in_time(symmetry: Symmetry, element: Element, past: int) -> tuple[int, int]:
    """Frames needed before and after now: a rescaled flow runs at another pace."""
    pace = max(1.0, float(element) ** 2) if isinstance(symmetry, Scaling) else 1.0  # type: ignore[arg-type]
    return math.ceil((past - 1) * pace) + 1, math.ceil(STEPS * pace)


def _acted(symmetry, element, history, future, lead, grid) -> tuple[Tensor, Tensor]:
    if isinstance(symmetry, Scaling):
        # Frames are interpolated in time: the one wanted depends on its neighbours.
        joined = torch.cat((history, future))
        moved, valid = symmetry.act_on_field(element, joined, grid, lead=len(future))
        return moved[len(history) - 1 + lead], valid[len(history) - 1 + lead, 0]
    moved, valid = symmetry.act_on_field(element, future[lead - 1 : lead], grid, lead=lead)
    return moved[0], valid[0, 0]
