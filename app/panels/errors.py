"""The page of errors: all windows of a flow, the worst of them, and where and when they err."""

import asyncio
from functools import partial

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import ColumnDataSource
from bokeh.models.widgets.tables import NumberFormatter

from symdyn_core.experiments.window_errors import WindowErrors

from .. import catalogue, inspection
from ..jobs import JOBS, Job
from ..wording import number
from . import errors_figures as figures
from . import panel
from .figures import ExchangedCard as Card

BESIDE = {"flex": "1 1 380px", "min-width": "300px"}

COLUMNS = {
    "member": "region", "time": "frame", "rmse": "RMSE", "ese": "ESE",
    "persistence": "persistence", "speed": "speed", "water": "water",
}  # fmt: skip
"""Headings of the table."""

ROUNDED = ("rmse", "ese", "persistence", "speed", "water")
"""Columns of numbers."""


class ErrorsSettings(panel.Settings):
    """Which windows, and what their errors are drawn against."""

    leads = param.Integer(3, bounds=(1, 20), doc="Leads of each forecast.")
    count = param.Integer(120, bounds=(8, 1000), doc="Windows, at most.")
    against = param.Selector(default="persistence", objects=list(figures.AGAINST))
    whose = param.Selector(default="b", objects=["a", "b"], doc="Whose windows the table lists.")


