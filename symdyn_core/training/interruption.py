"""Ctrl-C and polite termination, put off until a training run is in one piece."""

import signal
import threading
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """While entered, the first Ctrl-C (or SIGTERM) is only remembered, the second acts at once.

    A signal that stopped an optimiser step half-way would leave weights that no other run can
    have. The loop asks ``asked`` after each step, saves its state and calls ``act``. Outside the
    main thread Python delivers no signals, and this does nothing.
    """

    def __init__(self):
        self.asked: int | None = None
        self._earlier: dict[int, Any] = {}

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            self._earlier = {number: signal.signal(number, self._remember) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def act(self) -> None:
        """Deliver the remembered signal to whoever handled it before."""
        number, self.asked = self.asked, None
        self._restore()
        if number is not None:
            signal.raise_signal(number)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._earlier = {}
