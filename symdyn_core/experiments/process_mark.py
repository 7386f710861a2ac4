"""Which process is meant: a number alone may long have been given to another one."""

import os
import platform
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class ProcessMark:
    """A process of this or another machine.

    Attributes:
        pid: its number.
        born: when it began, as its system counts.
        host: name of the machine.
    """

    pid: int
    born: str
    host: str

    @classmethod
    def of(cls, pid: int) -> "ProcessMark":
        """The mark of a process of this machine; ``born`` is "" if it has ended."""
        return cls(pid, birth(pid), platform.node())

    @property
    def alive(self) -> bool:
        """Whether this very process runs on this machine."""
        here = bool(self.born) and self.host == platform.node()
        return here and birth(self.pid) == self.born

    def terminate(self) -> bool:
        """Ask it to end (SIGTERM); False where it has ended already.

        Where the system can hold on to a process, it is held while its mark is compared, so that
        no other process can get its number in between.
        """
        if not self.alive:
            return False
        hold = getattr(os, "pidfd_open", None)
        if hold is None:
            os.kill(self.pid, signal.SIGTERM)
            return True
        try:
            held = hold(self.pid)
        except ProcessLookupError:
            return False
        try:
            if birth(self.pid) != self.born:
                return False
            signal.pidfd_send_signal(held, signal.SIGTERM)
        except ProcessLookupError:
            return False
        finally:
            os.close(held)
        return True


def birth(pid: int) -> str:
    """When a process of this machine began, in a text that no other process shares; "" if it has
    ended or waits to be forgotten by the one that started it."""
    if BOOT.is_file():
        try:
            # The name, in brackets, may hold blanks and brackets.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return "" if fields[0] in "ZX" else f"{BOOT.read_text().strip()} {fields[19]}"
        except OSError:
            return ""
    try:
        found = subprocess.run(
            ["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True
        )
    except OSError:
        return ""
    state, _, began = found.stdout.strip().partition(" ")
    return "" if not state or state[0] == "Z" else began.strip()