class Errors(panel.Panel):
    """Errors of models A and B over the windows of the chosen flow."""

    key, title, icon = "errors", "Errors", "troubleshoot"
    about = "Which windows go wrong, where and when."
    sections = ("flow", "models")
    Settings = ErrorsSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.rows = {name: ColumnDataSource(figures.columns(WindowErrors())) for name in "ab"}
        for name, source in self.rows.items():
            source.selected.on_change("indices", partial(self._brushed, name))
        self.errors: figures.Errors = {}
        self.following: asyncio.Task | None = None
        self.words = pn.pane.HTML("", sizing_mode="stretch_width", margin=(2, 10))
        self.gauge = pn.pane.HTML("", sizing_mode="stretch_width", margin=(2, 10))
        self.bar = pmui.LinearProgress(value=0, sizing_mode="stretch_width", margin=(0, 10))
        names = ("scatter", "map_a", "map_b", "course", "distance", "histogram")
        self.panes = {name: Card(350 if name == "scatter" else 280) for name in names}
        self.table = pn.widgets.Tabulator(
            pd.DataFrame(columns=list(COLUMNS)), titles=COLUMNS, disabled=True, show_index=False,
            page_size=9, pagination="local", selectable=1, sizing_mode="stretch_width",
            formatters={name: NumberFormatter(format="0.0000") for name in ROUNDED},
        )  # fmt: skip
        self.table.on_click(self._clicked)
        settings.param.watch(self._again, ["leads", "count"])
        settings.param.watch(self._redraw, ["against", "whose"])
        self.state.param.watch(self._again, ["data", "model_a", "model_b"])
        self.state.param.watch(self._redraw, ["member"])

    def __panel__(self):
        panes = self.panes
        cards = [card for name, card in panes.items() if name != "scatter"]
        return pmui.Column(
            self._choices(),
            self.words,
            self.gauge,
            self.bar,
            pn.FlexBox(
                panes["scatter"],
                pmui.Column(self.table, styles=BESIDE),
            ),
            pn.FlexBox(*cards),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    def _choices(self):
        settings = self.settings
        against = pmui.Select.from_param(
            settings.param.against, label="Draw errors against", size="small", width=300,
            options={words: name for name, words in figures.AGAINST.items()},
        )  # fmt: skip
        leads = pmui.IntSlider.from_param(settings.param.leads, label="Leads", width=160)
        whose = pmui.RadioButtonGroup.from_param(
            settings.param.whose, label="", options={"Table of A": "a", "Table of B": "b"},
            size="small",
        )  # fmt: skip
        picks = [self._pick(label, share) for label, share in PICKS]
        return pn.FlexBox(against, leads, whose, *picks, align_items="center", gap="8px")

    def _pick(self, label: str, share: float):
        button = pmui.Button(label=label, variant="outlined", size="small", margin=0)
        button.on_click(lambda _: self._open_ranked(share))
        return button

    async def shown(self) -> None:
        await self._again()

    def hidden(self) -> None:
        if self.following is not None:
            self.following.cancel()

    async def _again(self, *_events) -> None:
        if self.state.page != self.key:
            return
        self.hidden()
        source, settings = self.state.source, self.settings
        models = {"a": self.state.model_a, "b": self.state.model_b}
        jobs = {
            name: JOBS.get(
                ("errors", source, model, settings.leads, settings.count),
                partial(inspection.error_steps, source, model, settings.leads, settings.count),
            )
            for name, model in models.items()
        }
        known = inspection.reference(models["b"], source)
        gauge = JOBS.get(("gauge", known), partial(inspection.gauge_steps, known))
        self.following = asyncio.ensure_future(self._follow(jobs, gauge))

    async def _follow(self, jobs: dict[str, Job], gauge: Job) -> None:
        for job in jobs.values():
            async for _ in job.changes():
                self.bar.value = round(100 * sum(j.fraction for j in jobs.values()) / len(jobs))
                self.bar.visible = self.bar.value < 100
                self.words.object = f"<p>Forecasting all windows … {self.bar.value} %</p>"
            if job.error:
                self.words.object = f"<p>{job.error}</p>"
                return
        self.errors = {name: job.result for name, job in jobs.items()}
        self._redraw()
        async for _ in gauge.changes():
            if gauge.done:
                self._tell_novelty(gauge)

    def _redraw(self, *_events) -> None:
        if not self.errors or self.state.page != self.key:
            return
        state, errors, panes = self.state, self.errors, self.panes
        flow = state.flow
        unit, member, grid = flow.velocity_unit, state.member, flow.grids[state.member]
        with pn.io.hold():
            for name, one in errors.items():
                self.rows[name].data = figures.columns(one)
            panes["scatter"].show(figures.scatter(self.rows, self.settings.against, unit))
            maps = {name: one.rmse_by_cell(member) for name, one in errors.items()}
            high = max(float(pd.Series(m.ravel()).quantile(0.995)) for m in maps.values()) or 1.0
            for name, one in errors.items():
                title = f"{name.upper()}: error by place, region {flow.members[member]}"
                panes[f"map_{name}"].show(figures.cell_map(one, member, grid, title, high, unit))
            panes["course"].show(figures.course(errors, unit))
            panes["distance"].show(figures.by_distance(errors, member, grid, unit))
            panes["histogram"].show(figures.histogram(errors, unit))
            self._list(range(len(errors[self.settings.whose])))
            self.words.object = _sentence(errors, state, unit)

    def _list(self, chosen) -> None:
        """The chosen windows in the table, the worst first."""
        rows = pd.DataFrame(figures.columns(self.errors[self.settings.whose]))
        rows = rows.iloc[list(chosen)].sort_values("rmse", ascending=False)
        self.table.value = rows.reset_index(drop=True)

    def _brushed(self, name: str, _attribute, _old, new) -> None:
        """Windows were chosen in the scatter: the table lists them."""
        if self.errors and name == self.settings.whose:
            self._list(new or range(len(self.errors[name])))

    def _clicked(self, event) -> None:
        row = self.table.value.iloc[event.row]
        self._open(int(row["member"]), int(row["time"]))

    def _open_ranked(self, share: float) -> None:
        """The window at a rank: 1 the worst, 0.5 the median, 0 the best."""
        if not self.errors:
            return
        rows = pd.DataFrame(figures.columns(self.errors[self.settings.whose]))
        rows = rows.sort_values("rmse").reset_index(drop=True)
        row = rows.iloc[round(share * (len(rows) - 1))]
        self._open(int(row["member"]), int(row["time"]))

    def _open(self, member: int, now: int) -> None:
        first, last = self.state.now_range(self.state.flow)
        self.state.place(member=member, now=min(max(now, first), last))
        self.session.open("explore")

    def _tell_novelty(self, gauge: Job) -> None:
        results = self.session.results
        if gauge.result is None or results is None:
            return
        share, feature = inspection.placed(gauge.result, results.comparison)
        self.gauge.object = _novelty(share, feature)


PICKS = (("Open the worst", 1.0), ("the median", 0.5), ("the best", 0.0))


def _sentence(errors: figures.Errors, state, unit: str) -> str:
    parts = []
    for name, one in errors.items():
        rmse = pd.Series(one.rmse)
        better = (rmse < pd.Series(one.persistence)).mean()
        title = catalogue.model(state.model_a if name == "a" else state.model_b).title
        parts.append(
            f"<b>{name.upper()}</b> ({title}): RMSE {number(float((rmse**2).mean() ** 0.5))} "
            f"{unit} over {len(one)} windows, half of them under {number(float(rmse.median()))}; "
            f"better than persistence on {better:.0%}."
        )
    return f'<p style="margin:0">{" ".join(parts)}</p>'


def _novelty(share: float, feature: str) -> str:
    tip = (
        "Mahalanobis distance of seven features of the window from those of the windows of a flow "
        "like the training data. It says how unusual the input is, not how good the forecast."
    )
    place = "outside of all" if share >= 1 else f"farther out than {share:.0%}"
    return (
        f'<p style="margin:0" title="{tip}">The input of Explore, as transformed, lies <b>{place}'
        f"</b> of the windows of a flow like the training data; most unusual is its <b>{feature}"
        f'</b>. <meter min="0" max="1" low="0.8" high="0.95" optimum="0" value="{share:.3f}" '
        f'aria-label="How unusual the input is"></meter></p>'
    )
