"""The page of errors: all windows of a flow, the worst of them, and where and when they err."""

import asyncio
from functools import partial

import panel as pn
import panel_material_ui as pmui
import param

from symdyn_core.experiments.novelty import Gauge

from .. import catalogue, inspection
from ..jobs import JOBS, Job
from . import errors_words, panel
from .errors_scatter import AGAINST, AGAINST_TIP
from .errors_table import as_csv
from .errors_view import ErrorsView
from .sizes import letters

RANKS = (("worst", 0.0), ("median", 0.5), ("best", 1.0))
"""Windows that can be opened at once, by their place in the table."""


class ErrorsSettings(panel.Settings):
    """Which windows, and what their errors are drawn against."""

    leads = param.Integer(3, bounds=(1, 20), doc="Leads of each forecast.")
    count = param.Integer(120, bounds=(8, 400), doc="Windows, at most.")
    against = param.Selector(
        default="persistence", objects=[*AGAINST], check_on_set=True, doc="Of the scatter."
    )
    whose = param.Selector(
        default="b", objects=["a", "b"], check_on_set=True, doc="Whose errors rank the windows."
    )


class ErrorsPage(panel.Panel):
    """Errors of models A and B over the windows of the chosen flow."""

    key, title, icon = "errors", "Errors", "troubleshoot"
    about = "Which windows go wrong, where and when."
    sections = ("flow", "models")
    Settings = ErrorsSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.reference: Gauge | None = None
        self.words = pn.pane.HTML("", sizing_mode="stretch_width", margin=(2, 10))
        self.gauge = pn.pane.HTML("", sizing_mode="stretch_width", margin=(2, 10))
        self.bar = pmui.LinearProgress(
            value=0, variant="determinate", sizing_mode="stretch_width", margin=(2, 10)
        )
        self.view = ErrorsView(self._open, self._redraw)
        settings.param.watch(self._again, ["leads", "count"])
        settings.param.watch(self._redraw, ["against", "whose"])
        self.state.param.watch(self._again, ["data", "model_a", "model_b"])
        self.state.param.watch(self._tell_gauge, ["member", "now", "links"])

    def __panel__(self):
        return pmui.Column(
            self._choices(), self.bar, self.words, self.gauge, self.view.body,
            sizing_mode="stretch_width", margin=(4, 10),
        )  # fmt: skip

    def _choices(self):
        settings = self.settings
        against = pmui.Select.from_param(
            settings.param.against, label="Draw errors against", size="small", **letters(12.25),
            options={words: name for name, words in AGAINST.items()}, description=AGAINST_TIP,
        )  # fmt: skip
        leads = pmui.IntSlider.from_param(
            settings.param.leads, label="Leads", **letters(6),
            description="Frames that each window is forecast.",
        )  # fmt: skip
        whose = pmui.RadioButtonGroup.from_param(
            settings.param.whose, label="", options={"Rank by A": "a", "by B": "b"},
            size="small", sx={"& button": {"whiteSpace": "nowrap"}},
        )  # fmt: skip
        picks = [self._pick(label, share) for label, share in RANKS]
        self.all_again = pmui.Button(
            label="All windows", icon="select_all", variant="text", size="small", visible=False
        )
        self.all_again.on_click(lambda _: self.view.choose(None))
        csv = pmui.FileDownload(
            callback=self._csv, filename="windows.csv", label="CSV", variant="text",
            size="small",
        )  # fmt: skip
        return pn.FlexBox(
            against, leads, whose, *picks, self.all_again, csv, align_items="center", gap="6px"
        )

    def _pick(self, label: str, share: float):
        button = pmui.Button(
            label=label.capitalize(), icon="open_in_new", variant="outlined", size="small",
            margin=0, description=f"Open the {label} of the windows in the table in Explore.",
        )  # fmt: skip
        button.on_click(lambda _: self._open_ranked(share))
        return button

    async def shown(self) -> None:
        await self._again()

    async def _again(self, *_events) -> None:
        """Start over, if this page is in front: what is known already is there at once."""
        if self.state.page != self.key:
            return
        self.leave()
        state, source, settings = self.state, self.state.source, self.settings
        self.reference = None
        try:
            models, past = self._models, state.now_range(state.flow)[0] + 1
        except ValueError as error:
            self.words.object = errors_words.waiting(str(error))
            return
        jobs = {}
        for name, model in models.items():
            asked = source, model, past, settings.leads, settings.count
            key = ("errors", catalogue.marked(model), *asked)
            jobs[name] = JOBS.get(key, partial(inspection.error_steps, *asked))
        if not all(job.done for job in jobs.values()):
            self.view.body.visible = False
        known = inspection.reference(models["b"], source)
        gauge = JOBS.get(("gauge", known), partial(inspection.gauge_steps, known))
        self.follow(self._follow(jobs), self._follow_gauge(gauge))

    async def _follow(self, jobs: dict[str, Job]) -> None:
        async for _ in self.changes(*jobs.values()):
            problem = next((job.error for job in jobs.values() if job.error), "")
            if problem:
                self.bar.visible = False
                self.words.object = errors_words.waiting(problem)
                return
            self.bar.value = round(100 * sum(j.fraction for j in jobs.values()) / len(jobs))
            self.bar.visible = not all(job.done for job in jobs.values())
            if self.bar.visible:
                self.words.object = errors_words.waiting("Forecasting windows …")
        errors = {name: job.result for name, job in jobs.items()}
        self.view.take(errors, self.state.flow, self._titles())
        self._redraw()

    async def _follow_gauge(self, job: Job) -> None:
        async for _ in self.changes(job):
            pass
        self.reference = job.result
        await self._tell_gauge()

    async def _tell_gauge(self, *_events) -> None:
        """How unusual the input of Explore is."""
        if self.reference is None or self.state.page != self.key:
            return
        question = self.state.question
        try:
            found = await asyncio.to_thread(inspection.placed, self.reference, question)
        except ValueError as error:
            self.gauge.object = errors_words.waiting(str(error))
            return
        if question == self.state.question:
            self.gauge.object = errors_words.gauge(found)

    def _redraw(self, *_events) -> None:
        view, settings = self.view, self.settings
        if not view.errors or self.state.page != self.key:
            return
        with pn.io.hold():
            self.all_again.visible = view.chosen is not None
            self.words.object = view.draw(against=settings.against, whose=settings.whose)

    @property
    def _models(self) -> dict[str, str]:
        return {"a": self.state.model_a, "b": self.state.model_b}

    def _titles(self) -> dict[str, str]:
        return {name: catalogue.model(model).title for name, model in self._models.items()}

    def _csv(self):
        return as_csv(self.view.windows, self._models, self.state.flow.velocity_unit)

    def _open_ranked(self, share: float) -> None:
        """The window at a place in the table: 0 the worst, 0.5 the median, 1 the best."""
        table = self.view.table
        if len(table.shown):
            table.open_row(round(share * (len(table.shown) - 1)))

    def _open(self, member: int, now: int) -> None:
        try:
            self.state.place(member=member, now=now)
        except ValueError as error:
            self.session.complain(str(error))
            return
        self.session.open("explore")
