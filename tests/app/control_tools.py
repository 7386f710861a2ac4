"""What tests of the sidebar need: messages to it, and what the browser was told."""

import time
from types import SimpleNamespace


def say(controls, key, value, number=None) -> None:
    """What the browser sends when something is chosen."""
    said = {"key": key, "value": value, "number": number or time.time_ns() // 1_000_000}
    controls.view._heard(SimpleNamespace(data=said))


def described(controls) -> dict[str, dict]:
    """All controls that the browser draws, by key."""
    found, left = {}, list(controls.view.description)
    while left:
        told = left.pop()
        found[told["key"]] = told
        left += told.get("controls", [])
    return found


def told(controls) -> dict[str, object]:
    """The values that the browser was told last."""
    return controls.view.values["shown"]
