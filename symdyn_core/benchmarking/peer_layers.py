"""Our steerable layers beside those of other libraries: cost, building, and the space spanned."""

from collections.abc import Iterable
from functools import partial

from symdyn_core.benchmarking.agreement import MAPS, disagreement
from symdyn_core.benchmarking.comparing import Pair
from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.kits import PLAIN, measured_kits, plain_like, width
from symdyn_core.benchmarking.peers import Peer, peers
from symdyn_core.benchmarking.rows import AGREEMENT, row, timed_row
from symdyn_core.benchmarking.running import Measurement
from symdyn_core.benchmarking.timing import ProcessorStopwatch, compare
from symdyn_core.layers import SteerableKit

COMPARED = ("rotation C_8", "rotation C_16", "reflection D_8")
NOT_SLOWER = {"forward_backward": 1.05, "eval": 1.05}
"""Of our layer to a peer's: the same convolution, so anything above 1 is noise or our fault."""


class PeerBench:
    """Regular to regular convolutions over an input of one size.

    Args:
        conditions: of all measurements.
        batch, cells: the input is (batch, channels, cells, cells).

    Attributes:
        skipped: name and reason of each library that cannot be imported here.
    """

    def __init__(self, conditions: Conditions, batch: int = 2, cells: int = 64):
        self.conditions, self.batch, self.cells = conditions, batch, cells
        self.peers, self.skipped = peers()

    def measurements(
        self, channels: Iterable[int] = (64, 128), kernel_sizes: Iterable[int] = (3,)
    ) -> list[Measurement]:
        """Each library at every expanded width and kernel size."""
        found = []
        for peer in self.peers:
            for size in kernel_sizes:
                for ours in COMPARED:
                    what = f"{peer.name} {ours.split()[1]}"
                    for count in channels:
                        rows = partial(self.rows, peer, ours, what, count, size)
                        found.append(Measurement(what, f"{count} channels, {size} x {size}", rows))
                    rows = partial(agreement_rows, peer, ours, what, size)
                    found.append(Measurement(what, f"kernels, {size} x {size}", rows))
        return found

    def rows(self, peer: Peer, ours: str, what: str, channels: int, size: int) -> list[dict]:
        """A peer's layer against the plain one; ours against the peer's; the time to build it."""
        kit = _steerable(ours, size)
        fields = width(kit, channels)
        h = self.conditions.hidden(self.batch, channels, self.cells, self.cells)
        sizes = {"part": "convolve", "channels": channels, "kernel_size": size}
        sizes |= {"batch": self.batch, "cells": self.cells}
        theirs = peer.layer(kit.group, fields, size)
        plain = plain_like(kit).convolve(channels, channels)
        mine = kit.convolve(fields, fields)
        against_plain = Pair("layers", what, PLAIN, theirs, plain, h, self.conditions, sizes=sizes)
        against_ours = Pair(
            "layers", ours, what, mine, theirs, h, self.conditions, sizes=sizes, targets=NOT_SLOWER
        )
        build = compare(
            lambda: kit.convolve(fields, fields),
            lambda: peer.layer(kit.group, fields, size),
            ProcessorStopwatch(),
            min(3, self.conditions.rounds),
        )
        return [
            *against_plain.times(),
            against_plain.memory(),
            *against_ours.times(),
            timed_row("layers", ours, "build", what, build, **sizes),
        ]


def agreement_rows(peer: Peer, ours: str, what: str, size: int) -> list[dict]:
    """Largest share of one of our kernels outside the peer's space, for each kind of map."""
    rows = []
    for kind in MAPS:
        found = disagreement(peer, _steerable(ours, size).group, size, kind)
        rows.append(
            row(
                "layers",
                ours,
                "agreement",
                what,
                found["ours_outside_theirs"],
                target=AGREEMENT,
                judged=max(found["ours_outside_theirs"], found["constraint"]),
                part=kind,
                kernel_size=size,
                **found,
            )
        )
    return rows


def _steerable(what: str, kernel_size: int) -> SteerableKit:
    kit = measured_kits(kernel_size)[what]
    assert isinstance(kit, SteerableKit)
    return kit
