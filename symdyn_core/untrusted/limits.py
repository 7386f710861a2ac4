"""How much a file of a stranger may claim, and what its reader may take."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds on one file.

    Attributes:
        file_mb: of the file itself.
        claim_mb: of all numbers that it says it holds, and of what a ZIP file unpacks to.
        entries: files in a ZIP file, arrays in a store.
        memory_mb: of the reader, beyond what it needs for an empty file.
        seconds: of processor time of the reader; it is stopped after twice as many on the clock.
    """

    file_mb: int = 200
    claim_mb: int = 1024
    entries: int = 20_000
    memory_mb: int = 2048
    seconds: int = 60

    def check_claim(self, size: int, what: str) -> None:
        """Refuse claims above the limit.

        Raises:
            ValueError: ``what`` holds more than ``claim_mb``.
        """
        if size > self.claim_mb * MEGABYTE:
            raise ValueError(
                f"{what} claims {readable(size)}, more than the {self.claim_mb} MB that are read "
                "here. Cut out a region or a period first."
            )


def readable(size: int) -> str:
    """A number of bytes for people: "3.2 GB"."""
    units = ("bytes", "kB", "MB", "GB", "TB", "PB")
    step = min(max(0, (max(size, 1).bit_length() - 1) // 10), len(units) - 1)
    return f"{size / 1024**step:.3g} {units[step]}"
