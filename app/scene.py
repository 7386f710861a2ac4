"""The scene of a comparison: a window of a flow and its truth, moved by a chain of elements."""

from dataclasses import dataclass
from threading import RLock

from jaxtyping import Bool, Float
from torch import Tensor

from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.pace import Pace
from symdyn_core.grid import Grid

from . import elements
from .flows import Flow, Source

STEPS = 10
"""Leads of a rollout, unless more are asked for."""

MOST_STEPS = 50
"""Leads of the longest rollout."""


@dataclass(frozen=True)
class Question:
    """What is asked: which window, moved by what, forecast by whom, how far."""

    source: Source
    member: int
    now: int
    links: elements.Links
    model_a: str
    model_b: str
    steps: int = STEPS

    @property
    def place(self) -> tuple[Source, int, int]:
        """The window that is moved."""
        return self.source, self.member, self.now

    @property
    def moved(self) -> tuple:
        """The window, its transformation and how far it is followed."""
        return *self.place, self.links, self.steps

    @property
    def pace(self) -> Pace:
        """How far the forecasts of one lead reach."""
        return chain_of(self.links).pace


def chain_of(links: elements.Links, rms: float = 1.0) -> Chain:
    """The chain of that name, for a flow of root mean square velocity ``rms``.

    Raises:
        ValueError: two scalings.
    """
    return Chain(
        Link(elements.named(name).in_units_of(rms), elements.as_element(element))
        for name, element in links
    )


class Scene:
    """A window and its truth, moved by a chain of elements.

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
        self.chain: Chain = chain_of(question.links, flow.rms)
        self.pace: Pace = self.chain.pace
        self.grid: Grid = flow.grids[question.member]
        self.moved_grid: Grid = self.chain.act_on_grid(self.grid)
        self.exact: bool = self.chain.is_exact(self.grid)
        w, now = flow.w[question.member], question.now
        back = self.pace.history(recorded, moved)
        ahead = w[now + 1 : now + 1 + self.pace.future(question.steps)]
        self.steps: int = min(question.steps, self.pace.leads(len(ahead)))
        if self.pace != Pace():
            self._check(back, now + 1, len(ahead))
        self.history = w[now + 1 - back : now + 1]
        self.future = ahead[self.pace.recorded - 1 :: self.pace.recorded]
        self.window, self.known = self.chain.window(self.history, moved, self.grid)
        self._truth: dict[int, tuple[Tensor, Tensor]] = {}
        self._lock = RLock()

    def _check(self, back: int, past: int, future: int) -> None:
        """Whether a rescaled flow has frames for its window and for the truth of one lead."""
        pace = float(self.pace.rate)
        flow = f"Rescaled by {pace**0.5:.3g} the flow runs {pace:.3g} times as fast"
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
        """Memory of the window, the transformed truth so far and its masks."""
        frame = self.window[0].nbytes
        return (len(self.window) + len(self._truth)) * frame + len(self._truth) * frame // 8

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
        return self.chain.frame(self.history, future, lead, self.grid)

    def undo(self, future: Float[Tensor, "time component y x"], lead: int):
        """Frame ``lead`` of a continuation of the moved window, moved back."""
        return self.chain.inverse.frame(self.window, future, lead, self.moved_grid)

    def interpolation_error(self) -> float:
        """|| g⁻¹ g w - w || / || w || of the last input frame, where it is known."""
        back, known = self.chain.inverse.window(self.window[-1:], 1, self.moved_grid)
        now = self.history[-1]
        size = now[..., known].norm().item()
        return (back[-1] - now)[..., known].norm().item() / size if size else 0.0
