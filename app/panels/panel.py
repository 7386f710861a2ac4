"""What a page of the dashboard is."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

import param
from panel.viewable import Viewer

from .. import jobs

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
        following: tasks that show what arrives from jobs.
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
        self.following: list[asyncio.Task] = []

    async def shown(self) -> None:
        """The page comes to the front: begin what it needs."""

    def hidden(self) -> None:
        """Another page comes to the front: leave off what nobody looks at."""
        self.leave()

    def left(self) -> None:
        """The visitor has gone: nothing is kept going for him."""
        self.leave()

    def follow(self, *works: Coroutine[Any, Any, None]) -> None:
        """Show what arrives from now on, in place of what was followed."""
        self.leave()
        self.following = [asyncio.ensure_future(work) for work in works]

    def leave(self) -> None:
        """Follow nothing any longer: jobs that nobody else looks at rest."""
        for task in self.following:
            task.cancel()
        self.following = []

    def changes(self, *wanted: jobs.Job) -> AsyncIterator[None]:
        """An item whenever one of some jobs got farther, until all are done."""
        return jobs.changes(wanted, self.session.watched)
