"""Many visitors at once: on the same flow, on flows of their own, on a slow model, and gone."""

import asyncio
import random
import time
from collections.abc import Sequence

from .serving import Server
from .visitors import Visitor

PERIOD = 0.5
"""Seconds from one move of a slider to the next."""

FORGOTTEN = 90
"""Seconds after which sessions that were left are gone, at the latest."""

ANGLES = [float(angle) for angle in range(7, 360, 18)]
"""To which visitors who pass turn the flow [degrees]: as many as come to make a server warm."""


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

    They turn it to some angles of a few: what is remembered of answers, which has a limit of its
    own, is full after the first of them, and what is left is what sessions leave. The last value is
    of the time when all visitors are forgotten.
    """
    memory = [server.memory]
    for first in range(0, count, at_once):
        angles = [ANGLES[n % len(ANGLES)] for n in range(first, min(count, first + at_once))]
        visitors = await asyncio.gather(*(Visitor.arrived(server.address) for _ in angles))
        await asyncio.gather(*(v.move(angle) for v, angle in zip(visitors, angles, strict=True)))
        await leave(visitors)
        memory.append(server.memory)
    await asyncio.sleep(FORGOTTEN)
    return [*memory, server.memory]
