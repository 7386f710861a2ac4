"""The page of kernels: the filters of a layer, turning as the group element turns."""

import asyncio
import math
from html import escape

import panel as pn
import panel_material_ui as pmui

from .. import catalogue, kernels
from ..kernels import DILATION, MAGNITUDE, MOTION, TURN, Action, Pick, Subject
from . import kernels_words as words
from . import panel
from .kernels_choices import FIELDS, SLIDERS, Choices, KernelsSettings
from .kernels_view import KernelsView

PLACES = {
    TURN: tuple(float(angle) for angle in range(0, 361, 5)),
    DILATION: tuple(2 ** (n / 12) for n in range(-12, 13)),
    MOTION: tuple(n / 8 for n in range(-16, 17)),
    MAGNITUDE: tuple(0.25 * 10 ** (n / 24) for n in range(25)),
}
"""Where the curves along each action are measured."""

AXES = {
    TURN: "turn [degrees]",
    DILATION: "times as wide",
    MOTION: "velocity to the right [rms]",
    MAGNITUDE: "times as strong",
}


class Kernels(panel.Panel):
    """Filters of a layer of A or B, what a group element makes of them, and what should be."""

    key, title, icon = "kernels", "Kernels", "blur_on"
    about = "The filters inside the networks, turning as the group turns."
    sections = ("flow", "models")
    Settings = KernelsSettings

    def __init__(self, session, settings):
        super().__init__(session, settings)
        self.subjects: dict[str, Subject] = {}
        self._asked = 0
        self.choices = Choices(settings)
        html = {"stylesheets": [words.STYLE], "sizing_mode": "stretch_width"}
        self.words = pn.pane.HTML("<p>Loading the networks …</p>", margin=(2, 10), **html)
        self.numbers = pn.pane.HTML("", margin=(2, 10), **html)
        self.view = KernelsView()
        settings.param.watch(self._again, ["model", "action", "layer", "mirrored"])
        settings.param.watch(self._moved, [*SLIDERS.values(), *FIELDS])
        self.state.param.watch(self._again, ["data", "member", "now", "model_a", "model_b"])

    def __panel__(self):
        return pmui.Column(
            self.choices.line(), self.numbers, self.words, self.view,
            sizing_mode="stretch_width", margin=(4, 10),
        )  # fmt: skip

    async def shown(self) -> None:
        await self._again()

    @property
    def action(self) -> Action:
        """What is done to the filters."""
        settings, kind = self.settings, self.settings.action
        if kind == "auto":
            own = self.state.model_a if settings.model == "a" else self.state.model_b
            kind = kernels.SUITED.get(catalogue.model(own).symmetry, TURN)
        mirrored = settings.mirrored and kind == TURN
        return Action(kind, getattr(settings, SLIDERS[kind]), mirrored)

    async def _again(self, *_events) -> None:
        """Another layer, model, flow or action: look into both networks, then draw."""
        if self.state.page != self.key:
            return
        self._asked += 1
        asked, source = self._asked, self.state.source
        models = {"a": self.state.model_a, "b": self.state.model_b}
        try:
            found = {
                name: await asyncio.to_thread(kernels.layers, source, model)
                for name, model in models.items()
            }
        except (ValueError, FileNotFoundError) as error:
            self.subjects = {}
            self._say_nothing(str(error).splitlines()[0])
            return
        if asked != self._asked:
            return
        own, other = self.settings.model, "b" if self.settings.model == "a" else "a"
        if not found[own]:
            title, self.subjects = catalogue.model(models[own]).title, {}
            self._say_nothing(f"{title} is no network with filters. Choose another model.")
            self.choices.hide()
            return
        place = min(self.settings.layer, len(found[own]) - 1)
        places = {own: place}
        if found[other]:
            places[other] = kernels.counterpart(place, found[own], found[other])
        at = (self.state.member, self.state.now)
        self.subjects = {
            name: Subject(source, models[name], number, *at) for name, number in places.items()
        }
        self._offer(found[own], place)
        await asyncio.to_thread(kernels.prepare, self.subjects.values(), self.action)
        if asked == self._asked and self._draw():
            await self._draw_curves(asked)

    def _offer(self, layers, place: int) -> None:
        names = [
            f"{n + 1} · {_size(layer)} · {_short(layer.path)}" for n, layer in enumerate(layers)
        ]
        layer, whole = layers[place], kernels.kernel(layers[place])
        group = layer.type_in.group or layer.type_out.group
        vectors = layer.type_in.kind == "vectors"
        one_by_one = layer.type_out.kind != "vectors"
        held = {
            "out": whole.shape[0],
            "out_channel": layer.type_out.size if vectors or one_by_one else 1,
            "into": whole.shape[2],
            "in_channel": 1 if vectors else layer.type_in.size,
        }
        with pn.io.hold():
            self.choices.offer_layers(names, place)
            self.choices.offer(self.action.kind, group.order if group else 4, held)

    def _moved(self, *_events) -> None:
        if self.state.page == self.key and self.subjects:
            self._draw()

    def _draw(self) -> bool:
        """Draw what is chosen; False where it cannot be shown."""
        settings, action = self.settings, self.action
        subject = self.subjects[settings.model]
        pick = Pick(settings.out, settings.out_channel, settings.into, settings.in_channel)
        try:
            seen = subject.seen(action, pick)
        except ValueError as error:
            self._say_nothing(str(error))
            return False
        numbers = {name: self._numbers(name, action) for name in "ab"}
        titles = {
            name: catalogue.model(model).title
            for name, model in (("a", self.state.model_a), ("b", self.state.model_b))
        }
        with pn.io.hold():
            residual = numbers[settings.model][1]
            self.words.object = words.sentence(subject, action, seen, residual)
            self.numbers.object = words.table(numbers, titles, action)
            self.view.draw(action, seen, subject.layer.half)
        return True

    def _numbers(self, name: str, action: Action) -> tuple:
        """(layer, residual, on waves, why there are none) of one model."""
        if name not in self.subjects:
            return "–", math.nan, None, "has no filters"
        subject = self.subjects[name]
        try:
            residual, on_waves = subject.residual(action), subject.on_waves(action)
        except ValueError as error:
            return _short(subject.layer.path), math.nan, None, str(error).split(". ")[0]
        return _short(subject.layer.path), residual, on_waves, ""

    async def _draw_curves(self, asked: int) -> None:
        action, places = self.action, PLACES[self.action.kind]
        found = {}
        for name, subject in self.subjects.items():
            found[name] = await asyncio.to_thread(
                kernels.curve, subject, action.kind, places, action.mirrored
            )
            if asked != self._asked:
                return
        with pn.io.hold():
            self.view.curves.update(found, places, AXES[action.kind])

    def _say_nothing(self, line: str) -> None:
        """No picture, and why."""
        with pn.io.hold():
            self.words.object = f"<p>{escape(line)}</p>"
            self.numbers.object = ""
            self.view.body.visible = False


def _size(layer) -> str:
    cells = 2 * layer.half + 1
    return f"{cells}×{cells}"


def _short(path: str) -> str:
    return path.rpartition("network.")[2].removesuffix(".convolution")
