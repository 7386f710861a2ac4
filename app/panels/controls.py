"""What can be chosen: data, transformation, models and display."""

from collections.abc import Callable

import panel_material_ui as pmui
from panel.viewable import Viewer

from .. import catalogue
from ..scene import MOST_STEPS, STEPS
from ..state import AppState
from . import labels
from .links import Links


class Controls(Viewer):
    """The sidebar. Widgets follow the state and set it; neither holds anything of its own."""

    def __init__(
        self,
        state: AppState,
        complain: Callable[[str], None],
        find_worst: Callable[[], None],
    ):
        super().__init__()
        self.state, self.complain = state, complain
        self._following = False
        self.data = self._choice("Flow", self._flow_names(), state.choose_data)
        self.region = self._choice("Region", {}, lambda value: state.place(member=value))
        self.now = pmui.DiscreteSlider(label="Start", options={"0": 0}, sizing_mode="stretch_width")
        self.links = Links(state, self._try)
        self.worst = pmui.Button(
            label="Where does it fail worst?",
            icon="troubleshoot",
            variant="outlined",
            size="small",
            margin=(4, 8),
            sizing_mode="stretch_width",
            description="Measures both models at every element of this symmetry",
        )
        self.worst.on_click(lambda _: find_worst())
        self.model_a = self._models("Model A", lambda v: state.choose_models(a=v))
        self.model_b = self._models("Model B", lambda v: state.choose_models(b=v))
        self.display = {
            "field": self._buttons(labels.FIELD_NAMES, "field"),
            "maps": self._buttons(labels.MAP_NAMES, "maps"),
            "limits": self._buttons(labels.LIMIT_NAMES, "limits"),
            "stabilised": self._switch("Stabilised", "stabilised"),
            "view": self._buttons(labels.VIEW_NAMES, "view"),
            "vectors": self._buttons(labels.VECTOR_NAMES, "vectors"),
            "steps": pmui.IntSlider.from_param(
                state.param.steps,
                label="Leads of the rollout",
                start=STEPS,
                end=MOST_STEPS,
                step=10,
                sizing_mode="stretch_width",
            ),
        }
        self.now.param.watch(lambda e: self._try(lambda: state.place(now=e.new)), "value")
        self.sections = self._sections()
        self.follow()
        state.param.watch(self.follow, ["data", "member", "now", "links", "model_a", "model_b"])

    def __panel__(self):
        return pmui.Column(*self.sections.values(), sizing_mode="stretch_width", margin=0)

    def show(self, sections: tuple[str, ...]) -> None:
        """Show only the parts that are of use on a page."""
        for name, section in self.sections.items():
            section.visible = name in sections

    def _sections(self) -> dict[str, pmui.Column]:
        display = self.display
        parts = {
            "transformation": [labels.heading("Transformation"), self.links, self.worst],
            "flow": [labels.heading("Flow"), self.data, self.region, self.now],
            "models": [labels.heading("Models"), self.model_a, self.model_b],
            "pictures": [
                labels.heading("Pictures"),
                display["field"],
                labels.label("Arrangement"),
                display["view"],
                labels.label("Velocities"),
                display["vectors"],
                labels.label("Lower right maps"),
                display["maps"],
                labels.label("Colours of errors"),
                display["limits"],
                display["stabilised"],
                display["steps"],
            ],
        }
        return {
            name: pmui.Column(*objects, sizing_mode="stretch_width", margin=0)
            for name, objects in parts.items()
        }

    def follow(self, *_events) -> None:
        """Make the widgets show the state."""
        self._following = True
        try:
            self._follow_flow()
            self.links.follow()
            self._follow_models()
        finally:
            self._following = False

    def _follow_flow(self) -> None:
        state, flow = self.state, self.state.flow
        if self.data.options != self._flow_names():
            self.data.options = self._flow_names()
        first, last = state.now_range(flow)
        regions = {label: n for n, label in enumerate(flow.members)}
        times = {flow.times[n]: n for n in range(first, last + 1)}
        if self.region.options != regions:
            self.region.options = regions
            # The same number has other words now.
            self.region.param.trigger("value")
        self.region.disabled = len(regions) < 2
        if self.now.options != times:
            self.now.options = times
        self.now.disabled = len(times) < 2
        self.data.value, self.region.value, self.now.value = state.data, state.member, state.now

    def _follow_models(self) -> None:
        groups = catalogue.groups(self.state.param.model_a.objects)
        for widget, value in (
            (self.model_a, self.state.model_a),
            (self.model_b, self.state.model_b),
        ):
            if widget.groups != groups:
                widget.groups = groups
            widget.value = value

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
        return {source.label: source.key for source in self.state.sources}
