"""How much of the machine's arithmetic a training step reaches."""

from collections.abc import Callable
from functools import cache

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.timing import WARM_UP_ROUNDS

MATRIX_SIDE = {"cpu": 1024, "cuda": 8192}
"""Side of the square matrices whose product sets the standard, large enough to fill the device."""


class OperationCounter(TorchDispatchMode):
    """Counts the arithmetic of matrix products and convolutions, forwards and backwards.

    Unlike torch's own counter it takes no part in autograd, so it can watch ``autograd.grad``.

    Attributes:
        total: multiplications and additions so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        keywords = keywords or {}
        result = function(*arguments, **keywords)
        formula = flop_registry.get(function._overloadpacket)
        if formula is not None:
            self.total += formula(*arguments, **keywords, out_val=result)
        return result


def operations(work: Callable[[], object]) -> int:
    """Multiplications and additions in matrix products and convolutions of ``work``."""
    with OperationCounter() as counter:
        work()
    return counter.total


@cache
def peak_rate(conditions: Conditions) -> float:
    """Operations per second of a large matrix product here and now, in the same precision.

    Measured rather than read from a data sheet, so that clocks, neighbours and the number of
    threads count. On a GPU, float32 products use TF32 where convolutions do.
    """
    device = torch.device(conditions.device)
    side = MATRIX_SIDE[device.type]
    dtype = torch.float32 if conditions.precision == "float32" else torch.bfloat16
    a, b = (conditions.noise(side, side, seed=seed).to(dtype) for seed in (0, 1))
    stopwatch = conditions.stopwatch()
    allowed = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    try:
        times = [
            stopwatch.measure(lambda: a @ b).seconds
            for _ in range(WARM_UP_ROUNDS + conditions.rounds)
        ]
    finally:
        torch.backends.cuda.matmul.allow_tf32 = allowed
    return 2 * side**3 / min(times[WARM_UP_ROUNDS:])
