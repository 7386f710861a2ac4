"""The page of audits: at which element a model fails, and in which layer it goes wrong."""

import asyncio
from functools import partial

import panel as pn
import panel_material_ui as pmui
import param

from symdyn_core.grid import Element
from symdyn_core.symmetries import ALL

from .. import audits, catalogue, elements
from ..jobs import JOBS, Job
from ..wording import percent
from . import labels, panel
from .audit_curves import AuditCurves
from .audit_layers import layer_heat, lie_bars
from .figures import ExchangedCard as Card

ANGLES = ("rotation", "reflection")

TIP = (
    "Equivariance error: || f(g w) − g f(w) || / || g f(w) ||, median over windows spread over the "
    "whole flow. 0 for a model that respects the symmetry, however good its forecasts are."
)


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
    """Errors along a symmetry for the chosen models, and layer by layer for one of them."""

    key, title, icon = "audit", "Audit", "fact_check"
    about = "Where and by how much models break a symmetry."
    sections = ("flow", "models")
    Settings = AuditSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.curves = AuditCurves(self._open_sample)
        self.following: list[asyncio.Task] = []
        self.words = pn.pane.HTML("", sizing_mode="stretch_width", margin=(4, 10))
        self.bar = pmui.LinearProgress(value=0, sizing_mode="stretch_width", margin=(0, 10))
        self.figure, self.heat, self.lie = Card(350, 420), Card(350, 420), Card(320)
        self.note = pn.pane.HTML("", sizing_mode="stretch_width", margin=(0, 10))
        changed = ["symmetry", "dial", "others", "samples", "inside"]
        settings.param.watch(self._again, changed)
        self.state.param.watch(self._again, ["data", "model_a", "model_b"])

    def __panel__(self):
        return pmui.Column(
            self._choices(),
            self.words,
            self.bar,
            pn.FlexBox(self.figure, self.heat),
            self.note,
            pn.FlexBox(self.lie),
            sizing_mode="stretch_width",
            margin=(4, 10),
        )

    def _choices(self):
        settings = self.settings
        symmetry = pmui.Select.from_param(
            settings.param.symmetry,
            label="Symmetry",
            options={s.title: s.name for s in ALL},
            size="small",
            width=250,
        )
        titles = {model.title: model.name for model in catalogue.models()}
        others = pmui.MultiChoice(
            label="Further models", options=titles, value=_names(settings.others), width=330
        )  # fmt: skip
        others.param.watch(lambda e: settings.param.update(others=",".join(e.new)), "value")
        dial = pmui.Switch.from_param(settings.param.dial, label="Angles on a dial")
        whose = pmui.RadioButtonGroup.from_param(
            settings.param.inside, label="", options={"Layers of A": "a", "Layers of B": "b"},
            size="small",
        )  # fmt: skip
        return pn.FlexBox(symmetry, others, dial, whose, align_items="center", gap="10px")

    async def shown(self) -> None:
        await self._again()

    def hidden(self) -> None:
        self._leave()

    @property
    def names(self) -> list[str]:
        """The audited models: A, B and the further ones, each once."""
        chosen = [self.state.model_a, self.state.model_b, *_names(self.settings.others)]
        return [*dict.fromkeys(chosen)][:7]

    async def _again(self, *_events) -> None:
        """Start over, if this page is in front: what is known already is there at once."""
        if self.state.page != self.key:
            return
        self._leave()
        settings, source = self.settings, self.state.source
        symmetry = elements.named(settings.symmetry)
        titles = {name: catalogue.model(name).title for name in self.names}
        polar = settings.dial and settings.symmetry in ANGLES
        self.figure.show(self.curves.figure(symmetry, titles, polar))
        jobs = {
            name: JOBS.get(
                ("audit", source, name, settings.symmetry, settings.samples),
                partial(audits.curve_steps, source, name, settings.symmetry, settings.samples),
            )
            for name in titles
        }
        whose = self.state.model_a if settings.inside == "a" else self.state.model_b
        inside = JOBS.get(("inside", source, whose), partial(audits.inside_steps, source, whose))
        self.following = [
            asyncio.ensure_future(self._follow(jobs)),
            asyncio.ensure_future(self._follow_inside(inside)),
        ]

    def _leave(self) -> None:
        for task in self.following:
            task.cancel()
        self.following = []

    async def _follow(self, jobs: dict[str, Job]) -> None:
        for job in jobs.values():
            async for _ in job.changes():
                curves = {name: one.result or audits.Curve() for name, one in jobs.items()}
                with pn.io.hold():
                    self.curves.update(curves)
                    self.bar.value = round(100 * sum(j.fraction for j in jobs.values()) / len(jobs))
                    self.bar.visible = self.bar.value < 100
                    self.words.object = _sentence(self.settings.symmetry, curves)
            if job.error:
                self.session.complain(job.error)

    async def _follow_inside(self, job: Job) -> None:
        shown = None
        self.note.object = "<p>Looking into the layers …</p>"
        async for _ in job.changes():
            found = job.result
            if found is shown or found is None or not found.layers:
                continue
            shown = found
            self.heat.show(layer_heat(found))
            if found.layer_lie:
                self.lie.show(lie_bars(found))
            self.note.object = _about(found)
        if job.error:
            self.note.object = f"<p>{job.error}</p>"
        elif shown is None and job.done:
            self.heat.show(None)
            self.lie.show(None)
            self.note.object = "<p>This model has no layers to look into.</p>"

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


def _names(text: str) -> list[str]:
    known = {model.name for model in catalogue.models()}
    return [name for name in text.split(",") if name in known]


def _sentence(symmetry: str, curves: dict[str, audits.Curve]) -> str:
    """Where each model fails worst, in words."""
    parts = []
    for name, curve in curves.items():
        if not curve.rows:
            continue
        worst = max(curve.rows, key=lambda row: row.error_median)
        done = elements.described(symmetry, elements.as_tuple(worst.element))
        title = f"<b>{catalogue.model(name).title}</b>"
        if worst.error_median < 1e-5:
            parts.append(f"{title} follows everywhere (at most {percent(worst.error_median)}).")
        else:
            parts.append(
                f"{title} fails worst where the flow is {done}: "
                f"<b>{percent(worst.error_median)}</b>."
            )
    text = " ".join(parts) or "Measuring …"
    return f'<p style="margin:0;font-size:14px" title="{labels.quoted(TIP)}">{text}</p>'


def _about(inside: audits.Inside) -> str:
    lost = {s: layer for s, layer in (inside.lost_at or {}).items() if layer is not None}
    places = "; ".join(
        f"{elements.named(name).title.lower()} first at <code>{layer}</code>"
        for name, layer in lost.items()
    )
    text = f"Lost: {places}. " if lost else "No layer loses a symmetry for good. "
    return (
        f'<p style="margin:0">{text}Orange frames mark where; later layers inherit the error. '
        f"{inside.note}</p>"
    )
