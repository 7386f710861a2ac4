"""Many visitors at once: on the same flow, on flows of their own, on a slow model, and gone."""

import asyncio
import gc
import random
import time
from collections.abc import Sequence

from .serving import Server
from .visitors import Visitor

PERIOD = 0.5
"""Seconds from one move of a slider to the next."""

FORGOTTEN = 90
"""Seconds after which sessions that were left are gone, at the latest."""


async def crowd(address: str, queries: Sequence[str]) -> list[Visitor]:
    """Visitors that arrive one after the other."""
    return [await Visitor.arrived(address + query) for query in queries]


async def moving(visitors: Sequence[Visitor], seconds: float, seed: int = 0) -> list[float]:
    """All move their sliders every half second to random angles; times until pictures [ms].

    A visitor whose pictures come late moves again once they have come, or after another period.
    """
    found = await asyncio.gather(
        *(_moving(visitor, seconds, seed + n) for n, visitor in enumerate(visitors))
    )
    return [value for values in found for value in values]


async def _moving(visitor: Visitor, seconds: float, seed: int) -> list[float]:
    chance, times, began = random.Random(seed), [], time.perf_counter()
    await asyncio.sleep(chance.uniform(0, PERIOD))
    angle = 90
    while (now := time.perf_counter()) - began < seconds:
        angle = (angle + chance.randint(1, 359)) % 360
        times.append(await visitor.move(float(angle)))
        await asyncio.sleep(max(0.0, now + PERIOD - time.perf_counter()))
    return times


async def leave(visitors: Sequence[Visitor]) -> int:
    """All close their tabs; returns how many had met an error."""
    failed = sum(visitor.failure is not None for visitor in visitors)
    for visitor in visitors:
        await visitor.leave()
    return failed


async def beside_slow_ones(
    address: str, slow: str, others: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Times of visitors alone, and while three others wait for a slow model [ms]."""
    visitors = await crowd(address, places(others))
    alone = await moving(visitors, seconds)
    troubled = [asyncio.ensure_future(_slow(address + slow, seconds)) for _ in range(3)]
    await asyncio.sleep(2)
    beside = await moving(visitors, seconds, seed=1000)
    for task in troubled:
        task.cancel()
    await asyncio.gather(*troubled, return_exceptions=True)
    await leave(visitors)
    return alone, beside


async def _slow(address: str, seconds: float) -> None:
    visitor = await Visitor.arrived(address, patient=False)
    try:
        await moving([visitor], 10 * seconds)
    finally:
        await visitor.leave()


def places(count: int) -> list[str]:
    """Queries of visitors who look at windows of their own: none finds another's forecasts."""
    return [f"?data=convection&frame={10 + 2 * n}" for n in range(count)]


async def passing(server: Server, count: int, at_once: int = 10) -> list[float]:
    """Visitors who come, turn the flow once and leave, some at a time; memory after each lot [MB].

    The last value is of the time when all of them are forgotten.
    """
    memory, chance = [server.memory], random.Random(0)
    for _ in range(0, count, at_once):
        visitors = await asyncio.gather(*(Visitor.arrived(server.address) for _ in range(at_once)))
        await asyncio.gather(*(v.move(float(chance.randint(1, 359))) for v in visitors))
        await leave(visitors)
        memory.append(server.memory)
    memory.append(await forgotten(server))
    return memory


async def forgotten(server: Server) -> float:
    """Memory once the sessions that were left are gone [MB]: the least of some time."""
    gc.collect()
    lowest, latest = server.memory, time.monotonic() + FORGOTTEN
    while time.monotonic() < latest:
        await asyncio.sleep(2)
        lowest = min(lowest, server.memory)
    return lowest
