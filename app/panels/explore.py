"""The first page: a transformed flow, two forecasts, their errors, spectra and numbers."""

import panel as pn

from ..arrival import Arrival
from ..field_view import FieldView
from .charts import growth_chart, spectrum_chart
from .panel import Panel
from .story import story


class Explore(Panel):
    """Pictures, curves and the sentence over them; they follow the engine of the session."""

    key, title, icon = "explore", "Explore", "explore"
    about = "Transform a flow and watch two models forecast it."
    sections = ("transformation", "flow", "models", "pictures")

    def __init__(self, session, settings):
        super().__init__(session, settings)
        state = self.state
        self.view = FieldView(
            view=state.view,
            vectors=state.vectors,
            theme=state.theme,
            lead=state.lead,
            pinned=list(state.pinned),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )
        # Watchers both ways: a reference would be dropped when the browser sets the lead.
        self.view.param.watch(lambda event: state.param.update(lead=event.new), "lead")
        state.param.watch(lambda event: self.view.param.update(lead=event.new), "lead")
        self.view.param.watch(lambda event: state.pin(tuple(event.new)), "pinned")
        state.param.watch(lambda event: self.view.param.update(pinned=list(event.new)), "pinned")
        state.param.watch(session.write_address, "pinned")
        for name in ("view", "vectors", "theme"):
            state.param.watch(lambda event: setattr(self.view, event.name, event.new), name)
        state.param.watch(self._read, "lead")
        self.view.param.watch(self._resend, ["missing", "ready"], precedence=1)
        self.view.param.watch(session.write_address, "playing")
        session.watch_results(self._draw)

    def __panel__(self) -> pn.viewable.Viewable:
        return self.view

    async def shown(self) -> None:
        await self.session.ask()

    @property
    def playing(self) -> bool:
        """Whether the player runs: the address rests meanwhile."""
        return bool(self.view.playing)

    def _draw(self, arrival: Arrival) -> None:
        """Show new frames and numbers."""
        self._tell(arrival.packet)

    def _read(self, *_events) -> None:
        """Numbers and curves of the lead that is shown."""
        if self.session.results is not None:
            self._tell()

    def _tell(self, packet: bytes | None = None) -> None:
        results = self.session.results
        lead = min(self.state.lead, results.leads)
        flow = results.comparison.flow
        charts = {
            "growth": growth_chart(results, flow.velocity_unit),
            "spectra": spectrum_chart(results.spectra[lead], flow.length_unit),
        }
        self.view.tell(story(results, lead), charts, packet)
        self.session.write_address()

    async def _resend(self, event) -> None:
        """All frames again: the browser lost one, or shows the view once more."""
        again = event.new > (0 if event.name == "missing" else 1)
        if self.session.results is not None and again:
            self.view.missing = 0  # so that the same frame may be missed once more
            await self.session.ask()
