"""The page of runs: all trainings on this machine, those under way, and small ones to start."""

import asyncio
from pathlib import Path

import panel as pn
import panel_material_ui as pmui
import param

from symdyn_core.experiments.result_tables import read_tables
from symdyn_core.experiments.run_book import RunBook
from symdyn_core.experiments.run_records import RunRecord

from .. import trainings
from ..operator import operator
from . import panel, runs_words
from .figures import Card, beside
from .runs_control import RunControl
from .runs_figures import RunCurves, SeedStrip
from .runs_start import StartForm
from .runs_table import RunTable, by_data

LOOK = 2000
"""Milliseconds between two looks at the disk, while the page is in front."""

CARD = beside(380)


class RunsSettings(panel.Settings):
    """Which run is looked at."""

    run = param.String("", doc="Its folder.")


class Runs(panel.Panel):
    """All training runs on this machine."""

    key, title, icon = "runs", "Runs", "model_training"
    about = "Training runs: curves, seeds, cards; start a small one."
    sections = ()
    Settings = RunsSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.book = RunBook(trainings.roots())
        self.watching = None
        html = {"stylesheets": [runs_words.STYLE], "sizing_mode": "stretch_width"}
        self.words, self.under_way = pn.pane.HTML("", **html), pn.pane.HTML("", **html)
        self.card, self.results = pn.pane.HTML("", **html), pn.pane.HTML("", **html)
        self.starter = trainings.Starter()
        self.control = RunControl(self.starter, session.inform, session.complain, self._look)
        self.barred: list[RunRecord] = []
        self.data = pmui.Select(
            label="Trained on", options={}, size="small", max_width=420, sizing_mode="stretch_width"
        )
        self.data.param.watch(self._draw, "value")
        self.strip = SeedStrip(self._choose)
        self.loss = RunCurves("Training loss", "loss", lambda epoch: epoch.train_loss)
        self.error = RunCurves("Validation", "RMSE", lambda epoch: epoch.valid_rmse)
        self.table = RunTable(self._choose)
        self.as_a, self.as_b = (self._opener(name) for name in "ab")
        self.start = None
        if operator().allow_training:
            self.start = StartForm(self._started, session.complain)
        self.placed = ""
        settings.param.watch(self._draw, "run")

    def __panel__(self):
        words = "Best validation RMSE of every run"
        buttons = pmui.Row(self.as_a, self.as_b, self.control.go_on, margin=0)
        self.body = pmui.Column(
            self.data,
            pn.FlexBox(
                Card(self.strip.figure, 380, words=words, growth=0.28),
                pmui.Column(self.table.widget, styles=CARD, margin=4),
            ),
            pn.FlexBox(
                pmui.Column(self.card, buttons, styles=CARD, margin=4),
                pmui.Column(
                    *(Card(one.figure, 280, 0, growth=0.19) for one in (self.error, self.loss)),
                    styles=CARD, margin=4,
                ),
            ),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        start = [] if self.start is None else [self.start.card]
        return pmui.Column(
            self.words, *start, self.under_way, self.control.cancel, self.control.why, self.body,
            self.results, sizing_mode="stretch_width", margin=(4, 10),
        )  # fmt: skip

    def _opener(self, name: str):
        button = pmui.Button(
            label=f"Open as {name.upper()}", icon="open_in_new", variant="outlined", size="small"
        )
        button.on_click(lambda _: self._open(name))
        return button

    async def shown(self) -> None:
        self.results.object = runs_words.results(read_tables().values())
        await self._look(first=True)
        if self.watching is None and pn.state.curdoc is not None:
            self.watching = pn.state.add_periodic_callback(self._look, period=LOOK)
        elif self.watching is not None and not self.watching.running:
            self.watching.start()

    def hidden(self) -> None:
        super().hidden()
        if self.watching is not None:
            self.watching.stop()

    def left(self) -> None:
        super().left()
        self.starter.leave()

    async def _look(self, first: bool = False) -> None:
        """Read what has changed on disk, and show it."""
        if await asyncio.to_thread(self._read) or first:
            with pn.io.hold():
                self._offer_data()
                self._draw()

    def _read(self) -> bool:
        """Read the disk; whether anything has changed there, or somebody has left."""
        changed, earlier = self.book.refresh(), self.barred
        self.barred = self.control.barred([*self.book.records.values()])
        return changed or [r.folder for r in self.barred] != [r.folder for r in earlier]

    def _offer_data(self) -> None:
        """The flows that runs were trained on, those with most runs first."""
        options, chosen = by_data(self.book.records.values()), self._chosen()
        if options != self.data.options:
            kept = self.data.value if self.data.value in options.values() else None
            wanted = chosen.data_key if chosen is not None else ""
            first = next(iter(options.values()), None)
            self.data.param.update(options=options, value=kept or wanted or first)

    def _draw(self, *_events) -> None:
        records = [*self.book.records.values()]
        busy = [record for record in records if record.running]
        chosen = self._chosen()
        self._place(chosen)
        on_data = [r for r in records if not r.data_key or r.data_key == self.data.value]
        with pn.io.hold():
            self.words.object = runs_words.summary(records, busy)
            self.under_way.object = runs_words.under_way(busy)
            self.control.update(busy, self.barred, chosen)
            self.body.visible = bool(records)
            self.strip.update(on_data, chosen.name if chosen else "")
            self.table.update(on_data)
            shown = chosen if chosen in on_data else None
            for curves in (self.loss, self.error):
                curves.update(on_data, shown)
            self.card.object = runs_words.card(chosen)
            for button in (self.as_a, self.as_b):
                button.visible = chosen is not None and chosen.usable and not chosen.running

    def _place(self, chosen: RunRecord | None) -> None:
        """Look at the data of a run that was chosen just now, once they are known."""
        if chosen is None or chosen.name == self.placed:
            return
        if chosen.data_key in self.data.options.values():
            self.placed = chosen.name
            self.data.value = chosen.data_key

    def _chosen(self) -> RunRecord | None:
        named = self.settings.run
        return next((r for r in self.book.records.values() if r.name == named), None)

    def _choose(self, name: str) -> None:
        self.settings.run = name

    def _open(self, which: str) -> None:
        """Forecast with the chosen run, in Explore."""
        chosen = self._chosen()
        try:
            if chosen is not None:
                self.state.choose_models(**{which: trainings.model_name(chosen)})
                self.session.open("explore")
        except (ValueError, FileNotFoundError) as error:
            self.session.complain(str(error).splitlines()[0])

    async def _started(self, folder: Path) -> None:
        await asyncio.to_thread(self.starter.started, folder)
        self.session.inform("The training has begun; it goes on when you close this page.")
        await self._look()
        self._choose(f"{folder.parent.name}/{folder.name}")
