"""Leads in turn: a slider and a button that plays, on pages without pictures."""

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from ..state import AppState
from .sizes import letters

PACE = 600
"""Milliseconds from one lead to the next."""


class LeadPlayer(Viewer):
    """Sets the lead of the state, and follows it."""

    def __init__(self, state: AppState):
        super().__init__()
        self.state = state
        self._beat = None
        self.slider = pmui.IntSlider(
            label="Lead", start=1, end=state.steps, value=state.lead, margin=(0, 12), **letters(15)
        )
        self.button = pmui.Toggle(
            label="Play", icon="play_arrow", value=False, size="small", margin=(0, 4),
            description="Show the leads one after the other.",
            sx={"py": "4px", "color": "inherit"},
        )  # fmt: skip
        self.slider.param.watch(lambda event: state.param.update(lead=event.new), "value")
        self.button.param.watch(self._switched, "value")
        state.param.watch(self._follow, ["lead", "steps"])
        self._follow()

    def __panel__(self):
        return pmui.Row(self.button, self.slider, margin=0, align="center")

    @property
    def playing(self) -> bool:
        """Whether leads change by themselves."""
        return bool(self.button.value)

    def stop(self) -> None:
        """Rest at the lead that is shown."""
        self.button.value = False

    def step(self) -> None:
        """The next lead; after the last, the first."""
        self.state.lead = self.state.lead % self.state.steps + 1

    def _follow(self, *_events) -> None:
        state = self.state
        self.slider.param.update(end=state.steps, value=min(state.lead, state.steps))

    def _switched(self, event) -> None:
        self.button.param.update(
            icon="pause" if event.new else "play_arrow", label="Pause" if event.new else "Play"
        )
        if self._beat is not None:
            self._beat.stop()
            self._beat = None
        if event.new:
            self._beat = pn.state.add_periodic_callback(self.step, period=PACE)
