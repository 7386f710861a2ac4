"""Sections of the sidebar beside the transformations: flow, models and pictures."""

from collections.abc import Mapping
from functools import partial

from .. import catalogue
from ..control import Control, Select, Slider, Switch, Toggles
from ..scene import MOST_STEPS, STEPS
from . import labels
from .section import Section


class FlowChoice(Section):
    """Which flow, which square of it, and from when on it is forecast."""

    key, title = "flow", "Flow"
    follows = frozenset({"data", "member", "now", "model_a", "model_b"})

    def outline(self) -> object:
        flow = self.state.flow
        names = [(source.key, source.label) for source in self.state.sources]
        return names, flow.members, flow.times, self.state.now_range(flow)

    def controls(self) -> tuple[Control, ...]:
        names, members, times, (first, last) = self.outline()  # type: ignore[misc]
        data = Select(
            key="data",
            label="Flow",
            help=labels.HELP["data"],
            groups=(("", tuple(names)),),
            choose=self.state.choose_data,
        )
        region = Select(
            key="member",
            label="Region",
            help=labels.HELP["member"],
            groups=(("", tuple(enumerate(members))),),
            disabled=len(members) < 2,
            choose=self._region,
        )
        now = Slider(
            key="now",
            label="Start",
            help=labels.HELP["now"],
            low=first,
            high=last,
            names=tuple(times[first : last + 1]),
            disabled=first == last,
            choose=self._start,
        )
        return data, region, now

    def values(self, shown: Mapping[str, object]) -> dict[str, object]:
        return {"data": self.state.data, "member": self.state.member, "now": self.state.now}

    def _region(self, member: int) -> None:
        self.state.place(member=member)

    def _start(self, now: float) -> None:
        self.state.place(now=int(now))


class ModelChoice(Section):
    """The two models, from lists under headings."""

    key, title = "models", "Models"
    follows = frozenset({"model_a", "model_b"})

    def outline(self) -> object:
        groups = catalogue.groups(self.state.param.model_a.objects)
        return tuple(
            (heading, tuple((name, title) for title, name in models.items()))
            for heading, models in groups.items()
        )

    def controls(self) -> tuple[Control, ...]:
        groups = self.outline()
        return tuple(
            Select(
                key=f"model_{which}",
                label=f"Model {which.upper()}",
                help=labels.HELP[f"model_{which}"],
                groups=groups,  # type: ignore[arg-type]
                choose=partial(self._model, which),
            )
            for which in "ab"
        )

    def values(self, shown: Mapping[str, object]) -> dict[str, object]:
        return {"model_a": self.state.model_a, "model_b": self.state.model_b}

    def _model(self, which: str, name: str) -> None:
        self.state.choose_models(**{which: name})


class PictureChoice(Section):
    """How the question is shown."""

    key, title = "pictures", "Pictures"
    shown = ("field", "view", "vectors", "maps", "limits", "stabilised", "steps")

    def controls(self) -> tuple[Control, ...]:
        toggles = [
            Toggles(
                key=name,
                label=label,
                titled=name != "field",
                help=labels.HELP[name],
                options=options,
                choose=partial(self._display, name),
            )
            for name, (label, options) in labels.TOGGLES.items()
        ]
        stabilised = Switch(
            key="stabilised",
            label="Stabilised",
            help=labels.HELP["stabilised"],
            choose=partial(self._display, "stabilised"),
        )
        steps = Slider(
            key="steps",
            label="Leads of the rollout",
            help=labels.HELP["steps"],
            low=STEPS,
            high=MOST_STEPS,
            step=10,
            choose=self._steps,
        )
        return (*toggles, stabilised, steps)

    def values(self, shown: Mapping[str, object]) -> dict[str, object]:
        return {name: getattr(self.state, name) for name in self.shown}

    def _display(self, name: str, value: object) -> None:
        self.state.param.update(**{name: value})

    def _steps(self, value: float) -> None:
        self.state.steps = int(value)
