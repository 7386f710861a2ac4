"""Asking again when a network fails, and only then."""

import time
from collections.abc import Callable
from typing import TypeVar

NETWORK_LIBRARIES = {"requests", "urllib3", "botocore", "aiohttp", "http", "urllib"}
"""Libraries whose errors are those of a connection."""

PASSING = {408, 425, 429}
"""Answers of the kind 4xx that pass by themselves: time-outs and too many requests."""

ATTEMPTS = 6
FIRST_PAUSE = 1.0
"""Seconds before the second attempt; each further pause is twice as long, 31 s in all."""

Answer = TypeVar("Answer")


class Incomplete(ValueError):
    """An answer that ended too early or has holes; asking again may mend it."""


def is_passing(error: BaseException) -> bool:
    """Whether an error may be gone a moment later: a lost connection, a busy or failing server.

    Refusals (4xx), wrong names, wrong arguments and full disks are not.
    """
    status = _status(error)
    if status is not None:
        return status >= 500 or status in PASSING
    if isinstance(error, (ConnectionError, TimeoutError, Incomplete)):
        return True
    libraries = {kind.__module__.split(".")[0] for kind in type(error).__mro__}
    return bool(libraries & NETWORK_LIBRARIES) or "CouldNotConnect" in type(error).__name__


def _status(error: BaseException) -> int | None:
    """The status of the answer that an error of a network library carries, if there was one."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore
        response = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    found = [
        response,
        getattr(response, "status_code", None),  # requests
        getattr(error, "status", None),  # aiohttp
        getattr(error, "code", None),  # urllib
    ]
    return next((value for value in found if isinstance(value, int)), None)


def retried(
    ask: Callable[[], Answer],
    *,
    attempts: int = ATTEMPTS,
    pause: float | int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """The answer of ``ask``, which is asked again while its errors are passing ones.

    Args:
        ask: takes nothing.
        attempts: how often it is asked at most.
        pause: seconds before the second attempt, doubled before each further one.
        sleep: how to wait.

    Raises:
        Exception: that of the last attempt, or the first one that will not pass.
    """
    wait = float(FIRST_PAUSE if pause is None else pause)
    for attempt in range(attempts):
        try:
            return ask()
        except Exception as error:
            if attempt == attempts - 1 or not is_passing(error):
                raise
        sleep(wait)
        wait *= 2
    raise ValueError(f"Expected at least one attempt, got {attempts}.")
