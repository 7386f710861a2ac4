"""The chain of transformations: sliders and presets for each link."""

from collections.abc import Callable, Mapping
from functools import partial

from symdyn_core.symmetries import ALL, Parameter, Symmetry

from .. import elements
from ..control import Button, Control, Group, Presets, Select, Slider, Switch, Text
from ..state import MOST_LINKS, AppState
from . import labels
from .section import Section

SYMMETRIES = (("", tuple((symmetry.name, symmetry.title) for symmetry in ALL)),)


class Links(Section):
    """Every link of the chain, a button for one more, and one that looks for the worst."""

    key, title = "transformation", "Transformation"
    follows = frozenset({"links"})

    def __init__(self, state: AppState, find_worst: Callable[[], None]):
        super().__init__(state)
        self.find_worst = find_worst

    def outline(self) -> object:
        return [name for name, _ in self.state.links]

    def controls(self) -> tuple[Control, ...]:
        count = len(self.state.links)
        links = [self._link(at, elements.named(name)) for at, name in enumerate(self.outline())]
        more = Button(
            key="more",
            label="Then …",
            icon="plus",
            look="plain",
            help="Apply another transformation to the result",
            choose=self._more,
        )
        worst = Button(
            key="worst",
            label="Where does it fail worst?",
            icon="search",
            help="Measures both models at every element of this symmetry",
            choose=self._worst,
        )
        return (*links, *([more] if count < MOST_LINKS else []), worst)

    def values(self, shown: Mapping[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for at, (name, element) in enumerate(self.state.links):
            found[f"links.{at}"] = name
            symmetry = elements.named(name)
            keys = [f"links.{at}.{name}.{n}" for n in range(len(element))]
            beside = [shown.get(key, value) for key, value in zip(keys, element, strict=True)]
            rest = elements.settled(symmetry, tuple(map(float, beside)))  # type: ignore[arg-type]
            for n, key in enumerate(keys):
                # A slider that has settled beside the number under the mouse is left there.
                value = beside[n] if rest[n] == element[n] else element[n]
                found[key] = bool(value) if _is_switch(symmetry.parameters[n]) else value
        return found

    def _link(self, at: int, symmetry: Symmetry) -> Group:
        """One transformation; the keys of its numbers name the symmetry, to mean no other."""
        label = "Symmetry" if at == 0 else f"then, {at + 1}"
        key = f"links.{at}.{symmetry.name}"
        sliders = (self._number(at, n, f"{key}.{n}", p) for n, p in enumerate(symmetry.parameters))
        numbers = Group(
            key=f"{key}.numbers",
            label=f"{label}: element",
            mark="tour-sliders",
            controls=tuple(sliders),
        )
        action = Text(key=f"{key}.action", label=labels.action(symmetry), help=labels.ACTION)
        return Group(
            key=f"links.{at}.card",
            label=f"Transformation {at + 1}",
            controls=(self._head(at, label), action, numbers, self._presets(at, key, symmetry)),
        )

    def _head(self, at: int, label: str) -> Group:
        choice = Select(
            key=f"links.{at}",
            label=label,
            groups=SYMMETRIES,
            mark="tour-symmetry",
            help="What is done to the flow before it is forecast",
            choose=partial(self.state.choose_symmetry, at=at),
        )
        remove = Button(
            key=f"links.{at}.remove",
            label="Remove this transformation",
            icon="close",
            look="icon",
            choose=partial(self._remove, at),
        )
        several = len(self.state.links) > 1
        return Group(
            key=f"links.{at}.head", look="row", controls=(choice, remove) if several else (choice,)
        )

    def _number(self, at: int, index: int, key: str, parameter: Parameter) -> Control:
        """A slider of one number of the element; a switch where it is 0 or 1."""
        choose = partial(self._move, at, index)
        if _is_switch(parameter):
            return Switch(key=key, label=parameter.label, choose=choose)
        return Slider(
            key=key,
            label=parameter.label,
            help=labels.parameter(parameter),
            low=parameter.low,
            high=parameter.high,
            step=parameter.step,
            neutral=parameter.neutral,
            unit=labels.UNITS.get(parameter.unit, f" {parameter.unit}"),
            choose=choose,
        )

    def _presets(self, at: int, key: str, symmetry: Symmetry) -> Presets:
        known = elements.presets(symmetry)
        moved = tuple(elements.as_tuple(element) for _, element in known)
        return Presets(
            key=f"{key}.presets",
            label="Presets",
            names=tuple(name for name, _ in known),
            choose=partial(self._preset, at, moved),
        )

    def _move(self, at: int, index: int, value: float) -> None:
        element = [*self.state.links[at][1]]
        element[index] = float(value)
        self.state.move_to(tuple(element), at)

    def _preset(self, at: int, moved: tuple[tuple[float, ...], ...], which: int) -> None:
        self.state.move_to(moved[which], at)

    def _remove(self, at: int, _pressed: None) -> None:
        self.state.remove_link(at)

    def _more(self, _pressed: None) -> None:
        self.state.add_link()

    def _worst(self, _pressed: None) -> None:
        self.find_worst()


def _is_switch(parameter: Parameter) -> bool:
    return (parameter.low, parameter.high, parameter.step) == (0, 1, 1)
