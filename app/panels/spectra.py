"""The page of spectra and growth: energy by scale, and errors against lead, of the same forecasts.

It shows the answer to the question of the state, as Explore does, and moves with its player.
"""

import panel as pn
import panel_material_ui as pmui
import param

from ..arrival import Arrival
from . import panel
from .curves import GROWTHS, Growth
from .figures import colour_words
from .lead_player import LeadPlayer
from .spectra_error import SpectralErrorFigure
from .spectra_words import HELP, sentence, table
from .spectrum import SpectraFigure
from .story import STYLE

DEFINITIONS = {"E(k)": "standard", "Paper": "paper"}
MEASURES = {"Energy ratio": "ratio", "Error energy": "difference"}


SHAPE = 1.6
"""Width over height of the figures, on windows that have room for it."""

LEAST = 0.7
"""Height of a figure on a phone over the width at which it gets a line of its own."""


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
        colour_words(self.state, [self.spectra.words])
        self.growth = {key: Growth(key) for key in GROWTHS}
        self.words = pn.pane.HTML(
            '<div class="story"><p class="words">Forecasting …</p></div>',
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=(0, 10),
        )
        self.player = LeadPlayer(self.state)
        self.choices = [
            self._buttons("definition", DEFINITIONS),
            self._buttons("measure", MEASURES),
        ]
        self.places = self._places()
        self.state.param.watch(self._read, "lead")
        self.player.button.param.watch(session.write_address, "value")
        settings.param.watch(self._read, ["definition", "measure"])
        session.watch_results(self._draw)

    def __panel__(self):
        bar = pn.FlexBox(self.player, *self.choices, align_items="center", gap="6px 16px")
        return pmui.Column(
            self.words,
            bar,
            pn.FlexBox(*self.places[:2]),
            pn.FlexBox(*self.places[2:]),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    async def shown(self) -> None:
        await self.session.ask()
        self._read()

    def hidden(self) -> None:
        self.player.stop()

    @property
    def playing(self) -> bool:
        """Whether the player runs: the address rests meanwhile."""
        return self.player.playing

    def _places(self) -> list:
        """The figures, each in a place of its own for good; the growth in a second line."""
        words = "Kinetic energy of truth and both forecasts by wavenumber, on logarithmic axes."
        places = [_place(self.spectra.figure, 400, words)]
        words = "Spectral error of both forecasts by wavenumber."
        places.append(_place(self.error.figure, 400, words))
        for growth in self.growth.values():
            words = f"{growth.quantity.title}, of both forecasts."
            places.append(_place(growth.figure, 260, words))
        return places

    def _buttons(self, name: str, options: dict[str, str]):
        return pmui.RadioButtonGroup.from_param(
            self.settings.param[name],
            options=options,
            label="",
            size="small",
            margin=(0, 4),
            sx={"& .MuiToggleButton-root": {"whiteSpace": "nowrap", "py": "3px"}},
            description=" ".join(HELP[value] for value in options.values()),
        )

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
                '<div class="scroll" role="region" aria-label="Scores" tabindex="0">'
                f"{table(results, lead)}</div></div>"
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


def _place(figure, width: int, words: str):
    """A place that grows with the window; it moves to a line of its own where that is narrow."""
    figure.html_attributes = {"role": "img", "aria-label": words}
    figure.update(
        sizing_mode="stretch_width",
        height=None,
        aspect_ratio=SHAPE,
        min_height=round(LEAST * width),
    )
    return pmui.Column(
        pn.pane.Bokeh(figure, sizing_mode="stretch_width", margin=0),
        styles={"flex": f"1 1 {width}px", "min-width": f"min({width}px, 100%)"},
        sizing_mode="stretch_width",
        margin=2,
    )
