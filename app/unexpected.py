"""What nobody expected to go wrong: told in the log of the server, and in a notice on the page."""

import panel as pn

from .logs import LOG

NOTICE = "Something went wrong; the log of the server says what. What was shown before stays."


def unexpected(error: BaseException) -> None:
    """For Panel: an event of the page ended in an error that its own code did not handle."""
    LOG.error("unexpected", exc_info=error)
    if pn.state.notifications is not None:
        pn.state.notifications.error(NOTICE, duration=8000)
