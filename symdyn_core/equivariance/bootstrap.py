"""How sure a median is: the percentile bootstrap over blocks of samples."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

LEVEL = 0.95
"""Confidence of every interval."""

RESAMPLES = 1000
SEED = 0


def median_interval(values: Float[Tensor, " sample"], blocks: Sequence[int]) -> tuple[float, float]:
    """The 95 % confidence interval of the median of samples that come in blocks.

    Windows that overlap in time, or follow each other closely, are not independent; drawing them
    one by one would make the interval too narrow. Whole blocks are drawn with replacement instead
    (Künsch 1989, non-overlapping blocks): stretches of time within one member. The draws are the
    same at each call. Flows remember longer than a window lasts, so the interval may still be
    somewhat too narrow; (NaN, NaN) for a single block, of which nothing can be said.
    """
    numbers = sorted(set(blocks))
    if len(numbers) < 2:
        return math.nan, math.nan
    by_block = [values[[n for n, own in enumerate(blocks) if own == number]] for number in numbers]
    table = torch.nn.utils.rnn.pad_sequence(
        [own.double() for own in by_block], batch_first=True, padding_value=math.nan
    )
    generator = torch.Generator().manual_seed(SEED)
    drawn = torch.randint(len(numbers), (RESAMPLES, len(numbers)), generator=generator)
    medians = table[drawn].flatten(1).nanquantile(0.5, dim=1)
    tail = (1 - LEVEL) / 2
    low, high = medians.quantile(torch.tensor([tail, 1 - tail], dtype=torch.float64)).tolist()
    return low, high
