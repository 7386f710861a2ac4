"""What can be chosen: data, transformation, models and display."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from symdyn_core.symmetries import ALL

from .. import catalogue
from ..state import AppState

DEBOUNCE = 5
"""Milliseconds that a slider waits before it speaks; Panel's own 50 would be felt.

``_debounce`` is private in Panel: the browser test drives a slider and would notice its loss."""

FIELD_NAMES = {"Speed": "speed", "u": "u", "v": "v", "Vorticity": "vorticity"}
MAP_NAMES = {"Error": "error", "Broken symmetry": "asymmetry"}
LIMIT_NAMES = {"Steady": "steady", "Each lead": "each lead"}

UNITS = {"1": "", "degrees": " [°]"}
"""Short forms of units, for labels."""

HELP = {
    "field": "Speed; velocity to the right (u) or up (v); or vorticity ∂v/∂x − ∂u/∂y, positive "
    "where the flow turns counter-clockwise.",
    "maps": "Error: forecast minus truth. Broken symmetry: forecast of the transformed flow minus "
    "the transformed forecast; zero for an equivariant model, however good its forecasts are.",
    "limits": "Steady: colours of error maps are scaled by how much the flow changes in two "
    "frames, the same at all leads. Each lead: by the largest errors of that lead.",
    "stabilised": "Show g⁻¹ f(g w): each forecast moved back to where the flow was recorded. Of an "
    "equivariant model it stands still while the slider moves; of an ordinary one it shimmers.",
}
"""Explanations shown on hover."""


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
        models = {model.title: model.name for model in catalogue.models()}
        self.model_a = self._choice("Model A", models, lambda v: state.param.update(model_a=v))
        self.model_b = self._choice("Model B", models, lambda v: state.param.update(model_b=v))
        self.action = pn.pane.HTML("", margin=(0, 10, 4, 10))
        self.sliders = pmui.Column(margin=0, sizing_mode="stretch_width")
        self.presets = pn.FlexBox(margin=(0, 8), gap="4px", sizing_mode="stretch_width")
        self.parameters: list = []
        self._built_for = ""
        self.display = {
            "field": self._buttons(FIELD_NAMES, "field"),
            "maps": self._buttons(MAP_NAMES, "maps"),
            "limits": self._buttons(LIMIT_NAMES, "limits"),
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
            _heading("Transformation"),
            self.symmetry,
            self.action,
            self.sliders,
            self.presets,
            _heading("Flow"),
            self.data,
            self.region,
            self.now,
            self.model_a,
            self.model_b,
            _heading("Pictures"),
            display["field"],
            _label("Lower right maps"),
            display["maps"],
            _label("Colours of errors"),
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
        symmetry = catalogue.named(state.symmetry)
        if self._built_for != symmetry.name:
            self._built_for = self.symmetry.value = symmetry.name
            self.action.object = _action(symmetry)
            self.parameters = [self._parameter(n, p) for n, p in enumerate(symmetry.parameters)]
            self.sliders[:] = self.parameters
            self.presets[:] = [self._preset(*preset) for preset in catalogue.presets(symmetry)]
        for widget, value in zip(self.parameters, state.element, strict=True):
            widget.value = bool(value) if isinstance(widget, pmui.Switch) else value

    def _parameter(self, index: int, parameter):
        """A slider of one number of the element; a switch where it is 0 or 1."""
        if (parameter.low, parameter.high, parameter.step) == (0, 1, 1):
            widget = pmui.Switch(label=parameter.label, margin=(4, 10))
        else:
            unit = UNITS.get(parameter.unit, f" [{parameter.unit}]")
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
        button.on_click(
            lambda _: self._try(lambda: self.state.move_to(catalogue.as_tuple(element)))
        )
        return button

    def _choice(self, label: str, options: dict, choose: Callable):
        widget = pmui.Select(
            label=label, options=options, size="small", sizing_mode="stretch_width", margin=(4, 8)
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
            description=HELP[name],
        )

    def _switch(self, label: str, name: str):
        return pmui.Switch.from_param(
            self.state.param[name], label=label, description=HELP.get(name, ""), margin=(0, 6)
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


def _heading(text: str):
    return pn.pane.HTML(
        f'<div style="font:600 12px/1 Roboto,sans-serif;letter-spacing:.06em;opacity:.7;'
        f'text-transform:uppercase">{text}</div>',
        margin=(9, 10, 3, 10),
    )


def _label(text: str):
    return pn.pane.HTML(
        f'<div style="font:12px/1 Roboto,sans-serif;opacity:.8">{text}</div>', margin=(5, 10, 1, 10)
    )


def _action(symmetry) -> str:
    """The action as people read it, from its LaTeX."""
    text = symmetry.action
    for latex, sign in (
        (r"\mapsto", "↦"), (r"\,", " "), (r"\;", " "), (r"\in", "∈"), ("R^{-1}", "R⁻¹"),
        ("a^2", "a²"),
    ):  # fmt: skip
        text = text.replace(latex, sign)
    return (
        f'<div style="font:italic 13px/1.3 serif;opacity:.85" title="What the symmetry does to the '
        f'velocity w at place x and time t">{text}</div>'
    )
