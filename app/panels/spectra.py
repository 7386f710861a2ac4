"""The page of spectra and growth: energy by scale, and errors against lead, of the same forecasts.

It shows the answer to the question of the state, as Explore does, and moves with its player.
"""

import panel as pn
import panel_material_ui as pmui
import param

from ..engine import Arrival
from . import panel
from .curves import GROWTHS, Growth
from .figures import Card
from .spectra_error import SpectralErrorFigure
from .spectra_words import HELP, sentence, table
from .spectrum import SpectraFigure
from .story import STYLE

DEFINITIONS = {"E(k)": "standard", "Paper": "paper"}
MEASURES = {"Energy ratio": "ratio", "Error energy": "difference"}

PLAYING = 600
"""Milliseconds from one lead to the next."""


class SpectraSettings(panel.Settings):
    """How spectra are taken and compared."""

    definition = param.Selector(
        default="standard", objects=list(DEFINITIONS.values()), check_on_set=True
    )
    measure = param.Selector(default="ratio", objects=list(MEASURES.values()), check_on_set=True)


class SpectraPage(panel.Panel):
    """Spectra at one lead, errors at all of them."""

    key, title, icon = "spectra", "Spectra", "ssid_chart"
    about = "Energy by scale, and how errors grow."
    sections = ("transformation", "flow", "models")
    Settings = SpectraSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.spectra, self.error = SpectraFigure(), SpectralErrorFigure()
        self.growth = {key: Growth(key) for key in GROWTHS}
        self.words = pn.pane.HTML(
            '<div class="story"><p class="words">Forecasting …</p></div>',
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=(0, 10),
        )
        self.player = self._player()
        self.choices = [
            self._buttons("definition", DEFINITIONS),
            self._buttons("measure", MEASURES),
        ]
        self.cards = self._cards()
        self.state.param.watch(self._read, "lead")
        self.state.param.watch(self._follow, ["lead", "steps"])
        settings.param.watch(self._read, ["definition", "measure"])
        session.watch_results(self._draw)

    def __panel__(self):
        bar = pn.FlexBox(self.player, *self.choices, align_items="center", gap="6px 16px")
        return pmui.Column(
            self.words,
            bar,
            pn.FlexBox(*self.cards[:2]),
            pn.FlexBox(*self.cards[2:]),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    async def shown(self) -> None:
        await self.session.ask()
        self._read()

    def hidden(self) -> None:
        self.player.direction = 0

    @property
    def playing(self) -> bool:
        """Whether the player runs: the address rests meanwhile."""
        return self.player.direction != 0

    def _cards(self) -> list[Card]:
        """The figures, each made once."""
        words = "Kinetic energy of truth and both forecasts by wavenumber, on logarithmic axes."
        other = "Spectral error of both forecasts by wavenumber."
        cards = [
            Card(self.spectra.figure, 300, 420, words),
            Card(self.error.figure, 300, 420, other),
        ]
        for growth in self.growth.values():
            title = growth.quantity.title
            cards.append(Card(growth.figure, 220, 290, f"{title}, of both forecasts."))
        return cards

    def _player(self):
        """Leads in turn; it sets the lead of the state, and follows it."""
        state = self.state
        player = pmui.Player(
            label="Lead",
            start=1,
            end=state.steps,
            value=min(state.lead, state.steps),
            interval=PLAYING,
            loop_policy="loop",
            show_loop_controls=False,
            visible_buttons=["previous", "pause", "play", "next"],
            size="small",
            width=300,
            margin=(0, 10),
        )
        player.param.watch(lambda event: state.param.update(lead=event.new), "value")
        player.param.watch(self.session.write_address, "direction")
        return player

    def _buttons(self, name: str, options: dict[str, str]):
        return pmui.RadioButtonGroup.from_param(
            self.settings.param[name],
            options=options,
            label="",
            size="small",
            margin=(0, 4),
            description=" ".join(HELP[value] for value in options.values()),
        )

    def _follow(self, *_events) -> None:
        self.player.param.update(end=self.state.steps, value=min(self.state.lead, self.state.steps))

    def _draw(self, _arrival: Arrival) -> None:
        self._read()

    def _read(self, *_events) -> None:
        """Numbers and curves of the lead that is shown, if this page is."""
        results = self.session.results
        if results is None or not results.leads or self.state.page != self.key:
            return
        settings, lead = self.settings, min(self.state.lead, results.leads)
        flow = results.comparison.flow
        standard = settings.definition == "standard"
        found = results.spectra[lead] if standard else results.turbulence(lead)
        with pn.io.hold():
            self.spectra.update(found, flow.length_unit, slopes=standard)
            self._label(standard, found is None and not standard and lead < 2)
            self.error.update(found, flow.length_unit, settings.measure)
            for key, growth in self.growth.items():
                growth.update(results, lead, flow.velocity_unit if key == "rmse" else "")
            self.words.object = (
                f'<div class="story"><div class="words">{sentence(results, lead)}</div>'
                f'<div class="scroll">{table(results, lead)}</div></div>'
            )
        self.session.write_address()

    def _label(self, standard: bool, too_early: bool) -> None:
        """Name the spectrum that is shown."""
        figure = self.spectra.figure
        figure.title.text = (
            "Kinetic energy spectrum" if standard else "Spectrum of turbulent kinetic energy"
        )
        figure.yaxis.axis_label = "E(k)" if standard else "mean |FFT|²"
        if too_early:
            self.spectra.below.text = "the paper's spectrum needs two leads: play on"
