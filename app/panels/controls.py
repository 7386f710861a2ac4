"""What can be chosen: data, transformation, models and display."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from symdyn_core.symmetries import ALL

from .. import catalogue, elements
from ..state import AppState
from . import labels

DEBOUNCE = 5
"""Milliseconds that a slider waits before it speaks; Panel's own 50 would be felt.

``_debounce`` is private in Panel: the browser test drives a slider and would notice its loss."""


class Controls(Viewer):
    """The sidebar. Widgets follow the state and set it; neither holds anything of its own."""

    def __init__(self, state: AppState, complain: Callable[[str], None]):
        super().__init__()
        self.state, self.complain = state, complain
        self._following = False
        self.data = self._choice("Flow", self._flow_names(), state.choose_data)
        self.region = self._choice("Region", {}, lambda value: state.place(member=value))
        self.now = pmui.DiscreteSlider(label="Start", options={"0": 0}, sizing_mode="stretch_width")
        self.symmetry = self._choice(
            "Symmetry", {s.title: s.name for s in ALL}, state.choose_symmetry
        )
        self.model_a = self._models("Model A", lambda v: state.param.update(model_a=v))
        self.model_b = self._models("Model B", lambda v: state.param.update(model_b=v))
        self.action = pn.pane.HTML("", margin=(0, 10, 4, 10))
        self.sliders = pmui.Column(margin=0, sizing_mode="stretch_width")
        self.presets = pn.FlexBox(margin=(0, 8), gap="4px", sizing_mode="stretch_width")
        self.parameters: list = []
        self._built_for = ""
        self.display = {
            "field": self._buttons(labels.FIELD_NAMES, "field"),
            "maps": self._buttons(labels.MAP_NAMES, "maps"),
            "limits": self._buttons(labels.LIMIT_NAMES, "limits"),
            "stabilised": self._switch("Stabilised", "stabilised"),
            "arrows": self._switch("Arrows", "arrows"),
        }
        self.now.param.watch(lambda e: self._try(lambda: state.place(now=e.new)), "value")
        self.follow()
        state.param.watch(
            self.follow, ["data", "member", "now", "symmetry", "element", "model_a", "model_b"]
        )

    def __panel__(self):
        display = self.display
        return pmui.Column(
            labels.heading("Transformation"),
            self.symmetry,
            self.action,
            self.sliders,
            self.presets,
            labels.heading("Flow"),
            self.data,
            self.region,
            self.now,
            self.model_a,
            self.model_b,
            labels.heading("Pictures"),
            display["field"],
            labels.label("Lower right maps"),
            display["maps"],
            labels.label("Colours of errors"),
            display["limits"],
            pmui.Row(display["stabilised"], display["arrows"], margin=(4, 0)),
            sizing_mode="stretch_width",
            margin=0,
        )

    def follow(self, *_events) -> None:
        """Make the widgets show the state."""
        self._following = True
        try:
            self._follow_flow()
            self._follow_symmetry()
            self.model_a.value, self.model_b.value = self.state.model_a, self.state.model_b
        finally:
            self._following = False

    def _follow_flow(self) -> None:
        state, flow = self.state, self.state.flow
        first, last = state.now_range(flow)
        regions = {label: n for n, label in enumerate(flow.members)}
        times = {flow.times[n]: n for n in range(first, last + 1)}
        if self.region.options != regions:
            self.region.options = regions
        self.region.disabled = len(regions) < 2
        if self.now.options != times:
            self.now.options = times
        self.now.disabled = len(times) < 2
        self.data.value, self.region.value, self.now.value = state.data, state.member, state.now

    def _follow_symmetry(self) -> None:
        state = self.state
        symmetry = elements.named(state.symmetry)
        if self._built_for != symmetry.name:
            self._built_for = self.symmetry.value = symmetry.name
            self.action.object = labels.action(symmetry)
            self.parameters = [self._parameter(n, p) for n, p in enumerate(symmetry.parameters)]
            self.sliders[:] = self.parameters
            self.presets[:] = [self._preset(*preset) for preset in elements.presets(symmetry)]
        shown = elements.settled(symmetry, tuple(float(w.value) for w in self.parameters))
        for widget, value, seen in zip(self.parameters, state.element, shown, strict=True):
            # A slider that has settled beside the number under the mouse is left there.
            if seen != value:
                widget.value = bool(value) if isinstance(widget, pmui.Switch) else value

    def _parameter(self, index: int, parameter):
        """A slider of one number of the element; a switch where it is 0 or 1."""
        if (parameter.low, parameter.high, parameter.step) == (0, 1, 1):
            widget = pmui.Switch(label=parameter.label, margin=(4, 10))
        else:
            unit = labels.UNITS.get(parameter.unit, f" [{parameter.unit}]")
            widget = pmui.FloatSlider(
                label=f"{parameter.label}{unit}",
                start=parameter.low,
                end=parameter.high,
                step=parameter.step,
                sizing_mode="stretch_width",
            )
            widget._debounce = DEBOUNCE
        widget.param.watch(lambda event: self._move(index, event.new), "value")
        return widget

    def _move(self, index: int, value) -> None:
        if value is not None:
            element = [*self.state.element]
            element[index] = float(value)
            self._try(lambda: self.state.move_to(tuple(element)))

    def _preset(self, label: str, element):
        button = pmui.Button(
            label=label, variant="outlined", size="small", margin=0, sx={"minWidth": 0, "px": "9px"}
        )
        button.on_click(lambda _: self._try(lambda: self.state.move_to(elements.as_tuple(element))))
        return button

    def _models(self, label: str, choose: Callable):
        """A list of the models under headings, ResNets and U-Nets."""
        return self._choice(label, {}, choose, groups=catalogue.groups())

    def _choice(self, label: str, options: dict, choose: Callable, **others):
        widget = pmui.Select(
            label=label,
            size="small",
            sizing_mode="stretch_width",
            margin=(4, 8),
            **(others or {"options": options}),
        )
        widget.param.watch(lambda event: self._try(lambda: choose(event.new)), "value")
        return widget

    def _buttons(self, options: dict, name: str):
        return pmui.RadioButtonGroup.from_param(
            self.state.param[name],
            options=options,
            label="",
            size="small",
            margin=(0, 10),
            sx={"& .MuiToggleButton-root": {"whiteSpace": "nowrap", "py": "3px"}},
            description=labels.HELP[name],
        )

    def _switch(self, label: str, name: str):
        return pmui.Switch.from_param(
            self.state.param[name],
            label=label,
            description=labels.HELP.get(name, ""),
            margin=(0, 6),
        )

    def _try(self, change: Callable[[], object]) -> None:
        """Change the state; where it cannot be, say so and show what it still is."""
        if self._following:
            return
        try:
            change()
        except (ValueError, FileNotFoundError) as error:
            self.complain(str(error).splitlines()[0])
            self.follow()

    def _flow_names(self) -> dict[str, str]:
        names = {"convection": "Simulated convection"}
        return {names.get(source.key, source.key): source.key for source in self.state.sources}
