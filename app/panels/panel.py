"""What a page of the dashboard is."""

from typing import TYPE_CHECKING, ClassVar

import param
from panel.viewable import Viewer

if TYPE_CHECKING:
    from ..page import Session


class Settings(param.Parameterized):
    """What is chosen on one page only: simple parameters, which the address holds as text."""


class Panel(Viewer):
    """One page: made on its first visit, then kept, shown or hidden.

    Attributes:
        key: in the address, ``?page=key``.
        title, icon, about: on its button, and what the button says on hover.
        sections: parts of the sidebar that are of use here.
        settings: what is chosen on this page only.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    about: ClassVar[str] = ""
    sections: ClassVar[tuple[str, ...]] = ("transformation", "flow", "models")
    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, session: "Session", settings: Settings):
        super().__init__()
        self.session, self.state, self.settings = session, session.state, settings

    async def shown(self) -> None:
        """The page comes to the front: begin what it needs."""

    def hidden(self) -> None:
        """Another page comes to the front: leave off what nobody looks at."""
