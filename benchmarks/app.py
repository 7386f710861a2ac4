"""The dashboard as its visitors feel it: in a real browser, and with many of them at once.

The dashboard is served as by ``symdyn app``, warm, in one process, with the zoo and the flows of
``data/``. Times in a browser are taken by the clock of the page: from the event of a key press on a
slider to the frame in which the canvas, the spectra and the numbers of it are painted. Each press
turns the flow to an angle that nobody has asked for before. Visitors of a crowd have no browser,
which would take the processor from the server; they speak the protocol of the page, and their
times end when all pictures and numbers have arrived.

Rows of a crowd on one flow are as in a course: everybody looks at the flow the page opens with, and
forecasts that somebody has asked for are there for all. In the other rows each visitor has a window
of the flow for himself, which is the worst case. Writes ``benchmarks/results/app-cpu.json``.

    python benchmarks/app.py [--only move rollout first player crowd slow passing]
                             [--moves 60] [--seconds 20] [--sessions 20] [--passing 200]
                             [--threads 0] [--procs 1] [--out FILE]
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from dashboard import crowds, screen
from dashboard.figures import row, told
from dashboard.serving import Server

from symdyn_core.benchmarking.conditions import Conditions
from symdyn_core.benchmarking.reports import default_path, report, write_report

SLOW = "dashboard.slow:forecast"

Options = argparse.Namespace
Rows = Iterator[dict]


def on_the_screen(options: Options, parts: set[str]) -> Rows:
    """Rows that are measured in a browser."""
    with Server(*options.serve) as server, screen.browser() as browser:
        if "first" in parts:
            screen.first_pages(browser, server.address, 1)
            times = screen.first_pages(browser, server.address, options.pages)
            yield row("first page of a first visit, warm server", "ms", times, "first page")
        page = screen.settled_page(browser, server.address)
        if "move" in parts:
            screen.moves(page, 3)
            times = screen.moves(page, options.moves)
            what = "slider to pictures, error maps, spectra and numbers"
            yield row(what, "ms", times["all"], "move")
            yield row("slider to pictures and error maps", "ms", times["pictures"])
        if "rollout" in parts:
            times, steps = screen.rollouts(page, max(3, options.moves // 4))
            what = "slider to all 10 leads of both models"
            yield row(what, "ms", times, "rollout", painted_in_steps=sorted(steps))
        if "player" in parts:
            rates = screen.frame_rates(page, 5)
            yield row("player of the rollout", "1/s", rates, "player")


def crowd(options: Options) -> Rows:
    """Rows of many visitors who move a slider every half second."""
    count, moving = options.sessions, f"{options.sessions} visitors, a move every half second"
    for what, queries, target in (
        (f"{moving}, one flow", [""] * count, "crowd"),
        (f"{moving}, each a window of his own", crowds.places(count), ""),
    ):
        with Server(*options.serve) as server:
            yield from asyncio.run(_crowd(server, what, queries, target, options.seconds))


async def _crowd(server: Server, what: str, queries: list, target: str, seconds: float) -> list:
    first = await crowds.crowd(server.address, queries[:1])
    await crowds.moving(first, 3)
    empty = server.memory
    visitors = first + await crowds.crowd(server.address, queries[1:])
    full, busy = server.memory, server.processor_seconds
    times = await crowds.moving(visitors, seconds)
    busy = (server.processor_seconds - busy) / seconds
    failed = await crowds.leave(visitors)
    rows = [row(what, "ms", times, target, processors_busy=busy)]
    if target:
        growth = (full - empty) / max(1, len(visitors) - 1)
        rows.append(row("memory of one more session", "MB", [growth], "growth"))
        rows.append(row("errors met by a crowd", "", [failed + len(server.errors())], "errors"))
    return rows


def slow(options: Options) -> Rows:
    """A row of visitors beside three who wait for a slow model."""
    query = f"?data=convection&a={SLOW}&frame=60"
    with Server("--model", SLOW, *options.serve) as server:
        alone, beside = asyncio.run(
            crowds.beside_slow_ones(server.address, query, options.others, options.seconds)
        )
    before, after = row("", "ms", alone), row("", "ms", beside)
    times = {"alone": before["median"], "beside": after["median"], "unit_of_times": "ms"}
    what = f"median of {options.others} beside three users of a slow model, to alone"
    yield row(what, "", [after["median"] / before["median"]], "others of a slow model", **times)


def passing(options: Options) -> Rows:
    """A row of the memory that many sessions leave behind."""
    with Server(*options.serve) as server:
        memory = asyncio.run(_passing(server, options.passing))
    what = f"memory after {options.passing} sessions were opened and closed, to before"
    yield row(what, "", [memory[-1] / memory[0]], "memory after", megabytes=memory)


async def _passing(server: Server, count: int) -> list[float]:
    # The first visitors fill what all share: models, answers, and the pools of the allocator.
    await crowds.passing(server, 20)
    return await crowds.passing(server, count)


PARTS: dict[str, Callable[[Options], Rows]] = {"crowd": crowd, "slow": slow, "passing": passing}
SCREEN = ("first", "move", "rollout", "player")


def measured(options: Options) -> Rows:
    """All rows that are asked for."""
    if parts := set(options.only) & set(SCREEN):
        yield from on_the_screen(options, parts)
    for name, part in PARTS.items():
        if name in options.only:
            yield from part(options)


def main() -> None:
    """Measure what is asked for, print it and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choices = (*SCREEN, *PARTS)
    parser.add_argument("--only", nargs="+", choices=choices, default=choices)
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--pages", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--others", type=int, default=5)
    parser.add_argument("--passing", type=int, default=200)
    parser.add_argument("--threads", type=int, default=0, help="of forecasts; 0: one a core")
    parser.add_argument("--procs", type=int, default=1, help="processes of the server")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.serve = ["--num-threads", str(options.threads), "--num-procs", str(options.procs)]
    options.serve += ["--max-sessions", "500"]
    conditions, rows = Conditions(), []
    for found in measured(options):
        rows.append(found)
        print(told(found), flush=True)
    write_report(options.out or default_path("app", conditions), report(rows, conditions, []))


if __name__ == "__main__":
    main()
