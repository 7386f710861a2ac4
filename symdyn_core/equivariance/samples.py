"""The windows that an audit measures on, and which of them belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from symdyn_core.datasets.batches import WindowSource
from symdyn_core.grid import Grid


@dataclass(frozen=True)
class SampleGroup:
    """Windows of one member, hence on one grid.

    Attributes:
        window: the input frames.
        grid: of the member.
        blocks: number of the block of each window; windows of different blocks start farther
            apart in time than a window is long, or come from different members.
        places: (member, last input frame) of each window in its flow.
    """

    window: Float[Tensor, "batch time component y x"]
    grid: Grid
    blocks: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()


def sample_groups(windows: WindowSource, samples: int, dtype: torch.dtype) -> list[SampleGroup]:
    """About ``samples`` windows spread evenly over members and time, member by member."""
    count = min(samples, len(windows))
    indices = torch.linspace(0, len(windows) - 1, count, dtype=torch.float64).round().long()
    by_member: dict[int, list[int]] = {}
    for index in indices.unique().tolist():
        by_member.setdefault(windows.start_of(index)[0], []).append(index)
    groups: list[SampleGroup] = []
    for member, chosen in by_member.items():
        starts = [windows.start_of(index)[1] for index in chosen]
        first = groups[-1].blocks[-1] + 1 if groups else 0
        blocks = tuple(first + block for block in blocks_in_time(starts, windows.past))
        window = windows.batch(chosen).w[:, : windows.past].to(dtype)
        places = tuple((member, start + windows.past - 1) for start in starts)
        groups.append(SampleGroup(window, windows.grids[member], blocks, places))
    return groups


def blocks_in_time(starts: Sequence[int], length: int) -> list[int]:
    """Blocks of ascending starting frames, each at least ``length`` frames long."""
    blocks: list[int] = []
    begun, block = starts[0], 0
    for start in starts:
        if start - begun >= length:
            begun, block = start, block + 1
        blocks.append(block)
    return blocks


def fewer(groups: Sequence[SampleGroup], samples: int) -> list[SampleGroup]:
    """About ``samples`` windows of those of some groups, spread over all of them."""
    total = sum(len(group.blocks) for group in groups)
    wanted = torch.linspace(0, total - 1, min(samples, total), dtype=torch.float64).round()
    kept = {int(place) for place in wanted}
    chosen, begin = [], 0
    for group in groups:
        own = [n for n in range(len(group.blocks)) if begin + n in kept]
        begin += len(group.blocks)
        if own:
            blocks = tuple(group.blocks[n] for n in own)
            places = tuple(group.places[n] for n in own) if group.places else ()
            chosen.append(SampleGroup(group.window[own], group.grid, blocks, places))
    return chosen
