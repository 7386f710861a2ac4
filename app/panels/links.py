"""The chain of transformations: a card with sliders and presets for each link."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
from panel.viewable import Viewer

from symdyn_core.symmetries import ALL

from .. import elements
from ..state import MOST_LINKS, AppState
from . import labels

DEBOUNCE = 5
"""Milliseconds that a slider waits before it speaks; Panel's own 50 would be felt.

``_debounce`` is private in Panel: the browser test drives a slider and would notice its loss."""

Attempt = Callable[[Callable[[], object]], None]
"""Makes a change of the state, or says why it cannot be."""


class LinkCard(Viewer):
    """One transformation of the chain."""

    def __init__(self, state: AppState, at: int, attempt: Attempt):
        super().__init__()
        self.state, self.at, self.attempt = state, at, attempt
        self.symmetry = pmui.Select(
            label="Symmetry" if at == 0 else f"then, {at + 1}",
            options={s.title: s.name for s in ALL},
            value=state.links[at][0],
            css_classes=["tour-symmetry"],
            size="small",
            sizing_mode="stretch_width",
            margin=(4, 8),
        )
        self.symmetry.param.watch(
            lambda e: attempt(lambda: state.choose_symmetry(e.new, at)), "value"
        )
        self.remove = pmui.IconButton(
            icon="close",
            size="small",
            margin=(8, 4, 0, 0),
            description="Remove this transformation",
            visible=False,
        )
        self.remove.on_click(lambda _: attempt(lambda: state.remove_link(at)))
        self.action = pn.pane.HTML("", margin=(0, 10, 4, 10))
        self.sliders = pmui.Column(
            margin=0, sizing_mode="stretch_width", css_classes=["tour-sliders"]
        )
        self.presets = pn.FlexBox(margin=(0, 8), gap="4px", sizing_mode="stretch_width")
        self.parameters: list = []
        self.built_for = ""

    def __panel__(self):
        return pmui.Column(
            pmui.Row(self.symmetry, self.remove, margin=0, sizing_mode="stretch_width"),
            self.action,
            self.sliders,
            self.presets,
            margin=(0, 0, 6, 0),
            sizing_mode="stretch_width",
        )

    def follow(self) -> None:
        """Make the widgets show the link."""
        name, element = self.state.links[self.at]
        symmetry = elements.named(name)
        self.remove.visible = len(self.state.links) > 1
        if self.built_for != name:
            self.built_for = self.symmetry.value = name
            self.action.object = labels.action(symmetry)
            self.parameters = [self._parameter(n, p) for n, p in enumerate(symmetry.parameters)]
            self.sliders[:] = self.parameters
            self.presets[:] = [self._preset(*preset) for preset in elements.presets(symmetry)]
        shown = elements.settled(symmetry, tuple(float(w.value) for w in self.parameters))
        for widget, value, seen in zip(self.parameters, element, shown, strict=True):
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
                value=parameter.neutral,
                sizing_mode="stretch_width",
            )
            widget._debounce = DEBOUNCE
        widget.param.watch(lambda event: self._move(index, event.new), "value")
        return widget

    def _move(self, index: int, value) -> None:
        if value is not None:
            element = [*self.state.links[self.at][1]]
            element[index] = float(value)
            self.attempt(lambda: self.state.move_to(tuple(element), self.at))

    def _preset(self, label: str, element):
        button = pmui.Button(
            label=label, variant="outlined", size="small", margin=0, sx={"minWidth": 0, "px": "9px"}
        )
        moved = elements.as_tuple(element)
        button.on_click(lambda _: self.attempt(lambda: self.state.move_to(moved, self.at)))
        return button


class Links(Viewer):
    """All links, and a button for one more."""

    def __init__(self, state: AppState, attempt: Attempt):
        super().__init__()
        self.state, self.attempt = state, attempt
        self.cards: list[LinkCard] = []
        self.column = pmui.Column(margin=0, sizing_mode="stretch_width")
        self.more = pmui.Button(
            label="Then …",
            icon="add",
            variant="text",
            size="small",
            margin=(0, 8),
            description="Apply another transformation to the result",
        )
        self.more.on_click(lambda _: attempt(state.add_link))

    def __panel__(self):
        return pmui.Column(self.column, self.more, margin=0, sizing_mode="stretch_width")

    def follow(self) -> None:
        """As many cards as there are links, each showing its own."""
        count = len(self.state.links)
        if count != len(self.cards):
            kept = self.cards[:count]
            added = [LinkCard(self.state, n, self.attempt) for n in range(len(kept), count)]
            self.cards = kept + added
            self.column[:] = self.cards
        self.more.visible = count < MOST_LINKS
        for card in self.cards:
            card.follow()
