"""What a section of the sidebar is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from ..control import Control
from ..state import AppState


class Section(ABC):
    """Controls that show a part of the state and set it; they hold nothing of their own.

    Attributes:
        key, title: of the section.
        follows: names of the state on which its choices depend.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    follows: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, state: AppState):
        self.state = state

    def outline(self) -> object:
        """What the choices depend on: they are described anew when it is another."""
        return None

    @abstractmethod
    def controls(self) -> tuple[Control, ...]:
        """The controls, with the choices that there are now."""

    @abstractmethod
    def values(self, shown: Mapping[str, object]) -> dict[str, object]:
        """What the controls are to show, by key.

        Args:
            shown: what they show in the browser.
        """
