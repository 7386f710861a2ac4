"""Controls as plain data: what a browser needs to draw them, and which values they take."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar


def nothing(_value: object) -> None:
    """What a control without an effect does."""


@dataclass(frozen=True, kw_only=True)
class Control(ABC):
    """One control; a visitor may send anything as its value.

    Attributes:
        key: by which browser and server speak of it.
        label: its accessible name, as a rule seen.
        help: what it means, on hover and for screen readers.
        mark: class of its element, by which the tour finds it.
        choose: called with a checked value.
    """

    key: str
    label: str = ""
    help: str = ""
    mark: str = ""
    disabled: bool = False
    choose: Callable[[Any], object] = field(default=nothing, compare=False, repr=False)

    kind: ClassVar[str] = ""
    holds: ClassVar[bool] = True
    """Whether it shows a value."""

    @abstractmethod
    def checked(self, value: object) -> object:
        """A value that can be chosen.

        Raises:
            ValueError: the control cannot have this value.
        """

    def described(self) -> dict[str, object]:
        """The control for the browser."""
        told = {part.name: getattr(self, part.name) for part in fields(self)}
        del told["choose"]
        return {"kind": self.kind, **told}

    def inside(self) -> Iterator["Control"]:
        """The control itself and those it is made of."""
        yield self


@dataclass(frozen=True, kw_only=True)
class Slider(Control):
    """A number in a range.

    Attributes:
        neutral: where nothing is changed: a tick, from which the track is filled.
        unit: as it follows the number, "°" or " cells".
        names: what is shown instead of the whole numbers from ``low`` on.
    """

    low: float
    high: float
    step: float = 1
    neutral: float | None = None
    unit: str = ""
    names: tuple[str, ...] = ()

    kind: ClassVar[str] = "slider"

    def checked(self, value: object) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and self.low <= value <= self.high):  # type: ignore[operator]
            ends = (self.names[0], self.names[-1]) if self.names else (self.low, self.high)
            raise ValueError(f"{self.label} lies between {ends[0]} and {ends[1]}{self.unit}.")
        return float(value)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Select(Control):
    """A list to choose from.

    Attributes:
        groups: heading and (value, name) of each choice; an empty heading is not shown.
    """

    groups: tuple[tuple[str, tuple[tuple[object, str], ...]], ...]

    kind: ClassVar[str] = "select"

    def checked(self, value: object) -> object:
        for _, choices in self.groups:
            for known, _ in choices:
                if type(known) is type(value) and known == value:
                    return known
        raise ValueError(f"There is no such choice for {self.label}.")


@dataclass(frozen=True, kw_only=True)
class Toggles(Control):
    """A few values side by side, one of them pressed.

    Attributes:
        options: (value, name, what it is) of each.
        titled: whether the label is seen.
    """

    options: tuple[tuple[str, str, str], ...]
    titled: bool = True

    kind: ClassVar[str] = "toggles"

    def checked(self, value: object) -> str:
        for known, _, _ in self.options:
            if isinstance(value, str) and value == known:
                return known
        raise ValueError(f"There is no such choice for {self.label}.")


@dataclass(frozen=True, kw_only=True)
class Switch(Control):
    """Yes or no."""

    kind: ClassVar[str] = "switch"

    def checked(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{self.label} is either on or off.")
        return value


@dataclass(frozen=True, kw_only=True)
class Button(Control):
    """Something to do.

    Attributes:
        look: "outlined", "plain" or, with its label heard but not seen, "icon".
    """

    look: str = "outlined"
    icon: str = ""

    kind: ClassVar[str] = "button"
    holds: ClassVar[bool] = False

    def checked(self, value: object) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Presets(Control):
    """A row of buttons; their numbers are chosen."""

    names: tuple[str, ...]

    kind: ClassVar[str] = "presets"
    holds: ClassVar[bool] = False

    def checked(self, value: object) -> int:
        if type(value) is int and 0 <= value < len(self.names):
            return value
        raise ValueError(f"There is no such choice for {self.label}.")


@dataclass(frozen=True, kw_only=True)
class Text(Control):
    """Words to read."""

    kind: ClassVar[str] = "text"
    holds: ClassVar[bool] = False

    def checked(self, value: object) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Group(Control):
    """Controls that belong together.

    Attributes:
        look: "section" with a heading, "part" with an unseen name, or "row", side by side.
    """

    controls: tuple[Control, ...]
    look: str = "part"

    kind: ClassVar[str] = "group"
    holds: ClassVar[bool] = False

    def checked(self, value: object) -> None:
        return None

    def described(self) -> dict[str, object]:
        return {**super().described(), "controls": [part.described() for part in self.controls]}

    def inside(self) -> Iterator[Control]:
        yield self
        for part in self.controls:
            yield from part.inside()
