"""The page of audits: at which element a model fails, and in which layer it goes wrong."""

import io
from functools import partial
from html import escape

import panel as pn
import panel_material_ui as pmui
import param

from symdyn_core.grid import Element
from symdyn_core.symmetries import ALL

from .. import audit_tables, audits, catalogue, elements
from ..jobs import JOBS, Job
from . import audit_words as words
from . import panel
from .audit_choices import choices, names_in
from .audit_curves import DIAL, AuditCurves, kind_of
from .audit_layers import LayerHeat, LieBars
from .figures import COLOURS, Card, colour_words

CHOSEN = ["symmetry", "dial", "others", "samples", "inside"]


class AuditSettings(panel.Settings):
    """What is audited."""

    symmetry = param.Selector(
        default="rotation", objects=[symmetry.name for symmetry in ALL], check_on_set=True
    )
    dial = param.Boolean(True, doc="Angles around a dial.")
    others = param.String("", doc="Further models, separated by commas.")
    samples = param.Integer(8, bounds=(2, 64), doc="Windows that are measured on.")
    inside = param.Selector(default="b", objects=["a", "b"], doc="Whose layers are shown.")


class Audit(panel.Panel):
    """Errors along a symmetry for the chosen models, and layer by layer for one of them.

    Attributes:
        curves: what is known of each model along the symmetry.
        inside: what is known of the layers of one model.
    """

    key, title, icon = "audit", "Audit", "fact_check"
    about = "Where and by how much models break a symmetry."
    sections = ("flow", "models")
    Settings = AuditSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.curves: dict[str, audits.Curve] = {}
        self.inside = audits.Inside()
        html = {"stylesheets": [words.STYLE], "sizing_mode": "stretch_width"}
        self.words = pn.pane.HTML("", margin=(4, 10), css_classes=["tour-worst"], **html)
        self.legend = pn.pane.HTML("", margin=(0, 10), **html)
        self.note = pn.pane.HTML("", margin=(0, 10), **html)
        # In a column, which can come and go: a pane of HTML that is not drawn yet cannot.
        self.lie_heading = pmui.Column(
            pn.pane.HTML(
                words.heading("What each layer adds under shifts", words.LIE),
                margin=(6, 10), **html,
            ),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self.bar, self.inside_bar = _bar("Measuring models"), _bar("Measuring layers")
        self.figure, self.heat, self.lie = AuditCurves(self._open_sample), LayerHeat(), LieBars()
        colour_words(self.state, self.figure.words)
        self.cards = {
            kind: Card(
                made, 400, 0, words=words.ERROR, shape=1 if kind == DIAL else None, growth=0.6
            )
            for kind, made in self.figure.figures.items()
        }
        self.heat_card = Card(self.heat.figure, 260, 0, words=words.HEAT)
        self.lie_card = Card(self.lie.figure, 260, 0, words=words.LIE)
        self._hide_what_is_empty()
        settings.param.watch(self._again, CHOSEN)
        self.state.param.watch(self._again, ["data", "model_a", "model_b"])

    def __panel__(self):
        column = {"sizing_mode": "stretch_width", "margin": 0}
        curves = pmui.Column(
            self.legend, *self.cards.values(),
            styles={"flex": "1 1 400px", "min-width": "min(320px, 100%)"}, **column,
        )  # fmt: skip
        layers = pmui.Column(
            pn.pane.HTML(
                words.heading("Equivariance error layer by layer", words.HEAT),
                stylesheets=[words.STYLE], sizing_mode="stretch_width", margin=(0, 10),
            ),
            self.note, self.inside_bar, self.heat_card, self.lie_heading, self.lie_card,
            styles={"flex": "1 1 440px", "min-width": "min(320px, 100%)"}, **column,
        )  # fmt: skip
        return pmui.Column(
            choices(self.settings, self._downloads()),
            self.words,
            self.bar,
            pn.FlexBox(curves, layers, gap="12px", align_items="flex-start"),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    def _downloads(self) -> list:
        tables = {
            "Table": ("audit.csv", lambda: audit_tables.curves_table(self.curves)),
            "Layers": ("layers.csv", lambda: audit_tables.layers_table(self._whose, self.inside)),
        }
        return [
            pmui.FileDownload(
                callback=lambda text=text: io.StringIO(text()), filename=filename, label=label,
                variant="outlined", size="small", margin=(5, 0),
            )
            for label, (filename, text) in tables.items()
        ]  # fmt: skip

    async def shown(self) -> None:
        await self._again()

    @property
    def names(self) -> list[str]:
        """The audited models: A, B and the further ones, each once."""
        chosen = [self.state.model_a, self.state.model_b, *names_in(self.settings.others)]
        return [*dict.fromkeys(chosen)][: len(COLOURS)]

    @property
    def _whose(self) -> str:
        return self.state.model_a if self.settings.inside == "a" else self.state.model_b

    async def _again(self, *_events) -> None:
        """Start over, if this page is in front: what is known already is there at once."""
        if self.state.page != self.key:
            return
        settings, source = self.settings, self.state.source
        name, samples, whose = settings.symmetry, settings.samples, self._whose
        jobs = {
            model: JOBS.get(
                ("audit", source, catalogue.marked(model), name, samples),
                partial(audits.curve_steps, source, model, name, samples),
            )
            for model in self.names
        }
        inside = JOBS.get(
            ("inside", source, catalogue.marked(whose)), partial(audits.inside_steps, source, whose)
        )
        title = catalogue.model(whose).title
        self.follow(self._follow(jobs), self._follow_inside(inside, title))

    async def _follow(self, jobs: dict[str, Job]) -> None:
        titles = {name: catalogue.model(name).title for name in jobs}
        async for _ in self.changes(*jobs.values()):
            self._draw(jobs, titles)

    def _draw(self, jobs: dict[str, Job], titles: dict[str, str]) -> None:
        problems = {name: job.error for name, job in jobs.items() if job.error}
        curves = {name: job.result or audits.Curve() for name, job in jobs.items()}
        done = sum(1.0 if job.done else job.fraction for job in jobs.values()) / len(jobs)
        unfinished = [name for name, job in jobs.items() if not job.done]
        kind = kind_of(self.settings.symmetry, self.settings.dial)
        self.curves = curves
        with pn.io.hold():
            self.figure.name_axis(elements.named(self.settings.symmetry))
            for other, card in self.cards.items():
                card.visible = other == kind
            self.figure.update(curves, titles)
            self.legend.object = words.legend(titles.values(), bool(self.figure.floor.data["x"]))
            self.words.object = words.sentence(
                self.settings.symmetry, curves, titles, problems, unfinished, done
            )
            _show_progress(self.bar, done)

    async def _follow_inside(self, job: Job, title: str) -> None:
        self.note.object = f"<p>Looking into the layers of <b>{escape(title)}</b> …</p>"
        shown = None
        async for _ in self.changes(job):
            _show_progress(self.inside_bar, 1.0 if job.done else job.fraction)
            found = job.result
            if found is None or found is shown or not (found.layers or job.done):
                continue
            shown = self.inside = found
            with pn.io.hold():
                self.heat.update(found)
                self.lie.update(found)
                self.note.object = words.layers_sentence(title, found)
                self._hide_what_is_empty()
        if job.error:
            self.inside = audits.Inside()
            self._hide_what_is_empty()
            why = f"could not be looked into: {escape(job.error)}"
            self.note.object = f"<p><b>{escape(title)}</b> {why}</p>"

    def _hide_what_is_empty(self) -> None:
        self.heat_card.visible = bool(self.inside.layers)
        self.lie_card.visible = self.lie_heading.visible = bool(self.inside.layer_lie)

    def _open_sample(self, name: str, element: Element, worst: tuple[int, int] | None) -> None:
        """Show the transformed window of a point, with its model as B."""
        state, symmetry = self.state, elements.named(self.settings.symmetry)
        try:
            values = elements.nearest(symmetry, elements.as_tuple(element))
            state.set_links(((symmetry.name, values),))
            if worst is not None:
                first, last = state.now_range(state.flow)
                state.place(member=worst[0], now=min(max(worst[1], first), last))
            if name not in (state.model_a, state.model_b):
                state.choose_models(b=name)
        except ValueError as error:
            self.session.complain(str(error))
            return
        self.session.open("explore")


def _bar(label: str):
    return pmui.LinearProgress(
        value=0, variant="determinate", sizing_mode="stretch_width", margin=(2, 10), visible=False,
        label=label,
    )  # fmt: skip


def _show_progress(bar, fraction: float) -> None:
    """Together: the browser must not get one without the other."""
    with pn.io.hold():
        bar.param.update(value=round(100 * fraction), visible=fraction < 1)
