"""The card that leads through the tour, the marks on what it means, and the hint that offers it."""

from pathlib import Path
from typing import TYPE_CHECKING

import param

from . import tour
from .bundle import bundled
from .component import Component

if TYPE_CHECKING:
    from .page import Session

HERE = Path(__file__).parent


class TourCard(Component):
    """Shows the step of the state, and sets it; the browser finds and marks what is meant."""

    step = param.Integer(0, bounds=(0, len(tour.STEPS)), doc="Which step; 0 hides the card.")
    steps = param.List(doc="Title, text and marks of each step.")
    offered = param.Boolean(False, doc="Whether a first visitor is offered the tour.")
    theme = param.String("light", doc="Name of the theme.")

    _esm = bundled(HERE / "tour_card.js", HERE / "canvas")
    _stylesheets = [HERE / "tour_card.css"]  # noqa: RUF012

    def __init__(self, session: "Session", **params):
        super().__init__(
            steps=[
                {"title": step.title, "text": step.text, "marks": [list(m) for m in step.marks]}
                for step in tour.STEPS
            ],
            step=session.state.tour,
            theme=session.state.theme,
            **params,
        )
        self.session = session
        session.state.param.watch(lambda event: setattr(self, event.name, event.new), "theme")
        session.state.param.watch(lambda event: setattr(self, "step", event.new), "tour")
        self.on_msg(self._heard)

    def begin(self) -> None:
        """Show the first step."""
        self.go(1)

    def go(self, number: int) -> None:
        """Show a step; 0 leaves the tour."""
        tour.show(self.session.state, self.session.settings, number)
        self.session.write_address()

    def _heard(self, event) -> None:
        if isinstance(event.data, int) and 0 <= event.data <= len(tour.STEPS):
            self.go(event.data)
