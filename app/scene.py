"""The scene of a comparison: a window of a flow and its truth, moved by one element."""

from dataclasses import dataclass
from threading import RLock

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.equivariance.time_rescaling import respaced, zoomed
from symdyn_core.grid import Element, Grid
from symdyn_core.symmetries import Scaling, Symmetry

from . import elements
from .flows import Flow, Source
from .rescaling import Pace, pace_of

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

    @property
    def pace(self) -> Pace:
        """How far the forecasts of one lead reach."""
        return pace_of(elements.named(self.symmetry), elements.as_element(self.element))


class Scene:
    """A window and its truth, moved by one element.

    Args:
        recorded, moved: frames of the recorded and of the moved flow that the forecasters need.

    Attributes:
        history: the frames as recorded, up to now; ``future`` those of each lead.
        window: the transformed input; ``known`` says where it is known in all frames.
        grid, moved_grid: of the recorded and of the transformed flow.

    Raises:
        ValueError: a rescaled flow that runs out of recorded frames, in one line.
    """

    def __init__(self, flow: Flow, question: Question, recorded: int, moved: int):
        symmetry = elements.named(question.symmetry).in_units_of(flow.rms)
        self.symmetry: Symmetry = symmetry
        self.element: Element = elements.as_element(question.element)
        self.pace: Pace = question.pace
        self.grid: Grid = flow.grids[question.member]
        self.moved_grid: Grid = symmetry.act_on_grid(self.element, self.grid)
        self.exact: bool = symmetry.is_exact(self.element, self.grid)
        self.rescaled = isinstance(symmetry, Scaling) and not self.exact
        w, now = flow.w[question.member], question.now
        back = self.pace.history(recorded, moved)
        ahead = w[now + 1 : now + 1 + self.pace.future(STEPS)]
        self.steps: int = min(STEPS, self.pace.leads(len(ahead)))
        if self.rescaled:
            self._check(back, now + 1, len(ahead))
        self.history = w[now + 1 - back : now + 1]
        self.future = ahead[self.pace.recorded - 1 :: self.pace.recorded]
        if self.rescaled:
            frames = respaced(self.history, float(self.pace.rate), moved)
            self.window, self.known = zoomed(symmetry, self.element, frames, self.grid)
        else:
            self.window, valid = symmetry.act_on_field(self.element, self.history, self.grid)
            self.known = valid.all(dim=0)[0]
        self._truth: dict[int, tuple[Tensor, Tensor]] = {}
        self._lock = RLock()

    def _check(self, back: int, past: int, future: int) -> None:
        """Whether a rescaled flow has frames for its window and for the truth of one lead."""
        pace = float(self.pace.rate)
        flow = f"Rescaled by {self.element:.3g} the flow runs {pace:.3g} times as fast"
        if past < back:
            raise ValueError(
                f"{flow}: models need {back} recorded frames up to now, and there are {past}. "
                "Choose a later start."
            )
        if self.steps < 1:
            raise ValueError(
                f"{flow}, and there are only {future} recorded frames after now. "
                "Choose an earlier start."
            )

    @property
    def nbytes(self) -> int:
        """Memory of the window, the transformed truth and their masks."""
        frame = self.window[0].nbytes
        return (len(self.window) + STEPS) * frame + STEPS * frame // 8

    @property
    def lead_time(self) -> float:
        """Time from one lead to the next, as the moved flow lives it."""
        return self.grid.dt * self.pace.moved

    def truth(self, lead: int) -> tuple[Float[Tensor, "component y x"], Bool[Tensor, "y x"]]:
        """The transformed truth of a lead, and where it is known."""
        with self._lock:
            if lead not in self._truth:
                self._truth[lead] = self.act(self.future, lead)
            return self._truth[lead]

    def act(self, future: Float[Tensor, "time component y x"], lead: int):
        """Frame ``lead`` of a continuation of the recorded window, moved, and where it is known."""
        return self._acted(self.element, self.history, future, lead, self.grid)

    def undo(self, future: Float[Tensor, "time component y x"], lead: int):
        """Frame ``lead`` of a continuation of the moved window, moved back."""
        inverse = self.symmetry.inverse(self.element)
        return self._acted(inverse, self.window, future, lead, self.moved_grid)

    def _acted(self, element, before, future, lead, grid) -> tuple[Tensor, Tensor]:
        now = future[lead - 1 : lead]
        if not self.rescaled:
            moved, valid = self.symmetry.act_on_field(element, now, grid, lead=lead)
            return moved[0], valid[0, 0]
        if self.pace.whole:
            moved, known = zoomed(self.symmetry, element, now, grid)
            return moved[0], known
        # Frames are interpolated in time: the one wanted depends on its neighbours.
        joined = torch.cat((before, future))
        moved, valid = self.symmetry.act_on_field(element, joined, grid, lead=len(future))
        return moved[len(before) - 1 + lead], valid[len(before) - 1 + lead, 0]

    def interpolation_error(self) -> float:
        """|| g⁻¹ g w - w || / || w || of the last input frame, where it is known."""
        inverse = self.symmetry.inverse(self.element)
        if self.rescaled:
            back, known = zoomed(self.symmetry, inverse, self.window[-1:], self.moved_grid)
        else:
            back, valid = self.symmetry.act_on_field(inverse, self.window[-1:], self.moved_grid)
            known = valid[-1, 0]
        now = self.history[-1]
        size = now[..., known].norm().item()
        return (back[-1] - now)[..., known].norm().item() / size if size else 0.0
