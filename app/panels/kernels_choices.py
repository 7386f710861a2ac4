"""What can be chosen on the page of kernels."""

import panel as pn
import panel_material_ui as pmui
import param

from ..kernels import DILATION, MAGNITUDE, MOST_MOTION, MOST_STRENGTH, MOTION, TURN
from . import panel
from .sizes import letters

ACTIONS = {
    "Suited to the model": "auto",
    "Turns and mirrors": TURN,
    "Dilation": DILATION,
    "Uniform motion": MOTION,
    "Magnitude": MAGNITUDE,
}


class KernelsSettings(panel.Settings):
    """Which filter is shown, and what is done to it."""

    model = param.Selector(default="a", objects=["a", "b"], doc="Whose filters are shown.")
    action = param.Selector(
        default="auto", objects=[*ACTIONS.values()], check_on_set=True, doc="What is done to them."
    )
    layer = param.Integer(0, bounds=(0, None), doc="Number of the layer, from 0.")
    angle = param.Number(45.0, bounds=(0.0, 360.0), doc="Turn [degrees], counter-clockwise.")
    mirrored = param.Boolean(False, doc="Mirror (u, v)(x, y) → (u, −v)(x, −y) before the turn.")
    factor = param.Number(1.5, bounds=(0.5, 2.0), doc="How many times as wide the filter becomes.")
    motion = param.Number(
        1.0,
        bounds=(-MOST_MOTION, MOST_MOTION),
        doc="Velocity to the right, in rms of what the layer sees.",
    )
    strength = param.Number(2.0, bounds=(0.25, MOST_STRENGTH), doc="Factor of what the layer sees.")
    out = param.Integer(
        0, bounds=(0, None), doc="Output field: a filter leads from one input field to it."
    )
    out_channel = param.Integer(0, bounds=(0, None), doc="Channel of the output field.")
    into = param.Integer(0, bounds=(0, None), doc="Input field of the filter.")
    in_channel = param.Integer(0, bounds=(0, None), doc="Channel of the input field.")


SLIDERS = {TURN: "angle", DILATION: "factor", MOTION: "motion", MAGNITUDE: "strength"}
"""The setting that says how far an action goes, by action."""

LABELS = {
    "angle": ("Turn [°]", 1.0),
    "factor": ("Times as wide", 0.01),
    "motion": ("Velocity to the right [rms]", 0.05),
    "strength": ("Times as strong", 0.05),
}

FIELDS = {
    "out": "Output",
    "out_channel": "Channel",
    "into": "Input",
    "in_channel": "Channel",
}


class Choices:
    """The controls over the pictures."""

    def __init__(self, settings: KernelsSettings):
        self.settings = settings
        parameters = settings.param
        self.model = pmui.RadioButtonGroup.from_param(
            parameters.model, label="", options={"Model A": "a", "Model B": "b"}, size="small",
            **letters(11),
        )  # fmt: skip
        self.action = pmui.Select.from_param(
            parameters.action, label="Action", options=ACTIONS, size="small", **letters(13)
        )
        self.layer = pmui.Select(
            label="Layer", options=["–"], value="–", size="small", **letters(17)
        )
        self.layer.param.watch(self._chosen, "value")
        self.sliders = {
            name: pmui.FloatSlider.from_param(
                parameters[name], label=label, step=step, visible=False, **letters(9.5)
            )
            for name, (label, step) in LABELS.items()
        }
        self.mirrored = pmui.Switch.from_param(parameters.mirrored, label="Mirror")
        self.fields = {
            name: pmui.IntSlider.from_param(
                parameters[name], label=label, start=0, end=1, visible=False, **letters(6.75)
            )
            for name, label in FIELDS.items()
        }
        self.back, self.forth = (
            pmui.IconButton(
                icon=icon, description=f"{which} angle of the layer's own group", margin=0
            )
            for icon, which in (("chevron_left", "Previous"), ("chevron_right", "Next"))
        )
        self.back.on_click(lambda _: self._step(-1))
        self.forth.on_click(lambda _: self._step(1))
        self.order = 4

    def line(self):
        """Model, action and layer; then the slider; then which filter."""
        moving = [self.back, *self.sliders.values(), self.forth, self.mirrored]
        row = {"align_items": "center", "gap": "4px 10px"}
        return pn.Column(
            pn.FlexBox(self.model, self.action, self.layer, **row),
            pn.FlexBox(*moving, *self.fields.values(), **row),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip

    def offer_layers(self, names: list[str], chosen: int) -> None:
        """The layers of a model."""
        names = names or ["–"]
        self.layer.param.update(options=names, value=names[min(chosen, len(names) - 1)])

    def offer(self, kind: str, order: int, counts: dict[str, int]) -> None:
        """The slider of an action, and as many fields and channels as a layer has."""
        self.order = order
        for name, slider in self.sliders.items():
            slider.visible = name == SLIDERS[kind]
        for widget in (self.back, self.forth, self.mirrored):
            widget.visible = kind == TURN
        for name, slider in self.fields.items():
            slider.end = max(1, counts[name] - 1)
            slider.visible = counts[name] > 1

    def hide(self) -> None:
        """Nothing to choose but model, action and layer."""
        widgets = [*self.sliders.values(), *self.fields.values()]
        for widget in (*widgets, self.back, self.forth, self.mirrored):
            widget.visible = False

    def _chosen(self, event) -> None:
        if event.new in self.layer.options:
            self.settings.layer = self.layer.options.index(event.new)

    def _step(self, sign: int) -> None:
        """To the next angle of the layer's own group."""
        step = 360 / self.order
        place = self.settings.angle / step
        nearest = round(place)
        beyond = nearest if (nearest - place) * sign > 1e-6 else nearest + sign
        self.settings.angle = round(beyond * step, 6) % 360
